// How far a variant's insides moved from the reference's on one text: attention per head,
// activations per site.
#pragma once

#include "core/base/run_context.h"
#include "core/model/compute.h"
#include "engine/compare/comparison.h"
#include "engine/variants/variant.h"

#include <memory>

namespace driftlens {

// The reference's attention and activations on one text, held while variants are read against
// them. Belongs to one thread.
class ReferenceInsides {
public:
    // Runs one pass; at most `memoryBytes` of what it sees are kept. More would be needed: nothing
    // is computed, and every StructureDrift says so.
    ReferenceInsides(const LoadedVariant& reference, const TokenizedInput& input,
                     ComputeType compute, std::uint64_t memoryBytes, const RunContext& context);
    ~ReferenceInsides();
    ReferenceInsides(const ReferenceInsides&) = delete;
    ReferenceInsides& operator=(const ReferenceInsides&) = delete;

    // One more pass. A head or a block that the variant no longer has is absent; of a text that
    // the variant cuts otherwise nothing is compared.
    StructureDrift against(const LoadedVariant& variant, const TokenizedInput& input,
                           const RunContext& context) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

// The heads and sites that against() has figures of, all 0: what a comparison will name.
StructureDrift structureShape(const Model& reference);

// Means over heads and sites, by metric ("attention_js", …) and, for the sites' curves, by
// "metric@site"; a figure that no head or site has is undefined.
std::map<std::string, Figure> attentionFigures(const StructureDrift& drift);
std::map<std::string, Figure> activationFigures(const StructureDrift& drift);

}  // namespace driftlens
