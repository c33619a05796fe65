// One forward pass (and one backward pass if asked) written to a safetensors file.
#pragma once

#include "engine/compare/explain.h"

#include <filesystem>
#include <string>
#include <vector>

namespace driftlens {

// Groups of product.md: "logits", "hidden_states", "attentions", "grad_embeddings"; anything else
// is the name of a site ("blocks.3.attn.head_output").
struct CaptureRequest {
    PromptRequest prompt;  // methods are not used; the quantity is the logit by default
    std::vector<std::string> sites;
    std::filesystem::path out;
};

struct CapturedTensor {
    std::string name;
    std::vector<std::int64_t> shape;
};

struct CaptureResult {
    ModelIdentity model;
    TokenizedInput input;
    std::vector<CapturedTensor> tensors;
};

// Tensors are float32 (float64 if computed in it), input_ids int64. hidden_states.0 is the input of
// the first block, the last one is after the final norm. Throws as forward does, Error(Io) if the
// file cannot be written.
CaptureResult captureToFile(const VariantSpec& model, const CaptureRequest& request,
                            const RunContext& context);

}  // namespace driftlens
