// The verdict of the engine on samples of real drifts whose mean is known, and on made-up ones.
#include "core/base/random.h"
#include "engine/dataset/aggregate.h"
#include "engine/drift/sample_size.h"
#include "tests/science/runs.h"

#include <cmath>
#include <numeric>

namespace driftlens::science {
namespace {

constexpr std::uint64_t kRepeats = 1000;
constexpr std::size_t kExamples = 200;

// Through the aggregate of a data set, as a user's run.
Verdict verdictOn(const std::vector<double>& drifts, double margin, std::uint64_t seed) {
    std::vector<ExampleOutcome> outcomes;
    for (const double drift : drifts) {
        ExampleOutcome& each = outcomes.emplace_back();
        each.number = outcomes.size() - 1;
        VariantOutcome variant;
        variant.methods["m"].raw["spearman"] = {1.0 - drift, ""};
        each.variants = {variant};
    }
    AggregatePlan plan;
    plan.methods = {"m"};
    plan.margins["spearman"] = margin;
    plan.seed = seed;
    const Aggregate found = aggregateOf(outcomes, 1, plan, {}, {});
    for (const EndpointVerdict& each : found.variants.front().verdicts)
        if (each.figure == "m.spearman") return each.judgement.verdict;
    return Verdict::NotJudged;
}

struct Rates {
    std::uint64_t material = 0, immaterial = 0;
};

// The margin stands at mean / times: drift is so many margins, exactly.
Rates ratesOf(const Population& population, double times, std::size_t n) {
    Rates out;
    for (std::uint64_t repeat = 0; repeat < kRepeats; ++repeat) {
        RandomStream random(11, population.name + std::to_string(n), repeat);
        const Verdict verdict =
            verdictOn(sampleOf(population.drifts, n, random), population.mean / times, repeat);
        out.material += verdict == Verdict::Material ? 1 : 0;
        out.immaterial += verdict == Verdict::Immaterial ? 1 : 0;
    }
    return out;
}

double deviationOf(const Population& population) {
    double square = 0.0;
    for (const double drift : population.drifts)
        square += (drift - population.mean) * (drift - population.mean);
    return std::sqrt(square / static_cast<double>(population.drifts.size()));
}

// 200 examples are enough for so much spread, or the engine's plan says how many are.
void addPower(const Population& population, Claims& claims) {
    const double margin = population.mean / 2.0;
    const Figure planned = examplesForMargin(margin, deviationOf(population)).forMaterial;
    const auto needed = static_cast<std::size_t>(planned.value.value());
    const std::string note = "the plan says n = " + std::to_string(needed);
    claims.add({"power", "drift of 2 δ is called material at n = 200: " + population.name,
                needed <= kExamples ? Bound::AtLeast : Bound::Shown, 0.8,
                ratesOf(population, 2.0, kExamples).material, kRepeats, note});
    if (needed <= kExamples) return;
    claims.add({"power", "the same at the planned n: " + population.name, Bound::AtLeast, 0.8,
                ratesOf(population, 2.0, needed).material, kRepeats, note});
}

}  // namespace

Population populationOf(std::string name, std::vector<double> drifts) {
    const double mean =
        std::accumulate(drifts.begin(), drifts.end(), 0.0) / static_cast<double>(drifts.size());
    return {std::move(name), std::move(drifts), mean};
}

std::vector<double> sampleOf(std::span<const double> drifts, std::size_t n, RandomStream& random) {
    std::vector<double> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back(drifts[random.below(drifts.size())]);
    return out;
}

void addVerdicts(const std::vector<Population>& populations, Claims& claims) {
    for (const Population& each : populations) {
        addPower(each, claims);
        const Rates at = ratesOf(each, 1.0, kExamples);
        claims.add({"equivalence", "drift of δ is called immaterial at n = 200: " + each.name,
                    Bound::AtMost, 0.05, at.immaterial, kRepeats, ""});
        claims.add({"equivalence", "drift of δ is called material at n = 200: " + each.name,
                    Bound::AtMost, 0.05, at.material, kRepeats, ""});
        claims.add({"equivalence", "drift of δ is called immaterial at n = 30: " + each.name,
                    Bound::Shown, 0.05, ratesOf(each, 1.0, 30).immaterial, kRepeats, ""});
    }
}

}  // namespace driftlens::science
