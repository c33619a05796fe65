#include "engine/compare/flip_point.h"

#include "core/base/error.h"
#include "core/model/generate.h"
#include "core/model/model.h"
#include "engine/compare/prepare.h"
#include "engine/compare/threads.h"
#include "xai/targets/scorer.h"

#include <algorithm>
#include <array>

namespace driftlens {
namespace {

using Ids = std::vector<std::int64_t>;

Ids greedy(const LoadedVariant& model, const Ids& prompt, std::int64_t newTokens,
           ComputeType compute, const RunContext& context) {
    GenerateRequest request;
    request.prompts = {prompt};
    request.newTokens = newTokens;
    request.compute = scalarTypeOf(compute);
    return generate(*model.model, request, context).front().ids;
}

// What the model would say at each place of the continuation, in one pass. As long as it says what
// stands there, that is its own greedy text.
Ids answersAlong(const LoadedVariant& model, const Ids& prompt, const Ids& continuation,
                 ComputeType compute, const RunContext& context) {
    Ids all = prompt;
    all.insert(all.end(), continuation.begin(), continuation.end() - 1);
    ForwardInput input;
    input.ids = at::tensor(all, at::kLong).unsqueeze(0);
    ForwardRequest request;
    request.compute = scalarTypeOf(compute);
    const auto first = static_cast<std::int64_t>(prompt.size()) - 1;
    request.logitPositions =
        at::arange(first, static_cast<std::int64_t>(all.size()), at::kLong).unsqueeze(0);
    const at::Tensor best =
        model.model->forward(input, request, {}, context).logits[0].argmax(-1).contiguous();
    const auto* data = best.const_data_ptr<std::int64_t>();
    return {data, data + best.numel()};
}

std::string textOf(const LoadedVariant& model, const Ids& ids, std::size_t count) {
    Ids known;
    for (std::size_t i = 0; i < count; ++i)
        if (model.tokenizer->pieceOf(ids[i])) known.push_back(ids[i]);
    return model.tokenizer->decode(known, false);
}

}  // namespace

FlipPoints findFlipPoints(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                          const PromptRequest& request, std::int64_t newTokens, AuditLog* log,
                          const RunContext& context) {
    applyThreads(request.compute.threads);
    const ComputeType compute = request.compute.compute;
    VariantLoader loader(VariantLoader::Keeps::Variants);
    const LoadedVariant base = loader.load(reference, request.compute, false, context);
    if (base.model->spec().task != Task::CausalLm)
        throw Error(ErrorKind::Usage, base.identity.name() +
                                          " continues no texts: --flip-point is "
                                          "for causal language models");
    const Ids prompt = tokenizeRequest(base, request).ids();
    const Ids continuation = greedy(base, prompt, newTokens, compute, context.stopOnly());
    FlipPoints out;
    out.reference = base.identity;
    out.tokens = continuation.size();
    out.continuation = textOf(base, continuation, continuation.size());
    for (const VariantSpec& spec : variants) {
        loader.keepOnly(std::array{reference, spec});
        const LoadedVariant variant = loader.load(spec, request.compute, false, context);
        checkComparable(base, variant);
        FlipPoint& point = out.variants.emplace_back();
        point.variant = variant.identity;
        const Ids own = answersAlong(variant, prompt, continuation, compute, context.stopOnly());
        const auto parted =
            std::mismatch(continuation.begin(), continuation.end(), own.begin(), own.end());
        point.tokensAlike = static_cast<std::size_t>(parted.first - continuation.begin());
        point.textAlike = textOf(base, continuation, point.tokensAlike);
        if (parted.first == continuation.end()) continue;
        PromptRequest there = request;
        there.prompt.clear();
        there.ids = prompt;
        there.ids->insert(there.ids->end(), continuation.begin(), parted.first);
        there.target.position.reset();
        there.isTimeline = false;
        there.target.text =
            "contrast:" + std::to_string(*parted.first) + "|" + std::to_string(*parted.second);
        point.comparison = comparePrompt(reference, {spec}, there, log, loader, context);
    }
    return out;
}

Json toJson(const FlipPoints& points) {
    Json variants = Json::array();
    for (const FlipPoint& point : points.variants) {
        variants.push_back({{"variant", point.variant.name()},
                            {"tokens_alike", point.tokensAlike},
                            {"text_alike", point.textAlike},
                            {"comparison", point.comparison ? toJson(*point.comparison) : Json()}});
    }
    return {{"schema", "driftlens/compare/1"},
            {"flip_points",
             {{"reference", points.reference.name()},
              {"continuation", points.continuation},
              {"tokens", points.tokens},
              {"variants", variants}}}};
}

}  // namespace driftlens
