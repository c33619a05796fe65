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
    }

    ComparisonModels models() const {
        return {reference, variants.size(), [this](std::size_t i) { return variants[i]; }, {}, {}};
    }
};

// The columns that a request names.
DataColumns columnsOf(const DatasetRequest& request);

// A name that fits nothing, or several figures, is known before an hour of computing: throws
// Error(Usage) for gates, margins and primary metrics of no figure there will be.
void checkDeclared(const DatasetRequest& request, const std::vector<VariantSpec>& variants);

}  // namespace driftlens
