#include "core/tokenizer/roles.h"

#include "core/base/json.h"

#include <array>
#include <vector>

namespace driftlens {
namespace {

struct RoleRow {
    std::optional<std::int64_t> SpecialTokenIds::*member;
    std::string_view key;  // in tokenizer_config.json
    std::vector<std::string_view> usual;
};

const std::array<RoleRow, 7> kRoles = {
    {{&SpecialTokenIds::bos, "bos_token", {"<s>", "<bos>", "<|begin_of_text|>"}},
     {&SpecialTokenIds::eos, "eos_token", {"</s>", "<eos>", "<|end_of_text|>", "<|endoftext|>"}},
     {&SpecialTokenIds::unknown, "unk_token", {"[UNK]", "<unk>"}},
     {&SpecialTokenIds::separator, "sep_token", {"[SEP]"}},
     {&SpecialTokenIds::padding, "pad_token", {"[PAD]", "<pad>"}},
     {&SpecialTokenIds::classification, "cls_token", {"[CLS]"}},
     {&SpecialTokenIds::mask, "mask_token", {"[MASK]", "<mask>"}}}};

void readRolesOf(const JsonObject& config, const FindPiece& find, SpecialTokenIds& roles) {
    for (const RoleRow& row : kRoles) {
        const Json* named = config.find(row.key);
        if (named == nullptr) continue;
        const std::string content = named->is_object()
                                        ? JsonObject(*named, config.what()).string("content", "")
                                        : config.string(row.key);
        if (const auto id = find(content)) roles.*row.member = id;
    }
}

}  // namespace

void guessRoles(const FindPiece& find, SpecialTokenIds& roles) {
    for (const RoleRow& row : kRoles) {
        for (const std::string_view content : row.usual) {
            if (roles.*row.member) break;
            roles.*row.member = find(content);
        }
    }
}

void readRoles(const std::filesystem::path& folder, const FindPiece& find, SpecialTokenIds& roles) {
    std::error_code status;
    JsonLimits limits;
    limits.allowHugeIntegers = true;
    for (const char* name : {"special_tokens_map.json", "tokenizer_config.json"}) {
        const std::filesystem::path file = folder / name;
        if (!std::filesystem::exists(file, status)) continue;
        const Json json = readJsonFile(file, limits);
        readRolesOf(JsonObject(json, file.string()), find, roles);
    }
}

}  // namespace driftlens
