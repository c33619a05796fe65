// Aggregates of made-up outcomes whose figures are known.
#include "engine/dataset/aggregate.h"

#include "core/base/error.h"
#include "engine/drift/endpoint.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

// An example whose explanation agrees by so much.
ExampleOutcome example(std::uint64_t number, bool isFlip, double spearman) {
    ExampleOutcome out;
    out.number = number;
    out.answer = 1;
    out.label = 1;
    out.confidence = isFlip ? 0.55 : 0.95;
    out.margin = isFlip ? 0.2 : 3.0;
    VariantOutcome variant;
    variant.answer = isFlip ? 0 : 1;
    variant.confidence = 0.9;
    variant.fidelity = {{"flip_rate", isFlip ? 1.0 : 0.0}, {"kl", 0.01}};
    variant.methods["occlusion"].raw["spearman"] = {spearman, ""};
    variant.methods["occlusion"].byChance["spearman"] = {0.0, ""};
    out.variants = {variant};
    return out;
}

std::vector<ExampleOutcome> examples(std::size_t count, std::size_t flips, double spearman) {
    std::vector<ExampleOutcome> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(example(i, i < flips, spearman + (i % 2 == 0 ? 1e-3 : -1e-3)));
    return out;
}

AggregatePlan plan() {
    AggregatePlan out;
    out.methods = {"occlusion"};
    return out;
}

const EndpointVerdict& verdictOf(const Aggregate& aggregate, const std::string& figure) {
    for (const EndpointVerdict& each : aggregate.variants.front().verdicts)
        if (each.figure == figure) return each;
    throw std::runtime_error("no verdict on " + figure);
}

TEST(Aggregate, SharesAndMeansAreThoseOfTheExamples) {
    const Aggregate found = aggregateOf(examples(200, 10, 0.9), 1, plan(), {}, {});
    const VariantAggregate& variant = found.variants.front();
    const AggregateFigure& flips = variant.output.at("flip_rate");
    EXPECT_DOUBLE_EQ(*flips.value.value, 0.05);
    EXPECT_NEAR(flips.interval.value->low, 0.0242, 5e-5);  // Clopper and Pearson, 10 of 200
    EXPECT_NEAR(flips.interval.value->high, 0.0900, 5e-5);
    EXPECT_DOUBLE_EQ(*variant.output.at("reference_accuracy").value.value, 1.0);
    EXPECT_DOUBLE_EQ(*variant.output.at("accuracy").value.value, 0.95);
    EXPECT_DOUBLE_EQ(*variant.output.at("accuracy_change").value.value, -0.05);
    EXPECT_NEAR(*variant.output.at("accuracy_change").p.value, 2.0 / 1024.0, 1e-12);  // McNemar
    EXPECT_NEAR(*variant.methods.at("occlusion").at("spearman").value.value, 0.9, 1e-12);
}

TEST(Aggregate, JudgesByIntervalFloorsAndMargin) {
    // Far beyond the margin of 0.1.
    EXPECT_EQ(verdictOf(aggregateOf(examples(100, 0, 0.6), 1, plan(), {}, {}), "occlusion.spearman")
                  .judgement.verdict,
              Verdict::Material);
    // Within it.
    EXPECT_EQ(
        verdictOf(aggregateOf(examples(100, 0, 0.97), 1, plan(), {}, {}), "occlusion.spearman")
            .judgement.verdict,
        Verdict::Immaterial);
    // Within what the reference itself varies by.
    Yardsticks yard;
    yard["occlusion.spearman"].repeatability = {0.05, ""};
    EXPECT_EQ(
        verdictOf(aggregateOf(examples(100, 0, 0.97), 1, plan(), yard, {}), "occlusion.spearman")
            .judgement.verdict,
        Verdict::NotDetectable);
    // No flip among ten says little.
    EXPECT_EQ(verdictOf(aggregateOf(examples(10, 0, 0.97), 1, plan(), {}, {}), "flip_rate")
                  .judgement.verdict,
              Verdict::TooFewExamples);
    // A declared margin goes before the table's.
    AggregatePlan strict = plan();
    strict.margins["spearman"] = 0.01;
    EXPECT_EQ(
        verdictOf(aggregateOf(examples(100, 0, 0.97), 1, strict, {}, {}), "occlusion.spearman")
            .judgement.verdict,
        Verdict::Material);
}

