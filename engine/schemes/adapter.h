// The scheme "adapter": a PEFT folder laid over the model.
#pragma once

#include "core/base/parameters.h"
#include "core/base/run_context.h"
#include "core/files/checkpoint.h"

#include <array>
#include <memory>
#include <vector>

namespace driftlens {

class Model;

inline constexpr std::array<ParameterInfo, 1> kAdapterTable = {
    {{"path", ParameterKind::Text, "", 0.0, 0.0, "a PEFT folder",
      "folder with adapter_config.json and adapter_model.safetensors"}}};

// Throw as AdapterFolder::open and applyAdapter do.
std::shared_ptr<const Model> addAdapter(const Model& model, const ParameterSet& settings,
                                        const RunContext& context);
std::vector<FileDigest> adapterFiles(const ParameterSet& settings);

}  // namespace driftlens
