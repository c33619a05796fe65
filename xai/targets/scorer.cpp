#include "xai/targets/scorer.h"

#include "core/base/error.h"

#include <cmath>

namespace driftlens {

at::ScalarType scalarTypeOf(ComputeType type) {
    switch (type) {
        case ComputeType::Float32:
            return at::kFloat;
        case ComputeType::BFloat16:
            return at::kBFloat16;
        case ComputeType::Float16:
            return at::kHalf;
        case ComputeType::Float64:
            return at::kDouble;
    }
    return at::kFloat;
}

Scorer::Scorer(const Model& model, Target target, ComputeType compute, const RunContext& context)
    : m_model(model),
      m_target(std::move(target)),
      m_type(scalarTypeOf(compute)),
      m_context(context) {}

void Scorer::setTokenTypes(const std::vector<std::int64_t>& types) {
    if (m_model.spec().tokenTypes > 0) m_tokenTypes = at::tensor(types, at::kLong).unsqueeze(0);
}

at::Tensor Scorer::embed(const at::Tensor& ids) const {
    return m_model.embedTokens(ids, m_type);
}

std::vector<double> Scorer::values(const at::Tensor& ids) {
    ForwardInput input;
    input.embeddings = embed(ids);
    const at::Tensor rows = run(std::move(input), ids.size(1), false).to(at::kDouble).contiguous();
    const auto* data = rows.const_data_ptr<double>();
    std::vector<double> out(data, data + rows.numel());
    for (const double value : out) {
        if (!std::isfinite(value)) {
            throw Error(ErrorKind::Numeric,
                        "the target's value is not finite; try --compute float32");
        }
    }
    return out;
}

at::Tensor Scorer::valuesOf(const at::Tensor& embeddings, bool keepGraph) {
    ForwardInput input;
    input.embeddings = embeddings;
    return run(std::move(input), embeddings.size(1), keepGraph);
}

at::Tensor Scorer::run(ForwardInput input, std::int64_t promptTokens, bool keepGraph) {
    const std::int64_t rows = input.embeddings.size(0);
    const auto forced = static_cast<std::int64_t>(m_target.continuation.size());
    if (forced > 1) {
        const std::vector<std::int64_t> shown(m_target.continuation.begin(),
                                              m_target.continuation.end() - 1);
        const at::Tensor tail =
            embed(at::tensor(shown, at::kLong).unsqueeze(0)).expand({rows, -1, -1});
        const c10::AutoGradMode grad(keepGraph);
        input.embeddings = at::cat({input.embeddings, tail}, 1);
    }
    ForwardRequest request;
    request.compute = m_type;
    request.keepGraph = keepGraph;
    if (m_model.spec().task != Task::Classification) {
        // Positions count from the end, so that a deleted token shifts the target with it.
        const std::int64_t first = forced > 0 ? promptTokens - 1 : promptTokens + m_target.position;
        request.logitPositions =
            at::arange(first, first + std::max<std::int64_t>(1, forced), at::kLong)
                .unsqueeze(0)
                .expand({rows, -1});
    }
    if (m_tokenTypes.defined()) input.tokenTypes = m_tokenTypes.expand({rows, -1});
    m_evaluations += rows;
    const at::Tensor logits = m_model.forward(input, request, {}, m_context).logits;
    const c10::AutoGradMode grad(keepGraph);
    return targetValues(m_target, logits);
}

}  // namespace driftlens
