// What a run over a data set would cost, and what is wrong with it before it begins.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "engine/compare/run_log.h"
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
ExampleOutcome everyFigure(const DatasetRequest& request, std::size_t variants) {
    Comparison comparison;
    VariantResult result;
    result.fidelity.topOverlap = {{5, 1.0}, {10, 1.0}};
    const Figure none{1.0, ""};
    result.structure.heads.push_back({0, 0, none, none, none});
    result.structure.sites.push_back({"embeddings", "embeddings", -1, none, none, none, none});
    for (const Gate& gate : request.gates)  // which sites there are is known to the models alone
        if (!gate.site.empty())
            result.structure.sites.push_back({gate.site, "", 0, none, none, none, none});
    for (const MethodRequest& method : methodsOrDefault(request.prompt)) {
        ExplanationDrift& drift = result.explanations.emplace_back();
        drift.method = method.id;
        for (double i = 0.0; i < 12.0; ++i) drift.reference.scores.push_back(i);
        drift.variant = drift.reference;
    }
    comparison.variants.assign(variants, result);
    ExampleOutcome out = exampleOutcome(comparison);
    out.label = 0;
    return out;
}

}  // namespace

void checkDeclared(const DatasetRequest& request, const std::vector<VariantSpec>& variants) {
    for (const auto& [metric, margin] : request.margins) endpointInfo(metric);
    endpointInfo(request.primary);
    if (request.gates.empty()) return;
    std::vector<std::string> names;
    for (const VariantSpec& variant : variants) {
        ModelIdentity identity;
        identity.path = variant.path.string();
        identity.scheme = variant.schemeText();
        names.push_back(identity.name());
    }
    AggregatePlan plan;
    for (const MethodRequest& method : methodsOrDefault(request.prompt))
        plan.methods.push_back(method.id);
    plan.primary = request.primary;
    const auto figures = gateFigures(
        aggregateOf({everyFigure(request, variants.size())}, variants.size(), plan, {}, {}), names);
    for (const Gate& gate : request.gates) evaluateGate(gate, figures);
}

DatasetPlan planDataset(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                        const DatasetRequest& request, const RunContext& context) {
    checkDeclared(request, variants);
    applyThreads(request.prompt.compute.threads);
    const LoadedModels models(reference, variants, request.prompt.compute, context);
    DatasetPlan out;
    std::string longest;
    const auto most = static_cast<std::uint64_t>(models.reference.model->textPositions());
    out.notes = forEachRow(request.rows, [&](const SourceRow& source) {
        ++out.examples;
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
