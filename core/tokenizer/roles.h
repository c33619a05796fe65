// Which tokens of a vocabulary have a role.
#pragma once

#include "core/tokenizer/tokenizer.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

namespace driftlens {

using FindPiece = std::function<std::optional<std::int64_t>(std::string_view piece)>;

// Roles that are absent, by the texts that the field's models use for them.
void guessRoles(const FindPiece& find, SpecialTokenIds& roles);

// "mask_token": "[MASK]" (or an object with "content") of special_tokens_map.json and
// tokenizer_config.json, the latter last. Names that are no token are left out.
void readRoles(const std::filesystem::path& folder, const FindPiece& find, SpecialTokenIds& roles);

}  // namespace driftlens
