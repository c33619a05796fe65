#include "xai/methods/corrupted_prompt.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/model.h"

#include <sstream>
#include <utility>

namespace driftlens {
namespace {

std::vector<std::int64_t> readIds(const std::string& text, std::int64_t vocabularySize) {
    std::istringstream words(text);
    std::vector<std::int64_t> out;
    std::int64_t id = 0;
    while (words >> id) {
        if (id < 0 || id >= vocabularySize) {
            throw Error(ErrorKind::Usage, "corrupted prompt: token id " + std::to_string(id) +
                                              " is out of range; the model has ids 0 to " +
                                              std::to_string(vocabularySize - 1));
        }
        out.push_back(id);
    }
    if (!words.eof())
        throw Error(ErrorKind::Usage, "corrupted prompt: " + inQuotes(text) + " is no list of ids");
    return out;
}

// Every token that is not special gives its place to the next one; the first goes last.
void rotate(std::vector<std::int64_t>& ids, const std::vector<std::size_t>& content) {
    for (std::size_t i = 1; i < content.size(); ++i)
        std::swap(ids[content[i - 1]], ids[content[i]]);
}

}  // namespace

std::vector<std::int64_t> corruptedIds(const MethodInput& in, const std::string& setting) {
    const std::int64_t vocabulary = in.model.spec().vocabularySize;
    std::vector<std::int64_t> ids = in.input.ids();
    if (setting.starts_with("text:") || setting.starts_with("ids:")) {
        const std::string value = setting.substr(setting.find(':') + 1);
        const std::size_t wanted = ids.size();
        ids = setting.starts_with("ids:") ? readIds(value, vocabulary)
                                          : in.tokenizer.encode(value).ids();
        if (ids.size() == wanted) return ids;
        throw Error(ErrorKind::Usage, "the corrupted prompt has " + std::to_string(ids.size()) +
                                          " tokens, the prompt has " + std::to_string(wanted) +
                                          "; they must be as many");
    }
    std::vector<std::size_t> content;
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (!in.input.tokens[i].isSpecial) content.push_back(i);
    if (setting == "rotate") {
        rotate(ids, content);
        return ids;
    }
    const std::int64_t replacement = replacementToken(in.tokenizer, setting, vocabulary).id;
    for (const std::size_t i : content) ids[i] = replacement;
    return ids;
}

}  // namespace driftlens
