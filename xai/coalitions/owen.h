// Owen values over a binary hierarchy (Owen 1977, "Values of games with a priori unions"; Winter
// 1989 for several levels), as shap's PartitionExplainer walks it.
#pragma once

#include "xai/coalitions/evaluator.h"
#include "xai/coalitions/hierarchy.h"

#include <optional>

namespace driftlens::coalitions {

// What of a node's sibling is kept while the node is taken apart: both cases, half of each (Owen);
// never; always. The last two leave the siblings' interaction on their parent.
enum class SiblingContext { Both, Absent, Present };

struct OwenPlan {
    SiblingContext context = SiblingContext::Both;
    // Most distinct evaluations, both ends included: then the largest change of any target times
    // its weight is taken apart first, the earliest of equal ones. None: the whole hierarchy.
    std::optional<std::size_t> budget;
};

struct OwenValues {
    PlayerValues players;
    std::vector<double> nodes;   // [2 players − 1]: credit that was given to the node itself,
                                 // before inner nodes share theirs out by size
    std::size_t unexpanded = 0;  // parts that the budget left whole
};

// One result per target; complete; deterministic, without standard errors. Throws Error(Usage) for
// a hierarchy of other players or one that is not sound, for a budget below 2, and for no budget
// where the whole hierarchy would take more than 2²⁰ evaluations (chains double with every player).
std::vector<OwenValues> owenValues(Evaluator& evaluator, const Hierarchy& hierarchy,
                                   const OwenPlan& plan = {});

}  // namespace driftlens::coalitions
