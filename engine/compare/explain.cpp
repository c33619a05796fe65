#include "engine/compare/explain.h"

#include "core/base/error.h"
#include "core/model/model.h"
#include "engine/compare/fidelity.h"
#include "engine/compare/prepare.h"
#include "engine/compare/record.h"
#include "engine/compare/run_log.h"
#include "engine/compare/threads.h"
#include "xai/methods/explanation_metrics.h"
#include "xai/methods/method.h"
#include "xai/methods/presets.h"
#include "xai/targets/scorer.h"

namespace driftlens {

MethodRequest MethodRequest::parse(std::string_view argument, std::string_view preset) {
    NamedSettings named = parseNamedSettings(argument, "method");
    const MethodEntry& method = methodNamed(named.name);
    std::string asked(preset);
    if (const auto own = named.settings.extract("preset")) asked = own.mapped();
    if (!asked.empty() && asked != "default") {
        // What is given goes first: merge keeps it.
        named.settings.merge(presetSettings(asked, named.name));
    }
    const ParameterSet checked("method " + named.name, method.parameters, named.settings);
    return {named.name, checked.all()};
}

std::vector<MethodRequest> MethodRequest::all() {
    std::vector<MethodRequest> out;
    for (const MethodEntry& method : methods()) out.push_back(parse(method.id));
    return out;
}

namespace {

// Any id of the model's table: its vocabulary may be larger than the tokenizer's.
TokenizedInput inputOfIds(const LoadedVariant& variant, const std::vector<std::int64_t>& ids) {
    TokenizedInput out;
    const std::int64_t count = variant.model->spec().vocabularySize;
    for (const std::int64_t id : ids) {
        if (id < 0 || id >= count) {
            throw Error(ErrorKind::Usage, "token id " + std::to_string(id) +
                                              " is out of range; the model has ids 0 to " +
                                              std::to_string(count - 1));
        }
        if (variant.tokenizer->pieceOf(id)) {
            out.tokens.push_back(variant.tokenizer->fromIds(std::span(&id, 1)).tokens.front());
        } else {
            Token token;
            token.id = id;
            token.text = "#" + std::to_string(id);
            out.tokens.push_back(std::move(token));
        }
    }
    return out;
}

}  // namespace

TokenizedInput tokenizeRequest(const LoadedVariant& variant, const PromptRequest& request) {
    if (!request.ids && !variant.whyNoTexts.empty())
        throw Error(ErrorKind::InputFile, variant.whyNoTexts);
    if (request.pair && variant.model->spec().isCausal)
        throw Error(ErrorKind::Usage, "a causal model takes one text, not a pair");
    const TokenizedInput input = request.ids ? inputOfIds(variant, *request.ids)
                                 : request.pair
                                     ? variant.tokenizer->encodePair(request.prompt, *request.pair)
                                     : variant.tokenizer->encode(request.prompt);
    if (input.tokens.empty() || (!request.ids && request.prompt.empty()))
        throw Error(ErrorKind::Usage, "the prompt is empty");
    const std::int64_t longest = variant.model->textPositions();
    if (static_cast<std::int64_t>(input.tokens.size()) > longest) {
        throw Error(ErrorKind::Usage, "the prompt has " + std::to_string(input.tokens.size()) +
                                          " tokens, the model takes at most " +
                                          std::to_string(longest));
    }
    return input;
}

std::int64_t batchOf(const Model& model, std::int64_t tokens, const Target& target,
                     const ComputeOptions& options) {
    if (options.batch > 0) return options.batch;
    std::uint64_t memory = options.memoryBytes;
    if (memory == 0) memory = options.plannedMemoryBytes;
    if (memory == 0) memory = defaultMemoryBytes();
    const auto answers =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(target.continuation.size()));
    return planBatchRows(model.spec(), tokens + answers - 1, true, memory, answers);
}

