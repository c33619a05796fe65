// The estimators of Shapley values as a table, for tests that hold for each of them.
#pragma once

#include "tests/xai/coalitions/games.h"

#include <ostream>

namespace driftlens::coalitions {

struct EstimatorRow {
    std::string name;
    std::vector<PlayerValues> (*estimate)(Evaluator&, const SamplingPlan&);
    bool isSampled = true;
    double largestGap = 1e-12;  // of the efficiency axiom
    std::size_t fewest = 60;    // evaluations of 10 players from which on its intervals hold
    bool isSymmetric = true;    // treats players alike whose part in the game is the same
};

std::vector<EstimatorRow> estimators();
std::vector<EstimatorRow> sampledEstimators();

inline std::ostream& operator<<(std::ostream& stream, const EstimatorRow& row) {
    return stream << row.name;
}

}  // namespace driftlens::coalitions
