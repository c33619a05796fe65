// An adapter laid over a model.
#pragma once

#include "core/files/adapter_folder.h"
#include "core/model/model.h"

#include <memory>
#include <string>
#include <vector>

namespace driftlens {

struct AdaptedModel {
    std::shared_ptr<const Model> model;  // shares every weight that the adapter leaves as it is
    // Tensors of the adapter that the forward pass has no use for (position ids and their like).
    std::vector<std::string> unused;
};

// LoRA (rank-stabilised, DoRA, of token tables), AdaLoRA and IA3 as overlays over the model's
// Linears, whatever their stored form; biases and whole modules that the adapter brings in the
// place of the model's; virtual tokens. Throws Error(InputFile), naming file and tensor, for
// tensors that match no module, a pair that is not whole, a shape or rank that disagrees with the
// module or with adapter_config.json, and values that are not finite.
AdaptedModel applyAdapter(const Model& model, const AdapterFolder& adapter);

}  // namespace driftlens
