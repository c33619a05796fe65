// Statistics against recorded values of scipy: every case of the fixtures, by its kind.
#include "core/base/statistics/bootstrap.h"
#include "core/base/statistics/correlation.h"
#include "core/base/statistics/multiplicity.h"
#include "core/base/statistics/paired_tests.h"
#include "core/base/statistics/quantile.h"
#include "core/base/statistics/signed_rank.h"
#include "tests/support/fixtures.h"
#include "tests/support/recorded_values.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace driftlens {
namespace {

void addInterval(Figures& out, const std::string& name, const Interval& interval) {
    ASSERT_TRUE(interval.value) << name << ": " << interval.reason;
    addList(out, name, std::vector<double>{interval.value->low, interval.value->high});
}

void addCorrelation(Figures& out, const std::string& name, const Correlation& correlation) {
    out[name + ".value"] = correlation.coefficient;
    out[name + ".p"] = correlation.p;
}

Figures mcNemarFigures(const Json& fixture) {
    const McNemar test =
        mcNemar(fixture["b"].get<std::uint64_t>(), fixture["c"].get<std::uint64_t>());
    return {{"exact_two_sided_p", known(test.exactP)},
            {"one_sided_p", known(test.oneSidedP)},
            {"mid_p", known(test.midP)},
            {"chi2", test.chiSquare.statistic},
            {"chi2_p", test.chiSquare.p},
            {"chi2_corrected", test.correctedChiSquare.statistic},
            {"chi2_corrected_p", test.correctedChiSquare.p}};
}

void compareMcNemar(const Json& kind, const Tensors&, RecordedComparison& comparison) {
    for (const Json& fixture : kind["cases"])
        comparison.compareAll(mcNemarFigures(fixture), fixture, {"b", "c"});
}

void compareMultiplicity(const Json& kind, const Tensors&, RecordedComparison& comparison) {
    for (const Json& fixture : kind["cases"]) {
        const std::vector<double> p = numbers(fixture["p"]);
        Figures ours;
        addList(ours, "holm", holm(p));
        addList(ours, "bonferroni", bonferroni(p));
        addList(ours, "benjamini_hochberg", benjaminiHochberg(p));
        addList(ours, "benjamini_yekutieli", benjaminiYekutieli(p));
        comparison.compareAll(ours, fixture, {"p"});
    }
}

void compareWilcoxon(const Json& kind, const Tensors&, RecordedComparison& comparison) {
    const std::map<std::string, ZeroDifferences> zeros = {{"wilcox", ZeroDifferences::Drop},
                                                          {"pratt", ZeroDifferences::Pratt},
                                                          {"zsplit", ZeroDifferences::Split}};
    const std::map<std::string, SignedRankNull> nulls = {
        {"exact", SignedRankNull::Exact},
        {"approx", SignedRankNull::Normal},
        {"corrected_approx", SignedRankNull::CorrectedNormal}};
    for (const Json& fixture : kind["cases"]) {
        const std::vector<double> d = numbers(fixture["d"]);
        Figures ours;
        const auto add = [&](const std::string& name, const TestResult& result) {
            ours[name + ".w"] = result.statistic;
            ours[name + ".p"] = result.p;
        };
        for (const auto& [zeroName, zero] : zeros) {
            for (const auto& [nullName, null] : nulls)
                add(zeroName + "_" + nullName, wilcoxonSignedRank(d, zero, null));
        }
        add("default", wilcoxonSignedRank(d));
        ours["sign_test_p"] = signTest(d).p;
        ours["sign_flip_permutation_p_two_sided"] = signFlipTest(d).p;
        comparison.compareAll(ours, fixture, {"name", "d"});
    }
}

void compareCorrelations(const Json& kind, const Tensors&, RecordedComparison& comparison) {
    for (const Json& fixture : kind["cases"]) {
        const std::vector<double> x = numbers(fixture["x"]);
        const std::vector<double> y = numbers(fixture["y"]);
        Figures ours;
        addCorrelation(ours, "pearson", pearson(x, y));
        addCorrelation(ours, "spearman", spearman(x, y));
        addCorrelation(ours, "kendall_tau_b", kendallTauB(x, y));
        addCorrelation(ours, "kendall_tau_c", kendallTauC(x, y));
        addCorrelation(ours, "weighted_tau",
                       {weightedTau(x, y), undefinedFigure("no distribution is known")});
        Json expected = fixture;
        for (Json& value : expected) {
            if (value.is_string()) value = {{"value", value}, {"p", value}};  // "raises ValueError"
        }
        // scipy ranks NaN as if it were a number there; elsewhere NaN gives NaN, as here.
        if (fixture["name"] == "nan") expected["weighted_tau"]["value"] = nullptr;
        comparison.compareAll(ours, expected, {"name", "x", "y"});
    }
}

void compareBootstrap(const Json& kind, const Tensors& tensors, RecordedComparison& comparison) {
    const std::vector<double> x = numbers(kind["x"]);
    const std::vector<double> y = numbers(kind["y"]);
    const auto positions =
        elements<std::int32_t, std::size_t>(tensors.at(kind["index"].get<std::string>()));
    const auto at = [](const std::vector<double>& values, std::span<const std::size_t> chosen) {
        std::vector<double> out;
        for (const std::size_t i : chosen) out.push_back(values[i]);
        return out;
    };
    std::vector<double> difference;
    for (std::size_t i = 0; i < x.size(); ++i) difference.push_back(y[i] - x[i]);
    const std::map<std::string, Statistic> statistics = {
        {"mean_difference",
         [&](std::span<const std::size_t> chosen) {
             double sum = 0.0;
             for (const std::size_t i : chosen) sum += difference[i];
             return known(sum / static_cast<double>(chosen.size()));
         }},
        {"median_difference",
         [&](std::span<const std::size_t> chosen) {
             return quantile(at(difference, chosen), 0.5);
         }},
        {"spearman", [&](std::span<const std::size_t> chosen) {
             return spearman(at(x, chosen), at(y, chosen)).coefficient;
         }}};
    for (const Json& fixture : kind["cases"]) {
        const Statistic& statistic = statistics.at(fixture["statistic"]);
        const Resampled resampled = bootstrap(x.size(), statistic, positions);
        const Resampled jackknifed = jackknife(x.size(), statistic);
        Figures ours = {{"estimate", resampled.estimate},
                        {"se", standardError(resampled)},
                        {"bca_z0", bcaBias(resampled)},
                        {"bca_acceleration", bcaAcceleration(jackknifed)}};
        addInterval(ours, "percentile_95", percentileInterval(resampled));
        addInterval(ours, "basic_95", basicInterval(resampled));
        addInterval(ours, "bca_95", bcaInterval(resampled, jackknifed));
        comparison.compareAll(ours, fixture, {"statistic"});
    }
}

void compareQuantiles(const Json& kind, const Tensors&, RecordedComparison& comparison) {
    const std::vector<double> x = numbers(kind["x"]);
    std::vector<double> ours;
    for (const double q : numbers(kind["q"])) ours.push_back(quantile(x, q).value.value());
    Figures figures;
    addList(figures, "linear", ours);
    comparison.compareAll(figures, kind, {"id", "x", "q"});
}

TEST(RecordedStatistics, EveryCaseOfEveryKindMatches) {
    REQUIRE_SHARED(file, "data/xai-goldens/metrics/statistics.json");
    REQUIRE_SHARED(tensorFile, "data/xai-goldens/metrics/statistics.safetensors");
    using Handler = std::function<void(const Json&, const Tensors&, RecordedComparison&)>;
    std::map<std::string, Handler> handlers = {{"mcnemar", compareMcNemar},
                                               {"multiplicity", compareMultiplicity},
                                               {"wilcoxon_signed_rank", compareWilcoxon},
                                               {"correlations", compareCorrelations},
                                               {"bootstrap", compareBootstrap},
                                               {"quantiles", compareQuantiles}};
    const Tensors tensors = tensorsOf(tensorFile);
    const Json fixtures = readJsonFile(file);
    for (const Json& kind : fixtures["cases"]) {
        const auto handler = handlers.find(kind["id"]);
        ASSERT_NE(handler, handlers.end()) << kind["id"] << " is not handled";
        // The quantiles alone state no tolerance: they are interpolated between the numbers given.
        RecordedComparison comparison(kind["id"], kind.value("atol", 1e-14));
        handler->second(kind, tensors, comparison);
        comparison.report();
        handlers.erase(handler);
    }
    EXPECT_TRUE(handlers.empty()) << handlers.begin()->first << " is not among the fixtures";
}

std::vector<double> absolute(std::vector<double> values) {
    for (double& v : values) v = std::abs(v);
    return values;
}

TEST(RecordedDrift, EveryCorrelationMatches) {
    REQUIRE_SHARED(file, "data/xai-goldens/metrics/drift.json");
    const Json fixtures = readJsonFile(file);
    std::map<double, RecordedComparison>
        comparisons;  // by tolerance: literal cases and those of models
    for (const Json& fixture : fixtures["cases"]) {
        if (!fixture.contains("pearson")) continue;
        const std::vector<double> a = numbers(fixture["a"]);
        const std::vector<double> b = numbers(fixture["b"]);
        Figures ours;
        const auto add = [&](const std::string& name, const Correlation& correlation) {
            ours[name] = correlation.coefficient;
            ours[name + "_p"] = correlation.p;
        };
        add("pearson", pearson(a, b));
        add("spearman_signed", spearman(a, b));
        add("spearman_abs", spearman(absolute(a), absolute(b)));
        add("kendall_tau_b_signed", kendallTauB(a, b));
        add("kendall_tau_b_abs", kendallTauB(absolute(a), absolute(b)));
        RecordedComparison& comparison =
            comparisons
                .try_emplace(fixture["atol"].get<double>(), "correlations",
                             fixture["atol"].get<double>())
                .first->second;
        std::set<std::string> others;  // what is no correlation
        for (const auto& [key, value] : fixture.items()) {
            if (!key.starts_with("pearson") && !key.starts_with("spearman") &&
                !key.starts_with("kendall")) {
                others.insert(key);
            }
        }
        comparison.compareAll(ours, fixture, others);
    }
    EXPECT_FALSE(comparisons.empty());
    for (const auto& [tolerance, comparison] : comparisons) comparison.report();
}

// Logits [rows, 2] of a classifier, as doubles.
struct Logits {
    std::vector<double> values;

