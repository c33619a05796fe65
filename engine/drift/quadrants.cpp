#include "engine/drift/quadrants.h"

#include "core/base/error.h"
#include "core/base/statistics/correlation.h"
#include "core/base/statistics/distributions.h"
#include "core/base/text.h"
#include "engine/drift/resampling.h"

#include <algorithm>

namespace driftlens {
namespace {

Quadrant quadrantOf(bool isFlip, bool hasOtherReasons) {
    if (isFlip)
        return hasOtherReasons ? Quadrant::OtherAnswerOtherReasons
                               : Quadrant::OtherAnswerSameReasons;
    return hasOtherReasons ? Quadrant::SameAnswerOtherReasons : Quadrant::SameAnswerSameReasons;
}

template <typename Value>
std::vector<Value> chosen(std::span<const Value> values, std::span<const std::size_t> positions) {
    std::vector<Value> out;
    out.reserve(positions.size());
    for (const std::size_t i : positions) out.push_back(values[i]);
    return out;
}

Figure difference(const Figure& a, const Figure& b) {
    if (!a.value) return a;
    if (!b.value) return b;
    return {*a.value - *b.value, ""};
}

std::string areaText(const Figure& figure, const Interval& interval) {
    return formatNumber(*figure.value, 3) + " (95 %: " + formatNumber(interval.value->low, 3) +
           " to " + formatNumber(interval.value->high, 3) + ")";
}

std::string sentenceOf(const FragilityReport& report) {
    if (!report.gain.value) return "fragile prompts cannot be ranked: " + report.gain.reason;
    if (!report.gainInterval.value)
        return "fragile prompts cannot be ranked: " + report.gainInterval.reason;
    const std::string areas = "AUROC " + areaText(report.ranking, report.rankingInterval) +
                              ", the margin alone " +
                              areaText(report.marginAlone, report.marginInterval) + ", gain " +
                              areaText(report.gain, report.gainInterval);
    if (report.gainInterval.value->low > 0.0)
        return "the ranking is better than the margin alone: " + areas;
    return report.gainInterval.value->high < 0.0
               ? "the ranking is worse than the margin alone: " + areas
               : "the ranking is not shown to be better than the margin alone: " + areas;
}

}  // namespace

std::string_view quadrantName(Quadrant quadrant) {
    switch (quadrant) {
        case Quadrant::SameAnswerSameReasons:
            return "same answer, same reasons";
        case Quadrant::SameAnswerOtherReasons:
            return "same answer, other reasons";
        case Quadrant::OtherAnswerSameReasons:
            return "other answer, same reasons";
        case Quadrant::OtherAnswerOtherReasons:
            return "other answer, other reasons";
    }
    throw Error(ErrorKind::Internal, "quadrants: no such quadrant");
}

QuadrantTable quadrantsOf(std::span<const ExampleDrift> examples, double margin) {
    if (!(margin > 0.0)) {
        throw Error(ErrorKind::Usage,
                    "quadrants: the margin " + formatNumber(margin) + " is not above 0");
    }
    QuadrantTable out;
    for (const ExampleDrift& example : examples) {
        if (!example.reasons.value) {
            out.failed.push_back(example);
            continue;
        }
        const Quadrant quadrant = quadrantOf(example.isFlip, *example.reasons.value > margin);
        out.examples[static_cast<std::size_t>(quadrant)].push_back(example);
    }
    for (std::vector<ExampleDrift>& list : out.examples) {
        std::sort(list.begin(), list.end(), [](const ExampleDrift& a, const ExampleDrift& b) {
            return *a.reasons.value != *b.reasons.value ? *a.reasons.value > *b.reasons.value
                                                        : a.example < b.example;
        });
    }
    return out;
}

Figure areaUnderRoc(std::span<const double> scores, std::span<const std::uint8_t> isPositive) {
    if (scores.size() != isPositive.size())
        throw Error(ErrorKind::Internal, "AUROC: scores and labels differ in number");
    if (!allFinite(scores)) return undefinedFigure("a score is not finite");
    const std::vector<double> ranks = averageRanks(scores);
    double positives = 0.0, rankSum = 0.0;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        if (isPositive[i] == 0) continue;
        positives += 1.0;
        rankSum += ranks[i];
    }
    const double negatives = static_cast<double>(scores.size()) - positives;
    if (positives == 0.0) return undefinedFigure("no example flips");
    if (negatives == 0.0) return undefinedFigure("every example flips");
    return {(rankSum - 0.5 * positives * (positives + 1.0)) / (positives * negatives), ""};
}

FragilityReport fragilityReport(std::span<const double> ranking, std::span<const double> margins,
                                std::span<const std::uint8_t> isFlip, const ResamplePlan& plan,
                                const RunContext& context) {
    std::vector<double> closeness;
    for (const double margin : margins) closeness.push_back(-margin);
    const auto areaOf = [&](std::span<const double> scores,
                            std::span<const std::size_t> positions) {
        return areaUnderRoc(chosen(scores, positions), chosen(isFlip, positions));
    };
    const auto intervalOf = [&](const Statistic& statistic) {
        return percentileInterval(stratifiedBootstrap(isFlip, statistic, plan, context));
    };
    FragilityReport out;
    out.ranking = areaUnderRoc(ranking, isFlip);
    out.marginAlone = areaUnderRoc(closeness, isFlip);
    out.gain = difference(out.ranking, out.marginAlone);
    out.rankingInterval = intervalOf([&](auto rows) { return areaOf(ranking, rows); });
    out.marginInterval = intervalOf([&](auto rows) { return areaOf(closeness, rows); });
    out.gainInterval = intervalOf(
        [&](auto rows) { return difference(areaOf(ranking, rows), areaOf(closeness, rows)); });
    out.sentence = sentenceOf(out);
    return out;
}

}  // namespace driftlens
