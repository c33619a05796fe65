#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "xai/methods/method.h"

#include <charconv>

namespace driftlens {

Replacement replacementToken(const Tokenizer& tokenizer, std::string_view setting,
                             std::int64_t vocabularySize) {
    const SpecialTokenIds& roles = tokenizer.specialTokens();
    const auto said = [&](std::int64_t id, const std::string& role) {
        return Replacement{id,
                           role + " " + tokenizer.pieceOf(id).value_or("#" + std::to_string(id))};
    };
    if (setting.starts_with("token:")) {
        const std::string name(setting.substr(6));
        std::int64_t id = -1;
        const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), id);
        if (status != std::errc() || end != name.data() + name.size())
            id = tokenizer.idOf(name).value_or(-1);
        if (id < 0 || id >= vocabularySize) {
            throw Error(ErrorKind::Usage,
                        "replacement " + inQuotes(setting) + " is no token of the model");
        }
        return said(id, "token");
    }
    if (setting != "mask" && setting != "pad" && setting != "unknown") {
        throw Error(ErrorKind::Usage, "unknown replacement " + inQuotes(setting) +
                                          "; known: mask, pad, unknown, token:ID (zero, mean, "
                                          "delete where the method has them)");
    }
    if (setting == "mask" && roles.mask) return said(*roles.mask, "mask");
    if (setting == "unknown" && roles.unknown) return said(*roles.unknown, "unknown");
    if (roles.padding) return said(*roles.padding, "pad");
    if (roles.unknown) return said(*roles.unknown, "unknown");
    if (roles.eos) return said(*roles.eos, "end of text");
    throw Error(ErrorKind::Usage, "the model has no mask, pad, unknown or end token: use token:ID");
}

bool isKept(const Token& token, const ParameterSet& settings) {
    return token.isSpecial && settings.text("special") == "keep";
}

}  // namespace driftlens
