#include "core/model/virtual_tokens.h"

namespace driftlens {
namespace {

at::Tensor maskOrOnes(const at::Tensor& mask, std::int64_t batch, std::int64_t columns) {
    return mask.defined() ? mask.to(at::kBool) : at::ones({batch, columns}, at::kBool);
}

void placePrompt(const ForwardInput& input, const at::Tensor& values, PlacedText& text) {
    const std::int64_t count = values.size(1);
    if (input.mask.defined() || input.virtualMask.defined()) {
        text.mask = at::cat({maskOrOnes(input.virtualMask, input.batch(), count),
                             maskOrOnes(input.mask, input.batch(), input.tokens())},
                            1);
    }
    if (input.positions.defined()) {
        const at::Tensor first = at::arange(count, at::kLong).expand({input.batch(), -1});
        text.positions = at::cat({first, input.positions + count}, 1);
    }
    text.prompt = values;
    text.tokens += count;
}

void placePrefix(const ModelSpec& spec, const ForwardInput& input, const at::Tensor& values,
                 PlacedText& text) {
    const std::int64_t count = values.size(1);
    const BlockSpec& size = spec.blocks.front();
    const at::Tensor entries =  // [blocks · 2, batch, kv_heads, count, head_dim]
        values.view({values.size(0), count, -1, size.kvHeads, size.headDim})
            .permute({2, 0, 3, 1, 4});
    text.cache->blocks.clear();
    for (std::int64_t n = 0; n < entries.size(0); n += 2)
        text.cache->blocks.push_back({entries[n], entries[n + 1]});
    text.cache->mask = maskOrOnes(input.virtualMask, input.batch(), count);
    text.cache->positions = text.cache->mask.to(at::kLong).sum(1);
    if (input.positions.defined()) text.positions = input.positions + count;
}

}  // namespace

PlacedText placeVirtualTokens(const Model& model, const ForwardInput& input, at::ScalarType compute,
                              KvCache& prefix) {
    PlacedText text{input.tokens(), input.mask, input.positions, {}, input.cache};
    const VirtualTokens& own = model.weights().virtualTokens;
    if (own.kind == VirtualKind::None || (input.cache != nullptr && input.cache->seen() > 0))
        return text;
    at::Tensor values = input.virtualTokens;
    if (!values.defined()) values = own.values.unsqueeze(0).expand({input.batch(), -1, -1});
    values = values.to(compute);
    if (own.kind == VirtualKind::Prompt) {
        placePrompt(input, values, text);
    } else {
        if (text.cache == nullptr) text.cache = &prefix;
        placePrefix(model.spec(), input, values, text);
    }
    return text;
}

}  // namespace driftlens
