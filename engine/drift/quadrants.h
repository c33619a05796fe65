// Same answer, different reasons: where each example stands, and which prompts are fragile.
#pragma once

#include "core/base/figure.h"
#include "core/base/run_context.h"
#include "core/base/statistics/bootstrap.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

struct ExampleDrift {
    std::size_t example = 0;
    bool isFlip = false;
    Figure reasons;  // drift of the explanation (driftOf in endpoint.h): 0 without, more is more
};

enum class Quadrant : std::uint8_t {
    SameAnswerSameReasons,
    SameAnswerOtherReasons,
    OtherAnswerSameReasons,
    OtherAnswerOtherReasons,
};
inline constexpr std::size_t kQuadrants = 4;
std::string_view quadrantName(Quadrant quadrant);  // "same answer, other reasons", …

// Reasons are others where they drifted by more than the margin.
struct QuadrantTable {
    std::array<std::vector<ExampleDrift>, kQuadrants> examples;  // by falling drift, then by number
    std::vector<ExampleDrift> failed;  // without a figure of their reasons

    const std::vector<ExampleDrift>& of(Quadrant quadrant) const {
        return examples[static_cast<std::size_t>(quadrant)];
    }
};
// Throws Error(Usage) if the margin is not above 0.
QuadrantTable quadrantsOf(std::span<const ExampleDrift> examples, double margin);

// The probability that a positive example scores above a negative one, ties half (Mann and Whitney
// 1947). Undefined without both kinds and for a score that is not finite. Throws Error(Internal) if
// the lengths differ.
Figure areaUnderRoc(std::span<const double> scores, std::span<const std::uint8_t> isPositive);

// A ranking of prompts by how likely they are to flip, made from the reference alone, beside the
// one by the reference's own margin, on examples that neither was fitted to.
struct FragilityReport {
    Figure ranking;  // areas under the ROC of flips
    Figure marginAlone;
    Figure gain;               // ranking - marginAlone
    Interval rankingInterval;  // 95 %, of one stratified bootstrap
    Interval marginInterval;
    Interval gainInterval;
    std::string sentence;  // whether the ranking is better than the margin alone
};
// A small margin is fragile: the margins are ranked by falling value.
FragilityReport fragilityReport(std::span<const double> ranking, std::span<const double> margins,
                                std::span<const std::uint8_t> isFlip, const ResamplePlan& plan = {},
                                const RunContext& context = {});

}  // namespace driftlens
