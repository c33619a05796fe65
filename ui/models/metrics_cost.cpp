#include "ui/models/metrics_cost.h"

#include "ui/models/text_files.h"
#include "xai/faithfulness/metrics.h"

#include <QCoreApplication>

#include <algorithm>
#include <limits>

namespace driftlens {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("driftlens::MetricsCost", text);
}

// What is removed and kept, one after the other.
std::int64_t contentTokens(const Comparison& comparison) {
    const auto& tokens = comparison.input.tokens;
    return std::count_if(tokens.begin(), tokens.end(),
                         [](const Token& token) { return !token.isSpecial; });
}

// Lengths that are spoken of before any text was cut into tokens.
constexpr std::int64_t kShortText = 10, kLongerText = 40;

// Explanations more per method: of a comparison, those of the reference.
std::size_t rerunsOf(const MetricPlan& plan, bool isCompared) {
    if (!plan.withReruns) return 0;
    return plan.cascadeSteps + (isCompared ? 0 : plan.sensitivityDraws);
}

QString rerunText(const MetricPlan& plan, bool isCompared) {
    const std::size_t reruns = rerunsOf(plan, isCompared);
    if (reruns == 0) return {};
    return (isCompared ? tr(", and explains the reference up to %1 times more per method, with "
                            "weights drawn anew")
                       : tr(", and explains up to %1 times more per method, with weights drawn "
                            "anew and with noise on the embeddings"))
        .arg(reruns);
}

// As long as it is not known how many tokens the text has.
QString costOfAnyText(const MetricPlan& plan, bool isCompared) {
    const QString passes =
        isCompared ? tr("A run takes two passes more per token, method and model")
                   : tr("A run takes up to %1 passes more per method for %2 tokens, %3 for %4")
                         .arg(metricsPasses(plan, kShortText, false))
                         .arg(kShortText)
                         .arg(metricsPasses(plan, kLongerText, false))
                         .arg(kLongerText);
    return passes + rerunText(plan, isCompared) + u'.';
}

bool isMeasured(const Attribution& explanation) {
    return explanation.parts.empty();  // parts of the network cannot be removed from a text
}

QString timeText(double seconds) {
    if (seconds < 1.0) return tr("less than a second");
    if (seconds < 90.0) return tr("about %1 s").arg(figure(seconds, 2));
    return tr("about %1 min").arg(figure(seconds / 60.0, 2));
}

// Of the cheapest explanation: removal takes no gradient.
double secondsPerPass(const Comparison& comparison) {
    double least = std::numeric_limits<double>::infinity();
    for (const Attribution& each : comparison.referenceExplanations)
        if (each.evaluations > 0)
            least = std::min(least, each.seconds / static_cast<double>(each.evaluations));
    return least < std::numeric_limits<double>::infinity() ? least : 0.0;
}

}  // namespace

std::int64_t metricsPasses(const MetricPlan& plan, std::int64_t units, bool isCompared) {
    // Removing and keeping k of n, for every k: all and nothing are common to both.
    if (isCompared || units < 2) return 2 * units;
    faithfulness::MetricOptions options;
    if (!plan.withLimits) options.exactLimitUnits = options.mostLimitEvaluations = 0;
    // Whatever is removed, it is one of these.
    if (units <= static_cast<std::int64_t>(options.exactLimitUnits))
        return std::int64_t{1} << units;
    // All, nothing, each one left out, and the steps between of the two curves and of the random
    // orders; then the limits, which are searched with a beam as wide as the evaluations allow.
    const auto chains = static_cast<std::int64_t>(2 + options.randomOrders);
    const std::int64_t perWidth = units * (units - 1);
    const std::int64_t width =
        std::min(static_cast<std::int64_t>(options.beamWidth),
                 static_cast<std::int64_t>(options.mostLimitEvaluations) / perWidth);
    return 2 + units + chains * (units - 2) + width * perWidth +
           static_cast<std::int64_t>(kInfidelityDraws);
}

QString metricsCost(const Session& session, const Result* last) {
    if (session.metrics.isEmpty()) return {};
    const MetricPlan plan = *metricsOf(session);
    const bool isCompared = session.models.size() > 1;
    if (last == nullptr || last->comparison.referenceExplanations.empty())
        return costOfAnyText(plan, isCompared);
    const Comparison& comparison = last->comparison;
    const std::int64_t passes = metricsPasses(plan, contentTokens(comparison), isCompared);
    std::int64_t methods = 0;
    double again = 0.0;
    for (const Attribution& each : comparison.referenceExplanations) {
        if (!isMeasured(each)) continue;
        ++methods;
        again += each.seconds * static_cast<double>(rerunsOf(plan, isCompared));
    }
    const auto models = static_cast<std::int64_t>(session.models.size());
    const std::int64_t all = passes * methods * models;
    const double seconds = static_cast<double>(all) * secondsPerPass(comparison) + again;
    const QString what = (isCompared ? tr("A run takes %1 passes more (%2 per method and model)")
                                     : tr("A run takes up to %1 passes more (%2 per method)"))
                             .arg(all)
                             .arg(passes);
    return tr("%1%2: %3.").arg(what, rerunText(plan, isCompared), timeText(seconds));
}

}  // namespace driftlens
