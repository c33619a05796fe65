// Where a model's virtual tokens go in one forward pass.
#pragma once

#include "core/model/model.h"

namespace driftlens {

// A text with what stands before it: a prompt's columns, or a prefix as if its keys and values were
// those of tokens seen before.
struct PlacedText {
    std::int64_t tokens = 0;   // columns of this pass, the prompt's included
    at::Tensor mask;           // bool [batch, tokens], or undefined: no padding
    at::Tensor positions;      // int64 [batch, tokens], or undefined: the default ones
    at::Tensor prompt;         // [batch, count, width], or undefined
    KvCache* cache = nullptr;  // the caller's, or `prefix`

    std::int64_t promptColumns() const { return prompt.defined() ? prompt.size(1) : 0; }
};

// The input as it is for a model without virtual tokens, or with a cache that holds them already.
// `prefix` takes the keys and values where the caller gave no cache; it must outlive the result.
PlacedText placeVirtualTokens(const Model& model, const ForwardInput& input, at::ScalarType compute,
                              KvCache& prefix);

}  // namespace driftlens
