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

// A name that fits nothing, or several figures, is known before an hour of computing: throws
// Error(Usage) for gates, margins and primary metrics of no figure there will be.
void checkDeclared(const DatasetRequest& request, const std::vector<VariantSpec>& variants);

}  // namespace driftlens
