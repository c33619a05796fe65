// Holds what Driftlens says about drift against models and numbers whose truth is known, and prints
// one table: science [TABLE.md [reasons|verdicts|coverage|size]]. See the README beside it.
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/files/mapped_file.h"
#include "core/model/model.h"
#include "core/tensor.h"
#include "tests/science/runs.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <exception>
#include <iostream>

namespace driftlens::science {
namespace {

constexpr std::uint64_t kSeed = 5;
constexpr std::size_t kPopulationPerShape = 200;
constexpr std::size_t kMadeUp = 20000;

std::vector<double> finite(std::vector<double> drifts) {
    std::erase_if(drifts, [](double drift) { return std::isnan(drift); });
    return drifts;
}

std::string named(const std::string& what, const std::vector<double>& drifts) {
    const double n = static_cast<double>(drifts.size());
    double sum = 0.0, square = 0.0, cube = 0.0;
    for (const double drift : drifts) sum += drift;
    const double mean = sum / n;
    for (const double drift : drifts) {
        square += std::pow(drift - mean, 2.0);
        cube += std::pow(drift - mean, 3.0);
    }
    const double deviation = std::sqrt(square / n);
    return what + " (mean " + formatNumber(mean, 2) + ", deviation " + formatNumber(deviation, 2) +
           ", skewness " + formatNumber(cube / n / std::pow(deviation, 3.0), 2) + ")";
}

// Real drifts of real variants, mild and strong, and a made-up one that is more skewed.
std::vector<Population> populations(const LoadedVariant& sample) {
    const FastDrift drift(sample, heldOut(kPopulationPerShape, kSeed));
    const auto rounded = stochasticRounding(*sample.model, kSeed, 0);
    std::vector<Population> out;
    const auto add = [&](const std::string& what, std::vector<double> drifts) {
        const std::string name = named(what, drifts);
        out.push_back(populationOf(name, std::move(drifts)));
    };
    add("random INT4 rounding of the sample", finite(drift.of(*rounded)));
    add("its rounding error three times", finite(drift.of(*between(*sample.model, *rounded, 3.0))));
    RandomStream random(kSeed, "lognormal");
    std::vector<double> made;
    for (std::size_t i = 0; i < kMadeUp; ++i) made.push_back(0.1 * std::exp(0.8 * random.normal()));
    add("lognormal, made up", made);
    return out;
}

int run(int argc, char** argv) {
    at::set_num_threads(1);
    const LoadedVariant sample = loadSample();
    Claims claims;
    const double distance = FastDrift(sample, heldOut(10, kSeed)).distanceFromEngine(10);
    std::cout << "batched explanations lie " << distance << " from the engine's\n";
    if (!(distance < 1e-4)) {
        std::cerr << "science: batched explanations are not those of the engine\n";
        return exitCode(ErrorKind::Internal);
    }
    const std::vector<Population> drifts = populations(sample);
    for (const Population& each : drifts)
        std::cout << "drifts of " << each.name << ": " << each.drifts.size() << "\n";
    const std::string part = argc > 2 ? argv[2] : "all";
    const auto isMeant = [&](const char* name) { return part == "all" || part == name; };
    if (isMeant("reasons")) addReasons(sample, claims);
    if (isMeant("verdicts")) addVerdicts(drifts, claims);
    if (isMeant("coverage")) addCoverage(drifts, claims);
    if (isMeant("size")) addSize(sample, claims);
    if (argc > 1) writeFileAtomically(argv[1], claims.markdown());
    std::cout << (claims.hold() ? "every claim holds" : "a claim FAILS") << std::endl;
    return claims.hold() ? kExitFine : 1;
}

}  // namespace
}  // namespace driftlens::science

int main(int argc, char** argv) {
    try {
        return driftlens::science::run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "science: " << error.what() << "\n";
        return driftlens::exitCode(driftlens::ErrorKind::Internal);
    }
}
