#include "engine/compare/token_outcomes.h"

#include "core/model/model.h"
#include "xai/targets/scorer.h"

#include <algorithm>
#include <span>

namespace driftlens {
namespace {

// Reads a text from its beginning, piece by piece.
class Reader {
public:
    Reader(const Model& model, ComputeType compute, const RunContext& context)
        : m_model(model), m_compute(scalarTypeOf(compute)), m_context(context) {}

    // Log-probabilities, float64 [tokens, vocabulary], of what follows each of these tokens.
    at::Tensor next(const at::Tensor& ids) {
        ForwardInput input;
        input.ids = ids.unsqueeze(0);
        input.cache = &m_cache;
        ForwardRequest request;
        request.compute = m_compute;
        const at::Tensor logits = m_model.forward(input, request, {}, m_context).logits[0];
        return at::log_softmax(logits.to(at::kDouble), -1).contiguous();
    }

private:
    const Model& m_model;
    at::ScalarType m_compute;
    const RunContext& m_context;
    KvCache m_cache;
};

std::span<const double> row(const at::Tensor& logs, std::int64_t i) {
    const auto width = static_cast<std::size_t>(logs.size(1));
    return {logs.const_data_ptr<double>() + static_cast<std::size_t>(i) * width, width};
}

}  // namespace

std::vector<TokenOutcome> tokenOutcomes(const Model& reference, const Model& variant,
                                        const std::vector<std::int64_t>& ids, ComputeType compute,
                                        const RunContext& context, std::int64_t tokensAtOnce) {
    std::vector<TokenOutcome> out;
    const at::Tensor all = at::tensor(ids, at::kLong);
    const auto last = static_cast<std::int64_t>(ids.size()) - 1;
    Reader before(reference, compute, context), after(variant, compute, context);
    for (std::int64_t begin = 0; begin < last; begin += tokensAtOnce) {
        const std::int64_t count = std::min(tokensAtOnce, last - begin);
        const at::Tensor piece = all.narrow(0, begin, count);
        const at::Tensor left = before.next(piece), right = after.next(piece);
        for (std::int64_t i = 0; i < count; ++i)
            out.push_back(tokenOutcome(
                row(left, i), row(right, i),
                static_cast<std::size_t>(ids[static_cast<std::size_t>(begin + i + 1)])));
    }
    return out;
}

}  // namespace driftlens
