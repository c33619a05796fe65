// Values of a target for batches of changed inputs: the one way methods call a model.
#pragma once

#include "core/model/model.h"
#include "xai/targets/target.h"

#include <functional>
#include <vector>

namespace driftlens {

at::ScalarType scalarTypeOf(ComputeType type);

// What enters the network in the place of tokens: what methods move along paths and differentiate.
struct EmbeddedInput {
    at::Tensor tokens;         // [rows, tokens, hidden]
    at::Tensor virtualTokens;  // [rows, count, width], or undefined: the model has none

    // All of it as [rows, size], and back; differentiable.
    at::Tensor flat() const;
    EmbeddedInput like(const at::Tensor& flat) const;
};

// Evaluates one target in one model. Teacher-forces a continuation behind every row. Counts rows.
// Belongs to one thread; model and context outlive it.
class Scorer {
public:
    Scorer(const Model& model, Target target, ComputeType compute, const RunContext& context);

    // Segments of the prompt's tokens, for families that tell two texts apart; else all are 0.
    // Every row must then have these tokens' places: none may be deleted.
    void setTokenTypes(const std::vector<std::int64_t>& types);

    // Added to the embeddings of every text of that many tokens: [tokens, hidden], in the scorer's
    // type.
    void shiftEmbeddings(at::Tensor shift) { m_shift = std::move(shift); }

    // float64 [rows] for ids int64 [rows, tokens]; with a mask, bool [rows, count], without the
    // virtual tokens where it is false.
    std::vector<double> values(const at::Tensor& ids, const at::Tensor& virtualMask = {});

    // float64 of texts that begin alike: beginning [1, tokens, hidden] is run once, or undefined;
    // rest [rows, tokens, hidden] holds all columns from firstRead on. Causal language models alone
    // take a beginning. What `read` makes of the logits, [rows, columns], row-major.
    using Read = std::function<at::Tensor(const at::Tensor& logits)>;
    std::vector<double> valuesBehind(const at::Tensor& beginning, const at::Tensor& rest,
                                     const Read& read);
    // The first column of a text of that length whose answer the target reads.
    std::size_t firstRead(std::size_t length) const;

    // Values [rows], with the graph if it is kept, for embeddings in the compute type. Hooks see
    // all columns: those of a prompt's virtual tokens first, those of a forced continuation last.
    at::Tensor valuesOf(const EmbeddedInput& input, bool keepGraph, const Hooks& hooks = {});
    // columns() times [rows]: the target's value, then what was added, from one pass.
    std::vector<at::Tensor> columnsOf(const EmbeddedInput& input, bool keepGraph,
                                      const Hooks& hooks = {});
    // Columns of a continuation's tokens, each by itself; none where it is one token.
    void addAnswerTokens();
    std::int64_t columns() const { return m_columns; }

    EmbeddedInput embed(const at::Tensor& ids) const;
    // [rows, columns, hidden] of texts of `length` tokens, for their columns from `first` on alone.
    at::Tensor embedColumns(const at::Tensor& ids, std::int64_t first, std::int64_t length) const;
    const Model& model() const { return m_model; }
    const Target& target() const { return m_target; }
    at::ScalarType type() const { return m_type; }
    const RunContext& context() const { return m_context; }
    std::int64_t evaluations() const { return m_evaluations; }
    // Gradients taken of the values of one row each.
    std::int64_t backwardPasses() const { return m_backwardPasses; }
    void countBackwardPasses(std::int64_t rows) { m_backwardPasses += rows; }

private:
    at::Tensor logitsOf(const EmbeddedInput& embedded, bool keepGraph, const Hooks& hooks);
    at::Tensor logitsOf(ForwardInput input, std::int64_t promptTokens, bool keepGraph,
                        const Hooks& hooks);

    const Model& m_model;
    Target m_target;
    at::ScalarType m_type;
    const RunContext& m_context;
    at::Tensor m_shift;
    at::Tensor m_tokenTypes;  // int64 [1, tokens], or undefined
    std::int64_t m_columns = 1;
    std::int64_t m_evaluations = 0, m_backwardPasses = 0;
};

}  // namespace driftlens
