// Which scalar is explained: how it is named, resolved and computed from logits.
#pragma once

#include "core/model/compute.h"
#include "xai/attribution.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace at {
class Tensor;
}

namespace driftlens {

class Model;
class RunContext;

// A target as the user names it: "top", "reference", "margin", "class:1", "token:ID", "token:\"
// lamp\"", "contrast:A|B", "text:\" continuation\"", "ids:5,17" (a continuation by its ids),
// "generated:8" (the model's own greedy continuation of at most so many tokens). Token texts may be
// quoted.
struct TargetRequest {
    std::string text = "top";
    Quantity quantity = Quantity::LogProbability;
    // Absolute, or negative from the end; absent: the last token, of a masked LM the mask token.
    // Classifiers have none.
    std::optional<std::int64_t> position;
};

Quantity parseQuantity(std::string_view name);  // throws Error(Usage)
std::string_view quantityName(Quantity quantity);
std::string_view targetKindName(TargetKind kind);

// The class's label or the token's piece, for people.
std::string answerText(const Model& model, const Tokenizer& tokenizer, std::int64_t id);

// Fills in "top" with one forward pass. Throws Error(Usage) for a class, token or position that the
// model does not have, or a text that is not one token where one is needed.
Target resolveTarget(const Model& model, const Tokenizer& tokenizer, const TokenizedInput& input,
                     const TargetRequest& request, ComputeType compute, const RunContext& context);

// The target's value per row, float [batch], differentiable. logits [batch, positions, vocabulary]
// (the positions a continuation needs, else one) or [batch, classes].
at::Tensor targetValues(const Target& target, const at::Tensor& logits);

// The same of every token of a continuation by itself, [batch, tokens]; of other targets
// [batch, 1].
at::Tensor answerTokenValues(const Target& target, const at::Tensor& logits);
// [batch] of each token, whose gradients do not meet.
std::vector<at::Tensor> answerTokenColumns(const Target& target, const at::Tensor& logits);

}  // namespace driftlens
