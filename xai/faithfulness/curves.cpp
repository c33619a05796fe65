#include "xai/faithfulness/curves.h"

#include "core/base/statistics/correlation.h"
#include "xai/faithfulness/input.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace driftlens::faithfulness {

using coalitions::Coalition;

Order ranking(std::span<const double> scores) {
    checkScores(scores);
    Order out(scores.size());
    std::iota(out.begin(), out.end(), std::size_t{0});
    std::stable_sort(out.begin(), out.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    return out;
}

std::vector<Coalition> deletionChain(const Order& order) {
    std::vector<Coalition> out = {coalitions::fullCoalition(order.size())};
    for (const std::size_t unit : order) {
        out.push_back(out.back());
        out.back().reset(unit);
    }
    return out;
}

std::vector<Coalition> insertionChain(const Order& order) {
    std::vector<Coalition> out = deletionChain(order);
    for (Coalition& coalition : out) coalition.flip();
    return out;
}

std::vector<double> deletionCurve(Evaluator& evaluator, const Order& order, std::size_t target) {
    coalitions::checkOrder(order, evaluator.players());
    return valuesOf(evaluator, deletionChain(order), target);
}

Curves curvesOf(Evaluator& evaluator, const Order& order, std::size_t target) {
    Curves out;
    out.deletion = deletionCurve(evaluator, order, target);
    out.insertion = valuesOf(evaluator, insertionChain(order), target);
    return out;
}

double areaUnder(std::span<const double> curve) {
    const double inner = std::accumulate(curve.begin() + 1, curve.end() - 1, 0.0);
    return (inner + 0.5 * (curve.front() + curve.back())) / static_cast<double>(curve.size() - 1);
}

double aopcOf(std::span<const double> deletionCurve) {
    double sum = 0.0;
    for (const double value : deletionCurve) sum += deletionCurve.front() - value;
    return sum / static_cast<double>(deletionCurve.size() - 1);
}

std::vector<Coalition> leaveOneOutCoalitions(std::size_t units) {
    std::vector<Coalition> out(units, coalitions::fullCoalition(units));
    for (std::size_t unit = 0; unit < units; ++unit) out[unit].reset(unit);
    return out;
}

std::vector<double> leaveOneOutDrops(Evaluator& evaluator, std::size_t target) {
    std::vector<Coalition> all = leaveOneOutCoalitions(evaluator.players());
    all.push_back(coalitions::fullCoalition(evaluator.players()));
    std::vector<double> out = valuesOf(evaluator, all, target);
    const double full = out.back();
    out.pop_back();
    for (double& value : out) value = full - value;
    return out;
}

Figure tauLeaveOneOut(std::span<const double> scores, std::span<const double> drops) {
    checkScores(scores);
    return kendallTauB(scores, drops).coefficient;
}

}  // namespace driftlens::faithfulness
