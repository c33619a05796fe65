// The families of models: how a checkpoint's config.json and names become a spec and canonical
// names. One file per family; kFamilies in registry.cpp is the only list.
#pragma once

#include "core/base/json.h"
#include "core/model/spec.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Where a parameter lies in a checkpoint.
struct ParameterSource {
    // Names to try in order, without the family's prefix ("encoder.layer.0.…").
    std::vector<std::string> names;
    bool isTransposed = false;   // stored [in, out], as GPT-2 does
    std::int64_t firstRow = 0;   // of the [out, in] matrix or [out] vector, for fused projections
    std::int64_t rows = -1;      // -1: all of them
    std::int64_t fusedRows = 0;  // of the whole fused matrix, where rows are a part of it
};

struct FamilyEntry {
    std::string_view modelType;  // config.json "model_type"; stored in records, never rename
    std::string_view title;
    std::string_view architectures;  // space-separated class names that are supported
    // Throws Error(InputFile) for a contradictory config, Error(Unsupported) for an option outside
    // this program, by name and value. blocks may still be corrected from tensor shapes.
    ModelSpec (*readConfig)(const JsonObject& config);
    // Source of a canonical parameter name (see parametersOf).
    ParameterSource (*sourceOf)(const std::string& canonical, const ModelSpec& spec);
    std::span<const std::string_view> prefixes;  // that a checkpoint may put before every name
    // Names that the forward pass does not use and that are no reason for a warning; a '*' matches
    // any text.
    std::span<const std::string_view> ignored;
};

std::span<const FamilyEntry> families();

// Throws Error(Unsupported) with the known families.
const FamilyEntry& familyOf(const JsonObject& config);

// A canonical name split into block index and rest: "blocks.3.attn.q_proj.weight" → {3,
// "attn.q_proj.weight"}; block is -1 outside the blocks.
struct CanonicalName {
    std::int64_t block = -1;
    std::string rest;
};
CanonicalName splitCanonical(const std::string& name);

// Shared by the family files.
Activation parseActivation(std::string_view name, std::string_view what);
void readClassLabels(const JsonObject& config, ModelSpec& spec);
void readSpecialTokens(const JsonObject& config, ModelSpec& spec);
// Heads from that key, as many key/value heads, of hiddenSize / heads dimensions each. Throws
// Error(InputFile), naming both keys, if they do not divide it.
BlockSpec equalHeads(const JsonObject& config, std::string_view key, std::string_view hiddenKey,
                     std::int64_t hiddenSize);
std::vector<BlockSpec> equalBlocks(std::int64_t count, const BlockSpec& block);

// Bounds of sizes in configurations: no real model comes near them.
inline constexpr std::int64_t kMaxConfigSize = std::int64_t{1} << 24;
inline constexpr std::int64_t kMaxConfigLayers = 1024;

// One per family file.
ModelSpec readBertConfig(const JsonObject& config);
ParameterSource bertSource(const std::string& canonical, const ModelSpec& spec);
ModelSpec readRobertaConfig(const JsonObject& config);
ParameterSource robertaSource(const std::string& canonical, const ModelSpec& spec);
ModelSpec readDistilbertConfig(const JsonObject& config);
ParameterSource distilbertSource(const std::string& canonical, const ModelSpec& spec);
ModelSpec readGpt2Config(const JsonObject& config);
ParameterSource gpt2Source(const std::string& canonical, const ModelSpec& spec);
ModelSpec readLlamaConfig(const JsonObject& config);
ModelSpec readMistralConfig(const JsonObject& config);  // these have Llama's names
ModelSpec readQwen2Config(const JsonObject& config);
ModelSpec readQwen3Config(const JsonObject& config);
ModelSpec readGemmaConfig(const JsonObject& config);
ModelSpec readPhi3Config(const JsonObject& config);
ParameterSource phi3Source(const std::string& canonical, const ModelSpec& spec);
ModelSpec readOptConfig(const JsonObject& config);
ParameterSource optSource(const std::string& canonical, const ModelSpec& spec);
ParameterSource llamaSource(const std::string& canonical, const ModelSpec& spec);
ModelSpec readDriftlensConfig(const JsonObject& config);
ParameterSource driftlensSource(const std::string& canonical, const ModelSpec& spec);

}  // namespace driftlens
