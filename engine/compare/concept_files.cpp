#include "engine/compare/concept_files.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "engine/variants/variant.h"
#include "xai/methods/method.h"

namespace driftlens {
namespace {

constexpr std::size_t kMostBytes = std::size_t{16} << 20;

ConceptExamples readExamples(const ConceptFile& source, const LoadedVariant& variant) {
    if (!variant.whyNoTexts.empty()) throw Error(ErrorKind::InputFile, variant.whyNoTexts);
    ConceptExamples out;
    out.name = source.name;
    const std::int64_t longest = variant.model->textPositions();
    std::size_t line = 0;
    for (const std::string& text : splitText(readFileText(source.file, kMostBytes), '\n')) {
        ++line;
        const std::string_view words = trimmed(text);
        if (words.empty()) continue;
        out.texts.push_back(variant.tokenizer->encode(std::string(words)).ids());
        const auto tokens = static_cast<std::int64_t>(out.texts.back().size());
        if (tokens == 0 || tokens > longest) {
            throw Error(ErrorKind::InputFile,
                        source.file.string() + ", line " + std::to_string(line) + ": " +
                            std::to_string(tokens) + " tokens, the model takes 1 to " +
                            std::to_string(longest));
        }
    }
    if (out.texts.empty())
        throw Error(ErrorKind::InputFile, source.file.string() + " holds no text");
    return out;
}

Json fileJson(const ConceptFile& source) {
    return {{"name", source.name},
            {"file", source.file.string()},
            {"sha256", toHex(sha256(readFileText(source.file, kMostBytes)))}};
}

}  // namespace

ConceptFile ConceptFile::parse(std::string_view argument) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == argument.size())
        throw Error(ErrorKind::Usage, "--concept " + inQuotes(argument) + " is no NAME=FILE");
    return {std::string(argument.substr(0, equals)), std::string(argument.substr(equals + 1))};
}

void ConceptRequest::add(std::string_view option, std::string_view argument) {
    const std::string file(argument);
    if (option == "concept")
        concepts.push_back(ConceptFile::parse(argument));
    else if (option == "random")
        randomSets.push_back({"random " + file, file});
    else if (option == "examples")
        examples = file;
    else
        throw Error(ErrorKind::Internal, "no texts are named " + inQuotes(option));
}

ConceptQuestion readConcepts(const ConceptRequest& request, const LoadedVariant& variant) {
    ConceptQuestion out;
    for (const ConceptFile& source : request.concepts)
        out.concepts.push_back(readExamples(source, variant));
    for (const ConceptFile& source : request.randomSets)
        out.randomSets.push_back(readExamples(source, variant));
    if (request.examples)
        out.examples = readExamples({"examples", *request.examples}, variant).texts;
    return out;
}

Json conceptsJson(const ConceptRequest& request) {
    Json out = {{"concepts", Json::array()}, {"random", Json::array()}};
    for (const ConceptFile& source : request.concepts) out["concepts"].push_back(fileJson(source));
    for (const ConceptFile& source : request.randomSets) out["random"].push_back(fileJson(source));
    if (request.examples) out["examples"] = fileJson({"examples", *request.examples});
    return out;
}

}  // namespace driftlens
