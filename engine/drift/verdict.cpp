#include "engine/drift/verdict.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::size_t kNoiseOdds = 20;  // 1 in 20: a level of 5 %

bool liesWithin(const Range& interval, double bound) {
    return interval.low >= -bound && interval.high <= bound;
}

bool liesInside(const Range& interval, double bound) {
    return interval.low > -bound && interval.high < bound;
}

bool liesBeyond(const Range& interval, double bound) {
    return interval.low > bound || interval.high < -bound;
}

void check(const Evidence& evidence) {
    if (!(evidence.margin > 0.0) || !std::isfinite(evidence.margin)) {
        throw Error(ErrorKind::Usage, "verdict: the margin " + formatNumber(evidence.margin) +
                                          " of " + inQuotes(evidence.title) + " is not above 0");
    }
    for (const Figure* floor : {&evidence.repeatability, &evidence.estimation}) {
        if (floor->value.value_or(0.0) < 0.0)
            throw Error(ErrorKind::Usage, "verdict: a floor is below 0");
    }
}

std::string whyNotJudged(const Evidence& evidence) {
    if (!evidence.invalid.empty()) return evidence.invalid;
    if (!evidence.estimate.value) return evidence.estimate.reason;
    if (!evidence.at95.value) return evidence.at95.reason;
    return evidence.at90.value ? "" : evidence.at90.reason;
}

// Of the examples that noise was measured on.
double driftBesideNoise(const Evidence& evidence) {
    return evidence.control.own.value_or(*evidence.estimate.value);
}

// Why the control says nothing of a drift; empty if it does.
std::string whyNoControl(const NoiseControl& control) {
    if (!control.notApplicable.empty()) return control.notApplicable;
    constexpr std::size_t kFewest = kNoiseOdds - 1;
    if (control.drifts.size() >= kFewest) return "";
    return std::to_string(control.drifts.size()) + " draws of noise, of at least " +
           std::to_string(kFewest);
}

std::size_t drawsAsFar(const NoiseControl& control, double estimate) {
    const auto count = std::count_if(
        control.drifts.begin(), control.drifts.end(),
        [&](double drift) { return std::isnan(drift) || std::abs(drift) >= std::abs(estimate); });
    return static_cast<std::size_t>(count);
}

AgainstNoise againstNoise(const NoiseControl& control, double estimate) {
    if (!whyNoControl(control).empty()) return AgainstNoise::NotApplicable;
    const std::size_t asFar = drawsAsFar(control, estimate);
    return kNoiseOdds * (1 + asFar) <= control.drifts.size() + 1
               ? AgainstNoise::MoreThanNoise
               : AgainstNoise::AsExpectedFromNoise;
}

std::string controlText(const NoiseControl& control, AgainstNoise outcome, double estimate) {
    if (outcome == AgainstNoise::NotApplicable)
        return "; control not applicable: " + whyNoControl(control);
    const std::string counts = std::to_string(drawsAsFar(control, estimate)) + " of " +
                               std::to_string(control.drifts.size()) + " noisy models drift as far";
    return outcome == AgainstNoise::MoreThanNoise
               ? "; more than from noise of equal norm: " + counts
               : "; as expected from noise of equal norm: " + counts;
}

std::string floorText(std::string_view name, const Figure& floor) {
    return std::string(name) + " " +
           (floor.value ? formatNumber(*floor.value, 3) : "unknown (" + floor.reason + ")");
}

std::string rangeText(const Range& range) {
    return formatNumber(range.low, 3) + " to " + formatNumber(range.high, 3);
}

std::string measuredText(const Evidence& evidence) {
    return evidence.title + " drifted by " + formatNumber(*evidence.estimate.value, 3) +
           " (95 %: " + rangeText(*evidence.at95.value) + ")";
}

// What the verdict rests on, after what was measured.
std::string reasonText(const Evidence& evidence, const Judgement& judgement) {
    const std::string margin = formatNumber(evidence.margin, 3);
    switch (judgement.verdict) {
        case Verdict::NotDetectable:
            return ", within its floors";
        case Verdict::Material:
            return ", beyond the margin " + margin;
        case Verdict::Immaterial:
            return ", within the margin " + margin + " (90 %: " + rangeText(*evidence.at90.value) +
                   (judgement.isAboveFloors ? ")" : "), not clear of its floors");
        default:
            return liesBeyond(*evidence.at95.value, evidence.margin)
                       ? ", beyond the margin " + margin + ", but not clear of its floors"
                       : ", neither within nor beyond the margin " + margin;
    }
}

std::string sentenceOf(const Evidence& evidence, const Judgement& judgement) {
    std::string text = std::string(verdictName(judgement.verdict)) + ": " + measuredText(evidence) +
                       reasonText(evidence, judgement) + "; " +
                       floorText("repeatability", evidence.repeatability) + ", " +
                       floorText("estimation", evidence.estimation);
    if (judgement.timesFloors.value)
        text += " (" + formatNumber(*judgement.timesFloors.value, 3) + " times their sum)";
    if (judgement.againstNoise) {
        text += controlText(evidence.control, *judgement.againstNoise, driftBesideNoise(evidence));
    }
    return text;
}

}  // namespace

std::string_view verdictName(Verdict verdict) {
    switch (verdict) {
        case Verdict::NotDetectable:
            return "not detectable";
        case Verdict::Immaterial:
            return "immaterial";
        case Verdict::Material:
            return "material";
        case Verdict::TooFewExamples:
            return "too few examples";
        case Verdict::NotJudged:
            return "not judged";
    }
    throw Error(ErrorKind::Internal, "verdict: no such verdict");
}

Judgement judge(const Evidence& evidence) {
    check(evidence);
    Judgement out;
    if (const std::string reason = whyNotJudged(evidence); !reason.empty()) {
        out.timesFloors = undefinedFigure(reason);
        out.sentence =
            std::string(verdictName(out.verdict)) + ": " + evidence.title + ": " + reason;
        return out;
    }
    const double floors =
        evidence.repeatability.value.value_or(0.0) + evidence.estimation.value.value_or(0.0);
    const Range& at95 = *evidence.at95.value;
    out.isAboveFloors = liesBeyond(at95, floors);
    out.timesFloors = floors > 0.0 ? finiteFigure(std::abs(*evidence.estimate.value) / floors)
                                   : undefinedFigure("the floors are 0");
    if (liesWithin(at95, floors)) {
        out.verdict = Verdict::NotDetectable;
    } else if (liesBeyond(at95, std::max(evidence.margin, floors))) {
        out.verdict = Verdict::Material;
        out.againstNoise = againstNoise(evidence.control, driftBesideNoise(evidence));
    } else if (liesInside(*evidence.at90.value, evidence.margin)) {
        out.verdict = Verdict::Immaterial;
    } else {
        out.verdict = Verdict::TooFewExamples;
    }
    out.sentence = sentenceOf(evidence, out);
    return out;
}

}  // namespace driftlens
