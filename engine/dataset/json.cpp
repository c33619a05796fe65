// The stable JSON of a data set's comparison: one line per example, the aggregate last.
#include "core/base/figure_json.h"
#include "engine/compare/storage_json.h"
#include "engine/dataset/dataset.h"
#include "engine/drift/endpoint.h"

#include <algorithm>
#include <array>

namespace driftlens {
namespace {

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

Json tokensJson(const DivergenceSummary& s) {
    const auto estimated = [](const Estimated& own) {
        return Json{{"value", figureJson(own.value)}, {"standard_error", figureJson(own.error)}};
    };
    const auto quantiles = [](const std::vector<AtQuantile>& own) {
        Json out = Json::array();
        for (const AtQuantile& each : own)
            out.push_back({{"probability", each.probability}, {"value", figureJson(each.value)}});
        return out;
    };
    return {{"tokens", s.tokens},
            {"perplexity", estimated(s.variantPerplexity)},
            {"reference_perplexity", estimated(s.referencePerplexity)},
            {"log_correlation", figureJson(s.logCorrelation)},
            {"log_perplexity_ratio", estimated(s.logRatio)},
            {"perplexity_ratio", estimated(s.ratio)},
            {"perplexity_difference", estimated(s.difference)},
            {"kl", estimated(s.kl)},
            {"kl_quantiles", quantiles(s.klQuantiles)},
            {"probability_change", estimated(s.probabilityChange)},
            {"probability_change_quantiles", quantiles(s.probabilityChangeQuantiles)},
            {"rms_probability_change", estimated(s.rmsProbabilityChange)},
            {"top1_same", estimated(s.sameTop)}};
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
            {"family", result.variants[i].family},
            {"task", result.variants[i].task},
            {"digest", result.variants[i].digest},
            {"scheme", result.variants[i].scheme},
            {"compute", result.variants[i].compute},
            {"stored_form", result.variants[i].storedForm},
            {"parameters", result.variants[i].parameters},
            {"stored_bytes", result.variants[i].storedBytes},
            {"storage", toJson(result.variants[i].storage)},
            {"failed_examples", variant.failed},
            {"figures", figures},
            {"verdicts", verdicts},
            {"quadrants", quadrantsJson(variant.quadrants)},
            {"fragility", fragilityJson(variant.fragility)},
            {"tokens", variant.tokens ? tokensJson(*variant.tokens) : Json()},
            {"slices", slices},
            {"worst_slice", variant.worstSlice.empty() ? Json() : Json(variant.worstSlice)}};
}

// A figure's floors are those of the variants; of a step from one checkpoint to the next there are
// none.
Json stepJson(const DatasetResult& result, std::size_t step) {
    const VariantAggregate& own = result.aggregate.fromPrevious[step];
    Json figures = Json::object();
    for (const auto& [metric, figure] : own.output)
        figures[metric] = aggregateFigureJson(figure, Json::object());
    for (const auto& [method, metrics] : own.methods)
        for (const auto& [metric, figure] : metrics)
            figures[method][metric] = aggregateFigureJson(figure, Json::object());
    return {{"from", result.variants[step].name()},
            {"to", result.variants[step + 1].name()},
            {"failed_examples", own.failed},
            {"figures", figures},
            {"quadrants", quadrantsJson(own.quadrants)}};
}

Json gateJson(const GateResult& gate) {
    constexpr std::array<const char*, 3> kNames = {"met", "failed", "inconclusive"};
    return {{"gate", gate.gate.text},
            {"outcome", kNames[static_cast<std::size_t>(gate.outcome)]},
            {"explanation", gate.explanation}};
}

// Of one example of a data set: floors are measured on some examples, and stand in the aggregate,
// as does how the models are stored.
Json withoutFloors(Json comparison) {
    comparison["reference"].erase("storage");
    for (const char* list : {"variants", "from_previous"}) {
        for (Json& variant : comparison[list]) {
            if (variant.contains("structure")) variant["structure"].erase("most_changed_head");
            variant["model"].erase("storage");
            for (Json& explanation : variant["explanations"]) {
                explanation.erase("yardsticks");
                explanation.erase("verdict");
            }
        }
    }
    return comparison;
}

Json outcomeJson(const VariantOutcome& variant) {
    Json fidelity = Json::object(), methods = Json::object();
    for (const auto& [metric, value] : variant.fidelity) fidelity[metric] = jsonNumber(value);
    for (const auto& [method, own] : variant.methods)
        methods[method] = {{"raw", figuresJson(own.raw)}, {"by_chance", figuresJson(own.byChance)}};
    return {{"failed", variant.failed.empty() ? Json() : Json(variant.failed)},
            {"answer", variant.answer},
            {"confidence", jsonNumber(variant.confidence)},
            {"fidelity", fidelity},
            {"methods", methods}};
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
        const Json whole = withoutFloors(toJson(*comparison));
        for (const char* key : {"ids", "tokens", "target", "warnings"}) out[key] = whole[key];
        for (std::size_t i = 0; i < comparison->variants.size(); ++i) {
            Json variant = whole["variants"][i];
            variant["model"] = variants[i].name();
            const std::string& failed = comparison->variants[i].failed;
            variant["failed"] = failed.empty() ? Json() : Json(failed);
            out["variants"].push_back(std::move(variant));
        }
        if (!comparison->fromPrevious.empty()) out["from_previous"] = whole["from_previous"];
    }
    return out;
}

