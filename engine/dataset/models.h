// What a run over a data set and its plan share.
#pragma once

#include "engine/compare/prepare.h"
#include "engine/dataset/dataset.h"

namespace driftlens {

// Reference and variants, all in memory while the run lasts.
struct LoadedModels {
    VariantLoader loader;
    LoadedVariant reference;
    std::vector<LoadedVariant> variants;

    LoadedModels(const VariantSpec& referenceSpec, const std::vector<VariantSpec>& specs,
                 const ComputeOptions& compute, const RunContext& context)
        : reference(loader.load(referenceSpec, compute, true, context)) {
        for (const VariantSpec& spec : specs)
            variants.push_back(loader.load(spec, compute, true, context));
        for (const LoadedVariant& variant : variants) checkComparable(reference, variant);
    }

    // One per model, the reference first: what a resumed run must have been computed with.
    std::vector<std::string> digests() const {
        std::vector<std::string> out = {reference.identity.digest};
        for (const LoadedVariant& variant : variants) out.push_back(variant.identity.digest);
        return out;
    }

    ComparisonModels models() const {
        return {reference, variants.size(), [this](std::size_t i) { return variants[i]; }, {}, {}};
    }
};

// What is wrong is known before an hour of computing. Both throw Error(Usage): for margins and a
// primary metric of no figure; for gates whose name fits no figure of these models, or several.
void checkDeclared(const DatasetRequest& request);
void checkGates(const DatasetRequest& request, const LoadedModels& models);

}  // namespace driftlens
