// The verdict's rule: case by case, and how often it errs on simulated runs.
#include "engine/drift/verdict.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/statistics/bootstrap.h"
#include "core/base/statistics/paired_tests.h"
#include "engine/drift/behaviour.h"
#include "engine/drift/endpoint.h"
#include "engine/drift/sample_size.h"
#include "xai/metrics/chance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace driftlens {
namespace {

// Drift with these intervals, floors 0.01 and 0.02, margin 0.1.
Evidence evidenceOf(double low95, double low90, double high90, double high95) {
    Evidence out;
    out.title = "Mass moved";
    out.estimate = {0.5 * (low90 + high90), ""};
    out.at95 = {Range{low95, high95}, ""};
    out.at90 = {Range{low90, high90}, ""};
    out.repeatability = {0.01, ""};
    out.estimation = {0.02, ""};
    out.margin = 0.1;
    out.control.notApplicable = "the variant rounds activations";
    return out;
}

void expectHas(const std::string& sentence, const std::string& part) {
    EXPECT_NE(sentence.find(part), std::string::npos) << sentence;
}

TEST(Verdict, NotDetectableLiesWithinTheSumOfBothFloors) {
    const Judgement judgement = judge(evidenceOf(-0.03, -0.02, 0.02, 0.03));
    EXPECT_EQ(judgement.verdict, Verdict::NotDetectable);
    EXPECT_FALSE(judgement.isAboveFloors);
    expectHas(judgement.sentence, "repeatability 0.01, estimation 0.02");
    EXPECT_NE(judge(evidenceOf(-0.03, -0.02, 0.02, 0.031)).verdict, Verdict::NotDetectable);
}

TEST(Verdict, ImmaterialLiesWithinTheMarginAtNinetyPercent) {
    const Judgement clear = judge(evidenceOf(0.04, 0.05, 0.09, 0.101));
    EXPECT_EQ(clear.verdict, Verdict::Immaterial);
    EXPECT_TRUE(clear.isAboveFloors);
    const Judgement unclear = judge(evidenceOf(0.0, 0.01, 0.09, 0.095));
    EXPECT_EQ(unclear.verdict, Verdict::Immaterial);
    EXPECT_FALSE(unclear.isAboveFloors);
    expectHas(unclear.sentence, "not clear of its floors");
    EXPECT_EQ(judge(evidenceOf(0.04, 0.05, 0.1, 0.11)).verdict, Verdict::TooFewExamples);
}

TEST(Verdict, MaterialLiesBeyondTheMarginOnEitherSide) {
    EXPECT_EQ(judge(evidenceOf(0.11, 0.12, 0.2, 0.21)).verdict, Verdict::Material);
    EXPECT_EQ(judge(evidenceOf(-0.21, -0.2, -0.12, -0.11)).verdict, Verdict::Material);
    EXPECT_EQ(judge(evidenceOf(0.1, 0.12, 0.2, 0.21)).verdict, Verdict::TooFewExamples);
    expectHas(judge(evidenceOf(0.11, 0.12, 0.2, 0.21)).sentence,
              "control not applicable: the variant rounds activations");
}

// What the method's own scatter can explain is no drift, however small the margin is.
TEST(Verdict, FloorsBeyondTheMarginAreNotMaterial) {
    Evidence evidence = evidenceOf(0.11, 0.12, 0.2, 0.21);
    evidence.estimation = {0.3, ""};
    EXPECT_EQ(judge(evidence).verdict, Verdict::NotDetectable);
    evidence.estimation = {0.14, ""};
    EXPECT_EQ(judge(evidence).verdict, Verdict::TooFewExamples);
    expectHas(judge(evidence).sentence, "beyond the margin 0.1, but not clear of its floors");
}

TEST(Verdict, GivesNoRatioWhereTheFloorsAreZero) {
    Evidence evidence = evidenceOf(0.11, 0.12, 0.2, 0.21);
    EXPECT_NEAR(*judge(evidence).timesFloors.value, 0.16 / 0.03, 1e-12);
    evidence.repeatability = evidence.estimation = {0.0, ""};
    const Judgement judgement = judge(evidence);
    EXPECT_EQ(judgement.timesFloors.reason, "the floors are 0");
    EXPECT_EQ(judgement.sentence.find("times"), std::string::npos) << judgement.sentence;
    const Judgement none = judge([&] {
        Evidence same = evidence;
        same.estimate = {0.0, ""};
        same.at95 = same.at90 = {Range{0.0, 0.0}, ""};
        return same;
    }());
    EXPECT_EQ(none.verdict, Verdict::NotDetectable);
}

// Flips have exact intervals: none of ten shows nothing, none of 300 that a margin of 2 % is kept.
TEST(Verdict, OfFlipsRestsOnTheirExactIntervals) {
    const auto verdictOf = [](std::uint64_t flips, std::uint64_t of) {
        Evidence evidence = evidenceOf(0, 0, 0, 0);
        evidence.estimate = proportionOf(flips, of).share;
        evidence.at95 = proportionOf(flips, of).interval;
        evidence.at90 = proportionOf(flips, of, 0.9).interval;
        evidence.repeatability = evidence.estimation = {0.0, ""};
        evidence.margin = endpointInfo("flip_rate").margin;
        return judge(evidence).verdict;
    };
    EXPECT_EQ(verdictOf(0, 10), Verdict::TooFewExamples);
    EXPECT_EQ(verdictOf(0, 300), Verdict::Immaterial);
    EXPECT_EQ(verdictOf(74, 872), Verdict::Material);
}

TEST(Verdict, SaysWhichFloorIsUnknown) {
    Evidence evidence = evidenceOf(0.11, 0.12, 0.2, 0.21);
    evidence.estimation = undefinedFigure("not asked for");
    expectHas(judge(evidence).sentence, "estimation unknown (not asked for)");
}

TEST(Verdict, IsWithheldWithoutAnEstimateOrAValidExplanation) {
    Evidence evidence = evidenceOf(0.11, 0.12, 0.2, 0.21);
    evidence.invalid = "the explanations are not complete";
    EXPECT_EQ(judge(evidence).verdict, Verdict::NotJudged);
    expectHas(judge(evidence).sentence,
              "not judged: Mass moved: the explanations are not complete");
    evidence.invalid.clear();
    evidence.at90 = undefinedInterval("resample 3 has no value");
    EXPECT_EQ(judge(evidence).verdict, Verdict::NotJudged);
    expectHas(judge(evidence).sentence, "resample 3 has no value");
}

TEST(Verdict, RefusesAMarginThatIsNoneAndANegativeFloor) {
    for (const double margin : {0.0, -0.1, std::nan(""), std::numeric_limits<double>::infinity()}) {
        Evidence evidence = evidenceOf(0.0, 0.0, 0.0, 0.0);
        evidence.margin = margin;
        EXPECT_THROW(judge(evidence), Error) << margin;
    }
    Evidence evidence = evidenceOf(0.0, 0.0, 0.0, 0.0);
    evidence.estimation = {-0.1, ""};
    EXPECT_THROW(judge(evidence), Error);
}

TEST(NoiseControl, NeedsEnoughDrawsToShowAnything) {
    Evidence evidence = evidenceOf(0.11, 0.12, 0.2, 0.21);
    evidence.control = {std::vector<double>(18, 0.0), ""};
    EXPECT_EQ(judge(evidence).againstNoise, AgainstNoise::NotApplicable);
    evidence.control.drifts.resize(19, 0.0);
    EXPECT_EQ(judge(evidence).againstNoise, AgainstNoise::MoreThanNoise);
    evidence.control.drifts[7] = -0.2;  // 1 of 19 drifts as far, the other way: 2/20
    EXPECT_EQ(judge(evidence).againstNoise, AgainstNoise::AsExpectedFromNoise);
    expectHas(judge(evidence).sentence, "1 of 19 noisy models drift as far");
    evidence.control.drifts = std::vector<double>(39, 0.0);
    evidence.control.drifts[7] = 0.2;  // 1 of 39: 2/40
    EXPECT_EQ(judge(evidence).againstNoise, AgainstNoise::MoreThanNoise);
}

TEST(NoiseControl, CountsANoisyModelThatFailedAsOneThatDriftsAsFar) {
    Evidence evidence = evidenceOf(0.11, 0.12, 0.2, 0.21);
    evidence.control = {std::vector<double>(19, 0.0), ""};
    evidence.control.drifts[0] = std::nan("");
    EXPECT_EQ(judge(evidence).againstNoise, AgainstNoise::AsExpectedFromNoise);
}

TEST(NoiseControl, IsAskedOfMaterialDriftOnly) {
    Evidence evidence = evidenceOf(0.04, 0.05, 0.09, 0.099);
    evidence.control = {std::vector<double>(30, 0.0), ""};
    EXPECT_FALSE(judge(evidence).againstNoise);
}

// ---- how often the rule errs, over runs of n examples whose drifts are normal

constexpr double kMargin = 0.1;
constexpr double kDeviation = 0.45;
constexpr std::size_t kExamples = 200;
constexpr int kRuns = 400;

std::vector<double> driftsOf(double mean, std::uint64_t run) {
    RandomStream random(run, "drifts");
    std::vector<double> out;
    for (std::size_t i = 0; i < kExamples; ++i) out.push_back(mean + kDeviation * random.normal());
    return out;
}

Verdict verdictOn(const std::vector<double>& drifts, std::uint64_t run, double floor) {
    const Statistic mean = [&](std::span<const std::size_t> chosen) {
        double sum = 0.0;
        for (const std::size_t i : chosen) sum += drifts[i];
        return Figure{sum / static_cast<double>(chosen.size()), ""};
    };
    const Resampled resampled =
        bootstrap(drifts.size(), mean, ResamplePlan{.seed = run, .resamples = 400});
    Evidence evidence = evidenceOf(0, 0, 0, 0);
    evidence.estimate = resampled.estimate;
    evidence.at95 = percentileInterval(resampled, 0.95);
    evidence.at90 = percentileInterval(resampled, 0.9);
    evidence.repeatability = {0.0, ""};
    evidence.estimation = {floor, ""};
    evidence.margin = kMargin;
    return judge(evidence).verdict;
}

std::uint64_t countOf(Verdict verdict, double mean, double floor = 0.0) {
    std::uint64_t count = 0;
    for (std::uint64_t run = 0; run < kRuns; ++run)
        count += verdictOn(driftsOf(mean, run), run, floor) == verdict ? 1 : 0;
    return count;
}

// The rate is compatible with at most `most`, by its exact interval.
void expectRateAtMost(std::uint64_t count, double most) {
    EXPECT_LE(clopperPearson(count, kRuns).low, most) << count << " of " << kRuns;
}

TEST(VerdictRates, DriftAtTheMarginIsCalledImmaterialInFivePercentAtMost) {
    const std::uint64_t count = countOf(Verdict::Immaterial, kMargin);
    expectRateAtMost(count, 0.05);
    EXPECT_GT(count, 0U) << "it never is: the test is too cautious";
}

TEST(VerdictRates, DriftAtTheMarginIsCalledMaterialInFivePercentAtMost) {
    expectRateAtMost(countOf(Verdict::Material, kMargin), 0.05);
}

TEST(VerdictRates, DriftWithinTheFloorsIsNeverMoreThanTheyAllow) {
    expectRateAtMost(countOf(Verdict::Material, kMargin + 0.05, kMargin + 0.05), 0.05);
}

TEST(VerdictRates, TwiceTheMarginIsFoundInFourFifthsOfRuns) {
    EXPECT_LE(*examplesForMargin(kMargin, kDeviation).forMaterial.value, double(kExamples));
    EXPECT_GE(countOf(Verdict::Material, 2.0 * kMargin), std::uint64_t(0.8 * kRuns));
}

TEST(VerdictRates, NoDriftIsCalledImmaterialAsOftenAsPlanned) {
    EXPECT_LE(*examplesForMargin(kMargin, kDeviation).examples.value, double(kExamples));
    EXPECT_GE(countOf(Verdict::Immaterial, 0.0), std::uint64_t(0.8 * kRuns));
}

// ---- the table of endpoints

TEST(Endpoints, HaveAMarginAndItsReason) {
    std::set<std::string_view> ids;
    for (const EndpointInfo& endpoint : endpointTable()) {
        EXPECT_TRUE(ids.insert(endpoint.id).second) << endpoint.id;
        EXPECT_GT(endpoint.margin, 0.0) << endpoint.id;
        EXPECT_LT(endpoint.margin, 1.0) << endpoint.id;
        EXPECT_FALSE(endpoint.marginReason.empty() || endpoint.title.empty()) << endpoint.id;
    }
}

TEST(Endpoints, CoverEveryAgreementAndCallEqualExplanationsNoDrift) {
    const std::vector<double> scores = {3.0, -2.0, 1.0, 0.5};
    for (const AgreementFigure& figure :
         agreementFigures(scores, scores, std::vector<std::size_t>{2})) {
        if (figure.id.ends_with("_area")) continue;  // shown, not judged
        EXPECT_EQ(driftOf(endpointInfo(figure.id), *figure.raw.value), 0.0) << figure.id;
    }
    EXPECT_EQ(driftOf(endpointInfo("flip_rate"), 0.25), 0.25);
    EXPECT_EQ(driftOf(endpointInfo("accuracy_change"), -0.25), -0.25);
}

TEST(Endpoints, TurnAnIntervalOfAgreementRound) {
    const Interval drift = driftOf(endpointInfo("cosine"), Interval{Range{0.75, 1.0}, ""});
    EXPECT_EQ(drift.value->low, 0.0);
    EXPECT_EQ(drift.value->high, 0.25);
    EXPECT_EQ(driftOf(endpointInfo("cosine"), undefinedInterval("one example")).reason,
              "one example");
    EXPECT_EQ(*driftOf(endpointInfo("mass_moved"), Figure{0.25, ""}).value, 0.25);
    EXPECT_EQ(driftOf(endpointInfo("cosine"), undefinedFigure("absent")).reason, "absent");
}

TEST(Endpoints, ThatAreUnknownAreNamedWithThoseThatAreNot) {
    try {
        endpointInfo("flips");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Usage);
        expectHas(error.what(), "endpoint \"flips\" is unknown; known are flip_rate, ");
    }
}

}  // namespace
}  // namespace driftlens