Json outcomesJson(const std::vector<ExampleOutcome>& outcomes) {
    Json out = Json::array();
    for (const ExampleOutcome& each : outcomes) {
        Json variants = Json::array();
        for (const VariantOutcome& variant : each.variants)
            variants.push_back(outcomeJson(variant));
        out.push_back({{"example", each.number},
                       {"line", each.line},
                       {"failed", each.failed.empty() ? Json() : Json(each.failed)},
                       {"label", each.label ? Json(*each.label) : Json()},
                       {"answer", each.answer},
                       {"confidence", jsonNumber(each.confidence)},
                       {"margin", jsonNumber(each.margin)},
                       {"slice", each.slice},
                       {"cluster", each.cluster},
                       {"variants", variants}});
    }
    return out;
}

Json notableJson(const std::vector<NotableExample>& notable) {
    Json out = Json::array();
    for (const NotableExample& each : notable) {
        out.push_back({{"example", each.example},
                       {"text", each.text},
                       {"why", each.why},
                       {"comparison", withoutFloors(toJson(each.comparison))}});
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
    Json steps = Json::array();
    for (std::size_t i = 0; i < result.aggregate.fromPrevious.size(); ++i)
        steps.push_back(stepJson(result, i));
    Json differences = Json::array();
    for (const VariantDifference& each : result.aggregate.differences) {
        const DriftDifference& found = each.found;
        const auto& range = found.interval.value;
        differences.push_back({{"first", result.variants[each.first].name()},
                               {"second", result.variants[each.second].name()},
                               {"figure", each.figure},
                               {"value", figureJson(found.difference)},
                               {"low", range ? jsonNumber(range->low) : Json()},
                               {"high", range ? jsonNumber(range->high) : Json()},
                               {"p", figureJson(found.p)},
                               {"examples", found.examples},
                               {"sentence", found.sentence}});
    }
    Json observed = Json::array();
    for (const ObservedAgreement& each : result.observed) observed.push_back(toJson(each));
    Json gates = Json::array();
    for (const GateResult& gate : result.gates) gates.push_back(gateJson(gate));
    return {{"schema", "driftlens/compare/1"},
            {"reference",
             {{"path", result.reference.path},
              {"model", result.reference.name()},
              {"family", result.reference.family},
              {"task", result.reference.task},
              {"digest", result.reference.digest},
              {"scheme", result.reference.scheme},
              {"compute", result.reference.compute},
              {"stored_form", result.reference.storedForm},
              {"parameters", result.reference.parameters},
              {"stored_bytes", result.reference.storedBytes},
              {"storage", toJson(result.reference.storage)}}},
            {"data", {{"file", result.dataFile}, {"digest", result.dataDigest}}},
            {"examples", result.aggregate.examples},
            {"failed_examples", result.aggregate.failed},
            {"aggregate", aggregate},
            {"variants", variants},
            {"from_previous", steps},
            {"differences", differences},
            {"observed", observed},
            {"gates", gates},
            {"checks", toJson(result.checks)},
            {"notes", result.notes},
            {"warnings", result.warnings},
            {"seconds", result.seconds},
            {"run", result.runId}};
}

}  // namespace driftlens
