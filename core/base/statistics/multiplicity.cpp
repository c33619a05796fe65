#include "core/base/statistics/multiplicity.h"

#include "core/base/error.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace driftlens {
namespace {

// Positions by rising p.
std::vector<std::size_t> checkedOrder(std::span<const double> p) {
    for (const double value : p) {
        if (!(value >= 0.0 && value <= 1.0)) {
            throw Error(ErrorKind::Usage,
                        "correction: p-value " + std::to_string(value) + " is not in [0, 1]");
        }
    }
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t i, std::size_t j) { return p[i] < p[j]; });
    return order;
}

// min over tests at least as large of factor · n · p / rank.
std::vector<double> stepUp(std::span<const double> p, double factor) {
    const std::vector<std::size_t> order = checkedOrder(p);
    const auto n = static_cast<double>(p.size());
    std::vector<double> adjusted(p.size());
    double smallest = 1.0;
    for (std::size_t rank = p.size(); rank > 0; --rank) {
        const std::size_t i = order[rank - 1];
        smallest = std::min(smallest, factor * n * p[i] / static_cast<double>(rank));
        adjusted[i] = smallest;
    }
    return adjusted;
}

}  // namespace

std::vector<double> bonferroni(std::span<const double> p) {
    std::vector<double> adjusted(p.size());
    for (const std::size_t i : checkedOrder(p))
        adjusted[i] = std::min(1.0, static_cast<double>(p.size()) * p[i]);
    return adjusted;
}

std::vector<double> holm(std::span<const double> p) {
    std::vector<double> adjusted(p.size());
    auto remaining = static_cast<double>(p.size());
    double largest = 0.0;
    for (const std::size_t i : checkedOrder(p)) {
        largest = std::max(largest, std::min(1.0, remaining * p[i]));
        adjusted[i] = largest;
        --remaining;
    }
    return adjusted;
}

std::vector<double> benjaminiHochberg(std::span<const double> p) {
    return stepUp(p, 1.0);
}

std::vector<double> benjaminiYekutieli(std::span<const double> p) {
    double harmonic = 0.0;
    for (std::size_t i = 1; i <= p.size(); ++i) harmonic += 1.0 / static_cast<double>(i);
    return stepUp(p, harmonic);
}

}  // namespace driftlens
