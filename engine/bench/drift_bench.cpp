#include "engine/bench/drift_bench.h"

#include "core/base/error.h"
#include "core/model/model.h"
#include "engine/bench/timing.h"
#include "engine/compare/threads.h"
#include "engine/dataset/models.h"
#include "xai/methods/method.h"

namespace driftlens {
namespace {

PromptRequest promptOf(const BenchRequest& request, const LoadedVariant& reference,
                       const MethodRequest& method) {
    PromptRequest out;
    out.ids = benchIds(reference, request);
    out.methods = {method};
    out.compute = request.compute;
    return out;
}

// What failed costs nothing, which is no figure.
void requireCompared(const Comparison& comparison) {
    for (const VariantResult& variant : comparison.variants)
        if (!variant.failed.empty())
            throw Error(ErrorKind::Unsupported, variant.model.name() + ": " + variant.failed);
}

DriftCost costOf(const LoadedModels& loaded, const BenchRequest& request,
                 const MethodRequest& method, const RunContext& context) {
    DriftCost out;
    out.method = formatNamedSettings(method.id, method.settings);
    const PromptRequest prompt = promptOf(request, loaded.reference, method);
    const LoadedVariant& base = loaded.reference;
    const TokenizedInput input = tokenizeRequest(base, prompt);
    out.tokens = static_cast<std::int64_t>(input.tokens.size());
    const Target target = resolveTarget(*base.model, *base.tokenizer, input, prompt.target,
                                        request.compute.compute, context);
    out.batch = batchOf(*base.model, out.tokens, target, request.compute);
    const MethodInput call{*base.model, *base.tokenizer,     input, target, request.compute.compute,
                           out.batch,   request.compute.seed};
    const std::size_t variants = loaded.variants.size();
    std::vector<double> explanations, overheads;
    std::vector<std::vector<double>> comparisons(variants);
    // All kinds in turn, so that what else the machine does meets all of them alike; the first turn
    // warms caches and is not counted.
    for (int turn = 0; turn <= request.repeat; ++turn) {
        const double explanation =
            secondsOf([&] { runMethod(methodNamed(method.id), method.settings, call, context); });
        double comparison = 0.0;
        for (std::size_t k = 1; k <= variants; ++k) {
            ComparisonModels models = loaded.models();
            models.variants = k;
            Comparison found;
            comparison = secondsOf(
                [&] { found = compareIn(models, prompt, CompareMode::OfDataSet, context); });
            requireCompared(found);
            if (turn > 0) comparisons[k - 1].push_back(comparison);
        }
        if (turn == 0) continue;
        explanations.push_back(explanation);
        overheads.push_back(comparison / (static_cast<double>(variants + 1) * explanation));
    }
    out.explanationSeconds = medianOf(explanations);
    out.overhead = medianOf(overheads);
    for (const std::vector<double>& seconds : comparisons)
        out.comparisonSeconds.push_back(medianOf(seconds));
    return out;
}

}  // namespace

DriftBenchResult runDriftBench(const BenchRequest& request,
                               const std::vector<VariantSpec>& variants,
                               const RunContext& context) {
    DriftBenchResult out;
    out.threads = applyThreads(request.compute.threads);
    const LoadedModels loaded(request.model, variants, request.compute, context);
    out.reference = loaded.reference.identity;
    for (const LoadedVariant& variant : loaded.variants) out.variants.push_back(variant.identity);
    for (const MethodRequest& method : request.methods)
        out.methods.push_back(costOf(loaded, request, method, context));
    return out;
}

Json toJson(const DriftBenchResult& result) {
    Json variants = Json::array(), methods = Json::array();
    for (const ModelIdentity& variant : result.variants) variants.push_back(variant.name());
    for (const DriftCost& cost : result.methods) {
        methods.push_back({{"method", cost.method},
                           {"tokens", cost.tokens},
                           {"batch", cost.batch},
                           {"explanation_seconds", cost.explanationSeconds},
                           {"comparison_seconds", cost.comparisonSeconds},
                           {"overhead", cost.overhead}});
    }
    return {{"schema", "driftlens/bench/1"},
            {"reference", result.reference.name()},
            {"variants", variants},
            {"threads", result.threads},
            {"drift", methods}};
}

}  // namespace driftlens
