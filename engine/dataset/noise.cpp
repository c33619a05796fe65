#include "xai/methods/noise.h"

#include "core/base/random.h"
#include "core/model/model.h"
#include "core/tensor.h"
#include "engine/dataset/yardsticks.h"

namespace driftlens {
namespace {

// Why noise on weights says nothing of this variant; empty if it does.
std::string whyNoNoise(const Model& reference, const Model& variant) {
    for (const auto& [name, linear] : variant.weights().linears) {
        const auto own = reference.weights().linears.find(name);
        if (own == reference.weights().linears.end()) return "the variant has other modules";
        const LinearInfo a = own->second->info(), b = linear->info();
        if (a.outFeatures != b.outFeatures || a.inFeatures != b.inFeatures)
            return "the variant has other shapes";
        if (b.roundsActivations) return "the variant rounds activations";
    }
    if (variant.weights().virtualTokens.count() != reference.weights().virtualTokens.count())
        return "the variant has virtual tokens";
    return reference.weights().linears.size() == variant.weights().linears.size()
               ? ""
               : "the variant lacks modules";
}

}  // namespace

NoisyReference noisyReference(const LoadedVariant& reference, const LoadedVariant& variant,
                              std::uint64_t seed, std::size_t draw) {
    NoisyReference out{reference, whyNoNoise(*reference.model, *variant.model)};
    if (!out.notApplicable.empty()) return out;
    ModelWeights noisy;
    for (const auto& [name, linear] : variant.model->weights().linears) {
        const LinearPtr& own = reference.model->weights().linears.at(name);
        if (own == linear) continue;
        const at::Tensor weight = own->dense(at::kFloat);
        const double norm =
            (linear->dense(at::kFloat) - weight).to(at::kDouble).norm().item<double>();
        if (norm == 0.0) continue;
        RandomStream stream(seed, "weight_noise." + name, draw);
        at::Tensor noise = normalTensor(weight.sizes(), stream).to(at::kFloat);
        noise.mul_(norm / noise.to(at::kDouble).norm().item<double>()).add_(weight);
        noisy.linears[name] = makeDenseLinear(noise, own->bias());
    }
    if (noisy.linears.empty()) {
        out.notApplicable = "the variant changed no Linear";
        return out;
    }
    out.model.model = reference.model->with(noisy);
    return out;
}

}  // namespace driftlens
