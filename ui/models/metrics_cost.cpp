#include "ui/models/metrics_cost.h"

#include "ui/models/text_files.h"

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

// Per method and model, of so many tokens.
std::int64_t passesOf(std::int64_t tokens, bool isCompared) {
    // Removing and keeping k of n, for every k: all and nothing are common to both.
    const std::int64_t curves = 2 * tokens;
    if (isCompared) return curves;
    // Of one model, at most: every subset of a short text; else leaving one out, ten random orders
    // and the limits of removal, which are searched with a beam. And the draws of infidelity.
    constexpr std::int64_t kShort = 10, kOrders = 10, kBeam = 5, kMost = 8192, kDraws = 64;
    if (tokens <= kShort) return (std::int64_t{1} << tokens) + kDraws;
    return curves + (1 + kOrders) * tokens + std::min(kMost, kBeam * tokens * (tokens + 1)) +
           kDraws;
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

QString metricsCost(const Session& session, const Result* last) {
    if (session.metrics.isEmpty()) return {};
    const MetricPlan plan = *metricsOf(session);
    const bool isCompared = session.models.size() > 1;
    if (last == nullptr || last->comparison.referenceExplanations.empty()) {
        return plan.withReruns
                   ? tr("A run takes two passes more per token, method and model, and explains "
                        "the reference %1 times again.")
                         .arg(plan.cascadeSteps)
                   : tr("A run takes two passes more per token, method and model.");
    }
    const Comparison& comparison = last->comparison;
    const std::int64_t passes = passesOf(contentTokens(comparison), isCompared);
    std::int64_t methods = 0;
    double again = 0.0;
    for (const Attribution& each : comparison.referenceExplanations) {
        if (!isMeasured(each)) continue;
        ++methods;
        const std::size_t times = plan.cascadeSteps + (isCompared ? 0 : plan.sensitivityDraws);
        if (plan.withReruns) again += each.seconds * static_cast<double>(times);
    }
    const auto models = static_cast<std::int64_t>(session.models.size());
    const std::int64_t all = passes * methods * models;
    const double seconds = static_cast<double>(all) * secondsPerPass(comparison) + again;
    const QString what = (isCompared ? tr("A run takes %1 passes more (%2 per method and model)")
                                     : tr("A run takes up to %1 passes more (%2 per method)"))
                             .arg(all)
                             .arg(passes);
    const QString reruns =
        plan.withReruns ? tr(", and each method again with weights drawn anew") : QString();
    return tr("%1%2: %3.").arg(what, reruns, timeText(seconds));
}

}  // namespace driftlens
