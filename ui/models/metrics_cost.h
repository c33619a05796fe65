// What measuring how good explanations are would cost, said before anybody runs it. No widgets.
#pragma once

#include "ui/models/result.h"
#include "ui/models/session.h"

#include <QString>

namespace driftlens {

// Of the session's metrics; empty: none are asked. By the tokens and the times of what was computed
// last, usually the preview of the same prompt; null: nothing was yet.
QString metricsCost(const Session& session, const Result* last);

}  // namespace driftlens
