#include "engine/drift/output_fidelity.h"

#include "core/base/error.h"
#include "xai/metrics/distribution.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <vector>

namespace driftlens {
namespace {

std::string whyNoDistribution(std::span<const double> logs) {
    constexpr double kRounding = 1e-6;  // of log-softmax in float32, as an import may have it
    for (const double v : logs) {
        if (std::isnan(v)) return "a log-probability is not a number";
        if (v > kRounding) return "a log-probability is above 0";
    }
    return "";
}

std::string whyIncomparableLogs(std::span<const double> p, std::span<const double> q) {
    if (p.size() != q.size())
        throw Error(ErrorKind::Internal, "output fidelity: vocabularies differ in size");
    if (p.empty()) throw Error(ErrorKind::Internal, "output fidelity: an empty vocabulary");
    const std::string reason = whyNoDistribution(p);
    return reason.empty() ? whyNoDistribution(q) : reason;
}

std::vector<double> probabilities(std::span<const double> logs) {
    std::vector<double> out;
    out.reserve(logs.size());
    for (const double v : logs) out.push_back(std::exp(v));
    return out;
}

// The ids of the k largest values, sorted by id.
std::vector<std::size_t> topSet(std::span<const double> values, std::size_t k) {
    std::vector<std::size_t> ids(values.size());
    std::iota(ids.begin(), ids.end(), std::size_t{0});
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(k);
    std::partial_sort(ids.begin(), end, ids.end(), [&](std::size_t i, std::size_t j) {
        return values[i] != values[j] ? values[i] > values[j] : i < j;
    });
    std::sort(ids.begin(), end);
    ids.erase(end, ids.end());
    return ids;
}

Figure loyaltyOf(const Figure& jensenShannon) {
    if (!jensenShannon.value) return jensenShannon;
    return {1.0 - std::sqrt(*jensenShannon.value), ""};
}

}  // namespace

Figure klOfLogs(std::span<const double> logP, std::span<const double> logQ) {
    if (const auto reason = whyIncomparableLogs(logP, logQ); !reason.empty())
        return undefinedFigure(reason);
    double sum = 0.0;
    for (std::size_t i = 0; i < logP.size(); ++i) {
        const double p = std::exp(logP[i]);
        if (p > 0.0) sum += p * (logP[i] - logQ[i]);
    }
    if (std::isinf(sum)) return undefinedFigure("infinite: mass where the other has none");
    return finiteFigure(std::max(0.0, sum));
}

Figure jensenShannonOfLogs(std::span<const double> logP, std::span<const double> logQ) {
    if (const auto reason = whyIncomparableLogs(logP, logQ); !reason.empty())
        return undefinedFigure(reason);
    return jensenShannonBits(probabilities(logP), probabilities(logQ));
}

Figure topOverlapOfLogs(std::span<const double> logP, std::span<const double> logQ, std::size_t k) {
    if (const auto reason = whyIncomparableLogs(logP, logQ); !reason.empty())
        return undefinedFigure(reason);
    if (k == 0) throw Error(ErrorKind::Usage, "output fidelity: the top 0 answers");
    if (k > logP.size()) return undefinedFigure("fewer than " + std::to_string(k) + " answers");
    const std::vector<std::size_t> a = topSet(logP, k), b = topSet(logQ, k);
    std::vector<std::size_t> common;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
    return {static_cast<double>(common.size()) / static_cast<double>(k), ""};
}

std::size_t topAnswer(std::span<const double> logs) {
    return static_cast<std::size_t>(std::max_element(logs.begin(), logs.end()) - logs.begin());
}

OutputDrift outputDrift(std::span<const double> reference, std::span<const double> variant,
                        std::span<const std::size_t> topCounts) {
    OutputDrift out;
    out.reason = whyIncomparableLogs(reference, variant);
    out.kl = klOfLogs(reference, variant);
    out.reverseKl = klOfLogs(variant, reference);
    out.jensenShannon = jensenShannonOfLogs(reference, variant);
    out.probabilityLoyalty = loyaltyOf(out.jensenShannon);
    for (const std::size_t k : topCounts)
        out.topOverlap[k] = topOverlapOfLogs(reference, variant, k);
    if (!out.reason.empty()) return out;
    out.referenceTop = topAnswer(reference);
    out.variantTop = topAnswer(variant);
    out.isFlip = out.referenceTop != out.variantTop;
    out.referenceProbability = std::exp(reference[out.referenceTop]);
    out.variantProbability = std::exp(variant[out.referenceTop]);
    out.probabilityChange = out.variantProbability - out.referenceProbability;
    return out;
}

}  // namespace driftlens
