// Hugging Face's model-index: results of evaluations, as the metadata of a model card holds them
// (YAML; the Hub reads it from between the "---" of a README.md).
#pragma once

#include "core/base/json.h"

#include <string>

namespace driftlens {

// Why a report cannot be one: a model-index is of a task and a data set. Empty if it can.
std::string whyNoModelIndex(const Json& report);

// An entry per model with what was measured of its answers: accuracy and perplexity under the Hub's
// names, and how far a variant's answers are from the reference's under ours, each naming the
// reference. Intervals, verdicts and explanations have no place there. Throws Error(Unsupported)
// with whyNoModelIndex(), and where there is no figure.
std::string toModelIndex(const Json& report, const std::string& reportSha256);

// A YAML scalar in double quotes, ASCII: any text.
std::string yamlText(std::string_view text);

}  // namespace driftlens
