#include "xai/faithfulness/input.h"

#include "core/base/error.h"

#include <cmath>
#include <string>

namespace driftlens::faithfulness {

void checkScores(std::span<const double> scores) {
    if (scores.empty()) throw Error(ErrorKind::Usage, "an explanation without scores");
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (std::isfinite(scores[i])) continue;
        throw Error(ErrorKind::Usage, "the score of unit " + std::to_string(i) + " is " +
                                          std::to_string(scores[i]) + ", not a finite number");
    }
}

void checkTarget(const coalitions::Evaluator& evaluator, std::size_t target) {
    if (target < evaluator.targets()) return;
    throw Error(ErrorKind::Usage, "target " + std::to_string(target) + " of a game with " +
                                      std::to_string(evaluator.targets()) + " targets");
}

std::vector<double> valuesOf(coalitions::Evaluator& evaluator,
                             std::span<const coalitions::Coalition> coalitions,
                             std::size_t target) {
    checkTarget(evaluator, target);
    const coalitions::ScoreTable table = evaluator.valuesOf(coalitions);
    std::vector<double> out;
    out.reserve(coalitions.size());
    for (std::size_t row = 0; row < coalitions.size(); ++row) out.push_back(table(row, target));
    return out;
}

}  // namespace driftlens::faithfulness
