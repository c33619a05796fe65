// The metrics that a verdict can be given on, each with its margin: how much drift matters.
#pragma once

#include "core/base/figure.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace driftlens {

// What of a metric is drift: its distance from what it is for a variant that changed nothing.
enum class DriftDirection : std::uint8_t {
    Above,   // divergences, distances, rates: 0 without drift, more is more drift
    Below,   // agreements: 1 without drift, less is more drift
    Either,  // changes: 0 without drift, both signs are drift
};

enum class EndpointKind : std::uint8_t {
    PairedMean,  // a mean over examples, with a paired bootstrap interval
    Proportion,  // a share of examples, with the exact interval of Clopper and Pearson
};

// A margin is a choice: who knows better declares another one before the run.
struct EndpointInfo {
    std::string_view id;  // stored in records: append only
    std::string_view title;
    std::string_view unit;  // empty for a pure number
    DriftDirection direction;
    EndpointKind kind;
    double margin;  // of drift: above 0
    std::string_view marginReason;
};

std::span<const EndpointInfo> endpointTable();

// The row of a metric, or null if no verdict can be given on it; endpointInfo throws instead.
const EndpointInfo* findEndpoint(std::string_view id);

// The row of a metric; of "jaccard@5" that of "jaccard". Throws Error(Usage) if there is none.
const EndpointInfo& endpointInfo(std::string_view id);

// A value of the metric as drift, 0 without; an agreement's interval turns round.
double driftOf(const EndpointInfo& endpoint, double value);
Figure driftOf(const EndpointInfo& endpoint, const Figure& value);
Interval driftOf(const EndpointInfo& endpoint, const Interval& interval);

}  // namespace driftlens