TEST(Aggregate, GivesNoVerdictOnExplanationsThatAreNotValid) {
    AggregatePlan invalid = plan();
    invalid.invalid["occlusion"] = "it does not depend on the weights";
    const Aggregate found = aggregateOf(examples(100, 0, 0.6), 1, invalid, {}, {});
    const Judgement& judgement = verdictOf(found, "occlusion.spearman").judgement;
    EXPECT_EQ(judgement.verdict, Verdict::NotJudged);
    EXPECT_NE(judgement.sentence.find("does not depend on the weights"), std::string::npos);
}

TEST(Aggregate, SortsExamplesIntoQuadrants) {
    std::vector<ExampleOutcome> all = examples(4, 1, 0.99);
    all[2].variants[0].methods["occlusion"].raw["spearman"] = {0.2, ""};
    const Aggregate found = aggregateOf(all, 1, plan(), {}, {});
    const QuadrantTable& table = found.variants.front().quadrants;
    EXPECT_EQ(table.of(Quadrant::SameAnswerSameReasons).size(), 2U);
    EXPECT_EQ(table.of(Quadrant::OtherAnswerSameReasons).size(), 1U);
    ASSERT_EQ(table.of(Quadrant::SameAnswerOtherReasons).size(), 1U);
    EXPECT_EQ(table.of(Quadrant::SameAnswerOtherReasons).front().example, 2U);
}

TEST(Aggregate, CountsFailedExamplesAgainstGatesAndLeavesThemOutOfFigures) {
    std::vector<ExampleOutcome> all = examples(100, 0, 0.99);
    all[7].variants[0] = {};
    all[7].variants[0].failed = "the target's value is not finite";
    const Aggregate found = aggregateOf(all, 1, plan(), {}, {});
    EXPECT_EQ(found.variants.front().failed, 1U);
    EXPECT_EQ(found.variants.front().output.at("flip_rate").examples, 99U);
    const auto figures = gateFigures(found, {"int4"});
    const Gate gate = parseGate("int4:flip_rate>0.5");
    EXPECT_EQ(evaluateGate(gate, figures).outcome, GateOutcome::Failed);
    EXPECT_EQ(evaluateGate(gate, figures, 1).outcome, GateOutcome::Met);
}

TEST(Aggregate, DependentRowsWidenTheInterval) {
    std::vector<ExampleOutcome> all = examples(200, 0, 0.9);
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i].variants[0].methods["occlusion"].raw["spearman"] = {i % 20 < 10 ? 0.8 : 1.0, ""};
    const auto width = [&] {
        const Aggregate found = aggregateOf(all, 1, plan(), {}, {});
        const Interval interval =
            found.variants.front().methods.at("occlusion").at("spearman").interval;
        return interval.value->high - interval.value->low;
    };
    const double independent = width();
    for (std::size_t i = 0; i < all.size(); ++i) all[i].cluster = std::to_string(i / 10);
    // Ten rows of a cluster are one observation: √10 times as wide. Each end is a quantile of 2000
    // resamples of 20 clusters, whose means come in steps of 0.01 of a width near 0.088.
    EXPECT_NEAR(width() / independent, std::sqrt(10.0), 2 * 0.01 / independent);
}

TEST(Aggregate, FiguresPerSliceAndTheWorstOfThem) {
    std::vector<ExampleOutcome> all = examples(40, 6, 0.9);
    for (std::size_t i = 0; i < all.size(); ++i) all[i].slice = i < 20 ? "a" : "b";
    const VariantAggregate variant = aggregateOf(all, 1, plan(), {}, {}).variants.front();
    ASSERT_EQ(variant.slices.size(), 2U);
    EXPECT_EQ(variant.worstSlice, "a");
    EXPECT_DOUBLE_EQ(*variant.slices[0].figures.at("flip_rate").value.value, 0.3);
}

TEST(Aggregate, CorrectsPrimaryEndpointsApartFromTheRest) {
    const Aggregate found = aggregateOf(examples(50, 3, 0.7), 1, plan(), {}, {});
    const VariantAggregate& variant = found.variants.front();
    EXPECT_EQ(variant.output.at("flip_rate").pLabel, "primary, Holm over 2");
    EXPECT_NE(variant.output.at("kl").pLabel.find("exploratory"), std::string::npos);
}

}  // namespace
}  // namespace driftlens
