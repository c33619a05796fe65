// What a run over a data set would cost, and what is wrong with it before it begins.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "engine/compare/structure_drift.h"
#include "engine/compare/threads.h"
#include "engine/dataset/checks.h"
#include "engine/dataset/example.h"
#include "engine/dataset/models.h"
#include "engine/dataset/yardsticks.h"
#include "engine/drift/endpoint.h"
#include "engine/drift/sample_size.h"

#include <algorithm>
#include <chrono>

namespace driftlens {
namespace {

// An example that has every figure there can be.
ExampleOutcome everyFigure(const DatasetRequest& request, const LoadedModels& models) {
    const Model& reference = *models.reference.model;
    Comparison comparison;
    VariantResult result;
    result.fidelity.topOverlap = {{5, 1.0}, {10, 1.0}};
    if (request.prompt.comparesInsides) result.structure = structureShape(reference);
    if (reference.spec().task == Task::CausalLm && request.comparesTokens.value_or(true))
        result.tokens.emplace_back();
    for (const MethodRequest& method : methodsOrDefault(request.prompt)) {
        ExplanationDrift& drift = result.explanations.emplace_back();
        drift.method = method.id;
        for (double i = 0.0; i < 12.0; ++i) drift.reference.scores.push_back(i);
        drift.variant = drift.reference;
    }
    comparison.variants.assign(models.variants.size(), result);
    ExampleOutcome out = exampleOutcome(comparison);
    out.label = 0;
    return out;
}

// Removal curves of every model for a few examples, by how long the reference's take on this one.
double curveSeconds(const LoadedModels& models, const PromptRequest& request,
                    const Comparison& timed, std::uint64_t examples, const RunContext& context) {
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<MethodRequest> methods = methodsOrDefault(request);
    for (std::size_t m = 0; m < methods.size(); ++m) {
        if (!timed.referenceExplanations[m].parts.empty()) continue;
        meanRemovalCurves(
            models.reference, methods[m],
            {{request, timed.input, timed.target, timed.batch, &timed.referenceExplanations[m]}},
            context);
    }
    const double one =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const auto count = static_cast<double>(std::min<std::uint64_t>(examples, kValidityExamples));
    return one * count * static_cast<double>(1 + models.variants.size());
}

}  // namespace

void checkDeclared(const DatasetRequest& request) {
    for (const auto& [metric, margin] : request.margins) endpointInfo(metric);
    endpointInfo(request.primary);
}

void checkGates(const DatasetRequest& request, const LoadedModels& models) {
    if (request.gates.empty()) return;
    std::vector<std::string> names;
    for (const LoadedVariant& variant : models.variants) names.push_back(variant.identity.name());
    AggregatePlan plan;
    for (const MethodRequest& method : methodsOrDefault(request.prompt))
        plan.methods.push_back(method.id);
    plan.primary = request.primary;
    const auto figures = gateFigures(
        aggregateOf({everyFigure(request, models)}, models.variants.size(), plan, {}, {}), names);
    for (const Gate& gate : request.gates) evaluateGate(gate, figures);
}

DatasetPlan planDataset(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                        const DatasetRequest& request, const RunContext& context) {
    checkDeclared(request);
    applyThreads(request.prompt.compute.threads);
    const LoadedModels models(reference, variants, request.prompt.compute, context);
    checkGates(request, models);
    DatasetPlan out;
    std::string longest;
    bool hasLabels = false;
    const auto most = static_cast<std::uint64_t>(models.reference.model->textPositions());
    out.notes = forEachRow(request.rows, [&](const SourceRow& source) {
        ++out.examples;
        hasLabels = hasLabels || source.row.label.has_value();
        const std::uint64_t tokens =
            models.reference.tokenizer->encode(source.row.text).tokens.size();
        if (tokens <= out.longest || tokens > most) return;
        out.longest = tokens;
        longest = source.row.text;
    });
    if (longest.empty())
        throw Error(ErrorKind::InputFile, request.rows.file.string() + " has no text that fits");
    PromptRequest one = request.prompt;
    one.prompt = longest;
    one.comparesTokens = models.reference.model->spec().task == Task::CausalLm &&
                         request.comparesTokens.value_or(!hasLabels);
    const auto begin = std::chrono::steady_clock::now();
    const Comparison timed =
        compareIn(models.models(), one, CompareMode::OfDataSet, context.stopOnly());
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double perExample = static_cast<double>(methodsOrDefault(request.prompt).size()) *
                              static_cast<double>(1 + variants.size());
    out.explanations = static_cast<double>(out.examples) * perExample;
    const double yardExamples =
        static_cast<double>(std::min<std::uint64_t>(out.examples, kYardstickExamples));
    // The explanation itself, two repetitions, two estimations, a baseline and two precisions.
    const double yardRuns = 8.0 + static_cast<double>(variants.size()) * (kNoiseDraws + 1);
    out.yardstickExplanations =
        request.withYardsticks
            ? yardExamples * yardRuns * static_cast<double>(methodsOrDefault(request.prompt).size())
            : 0.0;
    out.seconds = seconds * (out.explanations + out.yardstickExplanations) / perExample;
    if (request.withYardsticks)
        out.seconds += curveSeconds(models, one, timed, out.examples, context.stopOnly());
    out.memory = "micro-batches of " + std::to_string(timed.batch) + " rows";
    const Figure noFlips = examplesForNoFlips(endpointInfo("flip_rate").margin);
    if (noFlips.value)
        out.notes.push_back("no flip at all is below a rate of " +
                            formatNumber(endpointInfo("flip_rate").margin, 3) + " from " +
                            formatNumber(*noFlips.value, 6) + " examples on");
    for (const Gate& gate : request.gates) {
        if (gate.metric != "flip_rate" || gate.value <= 0.0 || gate.value >= 1.0) continue;
        const Figure needed = examplesForNoFlips(gate.value);
        if (needed.value)
            out.notes.push_back("gate " + gate.text + " can be met from " +
                                formatNumber(*needed.value, 6) + " examples on, if none flips");
    }
    return out;
}

}  // namespace driftlens
