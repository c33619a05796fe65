// The stable JSON of a data set's comparison: one line per example, the aggregate last.
#include "engine/dataset/dataset.h"
#include "engine/drift/endpoint.h"

#include <algorithm>
#include <array>

namespace driftlens {
namespace {

Json figureJson(const Figure& figure) {
    return figure.value ? jsonNumber(*figure.value) : Json(nullptr);
}

Json figuresJson(const std::map<std::string, Figure>& figures) {
    Json out = Json::object();
    for (const auto& [name, figure] : figures) out[name] = figureJson(figure);
    return out;
}

Json noiseJson(const MetricYardsticks& yard, std::size_t variant) {
    const auto found = yard.noise.find(variant);
    if (found == yard.noise.end()) return nullptr;
    const NoiseControl& noise = found->second;
    Json drifts = Json::array();
    for (const double drift : noise.drifts) drifts.push_back(jsonNumber(drift));
    return {{"drifts", drifts},
            {"own", noise.own ? jsonNumber(*noise.own) : Json()},
            {"not_applicable", noise.notApplicable.empty() ? Json() : Json(noise.notApplicable)}};
}

Json yardsticksJson(const Yardsticks& all, const std::string& name, std::size_t variant,
                    std::optional<double> margin) {
    Json out = Json::object();
    out["margin"] = margin ? jsonNumber(*margin) : Json();
    const auto found = all.find(name);
    if (found == all.end()) return out;
    const MetricYardsticks& yard = found->second;
    out["examples"] = yard.examples;
    out["repeatability"] = figuresJson(yard.repeatabilityBy);
    out["estimation"] = figuresJson(yard.estimationBy);
    out["disagreement"] = figuresJson(yard.disagreement);
    out["precision"] = figuresJson(yard.precision);
    out["noise"] = noiseJson(yard, variant);
    return out;
}

std::optional<double> marginOrNone(const std::string& metric, const DatasetResult& result) {
    const auto own = result.margins.find(metric);
    if (own != result.margins.end()) return own->second;
    const EndpointInfo* endpoint = findEndpoint(metric);
    return endpoint == nullptr ? std::nullopt : std::optional(endpoint->margin);
}

Json aggregateFigureJson(const AggregateFigure& figure, const Json& yardsticks) {
    Json out = {{"value", figureJson(figure.value)},
                {"low", figure.interval.value ? jsonNumber(figure.interval.value->low) : Json()},
                {"high", figure.interval.value ? jsonNumber(figure.interval.value->high) : Json()},
                {"p", figureJson(figure.p)},
                {"examples", figure.examples},
                {"yardsticks", yardsticks}};
    if (!figure.value.value) out["undefined"] = figure.value.reason;
    if (!figure.pMeaning.empty()) {
        out["p_of"] = figure.pMeaning;
        out["p_adjusted"] = figureJson(figure.adjustedP);
        out["p_label"] = figure.pLabel;
    }
    if (figure.byChance.value) {
        out["by_chance"] = figureJson(figure.byChance);
        out["corrected"] = figureJson(figure.corrected);
    }
    if (figure.undefined > 0) out["without_value"] = figure.undefined;
    return out;
}

Json verdictJson(const EndpointVerdict& each) {
    const Judgement& judgement = each.judgement;
    Json out = {{"endpoint", each.figure},
                {"margin", jsonNumber(each.margin)},
                {"verdict", verdictName(judgement.verdict)},
                {"above_floors", judgement.isAboveFloors},
                {"sentence", judgement.sentence}};
    if (judgement.againstNoise) {
        constexpr std::array<const char*, 3> kNames = {"more than noise", "as expected from noise",
                                                       "not applicable"};
        out["against_noise"] = kNames[static_cast<std::size_t>(*judgement.againstNoise)];
    }
    return out;
}

Json quadrantsJson(const QuadrantTable& table) {
    constexpr std::size_t kShown = 50;
    Json out = Json::object();
    for (std::size_t q = 0; q < kQuadrants; ++q) {
        Json rows = Json::array();
        const auto& examples = table.examples[q];
        for (std::size_t i = 0; i < std::min(kShown, examples.size()); ++i)
            rows.push_back(
                {{"example", examples[i].example}, {"drift", figureJson(examples[i].reasons)}});
        out[std::string(quadrantName(static_cast<Quadrant>(q)))] = {{"count", examples.size()},
                                                                    {"first", rows}};
    }
    out["without_figure"] = table.failed.size();
    return out;
}

Json fragilityJson(const FragilityReport& report) {
    const auto interval = [](const Interval& own) {
        return own.value ? Json::array({jsonNumber(own.value->low), jsonNumber(own.value->high)})
                         : Json();
    };
    return {{"auroc", figureJson(report.ranking)},
            {"auroc_interval", interval(report.rankingInterval)},
            {"margin_auroc", figureJson(report.marginAlone)},
            {"gain", figureJson(report.gain)},
            {"gain_interval", interval(report.gainInterval)},
            {"sentence", report.sentence}};
}

Json variantJson(const DatasetResult& result, std::size_t i) {
    const VariantAggregate& variant = result.aggregate.variants[i];
    const Yardsticks& yard = result.aggregate.yardsticks;
    Json figures = Json::object();
    for (const auto& [metric, figure] : variant.output) {
        figures[metric] = aggregateFigureJson(
            figure, yardsticksJson(yard, metric, i, marginOrNone(metric, result)));
    }
    for (const auto& [method, metrics] : variant.methods) {
        Json& own = figures[method] = Json::object();
        for (const auto& [metric, figure] : metrics) {
            own[metric] = aggregateFigureJson(figure, yardsticksJson(yard, method + "." + metric, i,
                                                                     marginOrNone(metric, result)));
        }
    }
    Json verdicts = Json::array();
    for (const EndpointVerdict& each : variant.verdicts) verdicts.push_back(verdictJson(each));
    Json slices = Json::array();
    for (const SliceFigures& slice : variant.slices) {
        Json own = Json::object();
        for (const auto& [name, figure] : slice.figures)
            own[name] = aggregateFigureJson(figure, Json::object());
        slices.push_back({{"slice", slice.slice}, {"examples", slice.examples}, {"figures", own}});
    }
    return {{"model", result.variants[i].name()},
            {"path", result.variants[i].path},
            {"digest", result.variants[i].digest},
            {"scheme", result.variants[i].scheme},
            {"failed_examples", variant.failed},
            {"figures", figures},
            {"verdicts", verdicts},
            {"quadrants", quadrantsJson(variant.quadrants)},
            {"fragility", fragilityJson(variant.fragility)},
            {"slices", slices},
            {"worst_slice", variant.worstSlice.empty() ? Json() : Json(variant.worstSlice)}};
}

Json gateJson(const GateResult& gate) {
    constexpr std::array<const char*, 3> kNames = {"met", "failed", "inconclusive"};
    return {{"gate", gate.gate.text},
            {"outcome", kNames[static_cast<std::size_t>(gate.outcome)]},
            {"explanation", gate.explanation}};
}

}  // namespace

Json exampleJson(const ExampleOutcome& outcome, const std::string& text,
                 const Comparison* comparison, const std::vector<ModelIdentity>& variants) {
    Json out = {{"schema", "driftlens/compare/1"},
                {"example", outcome.number},
                {"line", outcome.line},
                {"prompt", text},
                {"failed", outcome.failed.empty() ? Json() : Json(outcome.failed)},
                {"label", outcome.label ? Json(*outcome.label) : Json()},
                {"answer", outcome.answer},
                {"variants", Json::array()}};
    if (comparison != nullptr) {
        const Json whole = toJson(*comparison);
        for (const char* key : {"ids", "tokens", "target", "warnings"}) out[key] = whole[key];
        for (std::size_t i = 0; i < comparison->variants.size(); ++i) {
            Json variant = whole["variants"][i];
            variant["model"] = variants[i].name();
            const std::string& failed = comparison->variants[i].failed;
            variant["failed"] = failed.empty() ? Json() : Json(failed);
            for (Json& explanation : variant["explanations"]) {
                explanation.erase("yardsticks");  // those of the data set are in the aggregate
                explanation.erase("verdict");
            }
            out["variants"].push_back(std::move(variant));
        }
    }
    return out;
}

Json toJson(const DatasetResult& result) {
    Json variants = Json::array();
    Json aggregate = Json::object();
    for (std::size_t i = 0; i < result.aggregate.variants.size(); ++i) {
        Json variant = variantJson(result, i);
        // Gates name figures as they stand here: VARIANT, METHOD, METRIC.
        aggregate[result.variants[i].name()] = variant["figures"];
        variants.push_back(std::move(variant));
    }
    Json gates = Json::array();
    for (const GateResult& gate : result.gates) gates.push_back(gateJson(gate));
    return {{"schema", "driftlens/compare/1"},
            {"reference",
             {{"path", result.reference.path},
              {"model", result.reference.name()},
              {"digest", result.reference.digest},
              {"scheme", result.reference.scheme},
              {"compute", result.reference.compute}}},
            {"data", {{"file", result.dataFile}, {"digest", result.dataDigest}}},
            {"examples", result.aggregate.examples},
            {"failed_examples", result.aggregate.failed},
            {"aggregate", aggregate},
            {"variants", variants},
            {"gates", gates},
            {"notes", result.notes},
            {"warnings", result.warnings},
            {"seconds", result.seconds},
            {"run", result.runId}};
}

}  // namespace driftlens
