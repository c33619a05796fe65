#include "engine/drift/gate.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>

namespace driftlens {
namespace {

bool isNamed(const Gate& gate, const GateFigure& figure) {
    return gate.metric == figure.metric && (!gate.k || gate.k == figure.k) &&
           gate.site == figure.site && (gate.method.empty() || gate.method == figure.method) &&
           (gate.variant.empty() || gate.variant == figure.variant);
}

std::string nameOf(const GateFigure& figure) {
    return (figure.variant.empty() ? "" : figure.variant + ":") +
           (figure.method.empty() ? "" : figure.method + ".") + figure.metric +
           (figure.k ? "@" + std::to_string(*figure.k) : "") +
           (figure.site.empty() ? "" : "@" + figure.site);
}

// Some of the names, for an error message.
std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t kMost = 8;
    std::string text;
    for (std::size_t i = 0; i < std::min(kMost, names.size()); ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    return names.size() <= kMost ? text
                                 : text + " and " + std::to_string(names.size() - kMost) + " more";
}

const GateFigure& figureOf(const Gate& gate, std::span<const GateFigure> figures) {
    const GateFigure* found = nullptr;
    std::vector<std::string> matching, all;
    for (const GateFigure& figure : figures) {
        all.push_back(nameOf(figure));
        if (!isNamed(gate, figure)) continue;
        matching.push_back(nameOf(figure));
        found = &figure;
    }
    const std::string what = "gate " + inQuotes(gate.text) + ": ";
    if (matching.empty()) {
        throw Error(ErrorKind::Usage, what + "no figure has this name; there " +
                                          (all.empty() ? "are none" : "are " + listed(all)));
    }
    if (matching.size() > 1)
        throw Error(ErrorKind::Usage, what + "the name is ambiguous: " + listed(matching));
    return *found;
}

bool holds(const Gate& gate, double figure) {
    switch (gate.operation) {
        case GateOperator::Less:
            return figure < gate.value;
        case GateOperator::LessEqual:
            return figure <= gate.value;
        case GateOperator::Greater:
            return figure > gate.value;
        case GateOperator::GreaterEqual:
            return figure >= gate.value;
        case GateOperator::Equal:
            return figure == gate.value;
        case GateOperator::NotEqual:
            return figure != gate.value;
    }
    throw Error(ErrorKind::Internal, "gate: no such operator");
}

GateOutcome outcomeAt(const Gate& gate, double figure) {
    return holds(gate, figure) ? GateOutcome::Failed : GateOutcome::Met;
}

// Over a whole interval. An order is decided by its ends; equality by whether the value is inside.
GateOutcome outcomeOver(const Gate& gate, const Range& interval) {
    const GateOutcome low = outcomeAt(gate, interval.low);
    const GateOutcome high = outcomeAt(gate, interval.high);
    const bool isInside = interval.low < gate.value && gate.value < interval.high;
    const bool isOrder =
        gate.operation != GateOperator::Equal && gate.operation != GateOperator::NotEqual;
    return low == high && (isOrder || !isInside) ? low : GateOutcome::Inconclusive;
}

std::string intervalText(const Interval& interval) {
    if (!interval.value) return " (no interval: " + interval.reason + ")";
    return " (95 %: " + formatNumber(interval.value->low) + " to " +
           formatNumber(interval.value->high) + ")";
}

GateResult judged(const Gate& gate, const GateFigure& figure) {
    const std::string shown =
        nameOf(figure) + " is " + formatNumber(*figure.value.value) + intervalText(figure.interval);
    if (gate.subject == GateSubject::Figure) {
        const GateOutcome outcome = figure.interval.value
                                        ? outcomeOver(gate, *figure.interval.value)
                                        : outcomeAt(gate, *figure.value.value);
        const bool isOpen = outcome == GateOutcome::Inconclusive;
        return {gate, outcome, shown + (isOpen ? ": the interval holds both answers" : "")};
    }
    if (!figure.interval.value) return {gate, GateOutcome::Failed, shown};
    const bool isUpper = gate.subject == GateSubject::UpperBound;
    const Range& interval = *figure.interval.value;
    return {gate, outcomeAt(gate, isUpper ? interval.high : interval.low), shown};
}

std::size_t countOf(std::span<const GateResult> results, GateOutcome outcome) {
    return static_cast<std::size_t>(
        std::count_if(results.begin(), results.end(),
                      [&](const GateResult& result) { return result.outcome == outcome; }));
}

}  // namespace

GateResult evaluateGate(const Gate& gate, std::span<const GateFigure> figures,
                        std::uint64_t allowedFailures) {
    const GateFigure& figure = figureOf(gate, figures);
    if (figure.failedExamples > allowedFailures) {
        return {gate, GateOutcome::Failed,
                nameOf(figure) + ": " + std::to_string(figure.failedExamples) +
                    " examples failed, " + std::to_string(allowedFailures) + " are allowed"};
    }
    if (!figure.value.value) {
        return {gate, GateOutcome::Failed,
                nameOf(figure) + " is undefined: " + figure.value.reason};
    }
    return judged(gate, figure);
}

int gateExitCode(std::span<const GateResult> results) {
    if (countOf(results, GateOutcome::Failed) > 0) return kExitGateFailed;
    return countOf(results, GateOutcome::Inconclusive) > 0 ? kExitGateInconclusive : kExitFine;
}

std::string junitXml(std::span<const GateResult> results) {
    const std::string counts =
        " name=\"driftlens gates\" tests=\"" + std::to_string(results.size()) + "\" failures=\"" +
        std::to_string(countOf(results, GateOutcome::Failed)) + "\" errors=\"" +
        std::to_string(countOf(results, GateOutcome::Inconclusive)) + "\"";
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + counts +
                      ">\n  <testsuite" + counts + ">\n";
    for (const GateResult& result : results) {
        const std::string message = escapeXml(result.explanation);
        out += "    <testcase classname=\"driftlens.gate\" name=\"" + escapeXml(result.gate.text) +
               "\">";
        switch (result.outcome) {
            case GateOutcome::Met:
                out += "<system-out>" + message + "</system-out>";
                break;
            case GateOutcome::Failed:
                out += "<failure message=\"" + message + "\"/>";
                break;
            case GateOutcome::Inconclusive:
                out += "<error type=\"inconclusive\" message=\"" + message + "\"/>";
                break;
        }
        out += "</testcase>\n";
    }
    return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace driftlens
