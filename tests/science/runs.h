// The parts of the science program; each adds its rows.
#pragma once

#include "tests/science/claims.h"
#include "tests/science/models.h"

#include <span>
#include <vector>

namespace driftlens::science {

// Drifts of a real variant over a whole population of sentences: its mean is known.
struct Population {
    std::string name;
    std::vector<double> drifts;
    double mean = 0.0;
};
Population populationOf(std::string name, std::vector<double> drifts);
// n of it with replacement.
std::vector<double> sampleOf(std::span<const double> drifts, std::size_t n, RandomStream& random);

void addSize(const LoadedVariant& sample, Claims& claims);
void addVerdicts(const std::vector<Population>& populations, Claims& claims);
void addCoverage(const std::vector<Population>& populations, Claims& claims);
void addReasons(const LoadedVariant& sample, Claims& claims);

}  // namespace driftlens::science
