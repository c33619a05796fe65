// Mixture of experts (Shazeer et al. 2017; as in Mixtral, Jiang et al. 2024).
#pragma once

#include "core/model/modules.h"

#include <functional>

namespace driftlens {

// One MLP: down(act(up x)), or down(act(gate x) · up x) where there is a gate. `onHidden` sees and
// may replace the input of down; it may be empty.
using TensorHook = std::function<at::Tensor(at::Tensor)>;
at::Tensor runMlp(const ExpertModules& mlp, Activation activation, const at::Tensor& x,
                  const TensorHook& onHidden, const RunContext& context);

// x [batch, tokens, hidden] → same: the sum of each token's best expertsPerToken experts, weighted
// by the softmax of the router's logits [batch, tokens, experts], renormalised over those chosen.
// `onRouter` sees and may replace the logits. Experts that no token chose are not read.
at::Tensor runExperts(const BlockModules& block, Activation activation, const at::Tensor& x,
                      const TensorHook& onRouter, const RunContext& context);

}  // namespace driftlens
