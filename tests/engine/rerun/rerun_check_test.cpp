// Number by number: what is equal, what rounding explains, and what nothing does.
#include "engine/rerun/rerun_check.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftlens {
namespace {

ResultLeaves leaves(const Json& tree) {
    return leavesOf(tree, [](const Json& blob) {
        return blob.at("blob_commitment").get<std::vector<double>>();
    });
}

Json scores(std::vector<double> values, const std::string& method = "occlusion") {
    return {{"method", method}, {"scores", {{"blob_commitment", values}}}, {"seconds", "0.5"}};
}

RerunResult compared(const Json& recorded, const Json& now, const Json& wide = nullptr,
                     ComputeType compute = ComputeType::Float32) {
    const ResultLeaves measured = wide.is_null() ? ResultLeaves{} : leaves(wide);
    return compareLeaves("r", leaves(recorded), leaves(now), wide.is_null() ? nullptr : &measured,
                         compute);
}

TEST(RerunCheck, EqualBitsAreEqualWhateverTheClockSays) {
    Json later = scores({1.0, -0.0, 1e-300});
    later["seconds"] = "0.7";
    later["verdict"] = "another sentence";
    const RerunResult found = compared(scores({1.0, -0.0, 1e-300}), later);
    EXPECT_EQ(found.verdict, RerunVerdict::BitwiseEqual);
    EXPECT_EQ(found.numbers, 3);
    EXPECT_EQ(found.field, "");
    EXPECT_NE(compared(scores({0.0}), scores({-0.0})).verdict, RerunVerdict::BitwiseEqual);
}

TEST(RerunCheck, ReadsNumbersOfEveryForm) {
    const ResultLeaves found = leaves({{"a", "0.1"},
                                       {"b", 3},
                                       {"c", "NaN"},
                                       {"d", "blocks.1"},
                                       {"e", nullptr},
                                       {"f", {true, "-7e-3"}}});
    EXPECT_EQ(found.numbers.at("a"), std::vector<double>{0.1});
    EXPECT_EQ(found.numbers.at("b"), std::vector<double>{3.0});
    EXPECT_TRUE(std::isnan(found.numbers.at("c").front()));
    EXPECT_EQ(found.numbers.at("f/1"), std::vector<double>{-0.007});
    EXPECT_EQ(found.others.at("d"), "\"blocks.1\"");
    EXPECT_EQ(found.others.at("f/count"), "2");
}

// Four times what rounding did, and eight half last places of the largest number.
TEST(RerunCheck, ToleratesWhatRoundingCanDoAndNotMore) {
    const Json now = scores({2.0, 0.5});
    const Json wide = scores({2.0, 0.5 + 1e-4});
    const double tolerance = 4.0 * 1e-4 + 8.0 * 0x1p-24 * 2.0;
    const RerunResult inside = compared(scores({2.0, 0.5 - 3.9e-4}), now, wide);
    EXPECT_EQ(inside.verdict, RerunVerdict::WithinTolerance);
    EXPECT_NEAR(inside.difference, 3.9e-4, 1e-12);
    EXPECT_NEAR(inside.tolerance, tolerance, 1e-12);
    EXPECT_EQ(inside.field, "scores");
    EXPECT_EQ(inside.index, 1);
    const RerunResult outside = compared(scores({2.1, 0.5 - 3.9e-4}), now, wide);
    EXPECT_EQ(outside.verdict, RerunVerdict::Differing);
    EXPECT_EQ(outside.index, 0);
}

TEST(RerunCheck, WithoutAWiderTypeTheToleranceIsThatOfALongSum) {
    const double near = 1.0 + 1000.0 * 0x1p-53;
    const double far = 1.0 + 1100.0 * 0x1p-53;
    EXPECT_EQ(compared(scores({near}), scores({1.0}), nullptr, ComputeType::Float64).verdict,
              RerunVerdict::WithinTolerance);
    EXPECT_EQ(compared(scores({far}), scores({1.0}), nullptr, ComputeType::Float64).verdict,
              RerunVerdict::Differing);
}

// Float64 scores of the reference are not excused by what float32 does.
TEST(RerunCheck, Float64ScoresAreHeldToFloat64) {
    const auto tree = [](double plain, double wide) {
        return Json{{"scores", {{"blob_commitment", {plain}}}},
                    {"reference_float64", {{"blob_commitment", {wide}}}}};
    };
    EXPECT_EQ(compared(tree(1.0, 1.0 + 1e-9), tree(1.0, 1.0), tree(1.0 + 1e-6, 1.0)).verdict,
              RerunVerdict::Differing);
    EXPECT_EQ(compared(tree(1.0 + 1e-9, 1.0), tree(1.0, 1.0), tree(1.0 + 1e-6, 1.0)).verdict,
              RerunVerdict::WithinTolerance);
}

TEST(RerunCheck, WordsMustBeTheSameUnlessRoundingDecidesThem) {
    const Json recorded = scores({1.0}, "a");
    const Json now = scores({1.0}, "b");
    EXPECT_EQ(compared(recorded, now).verdict, RerunVerdict::Differing);
    EXPECT_TRUE(std::isinf(compared(recorded, now).difference));
    EXPECT_EQ(compared(recorded, now, scores({1.0}, "b")).verdict, RerunVerdict::Differing);
    EXPECT_EQ(compared(recorded, now, scores({1.0}, "c")).verdict, RerunVerdict::Differing);
    EXPECT_EQ(compared(recorded, now, scores({1.0}, "a")).verdict, RerunVerdict::WithinTolerance);
}

TEST(RerunCheck, ComparesWhatIsOnRecordAndNoMore) {
    Json more = scores({1.0});
    more["figures"] = {{"r2", "0.9"}};
    EXPECT_EQ(compared(scores({1.0}), more).verdict, RerunVerdict::BitwiseEqual);
    EXPECT_EQ(compared(more, scores({1.0})).verdict, RerunVerdict::Differing);
    EXPECT_EQ(compared(scores({1.0, 2.0}), scores({1.0})).verdict, RerunVerdict::Differing);
    EXPECT_EQ(compared(scores({std::nan("")}), scores({1.0})).verdict, RerunVerdict::Differing);
}

// Attention had no scores of an answer's tokens once.
TEST(RerunCheck, ARecordWithoutAnswerTokensSaysNothingAboutThem) {
    Json before = scores({1.0}), now = scores({1.0});
    before["answer_tokens"] = Json::array();
    now["answer_tokens"] = {{{"scores", {{"blob_commitment", {0.5}}}}}};
    EXPECT_EQ(compared(before, now).verdict, RerunVerdict::BitwiseEqual);
    EXPECT_EQ(compared(now, before).verdict, RerunVerdict::Differing);
}

}  // namespace
}  // namespace driftlens
