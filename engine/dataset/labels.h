// Labels of data sets as answers of a model, and digests of the files they stand in.
#pragma once

#include "engine/variants/variant.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace driftlens {

// A class by name or number; for language models the first token of the text, as it follows a
// prompt. Absent for what is no answer of the model.
std::optional<std::int64_t> answerOf(const LoadedVariant& model, const std::string& label);

std::string fileSha256(const std::filesystem::path& file);  // hex

}  // namespace driftlens
