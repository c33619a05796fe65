// The one forward pass of every family.
#pragma once

#include "core/model/model.h"
#include "core/model/modules.h"

namespace driftlens {

struct TransformerView {
    const Model& model;
    const Modules& modules;
};

// Model::forward, in the caller's grad mode.
ForwardCapture runTransformer(const TransformerView& view, const ForwardInput& input,
                              const ForwardRequest& request, const Hooks& hooks,
                              const RunContext& context);

}  // namespace driftlens
