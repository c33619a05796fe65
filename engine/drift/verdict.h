// Is a drift real, and does it matter? One rule for every primary endpoint (issue 9), from its
// interval and the yardsticks of the same run.
#pragma once

#include "core/base/figure.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

enum class Verdict : std::uint8_t {
    NotDetectable,   // the 95 % interval lies within ± the floors
    Immaterial,      // the 90 % interval lies within ± the margin
    Material,        // the 95 % interval lies beyond ± the margin and ± the floors
    TooFewExamples,  // none of these
    NotJudged,       // there is no estimate, or the explanations behind it are not valid
};
std::string_view verdictName(Verdict verdict);  // "not detectable", …

// A material drift beside that of noise with the compression error's norm.
enum class AgainstNoise : std::uint8_t { MoreThanNoise, AsExpectedFromNoise, NotApplicable };

// The same statistic on the same examples, for each of the noisy models.
struct NoiseControl {
    std::vector<double> drifts;
    std::string notApplicable;  // why there are none: "the variant rounds activations", …
    // The variant's drift on those examples; absent: the estimate itself.
    std::optional<double> own = {};
};

// All values in units of drift, 0 for a variant that changed nothing (driftOf in endpoint.h).
struct Evidence {
    std::string title;  // of the endpoint, for the sentence
    Figure estimate;
    Interval at95;  // two-sided intervals of these levels
    Interval at90;
    Figure repeatability;  // floor a: the reference against itself
    Figure estimation;     // floor b: other seeds, nodes, baselines. A missing floor counts as 0.
    double margin = 0.0;   // declared before the run
    NoiseControl control;
    std::string invalid;  // why an explanation behind the estimate cannot be trusted; else empty
};

struct Judgement {
    Verdict verdict = Verdict::NotJudged;
    bool isAboveFloors = false;                // the 95 % interval lies beyond ± the floors
    std::optional<AgainstNoise> againstNoise;  // of material drift only
    Figure timesFloors;    // |estimate| by the floors; undefined where they are 0
    std::string sentence;  // the verdict, the yardsticks it rests on, in words
};

// The rule, in this order; the first that holds decides:
//  1. not detectable: the 95 % interval lies within ±(a + b), ends included;
//  2. material: it lies beyond ±max(margin, a + b), ends excluded;
//  3. immaterial: the 90 % interval lies within ±margin, ends excluded. That is two one-sided tests
//     at 5 % (Schuirmann 1987): drift at the margin is called immaterial in 5 % of runs at most.
//     Whether it also is detectable, isAboveFloors says;
//  4. too few examples.
// More than noise: of the m noisy models, so few drift as far as the variant that
// (1 + their number) / (m + 1) ≤ 0.05; not applicable for fewer than 19, of which none could show
// it. Throws Error(Usage) if the margin is not above 0, or a floor is below.
Judgement judge(const Evidence& evidence);

}  // namespace driftlens
