#include "engine/compare/fidelity.h"

#include "core/model/model.h"
#include "xai/targets/scorer.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

double klDivergence(std::span<const double> p, std::span<const double> q) {
    double sum = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) sum += std::exp(p[i]) * (p[i] - q[i]);
    return std::max(0.0, sum);
}

std::int64_t topOf(std::span<const double> values) {
    return std::max_element(values.begin(), values.end()) - values.begin();
}

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

Fidelity fidelityOf(std::span<const double> reference, std::span<const double> variant) {
    Fidelity out;
    out.kl = klDivergence(reference, variant);
    out.reverseKl = klDivergence(variant, reference);
    std::vector<double> middle;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        middle.push_back(std::log(0.5 * (std::exp(reference[i]) + std::exp(variant[i]))));
    }
    out.js =
        0.5 * (klDivergence(reference, middle) + klDivergence(variant, middle)) / std::log(2.0);
    out.referenceTop = topOf(reference);
    out.variantTop = topOf(variant);
    out.top1Same = out.referenceTop == out.variantTop;
    out.flip = !out.top1Same;
    const auto top = static_cast<std::size_t>(out.referenceTop);
    out.referenceProbability = std::exp(reference[top]);
    out.variantProbability = std::exp(variant[top]);
    out.probabilityChange = out.variantProbability - out.referenceProbability;
    return out;
}

}  // namespace driftlens
