// How good and how bad an order of removal can be, which makes AOPC comparable between models.
#pragma once

#include "xai/faithfulness/curves.h"

#include <cstdint>

namespace driftlens::faithfulness {

// Limits are exact up to here unless asked otherwise: 2^10 = 1024 coalitions are about twice the
// 461 at most that two beams of five see there, and leave no doubt. At 12 units they are six times.
inline constexpr std::size_t kExactLimitUnits = 10;
inline constexpr std::size_t kBeamWidth = 5;  // that of the NAOPC paper

enum class LimitSearch { Exact, Beam };

struct AopcLimits {
    double lower = 0.0;
    double upper = 0.0;
    Order worstOrder;  // gives lower
    Order bestOrder;   // gives upper
    LimitSearch search = LimitSearch::Exact;
};

// What the two searches throw Error(Usage) for: more than coalitions::kMostExactPlayers units, and
// a width of 0.
void checkExactLimits(std::size_t units);
void checkBeamWidth(std::size_t width);

// Over all orders, by dynamic programming over the 2^units coalitions: the best way to a coalition
// goes through the best way to one that has one unit more. Of equally good orders the one that
// removes units of lower index last is kept.
AopcLimits exactAopcLimits(Evaluator& evaluator, std::size_t target = 0);

// Over the orders that a beam passes: inner bounds, lower ≥ the exact one and upper ≤ it. At most
// width · units · (units − 1) + units + 1 evaluations.
AopcLimits beamAopcLimits(Evaluator& evaluator, std::size_t width = kBeamWidth,
                          std::size_t target = 0);

// The limits, widened to hold the AOPC of an order of one's own: a beam may miss one that is
// better, or worse, than all that it found.
Range widenedLimits(const AopcLimits& limits, double aopc);

// Edin et al. 2025, "Normalized AOPC": (aopc − lower) / (upper − lower) of the widened limits, in
// [0, 1]: 1 means that no better order was found. Undefined where the limits are equal.
Figure normalisedAopc(double aopc, const AopcLimits& limits);

// The mean AOPC of drawn orders, and how far it may be off: the standard deviation between orders
// over √orders, undefined for fewer than two.
struct RandomOrders {
    Figure meanAopc;
    Figure standardError;
};

// The orders that a seed gives.
std::vector<Order> drawOrders(std::size_t units, std::size_t count, std::uint64_t seed);
RandomOrders randomOrdersOf(Evaluator& evaluator, std::span<const Order> orders,
                            std::size_t target = 0);

}  // namespace driftlens::faithfulness
