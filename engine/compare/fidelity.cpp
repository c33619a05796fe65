#include "engine/compare/fidelity.h"

#include "core/base/error.h"
#include "core/model/model.h"
#include "engine/drift/output_fidelity.h"
#include "xai/targets/scorer.h"
#include "xai/targets/target.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace driftlens {
namespace {

constexpr std::array<std::size_t, 2> kTopCounts = {5, 10};

}  // namespace

std::vector<double> answerLogProbabilities(const Model& model, const std::vector<std::int64_t>& ids,
                                           std::int64_t position, ComputeType compute,
                                           const RunContext& context) {
    ForwardInput input;
    input.ids = at::tensor(ids, at::kLong).unsqueeze(0);
    ForwardRequest request;
    request.compute = scalarTypeOf(compute);
    request.logitPositions = at::full({1, 1}, input.ids.size(1) + position, at::kLong);
    const at::Tensor logits = model.forward(input, request, {}, context).logits.flatten();
    const at::Tensor log = at::log_softmax(logits.to(at::kDouble), 0).contiguous();
    const auto* data = log.const_data_ptr<double>();
    return {data, data + log.numel()};
}

std::vector<RankedAnswer> bestAnswers(const Model& model, const Tokenizer& tokenizer,
                                      std::span<const double> logProbabilities, std::size_t count) {
    std::vector<std::size_t> order(logProbabilities.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::size_t kept = std::min(count, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                      [&](std::size_t a, std::size_t b) {
                          return logProbabilities[a] > logProbabilities[b] ||
                                 (logProbabilities[a] == logProbabilities[b] && a < b);
                      });
    std::vector<RankedAnswer> out;
    for (std::size_t i = 0; i < kept; ++i) {
        const auto id = static_cast<std::int64_t>(order[i]);
        out.push_back({id, answerText(model, tokenizer, id), logProbabilities[order[i]]});
    }
    return out;
}

Fidelity fidelityOf(std::span<const double> reference, std::span<const double> variant) {
    const OutputDrift drift = outputDrift(reference, variant, kTopCounts);
    if (!drift.reason.empty()) throw Error(ErrorKind::Numeric, "answers: " + drift.reason);
    const auto orInfinite = [](const Figure& figure) {
        return figure.value.value_or(std::numeric_limits<double>::infinity());
    };
    Fidelity out;
    out.kl = orInfinite(drift.kl);
    out.reverseKl = orInfinite(drift.reverseKl);
    out.js = drift.jensenShannon.value.value_or(0.0);
    out.referenceTop = static_cast<std::int64_t>(drift.referenceTop);
    out.variantTop = static_cast<std::int64_t>(drift.variantTop);
    out.flip = drift.isFlip;
    out.top1Same = !out.flip;
    out.referenceProbability = drift.referenceProbability;
    out.variantProbability = drift.variantProbability;
    out.probabilityChange = drift.probabilityChange;
    out.variantTopProbability = std::exp(variant[drift.variantTop]);
    for (const auto& [k, overlap] : drift.topOverlap)
        if (overlap.value) out.topOverlap[static_cast<int>(k)] = *overlap.value;
    return out;
}

}  // namespace driftlens
