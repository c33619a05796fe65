#include "xai/faithfulness/robustness.h"

#include "core/base/error.h"
#include "core/base/statistics/distributions.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace driftlens::faithfulness {
namespace {

void checkSameLength(std::size_t a, std::size_t b, const std::string& what) {
    if (a == b) return;
    throw Error(ErrorKind::Usage,
                what + ": " + std::to_string(a) + " values against " + std::to_string(b));
}

void checkFinite(std::span<const double> values, const std::string& what) {
    if (!allFinite(values)) throw Error(ErrorKind::Usage, what + ": a value is not finite");
}

void check(const PerturbationResponses& responses) {
    if (responses.products.empty()) throw Error(ErrorKind::Usage, "infidelity: no draws");
    checkSameLength(responses.products.size(), responses.changes.size(), "infidelity");
    checkFinite(responses.products, "infidelity");
    checkFinite(responses.changes, "infidelity");
}

double dot(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Figure meanSquaredGap(const PerturbationResponses& responses, double beta) {
    double sum = 0.0;
    for (std::size_t i = 0; i < responses.products.size(); ++i) {
        const double gap = beta * responses.products[i] - responses.changes[i];
        sum += gap * gap;
    }
    return finiteFigure(sum / static_cast<double>(responses.products.size()));
}

}  // namespace

Figure infidelityOf(const PerturbationResponses& responses) {
    check(responses);
    return meanSquaredGap(responses, 1.0);
}

Figure normalisedInfidelityOf(const PerturbationResponses& responses) {
    check(responses);
    const double squares = dot(responses.products, responses.products);
    const double beta = squares > 0.0 ? dot(responses.products, responses.changes) / squares : 1.0;
    return meanSquaredGap(responses, beta);
}

Figure maxSensitivityOf(const NearbyExplanations& explanations) {
    const std::vector<double>& original = explanations.original;
    if (explanations.nearby.empty()) {
        throw Error(ErrorKind::Usage, "maximum sensitivity: no explanation nearby");
    }
    checkFinite(original, "maximum sensitivity");
    double largest = 0.0;
    for (const std::vector<double>& nearby : explanations.nearby) {
        checkSameLength(original.size(), nearby.size(), "maximum sensitivity");
        checkFinite(nearby, "maximum sensitivity");
        std::vector<double> change(original);
        for (std::size_t i = 0; i < change.size(); ++i) change[i] -= nearby[i];
        largest = std::max(largest, std::sqrt(dot(change, change)));
    }
    const double length = std::sqrt(dot(original, original));
    if (length == 0.0) return undefinedFigure("the explanation is zero");
    return finiteFigure(largest / length);
}

}  // namespace driftlens::faithfulness
