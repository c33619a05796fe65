#include "core/model/sampling.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace driftlens {
namespace {

// Ids in descending order of their logits, the lower id first of equals; the first `count`.
std::vector<std::size_t> mostProbable(std::span<const double> logits, std::size_t count) {
    std::vector<std::size_t> ids(logits.size());
    std::iota(ids.begin(), ids.end(), std::size_t{0});
    const auto isBefore = [&](std::size_t a, std::size_t b) {
        return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
    };
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(ids.begin(), end, ids.end(), isBefore);
    ids.resize(count);
    return ids;
}

}  // namespace

void checkSampling(const SamplingOptions& options) {
    const auto refuse = [](const std::string& message) { throw Error(ErrorKind::Usage, message); };
    if (!(options.temperature >= 0.0) || std::isinf(options.temperature))
        refuse("temperature " + formatNumber(options.temperature) + " is not 0 or more");
    if (options.topK < 0) refuse("top_k " + std::to_string(options.topK) + " is not 0 or more");
    if (!(options.topP > 0.0 && options.topP <= 1.0))
        refuse("top_p " + formatNumber(options.topP) + " is not in (0, 1]");
}

std::int64_t sampleToken(std::span<const double> logits, const SamplingOptions& options,
                         double uniform) {
    for (const double logit : logits) {
        if (std::isnan(logit) || logit == HUGE_VAL)
            throw Error(ErrorKind::Numeric, "a logit of the next token is not finite");
    }
    const auto largest = std::max_element(logits.begin(), logits.end());
    if (options.temperature == 0.0) return largest - logits.begin();
    const std::size_t all = logits.size();
    const std::size_t count =
        options.topK == 0 ? all : std::min(all, static_cast<std::size_t>(options.topK));
    const std::vector<std::size_t> ids = mostProbable(logits, count);
    std::vector<double> weights;
    for (const std::size_t id : ids)
        weights.push_back(std::exp((logits[id] - *largest) / options.temperature));
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::size_t kept = 0;
    double total = 0.0;
    while (kept < count && (kept == 0 || total < options.topP * sum)) total += weights[kept++];
    double rest = uniform * total;
    std::size_t chosen = 0;
    while (chosen + 1 < kept && rest >= weights[chosen]) rest -= weights[chosen++];
    return static_cast<std::int64_t>(ids[chosen]);
}

}  // namespace driftlens