double targetValueOf(const std::vector<Attribution>& results, const Target& target,
                     const LoadedVariant& variant, const TokenizedInput& input, ComputeType compute,
                     const RunContext& context) {
    for (const Attribution& result : results)
        if (result.target == target) return result.targetValue;
    const at::Tensor ids = at::tensor(input.ids(), at::kLong).unsqueeze(0);
    return Scorer(*variant.model, target, compute, context).values(ids).front();
}

std::vector<MethodRequest> methodsOrDefault(const PromptRequest& request) {
    if (!request.methods.empty()) return request.methods;
    return {MethodRequest::parse("integrated_gradients")};
}

namespace {

// What stands in the way of one method alone, not of the run.
bool isOfTheMethod(const Error& error) {
    return error.kind() == ErrorKind::Unsupported || error.kind() == ErrorKind::Usage ||
           error.kind() == ErrorKind::Numeric;
}

void explainBy(const MethodRequest& method, const PromptRequest& request, const MethodInput& input,
               const RunContext& context, Explanation& out) {
    Attribution result;
    try {
        result = runMethod(methodNamed(method.id), method.settings, input, context);
    } catch (const Error& error) {
        if (!request.leavesOutImpossible || !isOfTheMethod(error)) throw;
        out.leftOut.push_back({method.id, error.what()});
        return;
    }
    if (request.metrics) {
        MetricPlan plan = *request.metrics;
        if (request.grouping.unit != GroupUnit::Span) plan.unit = request.grouping.text();
        addMetrics(input, plan, context, result);
    }
    GroupedScores grouped = groupScores(result, out.input, request.grouping);
    result.groups = std::move(grouped.groups);
    result.groupRule = std::move(grouped.rule);
    out.results.push_back(std::move(result));
}

}  // namespace

Explanation explainPrompt(const VariantSpec& model, const PromptRequest& request, AuditLog* log,
                          const RunContext& context) {
    VariantLoader loader;
    return explainPrompt(model, request, log, loader, context);
}

Explanation explainPrompt(const VariantSpec& model, const PromptRequest& request, AuditLog* log,
                          VariantLoader& loader, const RunContext& context) {
    applyThreads(request.compute.threads);
    Explanation out;
    Json settings = requestJson(request);
    settings["model"] = {{"path", model.path.string()}, {"scheme", model.schemeText()}};
    runLogged(log, "explain", settings, request, [&](const std::string& runId) {
        const LoadedVariant variant = loader.load(model, request.compute, true, context);
        out.model = variant.identity;
        out.input = tokenizeRequest(variant, request);
        checkGrouping(out.input, request.grouping);
        out.target = resolveTarget(*variant.model, *variant.tokenizer, out.input, request.target,
                                   request.compute.compute, context);
        const auto tokens = static_cast<std::int64_t>(out.input.tokens.size());
        out.batch = batchOf(*variant.model, tokens, out.target, request.compute);
        const ConceptQuestion concepts = readConcepts(request.concepts, variant);
        const MethodInput input{
            *variant.model, *variant.tokenizer,   out.input, out.target, request.compute.compute,
            out.batch,      request.compute.seed, &concepts};
        const std::vector<MethodRequest> methods = methodsOrDefault(request);
        for (std::size_t i = 0; i < methods.size(); ++i) {
            const auto n = static_cast<double>(methods.size());
            const RunContext part =
                context.part(static_cast<double>(i) / n, static_cast<double>(i + 1) / n);
            explainBy(methods[i], request, input, part, out);
        }
        if (out.results.empty())
            throw Error(ErrorKind::Unsupported,
                        "no method can explain this: " + out.leftOut.front().reason);
        out.targetValue = targetValueOf(out.results, out.target, variant, out.input,
                                        request.compute.compute, context);
        if (request.answers > 0) {
            out.answers = bestAnswers(
                *variant.model, *variant.tokenizer,
                answerLogProbabilities(*variant.model, out.input.ids(), out.target.position,
                                       request.compute.compute, context),
                request.answers);
        }
        out.runId = runId;
        if (log == nullptr) return;
        const AuditResult result = explanationResult(*log, out);
        log->addResult(runId, result.body, result.payloads);
    });
    return out;
}

}  // namespace driftlens
