#include "engine/compare/drift.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace driftlens {
namespace {

// A drift within this factor of the float64 or batch-shape floor is called numerical noise. The
// floor of one prompt is a single draw; a factor of 10 keeps its scatter from deciding.
constexpr double kNoiseFactor = 10.0;

double largestDifference(const std::vector<double>& a, const std::vector<double>& b) {
    double largest = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

// float32's rounding of the largest score: below it no difference means anything.
double roundingFloor(const std::vector<double>& scores) {
    constexpr double kFloat32Epsilon = std::numeric_limits<float>::epsilon();
    double largest = 0.0;
    for (const double score : scores) largest = std::max(largest, std::abs(score));
    return kFloat32Epsilon * largest;
}

std::string gapText(const Attribution& attribution) {
    return attribution.completenessGap ? formatNumber(*attribution.completenessGap, 3) : "n/a";
}

std::string verdictOf(const ExplanationDrift& drift, double floor) {
    if (!drift.reference.hasConverged || !drift.variant.hasConverged) {
        return "not judged: the explanation has not converged (completeness gap of the reference " +
               gapText(drift.reference) + ", of the variant " + gapText(drift.variant) + ")";
    }
    const std::string figures =
        "the largest change of a score is " + formatNumber(drift.largestDifference, 3) +
        ", the reference repeats itself within " + formatNumber(floor, 3) + " (repeatability)";
    return drift.aboveNumericalNoise
               ? "above numerical noise: " + figures + "; whether it matters was not tested"
               : "within numerical noise: " + figures;
}

// Scores of the parts with these names, in the order of the names.
std::vector<double> scoresOf(const std::vector<std::string>& names, const std::vector<Part>& parts,
                             const std::vector<double>& scores) {
    std::map<std::string, double> byName;
    for (std::size_t i = 0; i < parts.size(); ++i) byName[parts[i].name] = scores[i];
    std::vector<double> out;
    for (const std::string& name : names) out.push_back(byName.at(name));
    return out;
}

void keepParts(const std::vector<std::string>& names, Attribution& attribution) {
    attribution.scores = scoresOf(names, attribution.parts, attribution.scores);
    std::map<std::string, Part> byName;
    for (Part& part : attribution.parts) byName[part.name] = std::move(part);
    attribution.parts.clear();
    for (const std::string& name : names) attribution.parts.push_back(std::move(byName.at(name)));
}

// Parts that only one model has (pruned heads and blocks) are absent, never zero: what is compared
// is what both have.
void compareCommonParts(Attribution& reference, Attribution& variant, Repeatability& floors) {
    std::set<std::string> own;
    for (const Part& part : variant.parts) own.insert(part.name);
    std::vector<std::string> common;
    std::string absent;
    for (const Part& part : reference.parts) {
        if (own.contains(part.name))
            common.push_back(part.name);
        else
            absent += (absent.empty() ? "" : ", ") + part.name;
    }
    if (absent.empty() && own.size() == common.size()) return;
    variant.warnings.push_back(
        "only the parts that both models have are compared" +
        (absent.empty() ? std::string() : "; absent in the variant: " + absent));
    floors = repeatabilityOf(scoresOf(common, reference.parts, reference.scores),
                             scoresOf(common, reference.parts, floors.float64Scores),
                             scoresOf(common, reference.parts, floors.otherBatchScores));
    keepParts(common, reference);
    keepParts(common, variant);
}

}  // namespace

Repeatability repeatabilityOf(const std::vector<double>& scores, std::vector<double> float64Scores,
                              std::vector<double> otherBatchScores) {
    Repeatability out;
    out.float64 = agreementOf(float64Scores, scores);
    out.batchShape = agreementOf(scores, otherBatchScores);
    out.float64Difference = largestDifference(float64Scores, scores);
    out.batchShapeDifference = largestDifference(scores, otherBatchScores);
    out.float64Scores = std::move(float64Scores);
    out.otherBatchScores = std::move(otherBatchScores);
    return out;
}

ExplanationDrift driftOf(Attribution reference, Attribution variant, Repeatability repeatability) {
    ExplanationDrift out;
    out.method = reference.method;
    if (!reference.parts.empty()) compareCommonParts(reference, variant, repeatability);
    out.agreement = agreementOf(reference.scores, variant.scores);
    out.largestDifference = largestDifference(reference.scores, variant.scores);
    const double floor =
        std::max({repeatability.float64Difference, repeatability.batchShapeDifference,
                  roundingFloor(reference.scores)});
    out.aboveNumericalNoise = reference.hasConverged && variant.hasConverged &&
                              out.largestDifference > kNoiseFactor * floor;
    out.reference = std::move(reference);
    out.variant = std::move(variant);
    out.repeatability = std::move(repeatability);
    out.verdict = verdictOf(out, floor);
    return out;
}

std::vector<std::string> warningsOf(const ExplanationDrift& drift) {
    std::vector<std::string> out;
    for (const auto& [who, attribution] :
         {std::pair("reference", &drift.reference), std::pair("variant", &drift.variant)}) {
        for (const std::string& warning : attribution->warnings)
            out.push_back(std::string(who) + ", " + drift.method + ": " + warning);
    }
    return out;
}

}  // namespace driftlens
