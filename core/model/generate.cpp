#include "core/model/generate.h"

#include "core/base/error.h"
#include "core/model/rope.h"

namespace driftlens {
namespace {

at::Tensor asRow(const std::vector<std::int64_t>& ids) {
    return at::tensor(ids, at::kLong).unsqueeze(0);  // [1, tokens]
}

}  // namespace

std::vector<std::int64_t> generateGreedy(const Model& model, const GenerateRequest& request,
                                         const RunContext& context) {
    if (model.spec().task != Task::CausalLm) {
        throw Error(ErrorKind::Usage, "generate: a classifier does not continue texts");
    }
    if (request.ids.empty()) throw Error(ErrorKind::Usage, "generate: the prompt is empty");
    KvCache cache;
    std::vector<std::int64_t> all = request.ids;
    std::vector<std::int64_t> added;
    std::vector<std::int64_t> fresh = request.ids;  // not yet in the cache
    while (static_cast<std::int64_t>(added.size()) < request.newTokens &&
           static_cast<std::int64_t>(all.size()) <= model.spec().maxPositions) {
        const auto length = static_cast<std::int64_t>(all.size());
        if (outgrowsCache(model.spec().rope, cache.seen(), length) && cache.seen() > 0) {
            cache = {};
            fresh = all;
        }
        ForwardInput input;
        input.ids = asRow(request.useCache ? fresh : all);
        if (request.useCache) input.cache = &cache;
        ForwardRequest wanted;
        wanted.compute = request.compute;
        wanted.logitPositions = at::full({1, 1}, input.tokens() - 1, at::kLong);
        const at::Tensor logits = model.forward(input, wanted, {}, context).logits;
        const std::int64_t next = logits.flatten().argmax().item<std::int64_t>();
        all.push_back(next);
        added.push_back(next);
        fresh = {next};
        if (request.stopAtEnd && model.spec().eosToken == next) break;
        context.checkpoint(
            static_cast<double>(added.size()) / static_cast<double>(request.newTokens), "generate");
    }
    return added;
}

}  // namespace driftlens
