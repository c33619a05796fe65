#include "xai/faithfulness/metrics.h"

#include "core/base/error.h"
#include "xai/faithfulness/complexity.h"
#include "xai/faithfulness/input.h"

#include <algorithm>
#include <string>

namespace driftlens::faithfulness {
namespace {

using coalitions::Coalition;

// One unit has one order, whose chain is evaluated in any case.
bool isExact(std::size_t units, const MetricOptions& options) {
    return units <= std::max<std::size_t>(options.exactLimitUnits, 1);
}

void checkInput(const Evaluator& evaluator, std::span<const double> scores,
                const MetricOptions& options) {
    checkScores(scores);
    if (scores.size() != evaluator.players()) {
        throw Error(ErrorKind::Usage, std::to_string(scores.size()) + " scores for " +
                                          std::to_string(evaluator.players()) + " units");
    }
    checkTarget(evaluator, options.target);
    checkBins(options.bins);
    if (isExact(scores.size(), options)) {
        checkExactLimits(scores.size());
    } else {
        checkBeamWidth(options.beamWidth);
    }
}

// Has all that is known beforehand scored at once; what follows finds it remembered.
void scoreAhead(Evaluator& evaluator, const Order& order, std::span<const Order> randomOrders) {
    std::vector<Coalition> all = deletionChain(order);
    const auto add = [&](const std::vector<Coalition>& more) {
        all.insert(all.end(), more.begin(), more.end());
    };
    add(insertionChain(order));
    add(leaveOneOutCoalitions(order.size()));
    for (const Order& random : randomOrders) add(deletionChain(random));
    evaluator.valuesOf(all);
}

// What a beam one order wide evaluates at most, next to the chains.
std::size_t evaluationsPerWidth(std::size_t units) {
    return units * (units - 1);
}

std::optional<AopcLimits> limitsOf(Evaluator& evaluator, const MetricOptions& options) {
    const std::size_t units = evaluator.players();
    if (isExact(units, options)) return exactAopcLimits(evaluator, options.target);
    const std::size_t width =
        std::min(options.beamWidth, options.mostLimitEvaluations / evaluationsPerWidth(units));
    if (width == 0) return std::nullopt;
    return beamAopcLimits(evaluator, width, options.target);
}

void addErasure(ExplanationMetrics& out) {
    MetricFigures& figures = out.figures;
    figures.comprehensiveness = binMean(out.erasure.comprehensiveness);
    figures.sufficiency = binMean(out.erasure.sufficiency);
    figures.comprehensivenessPaper = paperMean(out.erasure.comprehensiveness);
    figures.sufficiencyPaper = paperMean(out.erasure.sufficiency);
    figures.normalisedComprehensiveness = binMean(out.erasure.normalisedComprehensiveness);
    figures.normalisedSufficiency = binMean(out.erasure.normalisedSufficiency);
}

void addLimits(ExplanationMetrics& out, double aopc) {
    MetricFigures& figures = out.figures;
    if (!out.limits) {
        const std::size_t units = out.leaveOneOut.size();
        figures.aopcLower = figures.aopcUpper = figures.normalisedAopc = undefinedFigure(
            "the limits of " + std::to_string(units) + " units would take up to " +
            std::to_string(evaluationsPerWidth(units)) + " evaluations; take larger units");
        return;
    }
    const Range limits = widenedLimits(*out.limits, aopc);
    figures.aopcLower = finiteFigure(limits.low);
    figures.aopcUpper = finiteFigure(limits.high);
    figures.normalisedAopc = normalisedAopc(aopc, *out.limits);
}

void addCurves(ExplanationMetrics& out, const RandomOrders& random) {
    MetricFigures& figures = out.figures;
    const double aopc = aopcOf(out.curves.deletion);
    figures.deletionAuc = finiteFigure(areaUnder(out.curves.deletion));
    figures.insertionAuc = finiteFigure(areaUnder(out.curves.insertion));
    figures.aopc = finiteFigure(aopc);
    addLimits(out, aopc);
    figures.randomAopc = random.meanAopc;
    figures.randomAopcError = random.standardError;
    figures.aboveRandom =
        random.meanAopc.value ? finiteFigure(aopc - *random.meanAopc.value) : random.meanAopc;
}

void addComplexity(MetricFigures& figures, std::span<const double> scores) {
    figures.gini = giniOf(scores);
    figures.entropy = entropyOf(scores);
    figures.effectiveCount = effectiveCountOf(scores);
    figures.hoyer = hoyerOf(scores);
}

void addRobustness(MetricFigures& figures, const MetricOptions& options) {
    figures.infidelity = figures.normalisedInfidelity =
        undefinedFigure("no responses to perturbations were given");
    figures.maxSensitivity = undefinedFigure("no explanations of inputs nearby were given");
    if (options.responses) {
        figures.infidelity = infidelityOf(*options.responses);
        figures.normalisedInfidelity = normalisedInfidelityOf(*options.responses);
    }
    if (options.nearby) figures.maxSensitivity = maxSensitivityOf(*options.nearby);
}

void addRationale(MetricFigures& figures, std::span<const double> scores,
                  const MetricOptions& options) {
    const Figure absent = undefinedFigure("no rationale was given");
    const RationaleAgreement agreement =
        options.rationale
            ? rationaleAgreementOf(scores, *options.rationale, options.rationaleThreshold)
            : RationaleAgreement{absent, absent, absent, absent, absent};
    figures.rationaleF1 = agreement.f1;
    figures.rationaleThresholdF1 = agreement.thresholdF1;
    figures.rationaleIou = agreement.iou;
    figures.rationaleSpanF1 = agreement.spanF1;
    figures.averagePrecision = agreement.averagePrecision;
}

}  // namespace

ExplanationMetrics metricsOf(Evaluator& evaluator, std::span<const double> scores,
                             const MetricOptions& options) {
    // Whatever can be refused is refused before the model is asked.
    checkInput(evaluator, scores, options);
    ExplanationMetrics out;
    addComplexity(out.figures, scores);
    addRobustness(out.figures, options);
    addRationale(out.figures, scores, options);
    const std::size_t before = evaluator.distinctEvaluations();
    const Order order = ranking(scores);
    const std::vector<Order> random = drawOrders(scores.size(), options.randomOrders, options.seed);
    scoreAhead(evaluator, order, random);
    out.curves = curvesOf(evaluator, order, options.target);
    out.erasure = erasureOf(out.curves, options.bins);
    out.leaveOneOut = leaveOneOutDrops(evaluator, options.target);
    out.limits = limitsOf(evaluator, options);
    addErasure(out);
    addCurves(out, randomOrdersOf(evaluator, random, options.target));
    out.figures.tauLeaveOneOut = tauLeaveOneOut(scores, out.leaveOneOut);
    out.newEvaluations = evaluator.distinctEvaluations() - before;
    return out;
}

}  // namespace driftlens::faithfulness
