// How good one explanation of one model is: the model's side of xai/faithfulness.
#pragma once

#include "xai/faithfulness/metrics.h"
#include "xai/faithfulness/randomisation.h"
#include "xai/methods/method.h"
#include "xai/methods/metric_plan.h"

namespace driftlens {

// Figures by their ids of faithfulness::metricTable(), and those of the randomised weights. Removal
// changes the probability of what is explained (of a margin or a contrast: its own quantity);
// infidelity, the explained quantity itself. Scores that belong to parts of the network have none.
// A failed check adds a warning to the attribution.
//
// Max-sensitivity: 10 draws of uniform noise on the embeddings, 2 % of their RMS (Yeh et al. 2019).
// Randomised weights: from the head down, in at most 6 steps (Adebayo et al. 2018).
void addMetrics(const MethodInput& in, const MetricPlan& plan, const RunContext& context,
                Attribution& attribution);

// What these figures rest on, for those who want to see it. The probability while units are removed
// in the order of the explanation, and while only they are kept; empty for scores that belong to
// parts of the network.
faithfulness::Curves removalCurves(const MethodInput& in, const MetricPlan& plan,
                                   const RunContext& context, const Attribution& attribution);

// Every step of the randomised weights, plan.cascadeSteps at most. Scores belong to tokens.
faithfulness::RandomisationCheck randomisationOf(const MethodInput& in, const MetricPlan& plan,
                                                 const RunContext& context,
                                                 const Attribution& attribution);

}  // namespace driftlens
