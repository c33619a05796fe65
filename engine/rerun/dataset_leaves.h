// What a run over a data set gave, laid out for comparing it with the same computed again.
#pragma once

#include "engine/dataset/outcome.h"
#include "engine/rerun/rerun_check.h"

#include <string>
#include <vector>

namespace driftlens {

// `dataset` is toJson(DatasetResult), with the names of the models. A figure is one row of numbers
// over the examples, NaN where an example has none: rounding moves ranks and flips in some examples
// and not in others, so that what it does to a figure is seen over all of them alone.
std::vector<NamedLeaves> datasetLeaves(const std::vector<ExampleOutcome>& outcomes,
                                       const Json& dataset);

// An aggregate without intervals and p-values. These are no continuous functions of the examples (a
// resample is above the estimate or not), so that where examples differ by rounding nothing bounds
// them; where examples are equal, they are too.
ResultLeaves withoutResampled(ResultLeaves aggregate);

}  // namespace driftlens
