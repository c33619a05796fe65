// Output fidelity, calibration and behaviour: recorded values and closed forms.
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/statistics/bootstrap.h"
#include "core/base/statistics/quantile.h"
#include "engine/drift/behaviour.h"
#include "engine/drift/calibration.h"
#include "engine/drift/output_fidelity.h"
#include "tests/support/fixtures.h"
#include "tests/support/recorded_values.h"

#include <gtest/gtest.h>

#include <numbers>
#include <numeric>

namespace driftlens {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

std::vector<double> logsOf(std::vector<double> probabilities) {
    for (double& p : probabilities) p = std::log(p);
    return probabilities;
}

std::vector<double> logSoftmax(std::span<const double> logits) {
    const double largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0.0;
    for (const double v : logits) sum += std::exp(v - largest);
    std::vector<double> out;
    for (const double v : logits) out.push_back(v - largest - std::log(sum));
    return out;
}

double meanOf(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// A statistic that is the mean of the chosen values.
Interval bootstrapInterval(const std::vector<double>& values,
                           std::span<const std::size_t> positions) {
    const Statistic mean = [&](std::span<const std::size_t> chosen) {
        double sum = 0.0;
        for (const std::size_t i : chosen) sum += values[i];
        return known(sum / static_cast<double>(chosen.size()));
    };
    return percentileInterval(bootstrap(values.size(), mean, positions));
}

void addInterval(Figures& out, const std::string& name, const Interval& interval) {
    ASSERT_TRUE(interval.value) << interval.reason;
    addList(out, name, std::vector<double>{interval.value->low, interval.value->high});
}

Figures behaviourFigures(const Json& fixture, const Tensors& tensors) {
    const std::string id = fixture["id"];
    const auto labels = fixture["labels"].get<std::vector<std::int64_t>>();
    const auto base = elements<float, double>(tensors.at(id + "/base_logits"));
    const auto variant = elements<float, double>(tensors.at(id + "/variant_logits"));
    std::vector<AnswerPair> pairs;
    std::vector<double> kl, drop, loyalty, gain;
    for (std::size_t row = 0; row < labels.size(); ++row) {
        const OutputDrift drift = outputDrift(logSoftmax(std::span(base).subspan(2 * row, 2)),
                                              logSoftmax(std::span(variant).subspan(2 * row, 2)));
        const auto a = static_cast<std::int64_t>(drift.referenceTop);
        const auto b = static_cast<std::int64_t>(drift.variantTop);
        pairs.push_back({a, b, labels[row]});
        kl.push_back(drift.kl.value.value());
        drop.push_back(-drift.probabilityChange);
        loyalty.push_back(drift.probabilityLoyalty.value.value());
        gain.push_back((b == labels[row] ? 1.0 : 0.0) - (a == labels[row] ? 1.0 : 0.0));
    }
    const Behaviour behaviour = behaviourOf(pairs);
    Figures out = {{"kl_mean", known(meanOf(kl))},
                   {"base_top1_prob_drop_mean", known(meanOf(drop))},
                   {"accuracy_base", behaviour.referenceAccuracy.share},
                   {"accuracy_variant", behaviour.variantAccuracy.share},
                   {"flip_rate", behaviour.flips.share},
                   {"right_to_wrong", behaviour.rightToWrong.share},
                   {"wrong_to_right", behaviour.wrongToRight.share},
                   {"label_loyalty", known(1.0 - *behaviour.flips.share.value)},
                   {"probability_loyalty", known(meanOf(loyalty))}};
    std::vector<double> quantiles;
    for (const double q : {0.0, 0.05, 0.5, 0.95, 1.0}) quantiles.push_back(*quantile(kl, q).value);
    addList(out, "kl_quantiles_0_5_50_95_100", quantiles);
    const auto positions = elements<std::int32_t, std::size_t>(tensors.at("bootstrap_index"));
    addInterval(out, "kl_mean_bootstrap_ci95", bootstrapInterval(kl, positions));
    addInterval(out, "accuracy_difference_bootstrap_ci95", bootstrapInterval(gain, positions));
    EXPECT_EQ(behaviour.netAccuracyChange.exactP, fixture["mcnemar"]["exact_two_sided_p"]);
    return out;
}

TEST(RecordedBehaviour, EveryValueOfBothVariantsMatches) {
    REQUIRE_SHARED(file, "data/xai-goldens/metrics/drift.json");
    REQUIRE_SHARED(tensorFile, "data/xai-goldens/metrics/drift.safetensors");
    const Tensors tensors = tensorsOf(tensorFile);
    const Json fixtures = readJsonFile(file);
    int cases = 0;
    for (const Json& fixture : fixtures["cases"]) {
        if (!fixture.contains("bootstrap")) continue;
        ++cases;
        const Figures ours = behaviourFigures(fixture, tensors);
        double worst = 0.0;  // of the allowed difference
        for (const auto& [name, value] : fixture["values"].items()) {
            if (!value.contains("v64")) continue;  // the logits
            const std::vector<double> expected = numbers(value["v64"]);
            for (std::size_t i = 0; i < expected.size(); ++i) {
                const std::string key =
                    value["shape"].empty() ? name : name + "." + std::to_string(i);
                ASSERT_TRUE(ours.contains(key)) << key << " is not handled";
                const double difference = std::abs(*ours.at(key).value - expected[i]);
                EXPECT_LE(difference, value["atol"].get<double>()) << key;
                worst = std::max(worst, difference / value["atol"].get<double>());
            }
        }
        std::printf("             %s: largest difference %.2g of what is allowed\n",
                    fixture["id"].get<std::string>().c_str(), worst);
    }
    EXPECT_EQ(cases, 2);
}

TEST(OutputDrift, MatchesHandComputedFigures) {
    const std::vector<double> p = logsOf({0.5, 0.25, 0.25}), q = logsOf({0.25, 0.5, 0.25});
    const std::vector<std::size_t> k = {1, 2, 3, 4};
    const OutputDrift drift = outputDrift(p, q, k);
    EXPECT_NEAR(*drift.kl.value, 0.25 * std::numbers::ln2, 1e-15);
    EXPECT_NEAR(*drift.reverseKl.value, 0.25 * std::numbers::ln2, 1e-15);
    EXPECT_TRUE(drift.isFlip);
    EXPECT_EQ(drift.referenceTop, 0U);
    EXPECT_EQ(drift.variantTop, 1U);
    EXPECT_NEAR(drift.probabilityChange, -0.25, 1e-15);
    EXPECT_EQ(*drift.topOverlap.at(1).value, 0.0);
    EXPECT_EQ(*drift.topOverlap.at(2).value, 1.0);  // the tie of 1 and 2 goes to the lower id
    EXPECT_EQ(drift.topOverlap.at(4).reason, "fewer than 4 answers");
}

TEST(OutputDrift, OfImpossibleAnswersIsInfiniteOneWayOnly) {
    const std::vector<double> p = {std::log(0.5), std::log(0.5), kNever};
    const std::vector<double> q = {0.0, kNever, kNever};
    EXPECT_EQ(klOfLogs(p, q).reason, "infinite: mass where the other has none");
    EXPECT_NEAR(*klOfLogs(q, p).value, std::numbers::ln2, 1e-15);
    EXPECT_NEAR(*jensenShannonOfLogs(p, q).value, 0.31127812445913283, 1e-15);
}

// Where probabilities vanish in double, their logarithms still tell them apart.
TEST(OutputDrift, SeesProbabilitiesBelowWhatDoubleHolds) {
    const std::vector<double> p = {0.0, -1000.0}, q = {0.0, -2000.0};
    EXPECT_EQ(*klOfLogs(p, q).value, 0.0);
    EXPECT_NEAR(*klOfLogs(std::vector{-1000.0, 0.0}, std::vector{0.0, -1000.0}).value, 1000.0, 0.0);
}

TEST(OutputDrift, OfAVariantThatGaveNanSaysThatTheExampleFailed) {
    const std::vector<double> p = logsOf({0.5, 0.5}), q = {std::nan(""), 0.0};
    const OutputDrift drift = outputDrift(p, q);
    EXPECT_EQ(drift.reason, "a log-probability is not a number");
    EXPECT_FALSE(drift.kl.value || drift.reverseKl.value || drift.jensenShannon.value);
    EXPECT_EQ(outputDrift(p, std::vector{0.5, -3.0}).reason, "a log-probability is above 0");
    EXPECT_THROW(outputDrift(p, std::vector{0.0}), Error);
    EXPECT_THROW(outputDrift({}, {}), Error);
}

TEST(OutputDrift, KeepsItsInequalities) {
    RandomStream random(3, "logits");
    for (int i = 0; i < 200; ++i) {
        std::vector<double> a, b;
        for (int answer = 0; answer < 8; ++answer) {
            a.push_back(3.0 * random.normal());
            b.push_back(a.back() + 0.5 * random.normal());
        }
        const OutputDrift drift = outputDrift(logSoftmax(a), logSoftmax(b));
        EXPECT_GT(*drift.kl.value, 0.0);
        // Jensen-Shannon is at most half of the smaller of both (Lin 1991), in nats.
        EXPECT_LE(*drift.jensenShannon.value * std::numbers::ln2,
                  0.5 * std::min(*drift.kl.value, *drift.reverseKl.value) + 1e-15);
    }
}

TEST(Calibration, MatchesHandComputedBins) {
    const std::vector<Prediction> predictions = {
        {0.0, false}, {0.5, true}, {0.55, false}, {0.95, true}, {1.0, true}};
    const Calibration calibration = calibrationOf(predictions, 2);
    ASSERT_EQ(calibration.bins.size(), 2U);
    EXPECT_EQ(calibration.bins[0].count, 2U);  // 0 and 0.5: the upper end belongs to the bin
    EXPECT_NEAR(calibration.bins[0].meanConfidence, 0.25, 1e-15);
    EXPECT_NEAR(calibration.bins[1].accuracy, 2.0 / 3.0, 1e-15);
    EXPECT_NEAR(*calibration.expectedError.value, 0.4 * 0.25 + 0.6 * (2.5 / 3.0 - 2.0 / 3.0),
                1e-15);
    EXPECT_NEAR(*calibration.largestError.value, 0.25, 1e-15);
}

TEST(Calibration, OfEqualCountsDoesNotDependOnTheOrder) {
    std::vector<Prediction> predictions;
    for (int i = 0; i < 31; ++i) predictions.push_back({i % 3 == 0 ? 0.5 : 0.9, i % 2 == 0});
    const Calibration forward = calibrationOf(predictions, 4, CalibrationBins::EqualCount);
    std::reverse(predictions.begin(), predictions.end());
    const Calibration backward = calibrationOf(predictions, 4, CalibrationBins::EqualCount);
    EXPECT_EQ(*forward.expectedError.value, *backward.expectedError.value);
    for (const CalibrationBin& bin : forward.bins) EXPECT_NEAR(double(bin.count), 7.5, 0.5);
}

// Right exactly as often as it says: what is left is the scatter of the bins.
TEST(Calibration, OfAHonestModelIsSmallAndOfAnOverconfidentOneIsItsExcess) {
    RandomStream random(4, "honest");
    std::vector<Prediction> honest, overconfident;
    for (int i = 0; i < 20000; ++i) {
        const double p = 0.5 + 0.5 * random.uniform();
        const bool isRight = random.uniform() < p;
        honest.push_back({p, isRight});
        overconfident.push_back({1.0, isRight});
    }
    EXPECT_LT(*calibrationOf(honest).expectedError.value, 0.02);
    EXPECT_NEAR(*calibrationOf(overconfident).expectedError.value, 0.25, 0.02);
}

TEST(Calibration, RefusesWhatIsNoProbability) {
    EXPECT_EQ(calibrationOf({}).expectedError.reason, "no predictions");
    EXPECT_EQ(calibrationOf(std::vector<Prediction>{{std::nan(""), true}}).expectedError.reason,
              "a confidence is not in [0, 1]");
    EXPECT_FALSE(calibrationOf(std::vector<Prediction>{{1.5, true}}).expectedError.value);
    EXPECT_THROW(calibrationOf({}, 0), Error);
}

TEST(Behaviour, CountsFlipsThatCancelOutInAccuracy) {
    std::vector<AnswerPair> pairs;
    for (int i = 0; i < 10; ++i) pairs.push_back({0, 1, 0});             // right to wrong
    for (int i = 0; i < 10; ++i) pairs.push_back({0, 1, 1});             // wrong to right
    for (int i = 0; i < 20; ++i) pairs.push_back({1, 1, 1});             // both right
    for (int i = 0; i < 10; ++i) pairs.push_back({2, 3, std::nullopt});  // no label
    const Behaviour behaviour = behaviourOf(pairs);
    EXPECT_EQ(*behaviour.flips.share.value, 0.6);
    EXPECT_EQ(*behaviour.accuracyChange.value, 0.0);
    EXPECT_EQ(behaviour.netAccuracyChange.exactP, 1.0);
    EXPECT_EQ(*behaviour.rightToWrong.share.value, 0.25);
    EXPECT_EQ(behaviour.referenceAccuracy.of, 40U);
}

TEST(Behaviour, OfNothingIsUndefined) {
    const Behaviour behaviour = behaviourOf({});
    EXPECT_EQ(behaviour.flips.share.reason, "no examples");
    EXPECT_FALSE(behaviour.flips.interval.value);
    EXPECT_EQ(behaviourOf(std::vector<AnswerPair>{{0, 0, std::nullopt}}).accuracyChange.reason,
              "no example has a label");
}

TEST(Behaviour, NoFlipOfTenMayBeAQuarter) {
    const Proportion flips = proportionOf(0, 10);
    EXPECT_EQ(*flips.share.value, 0.0);
    EXPECT_NEAR(flips.interval.value->high, 0.3085, 1e-4);                     // 1 - 0.025^(1/10)
    EXPECT_NEAR(proportionOf(0, 10, 0.9).interval.value->high, 0.2589, 1e-4);  // 1 - 0.05^(1/10)
}

TEST(Perplexity, OfAFairDieIsItsFaces) {
    EXPECT_NEAR(*perplexity(std::vector<double>(5, std::log(1.0 / 6.0))).value, 6.0, 1e-14);
    EXPECT_EQ(perplexity({}).reason, "no tokens");
    EXPECT_EQ(perplexity(std::vector{kNever}).reason, "a log-probability is not finite");
}

}  // namespace
}  // namespace driftlens
