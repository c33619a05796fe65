#include "engine/drift/endpoint.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <string>

namespace driftlens {
namespace {

using enum DriftDirection;
using enum EndpointKind;

constexpr EndpointInfo kEndpoints[] = {
    {"flip_rate", "Flip rate", "", Above, Proportion, 0.02, "one answer in 50"},
    {"accuracy_change", "Change of accuracy", "", Either, PairedMean, 0.01, "one point"},
    {"kl", "KL divergence of the output", "nats", Above, PairedMean, 0.05,
     "the upper end of what is reported of 4-bit quantisation: 0.01 to 0.05"},
    {"js", "Jensen-Shannon divergence of the output", "bits", Above, PairedMean, 0.009,
     "what the margin of kl is for small changes: kl / (8 ln 2)"},
    {"log_perplexity_ratio", "ln of the perplexity ratio", "nats", Either, PairedMean, 0.02,
     "2 % of perplexity"},
    {"probability_change", "Probability of the reference's answer, change", "", Either, PairedMean,
     0.02, "two points"},
    {"calibration_error", "Calibration error (ECE), change", "", Either, PairedMean, 0.02,
     "two points"},
    {"spearman", "Spearman's rank correlation", "", Below, PairedMean, 0.1,
     "convention: above 0.9 rankings are taken for the same"},
    {"spearman_abs", "Spearman's rank correlation of |scores|", "", Below, PairedMean, 0.1,
     "as of spearman"},
    {"kendall", "Kendall's tau-b", "", Below, PairedMean, 0.1,
     "one pair of tokens in 20 exchanged"},
    {"kendall_abs", "Kendall's tau-b of |scores|", "", Below, PairedMean, 0.1, "as of kendall"},
    {"pearson", "Pearson correlation", "", Below, PairedMean, 0.05, "a tenth of the variance"},
    {"cosine", "Cosine", "", Below, PairedMean, 0.05, "an angle of 18 degrees"},
    {"rbo", "Rank-biased overlap (p = 0.9)", "", Below, PairedMean, 0.1, "as of spearman"},
    {"pairwise_rank_agreement", "Pairwise rank agreement", "", Below, PairedMean, 0.05,
     "one pair of tokens in 20 exchanged"},
    {"feature_agreement", "Feature agreement", "", Below, PairedMean, 0.2,
     "one of the top 5 tokens replaced"},
    {"rank_agreement", "Rank agreement", "", Below, PairedMean, 0.4,
     "two of the top 5 tokens exchanged"},
    {"sign_agreement", "Sign agreement", "", Below, PairedMean, 0.2,
     "one of the top 5 tokens replaced or of the other sign"},
    {"signed_rank_agreement", "Signed rank agreement", "", Below, PairedMean, 0.4,
     "two of the top 5 tokens exchanged"},
    {"jaccard", "Jaccard index of the top tokens", "", Below, PairedMean, 1.0 / 3.0,
     "one of the top 5 tokens replaced: 4 of 6 in common"},
    {"mass_moved", "Mass moved", "", Above, PairedMean, 0.1,
     "a tenth of the explanation on other tokens"},
    {"l2_relative", "Distance after normalisation", "", Above, PairedMean, 0.3,
     "an angle of 17 degrees: 2 sin(angle / 2)"},
    {"js_of_shares", "Jensen-Shannon divergence of the shares", "bits", Above, PairedMean, 0.1,
     "a tenth of the explanation on tokens that had none"},
    {"attention_js", "Jensen-Shannon divergence of attention", "bits", Above, PairedMean, 0.1,
     "a tenth of the attention on keys that had none"},
    {"attention_entropy_change", "Entropy of attention, change", "bits", Either, PairedMean, 0.1,
     "7 % more or fewer keys attended to: a factor of 2^0.1"},
    {"linear_cka", "Linear CKA", "", Below, PairedMean, 0.05, "as of cosine"},
    {"relative_frobenius", "Relative error of activations", "", Above, PairedMean, 0.1,
     "a signal-to-noise ratio of 20 dB"},
};

}  // namespace

std::span<const EndpointInfo> endpointTable() {
    return kEndpoints;
}

const EndpointInfo* findEndpoint(std::string_view id) {
    const std::string_view name = id.substr(0, id.find('@'));
    const auto* row = std::find_if(std::begin(kEndpoints), std::end(kEndpoints),
                                   [&](const EndpointInfo& info) { return info.id == name; });
    return row == std::end(kEndpoints) ? nullptr : row;
}

const EndpointInfo& endpointInfo(std::string_view id) {
    if (const EndpointInfo* row = findEndpoint(id)) return *row;
    std::string known;
    for (const EndpointInfo& info : kEndpoints)
        known += (known.empty() ? "" : ", ") + std::string(info.id);
    throw Error(ErrorKind::Usage, "endpoint " + inQuotes(id) + " is unknown; known are " + known);
}

double driftOf(const EndpointInfo& endpoint, double value) {
    return endpoint.direction == Below ? 1.0 - value : value;
}

Figure driftOf(const EndpointInfo& endpoint, const Figure& value) {
    if (!value.value) return value;
    return {driftOf(endpoint, *value.value), ""};
}

Interval driftOf(const EndpointInfo& endpoint, const Interval& interval) {
    if (!interval.value) return interval;
    const double low = driftOf(endpoint, interval.value->low);
    const double high = driftOf(endpoint, interval.value->high);
    return {Range{std::min(low, high), std::max(low, high)}, ""};
}

}  // namespace driftlens
