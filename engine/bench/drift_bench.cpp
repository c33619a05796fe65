#include "engine/bench/drift_bench.h"

#include "core/model/model.h"
#include "engine/bench/timing.h"
#include "engine/compare/run_log.h"
#include "engine/dataset/models.h"
#include "xai/methods/method.h"

namespace driftlens {
namespace {

PromptRequest promptOf(const BenchRequest& request, const LoadedVariant& reference,
                       const MethodRequest& method) {
    PromptRequest out;
    out.ids = benchIds(*reference.model, request.tokens);
    out.methods = {method};
    out.compute = request.compute;
    return out;
}

DriftCost costOf(const LoadedModels& loaded, const BenchRequest& request,
                 const MethodRequest& method, const RunContext& context) {
    DriftCost out;
    out.method = formatNamedSettings(method.id, method.settings);
    out.tokens = request.tokens;
    const PromptRequest prompt = promptOf(request, loaded.reference, method);
    const auto secondsWith = [&](std::size_t variants) {
        ComparisonModels models = loaded.models();
        models.variants = variants;
        return medianSeconds(request.repeat, [&] {
            out.batch = compareIn(models, prompt, CompareMode::OfDataSet, context).batch;
        });
    };
    for (std::size_t k = 1; k <= loaded.variants.size(); ++k)
        out.comparisonSeconds.push_back(secondsWith(k));
    const LoadedVariant& base = loaded.reference;
    const TokenizedInput input = tokenizeRequest(base, prompt);
    const Target target = resolveTarget(*base.model, *base.tokenizer, input, prompt.target,
                                        request.compute.compute, context);
    const MethodInput call{*base.model, *base.tokenizer,     input, target, request.compute.compute,
                           out.batch,   request.compute.seed};
    out.explanationSeconds = medianSeconds(
        request.repeat, [&] { runMethod(methodNamed(method.id), method.settings, call, context); });
    return out;
}

}  // namespace

double DriftCost::overhead() const {
    const auto models = static_cast<double>(comparisonSeconds.size() + 1);
    return comparisonSeconds.back() / (models * explanationSeconds);
}

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
                           {"overhead", cost.overhead()}});
    }
    return {{"schema", "driftlens/bench/1"},
            {"reference", result.reference.name()},
            {"variants", variants},
            {"threads", result.threads},
            {"drift", methods}};
}

}  // namespace driftlens
