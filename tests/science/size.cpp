// How often "A drifts more than B" is raised of two random roundings of one model.
#include "core/model/model.h"
#include "core/tensor.h"
#include "engine/drift/drift_difference.h"
#include "tests/science/runs.h"

#include <cmath>
#include <numeric>

namespace driftlens::science {
namespace {

constexpr std::uint64_t kSeed = 9;
constexpr std::uint64_t kRepeats = 200;
constexpr std::size_t kDraws = 5;  // of a scheme: its test reaches a level of 12 / 252
constexpr std::size_t kPerShape = 25;
constexpr std::size_t kResamples = 1000;

using Matrix = std::vector<std::vector<double>>;  // [models][sentences]

Figure figureOf(double drift) {
    return std::isnan(drift) ? undefinedFigure("no ranks") : Figure{drift, ""};
}

double meanOf(std::span<const double> drifts) {
    double sum = 0.0;
    std::size_t count = 0;
    for (const double drift : drifts) {
        if (std::isnan(drift)) continue;
        sum += drift;
        ++count;
    }
    return sum / static_cast<double>(count);
}

// Two models on n sentences drawn with replacement; `exchanges`: which model is called A is drawn
// for each sentence, so that neither drifts more.
DriftDifference compared(const Matrix& drifts, std::uint64_t repeat, bool exchanges) {
    const std::vector<double>&a = drifts[2 * repeat], &b = drifts[2 * repeat + 1];
    RandomStream random(kSeed, exchanges ? "size/exchanged" : "size/pair", repeat);
    std::vector<Figure> first, second;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const std::size_t s = random.below(a.size());
        const bool swaps = exchanges && random.below(2) == 1;
        first.push_back(figureOf(swaps ? b[s] : a[s]));
        second.push_back(figureOf(swaps ? a[s] : b[s]));
    }
    return driftDifference(first, second, {}, {repeat, "size", kResamples});
}

void addFixedPairs(const Matrix& drifts, Claims& claims) {
    std::uint64_t raised = 0, covered = 0, rightSign = 0;
    for (std::uint64_t repeat = 0; repeat < kRepeats; ++repeat) {
        const DriftDifference found = compared(drifts, repeat, false);
        const double truth = meanOf(drifts[2 * repeat]) - meanOf(drifts[2 * repeat + 1]);
        const Range& range = *found.interval.value;
        covered += range.low <= truth && truth <= range.high ? 1 : 0;
        raised += found.differs ? 1 : 0;
        rightSign += found.differs && (range.low > 0.0) == (truth > 0.0) ? 1 : 0;
    }
    const std::string n = std::to_string(drifts.front().size());
    claims.add({"size", "one rounding against another, called different by n = " + n + " sentences",
                Bound::Shown, 0.0, raised, kRepeats,
                "two roundings are two models and do differ: no null hypothesis"});
    claims.add({"size", "of those, the model called worse is the worse one on all sentences",
                Bound::AtLeast, 0.95, rightSign, raised, ""});
    claims.add({"size", "the interval of the pair's difference covers it", Bound::Equals, 0.95,
                covered, kRepeats, "n = " + n});
}

void addExchanged(const Matrix& drifts, Claims& claims) {
    std::uint64_t raised = 0;
    const std::uint64_t pairs = drifts.size() / 2;
    for (std::uint64_t repeat = 0; repeat < pairs; ++repeat) {
        const DriftDifference found = compared(drifts, repeat, true);
        if (repeat < kRepeats) raised += found.differs ? 1 : 0;
    }
    claims.add({"size", "\"A drifts more than B\" of two roundings, exchanged by sentence",
                Bound::Equals, 0.05, raised, kRepeats,
                "n = " + std::to_string(drifts.front().size())});
    std::uint64_t all = 0;
    for (std::uint64_t repeat = 0; repeat < pairs; ++repeat)
        all += compared(drifts, repeat, true).differs ? 1 : 0;
    claims.add({"size", "the same, all pairs of the roundings", Bound::Equals, 0.05, all, pairs,
                "the first 200 among them"});
}

void addSchemes(const Matrix& drifts, Claims& claims) {
    std::uint64_t raised = 0;
    for (std::uint64_t repeat = 0; repeat < kRepeats; ++repeat) {
        std::vector<double> first, second;
        for (std::size_t d = 0; d < kDraws; ++d) {
            first.push_back(meanOf(drifts[repeat * 2 * kDraws + d]));
            second.push_back(meanOf(drifts[repeat * 2 * kDraws + kDraws + d]));
        }
        raised += *schemeDifference(first, second).p.value <= 0.05 ? 1 : 0;
    }
    claims.add({"size", "\"scheme A drifts more than scheme B\" by 5 roundings of each",
                Bound::Equals, 0.05, raised, kRepeats, "the same scheme twice"});
}

}  // namespace

void addSize(const LoadedVariant& sample, Claims& claims) {
    const FastDrift drift(sample, heldOut(kPerShape, kSeed));
    Matrix drifts;
    for (std::uint64_t draw = 0; draw < kRepeats * 2 * kDraws; ++draw)
        drifts.push_back(drift.of(*stochasticRounding(*sample.model, kSeed, draw)));
    addFixedPairs(drifts, claims);
    addExchanged(drifts, claims);
    addSchemes(drifts, claims);
}

}  // namespace driftlens::science
