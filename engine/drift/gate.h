// Gates: conditions on figures under which a run fails, for continuous integration.
#pragma once

#include "core/base/figure.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

enum class GateSubject : std::uint8_t { Figure, UpperBound, LowerBound };
enum class GateOperator : std::uint8_t { Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual };

// A run fails if this holds: "int4:integrated_gradients.jaccard@5<0.6", "upper(flip_rate)>0.02".
struct Gate {
    std::string text;  // as it was written
    GateSubject subject = GateSubject::Figure;
    std::string variant;  // empty for any
    std::string method;   // empty for any
    std::string metric;
    std::optional<std::size_t> k;
    std::string site;  // empty: the mean over all of them
    GateOperator operation = GateOperator::Greater;
    double value = 0.0;
};

// Reads `[variant:][method.]metric[@k|@site] OP value`, sites as in "blocks.3.mlp.out", the figure
// optionally in upper(…) or lower(…). Methods and metrics are of letters, digits and underscores; a
// variant may hold anything else, as in "model.gguf@int4:group=32". Throws Error(Usage) that names
// the part that is wrong.
Gate parseGate(std::string_view text);

// A figure that gates may name, as the JSON report does.
struct GateFigure {
    std::string variant;
    std::string method;  // empty for figures of the output
    std::string metric;
    std::optional<std::size_t> k;
    Figure value;
    Interval interval;                 // 95 %
    std::uint64_t failedExamples = 0;  // without a value (NaN): they count against the gate
    std::string site = {};             // of figures of one place in the network
};

enum class GateOutcome : std::uint8_t { Met, Failed, Inconclusive };

struct GateResult {
    Gate gate;
    GateOutcome outcome = GateOutcome::Met;
    std::string explanation;  // the figure with its interval, and why it came out so
};

// On a bound the condition is compared as it stands. On the figure itself the gate failed if the
// condition holds over the whole interval, is met if it holds nowhere in it, and inconclusive
// otherwise: 0 flips in 10 has an upper bound of 0.31. A figure whose interval is undefined is
// compared as it stands; an undefined figure or bound, and more failed examples than allowed, fail.
// Throws Error(Usage) if no figure or more than one has this name, with those that have or that
// there are.
GateResult evaluateGate(const Gate& gate, std::span<const GateFigure> figures,
                        std::uint64_t allowedFailures = 0);

// kExitGateFailed if one failed, kExitGateInconclusive if none did and one is inconclusive.
int gateExitCode(std::span<const GateResult> results);

// JUnit's XML: a test case per gate; one that failed is a failure, one that is inconclusive an
// error.
std::string junitXml(std::span<const GateResult> results);

}  // namespace driftlens
