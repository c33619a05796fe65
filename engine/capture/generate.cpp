#include "engine/capture/generate.h"

#include "core/model/generate.h"
#include "core/tokenizer/tokenizer.h"
#include "engine/compare/prepare.h"
#include "engine/compare/threads.h"
#include "xai/targets/scorer.h"

#include <algorithm>
#include <iterator>

namespace driftlens {

std::vector<GeneratedText> generateTexts(const VariantSpec& model, const GenerationRequest& request,
                                         const RunContext& context) {
    applyThreads(request.compute.threads);
    const LoadedVariant variant = VariantLoader().load(model, request.compute, false, context);
    GenerateRequest generation;
    const auto add = [&](const PromptRequest& prompt) {
        generation.prompts.push_back(tokenizeRequest(variant, prompt).ids());
    };
    for (const std::string& text : request.prompts) {
        PromptRequest prompt;
        prompt.prompt = text;
        add(prompt);
    }
    for (const std::vector<std::int64_t>& ids : request.ids) {
        PromptRequest prompt;
        prompt.ids = ids;
        add(prompt);
    }
    generation.newTokens = request.newTokens;
    generation.stopAtEnd = request.stopAtEnd;
    generation.sampling = request.sampling;
    generation.sampling.seed = request.compute.seed;
    generation.compute = scalarTypeOf(request.compute.compute);

    std::vector<GeneratedText> out;
    for (GeneratedTokens& tokens : generate(*variant.model, generation, context)) {
        std::vector<std::int64_t> known;  // the model's table may have ids without a piece
        std::copy_if(tokens.ids.begin(), tokens.ids.end(), std::back_inserter(known),
                     [&](std::int64_t id) { return variant.tokenizer->pieceOf(id).has_value(); });
        std::string text = variant.tokenizer->decode(known, true);
        out.push_back({generation.prompts[out.size()], std::move(tokens.ids), std::move(text),
                       stopReasonName(tokens.reason)});
    }
    return out;
}

}  // namespace driftlens
