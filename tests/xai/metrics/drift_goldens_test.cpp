// The metrics of explanations against recorded values: every case of the fixtures that needs no
// model, by its kind. The correlations' p-values are compared in tests/core/base.
#include "tests/support/fixtures.h"
#include "tests/support/recorded_values.h"
#include "xai/metrics/activation_drift.h"
#include "xai/metrics/agreement.h"
#include "xai/metrics/chance.h"
#include "xai/metrics/distribution.h"
#include "xai/metrics/pairwise_agreement.h"
#include "xai/metrics/rank_biased_overlap.h"
#include "xai/metrics/score_distance.h"
#include "xai/metrics/top_k.h"

#include <gtest/gtest.h>

#include <functional>

namespace driftlens {
namespace {

using Comparisons = std::map<double, RecordedComparison>;  // by tolerance: literal cases and others

RecordedComparison& comparisonFor(Comparisons& comparisons, const std::string& what,
                                  double tolerance) {
    return comparisons.try_emplace(tolerance, what, tolerance).first->second;
}

void addAgreements(Figures& out, std::span<const double> a, std::span<const double> b) {
    const std::map<std::string, std::string> names = {{"spearman", "spearman_signed"},
                                                      {"spearman_abs", "spearman_abs"},
                                                      {"kendall", "kendall_tau_b_signed"},
                                                      {"kendall_abs", "kendall_tau_b_abs"},
                                                      {"pearson", "pearson"},
                                                      {"cosine", "cosine"},
                                                      {"rbo", "rbo_ext_p0.9"}};
    for (const AgreementFigure& figure : agreementFigures(a, b, {})) {
        const auto name = names.find(figure.id);
        out[name == names.end() ? figure.id : name->second] = figure.raw;
    }
    const TopKCurves curves = topKCurves(a, b);
    for (const TopKMeasure& measure : topKMeasures())
        addList(out, std::string(measure.id), curves.*measure.curve);
    out["rbo_ext_p0.5"] = rankBiasedOverlap(a, b, 0.5);
}

void addDistances(Figures& out, std::span<const double> a, std::span<const double> b) {
    const ScoreDistance distance = scoreDistance(a, b);
    out["l1"] = distance.l1;
    out["l2"] = distance.l2;
    out["linf"] = distance.largest;
    out["l1_after_l1_normalisation"] = distance.l1Relative;
    out["mass_moved"] = distance.massMoved;
    out["l2_after_l2_normalisation"] = distance.l2Relative;
    out["js_divergence_bits_of_abs"] = distance.jsOfShares;
    out["relative_l2"] = distance.relativeL2;
    out["sqnr_db"] = distance.sqnrDecibel;
    out["sign_flips"] = distance.signFlips;
}

TEST(RecordedAgreement, EveryPairOfExplanationsMatches) {
    REQUIRE_SHARED(file, "data/xai-goldens/metrics/drift.json");
    const Json fixtures = readJsonFile(file);
    Comparisons comparisons;
    int cases = 0;
    for (const Json& fixture : fixtures["cases"]) {
        if (!fixture.contains("l1")) continue;
        ++cases;
        const std::vector<double> a = numbers(fixture["a"]), b = numbers(fixture["b"]);
        Figures ours;
        addAgreements(ours, a, b);
        addDistances(ours, a, b);
        std::set<std::string> others = {"id",    "a",       "b",     "a_err",       "b_err", "atol",
                                        "model", "variant", "input", "attribution", "note"};
        for (const auto& [key, value] : fixture.items()) {
            if (key.ends_with("_p")) others.insert(key);
        }
        comparisonFor(comparisons, "agreement", fixture["atol"]).compareAll(ours, fixture, others);
    }
    EXPECT_EQ(cases, 80);
    for (const auto& [tolerance, comparison] : comparisons) comparison.report();
}

TEST(RecordedAgreement, ScoresThatAreNotFiniteHaveNoFigure) {
    const std::vector<double> a = {1.0, std::numeric_limits<double>::quiet_NaN(), 2.0};
    const std::vector<double> b = {1.0, 2.0, 3.0};
    for (const std::size_t k : {1, 2}) {
        for (const AgreementFigure& figure : agreementFigures(a, b, std::vector{k})) {
            EXPECT_FALSE(figure.raw.value || figure.byChance.value || figure.corrected.value)
                << figure.id;
            EXPECT_FALSE(figure.raw.reason.empty()) << figure.id;
        }
    }
    // 1e200 squared is beyond double.
    const std::vector<double> huge = {1e200, 1.0, 2.0};
    EXPECT_FALSE(scoreDistance(huge, b).l2.value);
    EXPECT_EQ(scoreDistance(huge, b).l2.reason, "the result is not finite");
}

std::vector<std::size_t> items(const std::string& letters) {
    return {letters.begin(), letters.end()};
}

void compareOverlap(const Json& kind, RecordedComparison& comparison) {
    for (const Json& fixture : kind["cases"]) {
        const auto s = items(fixture["s"]), l = items(fixture["l"]);
        comparison.compare("extrapolated", extrapolatedOverlap(s, l, fixture["p"]),
                           fixture["rbo_ext"]);
        comparison.compare("least", leastOverlap(s, l, fixture["p"]), fixture["rbo_min"]);
    }
    Figures ours;
    addList(ours, "average_overlap_abcdefg_zcavwxy",
            averageOverlap(items("abcdefg"), items("zcavwxy")));
    comparison.compareAll(ours, kind, {"id", "atol", "cases"});
}

void compareDistributions(const Json& kind, RecordedComparison& comparison) {
    for (const Json& fixture : kind["cases"]) {
        const std::vector<double> p = numbers(fixture["p"]), q = numbers(fixture["q"]);
        const Figure js = jensenShannonBits(p, q);
        ASSERT_TRUE(js.value);
        comparison.compareAll({{"js_divergence_bits", js},
                               {"js_distance_bits", known(std::sqrt(*js.value))},
                               {"kl_p_q_nats", klDivergenceNats(p, q)},
                               {"total_variation", totalVariation(p, q)},
                               {"entropy_p_bits", entropyBits(p)}},
                              fixture, {"p", "q"});
    }
}

void compareAlignment(const Json& kind, RecordedComparison& comparison) {
    const auto view = [](const std::vector<double>& values, const Json& shape) {
        return MatrixView{values, shape[0].get<std::size_t>(), shape[1].get<std::size_t>()};
    };
    const std::vector<double> x = numbers(kind["x"]["v"]);
    for (const Json& fixture : kind["cases"]) {
        const std::vector<double> y = numbers(fixture["y"]["v"]);
        const ActivationDrift drift =
            activationDrift(view(x, kind["x"]["shape"]), view(y, fixture["y"]["shape"]));
        comparison.compareAll({{"linear_cka", drift.linearCka}, {"sqnr_db", drift.sqnrDecibel}},
                              fixture, {"name", "y"});
    }
}

// The fixture clips k to n. Here the curve ends at n, and a figure beyond it is undefined.
void compareLargeK(const Json& fixture, RecordedComparison& comparison) {
    const TopKCurves curves = topKCurves(numbers(fixture["a"]), numbers(fixture["b"]));
    comparison.compare("clipped", known(curves.feature.back()),
                       fixture["feature_agreement_clipped"]);
    EXPECT_FALSE(atTop(curves, &TopKCurves::feature, fixture["k"].get<std::size_t>()).value);
}

TEST(RecordedAgreement, EveryOtherLiteralCaseMatches) {
    REQUIRE_SHARED(file, "data/xai-goldens/metrics/drift.json");
    std::map<std::string, std::function<void(const Json&, RecordedComparison&)>> handlers = {
        {"literal/rbo", compareOverlap},
        {"literal/distributions", compareDistributions},
        {"literal/cka", compareAlignment},
        {"literal/k_greater_than_n", compareLargeK}};
    const Json fixtures = readJsonFile(file);
    for (const Json& kind : fixtures["cases"]) {
        const std::string id = kind["id"];
        if (!id.starts_with("literal/") || kind.contains("l1")) continue;
        const auto handler = handlers.find(id);
        ASSERT_NE(handler, handlers.end()) << id << " is not handled";
        RecordedComparison comparison(id, kind.value("atol", 0.0));
        handler->second(kind, comparison);
        comparison.report();
        handlers.erase(handler);
    }
    EXPECT_TRUE(handlers.empty()) << handlers.begin()->first << " is not among the fixtures";
}

}  // namespace
}  // namespace driftlens
