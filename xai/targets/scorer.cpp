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
    EmbeddedInput out{embedColumns(ids, 0, ids.size(1)), {}};
    const at::Tensor& own = m_model.weights().virtualTokens.values;
    if (own.defined())
        out.virtualTokens = own.to(m_type).unsqueeze(0).expand({ids.size(0), -1, -1});
    return out;
}

namespace {

std::vector<double> finiteList(const at::Tensor& values) {
    const at::Tensor rows = values.to(at::kDouble).contiguous();
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

// The cache of one row, for several that continue it.
KvCache expandedCache(KvCache cache, std::int64_t rows) {
    for (KvCache::BlockEntry& entry : cache.blocks) {
        entry.keys = entry.keys.expand({rows, -1, -1, -1});
        entry.values = entry.values.expand({rows, -1, -1, -1});
    }
    cache.mask = cache.mask.expand({rows, -1});
    cache.positions = cache.positions.expand({rows});
    return cache;
}

}  // namespace

std::vector<double> Scorer::values(const at::Tensor& ids, const at::Tensor& virtualMask) {
    ForwardInput input;
    input.embeddings = embed(ids).tokens;
    input.virtualMask = virtualMask;
    return finiteList(targetValues(m_target, logitsOf(std::move(input), ids.size(1), false, {})));
}

at::Tensor Scorer::embedColumns(const at::Tensor& ids, std::int64_t first,
                                std::int64_t length) const {
    const at::Tensor embeddings = m_model.embedTokens(ids, m_type);
    if (!m_shift.defined() || m_shift.size(0) != length) return embeddings;
    return embeddings + m_shift.narrow(0, first, ids.size(1));
}

std::size_t Scorer::firstRead(std::size_t length) const {
    const std::int64_t column = static_cast<std::int64_t>(length) +
                                (m_target.continuation.empty() ? m_target.position : -1);
    return static_cast<std::size_t>(std::max<std::int64_t>(0, column));
}

std::vector<double> Scorer::valuesBehind(const at::Tensor& beginning, const at::Tensor& rest,
                                         const Read& read) {
    KvCache cache;
    ForwardInput input;
    input.embeddings = rest;
    if (beginning.defined()) {
        ForwardInput first;
        first.embeddings = beginning;
        first.cache = &cache;
        ForwardRequest request;
        request.compute = m_type;
        // One answer alone: the last block then computes little but its keys and values.
        request.logitPositions = at::zeros({1, 1}, at::kLong);
        m_model.forward(first, request, {}, m_context);
        cache = expandedCache(std::move(cache), rest.size(0));
        input.cache = &cache;
    }
    return finiteList(read(logitsOf(std::move(input), rest.size(1), false, {})));
}

at::Tensor Scorer::valuesOf(const EmbeddedInput& embedded, bool keepGraph, const Hooks& hooks) {
    const at::Tensor logits = logitsOf(embedded, keepGraph, hooks);
    const c10::AutoGradMode grad(keepGraph);
    return targetValues(m_target, logits);
}

std::vector<at::Tensor> Scorer::columnsOf(const EmbeddedInput& embedded, bool keepGraph,
                                          const Hooks& hooks) {
    const at::Tensor logits = logitsOf(embedded, keepGraph, hooks);
    const c10::AutoGradMode grad(keepGraph);
    std::vector<at::Tensor> out = {targetValues(m_target, logits)};
    if (m_columns > 1)
        for (at::Tensor& token : answerTokenColumns(m_target, logits))
            out.push_back(std::move(token));
    return out;
}

void Scorer::addAnswerTokens() {
    const auto tokens = static_cast<std::int64_t>(m_target.continuation.size());
    m_columns = tokens > 1 ? 1 + tokens : 1;
}

at::Tensor Scorer::logitsOf(const EmbeddedInput& embedded, bool keepGraph, const Hooks& hooks) {
    ForwardInput input;
    input.embeddings = embedded.tokens;
    input.virtualTokens = embedded.virtualTokens;
    return logitsOf(std::move(input), embedded.tokens.size(1), keepGraph, hooks);
}

at::Tensor Scorer::logitsOf(ForwardInput input, std::int64_t promptTokens, bool keepGraph,
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
    return m_model.forward(input, request, hooks, m_context).logits;
}

}  // namespace driftlens
