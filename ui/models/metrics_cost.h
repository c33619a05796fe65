// What measuring how good explanations are would cost, said before anybody runs it. No widgets.
#pragma once

#include "ui/models/result.h"
#include "ui/models/session.h"
#include "xai/methods/metric_plan.h"

#include <QString>

#include <cstdint>

namespace driftlens {

// Passes that measuring one explanation of one model takes at most, in a text of so many units:
// compared, its curves alone are measured; of one model, every metric of removal. Those that
// explain again are not in it.
std::int64_t metricsPasses(const MetricPlan& plan, std::int64_t units, bool isCompared);

// Of the session's metrics; empty: none are asked. By the tokens and the times of what was computed
// last, usually the preview of the same prompt; null: nothing was yet.
QString metricsCost(const Session& session, const Result* last);

}  // namespace driftlens
