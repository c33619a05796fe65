#include "xai/faithfulness/limits.h"

#include "core/base/error.h"
#include "xai/coalitions/exact.h"
#include "xai/faithfulness/input.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <unordered_set>
#include <utility>

namespace driftlens::faithfulness {
namespace {

using coalitions::Coalition;

// AOPC is highest where the values passed sum to the least.
enum class Extreme { LeastSum, LargestSum };

bool isBetter(Extreme extreme, double a, double b) {
    return extreme == Extreme::LeastSum ? a < b : a > b;
}

// The order whose removals pass the extreme sum of values; values[k]: of the coalition whose bits
// are those of k.
Order extremeOrder(std::span<const double> values, std::size_t units, Extreme extreme) {
    std::vector<double> sums(values.size(), 0.0);
    std::vector<std::size_t> removed(values.size(), 0);  // the last unit on the best way here
    for (std::size_t k = values.size() - 1; k-- > 0;) {
        bool isReached = false;
        for (std::size_t unit = 0; unit < units; ++unit) {
            const std::size_t before = k | (std::size_t{1} << unit);
            if (before == k) continue;
            const double sum = values[k] + sums[before];
            if (isReached && !isBetter(extreme, sum, sums[k])) continue;
            isReached = true;
            sums[k] = sum;
            removed[k] = unit;
        }
    }
    Order order;
    for (std::size_t k = 0; k + 1 < values.size(); k |= std::size_t{1} << removed[k]) {
        order.push_back(removed[k]);
    }
    return {order.rbegin(), order.rend()};
}

// An order begun: what is still kept and the sum of the values passed.
struct Beginning {
    Coalition kept;
    double sum = 0.0;
    Order order;
};

// Every beginning with one unit more removed, without its value yet.
std::vector<Beginning> extensionsOf(const std::vector<Beginning>& beam) {
    std::vector<Beginning> out;
    for (const Beginning& beginning : beam) {
        for (std::size_t unit = 0; unit < beginning.kept.size(); ++unit) {
            if (!beginning.kept.test(unit)) continue;
            out.push_back(beginning);
            out.back().kept.reset(unit);
            out.back().order.push_back(unit);
        }
    }
    return out;
}

// The `width` best, each coalition once.
std::vector<Beginning> bestOf(std::vector<Beginning> all, std::size_t width, Extreme extreme) {
    std::sort(all.begin(), all.end(), [&](const Beginning& a, const Beginning& b) {
        return a.sum != b.sum ? isBetter(extreme, a.sum, b.sum) : a.order < b.order;
    });
    std::vector<Beginning> out;
    std::unordered_set<Coalition, coalitions::CoalitionHash> taken;
    for (Beginning& beginning : all) {
        if (out.size() == width) break;
        if (taken.insert(beginning.kept).second) out.push_back(std::move(beginning));
    }
    return out;
}

Order beamOrder(Evaluator& evaluator, std::size_t width, std::size_t target, Extreme extreme) {
    std::vector<Beginning> beam = {{coalitions::fullCoalition(evaluator.players()), 0.0, {}}};
    for (std::size_t step = 0; step < evaluator.players(); ++step) {
        std::vector<Beginning> all = extensionsOf(beam);
        std::vector<Coalition> kept;
        for (const Beginning& beginning : all) kept.push_back(beginning.kept);
        const std::vector<double> values = valuesOf(evaluator, kept, target);
        for (std::size_t i = 0; i < all.size(); ++i) all[i].sum += values[i];
        beam = bestOf(std::move(all), width, extreme);
    }
    return beam.front().order;
}

// The limits are the AOPC of their orders, computed as that of any other order: a game that every
// order takes apart alike then has equal limits to the last bit.
AopcLimits limitsOf(Evaluator& evaluator, std::size_t target, Order worst, Order best,
                    LimitSearch search) {
    AopcLimits out;
    out.lower = aopcOf(deletionCurve(evaluator, worst, target));
    out.upper = aopcOf(deletionCurve(evaluator, best, target));
    out.worstOrder = std::move(worst);
    out.bestOrder = std::move(best);
    out.search = search;
    return out;
}

std::vector<double> everyValue(Evaluator& evaluator, std::size_t target) {
    std::vector<Coalition> all;
    for (std::size_t k = 0; k < coalitions::coalitionCount(evaluator.players()); ++k) {
        all.emplace_back(evaluator.players(), k);
    }
    return valuesOf(evaluator, all, target);
}

}  // namespace

void checkExactLimits(std::size_t units) {
    if (units <= coalitions::kMostExactPlayers) return;
    throw Error(ErrorKind::Usage, "exact limits of AOPC: " + std::to_string(units) +
                                      " units, at most " +
                                      std::to_string(coalitions::kMostExactPlayers) +
                                      "; group them or search with a beam");
}

void checkBeamWidth(std::size_t width) {
    if (width == 0) throw Error(ErrorKind::Usage, "limits of AOPC: a beam of width 0, at least 1");
}

AopcLimits exactAopcLimits(Evaluator& evaluator, std::size_t target) {
    const std::size_t units = evaluator.players();
    checkExactLimits(units);
    const std::vector<double> values = everyValue(evaluator, target);
    return limitsOf(evaluator, target, extremeOrder(values, units, Extreme::LargestSum),
                    extremeOrder(values, units, Extreme::LeastSum), LimitSearch::Exact);
}

AopcLimits beamAopcLimits(Evaluator& evaluator, std::size_t width, std::size_t target) {
    checkBeamWidth(width);
    return limitsOf(evaluator, target, beamOrder(evaluator, width, target, Extreme::LargestSum),
                    beamOrder(evaluator, width, target, Extreme::LeastSum), LimitSearch::Beam);
}

Range widenedLimits(const AopcLimits& limits, double aopc) {
    return {std::min(limits.lower, aopc), std::max(limits.upper, aopc)};
}

Figure normalisedAopc(double aopc, const AopcLimits& limits) {
    const Range wide = widenedLimits(limits, aopc);
    if (wide.high == wide.low) return undefinedFigure("every order found has the same AOPC");
    return finiteFigure((aopc - wide.low) / (wide.high - wide.low));
}

std::vector<Order> drawOrders(std::size_t units, std::size_t count, std::uint64_t seed) {
    std::vector<Order> out;
    for (std::size_t i = 0; i < count; ++i) {
        RandomStream stream(seed, "removal_orders", i);
        out.push_back(coalitions::drawOrder(units, stream));
    }
    return out;
}

RandomOrders randomOrdersOf(Evaluator& evaluator, std::span<const Order> orders,
                            std::size_t target) {
    if (orders.empty()) {
        const Figure none = undefinedFigure("no order was drawn");
        return {none, none};
    }
    std::vector<double> aopcs;
    for (const Order& order : orders) {
        aopcs.push_back(aopcOf(deletionCurve(evaluator, order, target)));
    }
    const auto count = static_cast<double>(aopcs.size());
    const double mean = std::accumulate(aopcs.begin(), aopcs.end(), 0.0) / count;
    if (aopcs.size() < 2) return {finiteFigure(mean), undefinedFigure("fewer than two orders")};
    double squares = 0.0;
    for (const double aopc : aopcs) squares += (aopc - mean) * (aopc - mean);
    return {finiteFigure(mean), finiteFigure(std::sqrt(squares / (count - 1.0) / count))};
}

}  // namespace driftlens::faithfulness
