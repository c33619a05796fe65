// LLM.int8() (Dettmers et al. 2022): activations are rounded as a Linear takes them.
#pragma once

#include "core/linears/linear.h"

namespace driftlens {

// x [..., in], taken in half precision, with every row rounded to 255 steps of its largest
// magnitude; inputs j for which any row has |x_j| ≥ threshold stay as they are, for all rows (0:
// none do). Rows are those of one call, as in bitsandbytes: what is computed together changes the
// result.
at::Tensor roundActivations(const at::Tensor& x, double threshold);

// A Linear that rounds what it takes and multiplies by the weights of `base`, whatever their form.
// Its gradient in x goes straight through the rounding.
LinearPtr makeRoundingLinear(LinearPtr base, double threshold);

}  // namespace driftlens
