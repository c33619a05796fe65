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

at::Tensor EmbeddedInput::flat() const {
    const at::Tensor text = tokens.flatten(1);
    return virtualTokens.defined() ? at::cat({virtualTokens.flatten(1), text}, 1) : text;
}

EmbeddedInput EmbeddedInput::like(const at::Tensor& flat) const {
    const std::int64_t rows = flat.size(0);
    const std::int64_t first = virtualTokens.defined() ? virtualTokens[0].numel() : 0;
    EmbeddedInput out;
    out.tokens =
        flat.narrow(1, first, flat.size(1) - first).view({rows, tokens.size(1), tokens.size(2)});
    if (first > 0) {
        out.virtualTokens =
            flat.narrow(1, 0, first).view({rows, virtualTokens.size(1), virtualTokens.size(2)});
    }
    return out;
}

EmbeddedInput Scorer::embed(const at::Tensor& ids) const {
    EmbeddedInput out{m_model.embedTokens(ids, m_type), {}};
    const at::Tensor& own = m_model.weights().virtualTokens.values;
    if (own.defined())
        out.virtualTokens = own.to(m_type).unsqueeze(0).expand({ids.size(0), -1, -1});
    return out;
}

std::vector<double> Scorer::values(const at::Tensor& ids, const at::Tensor& virtualMask) {
    ForwardInput input;
    input.embeddings = m_model.embedTokens(ids, m_type);
    input.virtualMask = virtualMask;
    const at::Tensor rows =
        run(std::move(input), ids.size(1), false, {}).to(at::kDouble).contiguous();
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

at::Tensor Scorer::valuesOf(const EmbeddedInput& embedded, bool keepGraph, const Hooks& hooks) {
    ForwardInput input;
    input.embeddings = embedded.tokens;
    input.virtualTokens = embedded.virtualTokens;
    return run(std::move(input), embedded.tokens.size(1), keepGraph, hooks);
}

at::Tensor Scorer::run(ForwardInput input, std::int64_t promptTokens, bool keepGraph,
                       const Hooks& hooks) {
    const std::int64_t rows = input.embeddings.size(0);
    const auto forced = static_cast<std::int64_t>(m_target.continuation.size());
    if (forced > 1) {
        const std::vector<std::int64_t> shown(m_target.continuation.begin(),
                                              m_target.continuation.end() - 1);
        const at::Tensor tail =
            m_model.embedTokens(at::tensor(shown, at::kLong).unsqueeze(0), m_type)
                .expand({rows, -1, -1});
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
    const at::Tensor logits = m_model.forward(input, request, hooks, m_context).logits;
    const c10::AutoGradMode grad(keepGraph);
    return targetValues(m_target, logits);
}

}  // namespace driftlens
