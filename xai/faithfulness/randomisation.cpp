#include "xai/faithfulness/randomisation.h"

#include "core/base/error.h"
#include "xai/faithfulness/input.h"

#include <cmath>
#include <cstdio>

namespace driftlens::faithfulness {
namespace {

std::vector<double> magnitudesOf(std::span<const double> scores) {
    std::vector<double> out;
    for (const double score : scores) out.push_back(std::abs(score));
    return out;
}

RandomisationStep stepOf(std::span<const double> scores, const RandomisedScores& randomised) {
    try {
        checkScores(randomised.scores);
        return {randomised.layer, spearman(magnitudesOf(scores), magnitudesOf(randomised.scores)),
                spearman(scores, randomised.scores)};
    } catch (const Error& error) {
        throw error.withContext("randomised down to " + randomised.layer);
    }
}

// The coefficient that says more of the explanation is left. Magnitudes may be equal where the
// scores vary, not the other way round.
const Correlation& larger(const RandomisationStep& step) {
    const Figure& magnitudes = step.magnitudes.coefficient;
    const Figure& signedScores = step.signedScores.coefficient;
    return magnitudes.value && *magnitudes.value >= *signedScores.value ? step.magnitudes
                                                                        : step.signedScores;
}

std::string numbersOf(const Correlation& correlation) {
    char text[64];
    std::snprintf(text, sizeof text, "Spearman %.3f", *correlation.coefficient.value);
    std::string out = text;
    if (!correlation.p.value) return out;
    std::snprintf(text, sizeof text, ", p = %.3g", *correlation.p.value);
    return out + text;
}

void decide(RandomisationCheck& check, std::size_t units) {
    const RandomisationStep& last = check.steps.back();
    const Correlation& left = larger(last);
    if (!left.coefficient.value) {
        check.reason = left.coefficient.reason;
        return;
    }
    check.reason = numbersOf(left) + " after randomising down to " + last.layer;
    if (units < kFewestUnits) {
        check.reason += "; " + std::to_string(units) + " units are too few for a verdict";
    } else if (*left.coefficient.value < kUnchangedRank) {
        check.verdict = RandomisationVerdict::DependsOnWeights;
    } else if (left.p.value && *left.p.value < kUnchangedLevel) {
        check.verdict = RandomisationVerdict::IgnoresWeights;
    }
}

}  // namespace

RandomisationCheck randomisationCheck(std::span<const double> scores,
                                      std::span<const RandomisedScores> cascade) {
    checkScores(scores);
    if (cascade.empty()) throw Error(ErrorKind::Usage, "a sanity check without randomised models");
    RandomisationCheck out;
    for (const RandomisedScores& randomised : cascade) {
        out.steps.push_back(stepOf(scores, randomised));
    }
    decide(out, scores.size());
    return out;
}

}  // namespace driftlens::faithfulness
