// Wrong scores, bins, orders and lists end in an error that says what and how many.
#include "core/base/error.h"
#include "tests/xai/coalitions/games.h"
#include "xai/faithfulness/complexity.h"
#include "xai/faithfulness/metrics.h"
#include "xai/faithfulness/randomisation.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <ostream>

namespace driftlens::faithfulness {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
const std::vector<double> kThree = {0.1, 0.2, 0.3};

// A game that must not be asked.
coalitions::Game silentGame(std::size_t units) {
    return {units, 1, [](std::span<const coalitions::Coalition>) -> std::vector<double> {
                throw Error(ErrorKind::Internal, "the model was asked");
            }};
}

void measure(
    std::size_t units, const std::vector<double>& scores,
    const std::function<void(MetricOptions&)>& change = [](MetricOptions&) {}) {
    Evaluator evaluator(silentGame(units));
    MetricOptions options;
    change(options);
    metricsOf(evaluator, scores, options);
}

void measureBins(const std::vector<double>& bins) {
    measure(3, kThree, [&](MetricOptions& options) { options.bins = bins; });
}

struct BadCall {
    std::string name;
    std::string message;  // part of it
    std::function<void()> call;
};

std::ostream& operator<<(std::ostream& stream, const BadCall& call) {
    return stream << call.name;
}

std::vector<BadCall> badScores() {
    return {
        {"no_units", "at least one player", [] { measure(0, {}); }},
        {"no_scores", "without scores", [] { measure(3, {}); }},
        {"two_scores_for_three", "2 scores for 3 units",
         [] {
             measure(3, {0.1, 0.2});
         }},
        {"four_scores_for_three", "4 scores for 3 units",
         [] {
             measure(3, {0.1, 0.2, 0.3, 0.4});
         }},
        {"nan_score", "score of unit 1 is nan",
         [] {
             measure(3, {0.1, kNan, 0.3});
         }},
        {"infinite_score", "score of unit 2 is -inf",
         [] {
             measure(3, {0.1, 0.2, -kInfinity});
         }},
        {"nan_ranking", "score of unit 0", [] { ranking(std::vector{kNan}); }},
        {"nan_gini", "score of unit 0", [] { giniOf(std::vector{kNan}); }},
        {"no_entropy", "without scores", [] { entropyOf({}); }},
        {"infinite_count", "score of unit 0", [] { countAbove(std::vector{kInfinity}, 0.0); }},
        {"negative_magnitude", "-1.000000 for magnitudes", [] { countAbove(kThree, -1.0); }},
        {"nan_magnitude", "nan for magnitudes", [] { countAbove(kThree, kNan); }},
        {"tau_of_two_and_three", "2 values against 3",
         [] {
             tauLeaveOneOut(std::vector{0.1, 0.2}, kThree);
         }},
        {"nan_tau", "score of unit 0",
         [] {
             tauLeaveOneOut(std::vector{kNan, 0.2, 0.3}, kThree);
         }},
    };
}

std::vector<BadCall> badSettings() {
    return {
        {"no_such_target", "target 1 of a game with 1",
         [] { measure(3, kThree, [](MetricOptions& o) { o.target = 1; }); }},
        {"no_bins", "at least one bin", [] { measureBins({}); }},
        {"bin_of_nothing", "bin of 0.000000",
         [] {
             measureBins({0.5, 0.0});
         }},
        {"negative_bin", "bin of -0.100000", [] { measureBins({-0.1}); }},
        {"bin_above_1", "bin of 1.100000",
         [] {
             measureBins({0.5, 1.1});
         }},
        {"nan_bin", "bin of nan", [] { measureBins({kNan}); }},
        {"no_beam", "width 0",
         [] {
             measure(3, kThree, [](MetricOptions& o) {
                 o.exactLimitUnits = 2;
                 o.beamWidth = 0;
             });
         }},
        {"too_many_for_exact", "17 units, at most 16",
         [] {
             measure(17, std::vector<double>(17, 1.0),
                     [](MetricOptions& o) { o.exactLimitUnits = 20; });
         }},
        {"beam_of_0", "width 0",
         [] {
             Evaluator evaluator(silentGame(3));
             beamAopcLimits(evaluator, 0);
         }},
        {"exact_of_17", "17 units, at most 16",
         [] {
             Evaluator evaluator(silentGame(17));
             exactAopcLimits(evaluator);
         }},
        {"short_order", "2 entries is no permutation of 3",
         [] {
             Evaluator evaluator(silentGame(3));
             curvesOf(evaluator, {0, 1});
         }},
        {"repeated_order", "no permutation",
         [] {
             Evaluator evaluator(silentGame(3));
             deletionCurve(evaluator, {0, 1, 1});
         }},
        {"curve_of_no_target", "target 5 of a game with 1",
         [] {
             Evaluator evaluator(silentGame(3));
             deletionCurve(evaluator, {0, 1, 2}, 5);
         }},
    };
}

std::vector<BadCall> badEvidence() {
    const auto rationale = [](const std::string& bits, double threshold) {
        measure(3, kThree, [&](MetricOptions& o) {
            o.rationale = coalitions::coalitionOf(bits);
            o.rationaleThreshold = threshold;
        });
    };
    return {
        {"rationale_of_another_text", "a rationale over 4 tokens for 3",
         [=] { rationale("1010", 0.0); }},
        {"nan_threshold", "threshold is not a number", [=] { rationale("101", kNan); }},
        {"sets_of_two_texts", "a rationale over 2 tokens for 3",
         [] { spanF1(TokenSet(3), TokenSet(2)); }},
        {"top_4_of_3", "the top 4 of 3 tokens", [] { topTokens(kThree, 4); }},
        {"no_draws", "infidelity: no draws", [] { infidelityOf({}); }},
        {"draws_without_changes", "infidelity: 2 values against 1",
         [] {
             normalisedInfidelityOf({{1.0, 2.0}, {1.0}});
         }},
        {"nan_draw", "infidelity: a value is not finite",
         [] {
             infidelityOf({{1.0}, {kNan}});
         }},
        {"nothing_nearby", "no explanation nearby",
         [] {
             maxSensitivityOf({{1.0}, {}});
         }},
        {"nearby_of_another_length", "sensitivity: 1 values against 2",
         [] {
             maxSensitivityOf({{1.0}, {{1.0, 2.0}}});
         }},
        {"nan_nearby", "sensitivity: a value is not finite",
         [] {
             maxSensitivityOf({{1.0}, {{kNan}}});
         }},
        {"nan_original", "sensitivity: a value is not finite",
         [] {
             maxSensitivityOf({{kNan}, {{1.0}}});
         }},
        {"no_cascade", "without randomised models", [] { randomisationCheck(kThree, {}); }},
        {"cascade_of_another_length", "randomised down to head: correlation: 3 values against 2",
         [] {
             randomisationCheck(kThree, std::vector<RandomisedScores>{{"head", {1.0, 2.0}}});
         }},
        {"nan_cascade", "randomised down to head: the score of unit 1",
         [] {
             randomisationCheck(kThree, std::vector<RandomisedScores>{{"head", {1.0, kNan, 2.0}}});
         }},
    };
}

class EveryBadCall : public testing::TestWithParam<BadCall> {};
const auto kName = [](const auto& row) { return row.param.name; };
INSTANTIATE_TEST_SUITE_P(Scores, EveryBadCall, testing::ValuesIn(badScores()), kName);
INSTANTIATE_TEST_SUITE_P(Settings, EveryBadCall, testing::ValuesIn(badSettings()), kName);
INSTANTIATE_TEST_SUITE_P(Evidence, EveryBadCall, testing::ValuesIn(badEvidence()), kName);

TEST_P(EveryBadCall, EndsInAClearErrorBeforeTheModelIsAsked) {
    try {
        GetParam().call();
        FAIL() << "no error";
    } catch (const Error& error) {
        const std::string message = error.what();
        EXPECT_EQ(error.kind(), ErrorKind::Usage) << message;
        EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos);
    }
}

}  // namespace
}  // namespace driftlens::faithfulness