    double logProbability(std::size_t row, std::size_t label) const {
        const double a = values[2 * row], b = values[2 * row + 1];
        const double largest = std::max(a, b);
        return values[2 * row + label] - largest -
               std::log(std::exp(a - largest) + std::exp(b - largest));
    }
    bool isRight(std::size_t row, int label) const {
        return (values[2 * row + 1] > values[2 * row]) == (label == 1);
    }
};

double divergence(const Logits& base, const Logits& variant, std::size_t row) {
    double sum = 0.0;
    for (const std::size_t label : {std::size_t{0}, std::size_t{1}}) {
        const double p = base.logProbability(row, label);
        sum += std::exp(p) * (p - variant.logProbability(row, label));
    }
    return sum;
}

void compareBehaviour(const Json& fixture, const Tensors& tensors) {
    const std::string id = fixture["id"];
    const Json& values = fixture["values"];
    const auto labels = fixture["labels"].get<std::vector<int>>();
    const Logits base{elements<float, double>(tensors.at(id + "/base_logits"))};
    const Logits variant{elements<float, double>(tensors.at(id + "/variant_logits"))};
    std::vector<double> kl, gain;  // per sentence
    std::uint64_t onlyBase = 0, onlyVariant = 0;
    for (std::size_t row = 0; row < labels.size(); ++row) {
        const bool baseRight = base.isRight(row, labels[row]);
        const bool variantRight = variant.isRight(row, labels[row]);
        kl.push_back(divergence(base, variant, row));
        gain.push_back(static_cast<double>(variantRight) - static_cast<double>(baseRight));
        onlyBase += baseRight && !variantRight ? 1 : 0;
        onlyVariant += variantRight && !baseRight ? 1 : 0;
    }
    EXPECT_EQ(onlyBase, fixture["mcnemar"]["base_right_variant_wrong"]);
    EXPECT_EQ(onlyVariant, fixture["mcnemar"]["base_wrong_variant_right"]);
    EXPECT_EQ(mcNemar(onlyBase, onlyVariant).exactP, fixture["mcnemar"]["exact_two_sided_p"]);

    const auto positions = elements<std::int32_t, std::size_t>(tensors.at("bootstrap_index"));
    const auto compare = [&](const std::string& name, const std::vector<double>& ours) {
        RecordedComparison comparison(id + " " + name, values[name]["atol"].get<double>());
        for (std::size_t i = 0; i < ours.size(); ++i)
            comparison.compare(std::to_string(i), known(ours[i]), values[name]["v64"][i]);
        comparison.report();
    };
    const auto interval = [&](const std::vector<double>& sample) {
        const Statistic mean = [&](std::span<const std::size_t> chosen) {
            double sum = 0.0;
            for (const std::size_t i : chosen) sum += sample[i];
            return known(sum / static_cast<double>(chosen.size()));
        };
        const Interval found = percentileInterval(bootstrap(sample.size(), mean, positions));
        return std::vector<double>{found.value.value().low, found.value.value().high};
    };
    compare("kl_mean_bootstrap_ci95", interval(kl));
    compare("accuracy_difference_bootstrap_ci95", interval(gain));
    std::vector<double> quantiles;
    for (const double q : {0.0, 0.05, 0.5, 0.95, 1.0}) quantiles.push_back(*quantile(kl, q).value);
    compare("kl_quantiles_0_5_50_95_100", quantiles);
}

TEST(RecordedDrift, PairedBootstrapAndMcNemarMatch) {
    REQUIRE_SHARED(file, "data/xai-goldens/metrics/drift.json");
    REQUIRE_SHARED(tensorFile, "data/xai-goldens/metrics/drift.safetensors");
    const Tensors tensors = tensorsOf(tensorFile);
    const Json fixtures = readJsonFile(file);
    int covered = 0;
    for (const Json& fixture : fixtures["cases"]) {
        if (!fixture.contains("bootstrap")) continue;
        compareBehaviour(fixture, tensors);
        ++covered;
    }
    EXPECT_EQ(covered, 2);
}

}  // namespace
}  // namespace driftlens
