// Attention probabilities of one pass over a text, as square matrices over everything that is
// attended to.
#pragma once

#include "xai/methods/method.h"
#include "xai/targets/scorer.h"

#include <vector>

namespace driftlens {

// Columns: virtual tokens, the text's tokens, then those of a forced continuation. A prefix's keys
// have no queries; their rows are zero.
struct AttentionColumns {
    std::int64_t virtualTokens = 0, tokens = 0, forced = 0;
    std::vector<std::int64_t> readRows;  // the rows that the answer is read from
    std::int64_t all() const { return virtualTokens + tokens + forced; }
};
AttentionColumns attentionColumns(const MethodInput& in);

// Calls use(layer, probabilities [heads, columns, columns]) in the order of the blocks; one layer
// is in memory at a time. Returns the values of the scorer's columns.
std::vector<double> visitAttention(Scorer& scorer, const MethodInput& in,
                                   const std::function<void(std::int64_t, const at::Tensor&)>& use);

// The same with ∂/∂probabilities of each of the scorer's columns, which needs all layers at once.
struct AttentionGradients {
    std::vector<at::Tensor> probabilities, gradients;  // per layer [heads, columns, columns]
};
std::vector<double> visitAttentionGradients(
    Scorer& scorer, const MethodInput& in,
    const std::function<void(std::size_t column, const AttentionGradients&)>& use);

// (map + I) with rows that add up to 1 (Abnar and Zuidema 2020, section 3): attention with the
// residual stream beside it. float64.
at::Tensor withResidual(const at::Tensor& map);

// Puts a value per column where it belongs.
void setColumnScores(Attribution& out, const AttentionColumns& columns, const at::Tensor& values);

// rows [read rows, columns]: what each position that is read says of every column. Their mean is
// the target's; those of a continuation's tokens are theirs.
void setReadScores(Attribution& out, const AttentionColumns& columns, const at::Tensor& rows);

// Those of one token of a continuation.
void addAnswerTokenScores(Attribution& out, const AttentionColumns& columns,
                          const at::Tensor& values);

AttentionMap mapOf(const at::Tensor& square, std::int64_t layer, std::int64_t head);

}  // namespace driftlens
