#include "core/tokenizer/chat_templates.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace driftlens {
namespace {

namespace fs = std::filesystem;
using Templates = std::map<std::string, std::string>;

constexpr const char* kUnnamed = "default";
constexpr std::size_t kLargestTemplate = std::size_t{4} << 20;  // bytes

void readConfig(const fs::path& file, Templates& out) {
    std::error_code status;
    if (!fs::exists(file, status)) return;
    JsonLimits limits;
    limits.allowHugeIntegers = true;
    const Json json = readJsonFile(file, limits);
    const JsonObject config(json, file.string());
    const Json* templates = config.find("chat_template");
    if (templates == nullptr) return;
    if (!templates->is_array()) {
        out[kUnnamed] = config.string("chat_template");
        return;
    }
    for (const Json& item : *templates) {
        const JsonObject named(item, file.string() + ": chat_template");
        out[named.string("name")] = named.string("template");
    }
}

void readText(const fs::path& file, const std::string& name, Templates& out) {
    std::error_code status;
    if (!fs::is_regular_file(file, status)) return;
    std::string text = readFileText(file, kLargestTemplate);
    if (!isValidUtf8(text)) throw Error(ErrorKind::InputFile, file.string() + ": is not UTF-8");
    out[name] = std::move(text);
}

}  // namespace

Templates readChatTemplates(const fs::path& folder) {
    Templates out;
    readConfig(folder / "tokenizer_config.json", out);
    readConfig(folder / "chat_template.json", out);
    readText(folder / "chat_template.jinja", kUnnamed, out);
    std::error_code status;
    for (const auto& entry : fs::directory_iterator(folder / "additional_chat_templates", status)) {
        if (entry.path().extension() == ".jinja")
            readText(entry.path(), entry.path().stem().string(), out);
    }
    return out;
}

}  // namespace driftlens
