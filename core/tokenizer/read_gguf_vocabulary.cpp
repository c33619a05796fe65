#include "core/tokenizer/read_gguf_vocabulary.h"

namespace driftlens {
namespace {

constexpr std::string_view kPrefix = "tokenizer.ggml.";

std::string keyOf(std::string_view name) {
    return std::string(kPrefix) + std::string(name);
}

std::vector<std::string> textsOf(const GgufMetadata& metadata, std::string_view name) {
    std::vector<std::string> out;
    const std::string key = keyOf(name);
    if (!metadata.contains(key)) return out;
    for (const std::string_view text : metadata.texts(key)) out.emplace_back(text);
    return out;
}

std::optional<bool> flagOf(const GgufMetadata& metadata, std::string_view name) {
    const std::string key = keyOf(name);
    return metadata.contains(key) ? std::optional(metadata.boolean(key)) : std::nullopt;
}

struct RoleRow {
    std::string_view name;
    std::optional<std::int64_t> GgufVocabulary::*member;
};

constexpr RoleRow kRoles[] = {{"bos_token_id", &GgufVocabulary::bos},
                              {"eos_token_id", &GgufVocabulary::eos},
                              {"unknown_token_id", &GgufVocabulary::unknown},
                              {"seperator_token_id", &GgufVocabulary::separator},  // sic
                              {"padding_token_id", &GgufVocabulary::padding},
                              {"cls_token_id", &GgufVocabulary::classification},
                              {"mask_token_id", &GgufVocabulary::mask}};

// Stored as bytes, of either sign.
std::string charsmapOf(const GgufMetadata& metadata) {
    const std::string key = keyOf("precompiled_charsmap");
    std::string out;
    if (!metadata.contains(key)) return out;
    for (const std::int64_t byte : metadata.integers(key)) out += static_cast<char>(byte);
    return out;
}

}  // namespace

GgufVocabulary readGgufVocabulary(const GgufMetadata& metadata) {
    GgufVocabulary out;
    out.model = metadata.text(keyOf("model"));
    out.pre = metadata.textOr(keyOf("pre"), "");
    out.tokens = textsOf(metadata, "tokens");
    out.merges = textsOf(metadata, "merges");
    if (metadata.contains(keyOf("scores"))) {
        out.scores = metadata.floats(keyOf("scores"), out.tokens.size());
    }
    if (metadata.contains(keyOf("token_type"))) {
        for (const std::int64_t type : metadata.integers(keyOf("token_type"), out.tokens.size()))
            out.tokenTypes.push_back(static_cast<std::int32_t>(type));
    }
    for (const RoleRow& row : kRoles) {
        const std::string key = keyOf(row.name);
        if (metadata.contains(key)) out.*row.member = metadata.integer(key);
    }
    out.addsBos = flagOf(metadata, "add_bos_token");
    out.addsEos = flagOf(metadata, "add_eos_token");
    out.addsSpacePrefix = flagOf(metadata, "add_space_prefix");
    out.removesExtraSpaces = flagOf(metadata, "remove_extra_whitespaces").value_or(false);
    out.precompiledCharsmap = charsmapOf(metadata);
    out.chatTemplate = metadata.textOr("tokenizer.chat_template", "");
    return out;
}

}  // namespace driftlens
