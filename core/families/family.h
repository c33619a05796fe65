// The families of models: how a checkpoint's config.json and names become a spec and canonical
// names. One file per family; kFamilies in registry.cpp is the only list.
#pragma once

#include "core/base/json.h"
#include "core/model/spec.h"
#include "core/tensor.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Where a parameter lies in a checkpoint.
struct ParameterSource {
    // Names to try in order, without the family's prefix ("encoder.layer.0.…").
    std::vector<std::string> names;
    bool isTransposed = false;  // stored [in, out], as GPT-2 does
    // For fused projections: these rows of the [out, in] matrix or [out] vector …
    std::int64_t firstRow = 0;
    std::int64_t rows = -1;      // -1: all of them
    std::int64_t fusedRows = 0;  // … of so many,
    std::int64_t groups = 1;     // which repeat: fusedRows after fusedRows (GPT-NeoX's heads),
    std::int64_t stacked = 0;    // stored as [stacked, fusedRows / stacked, in] (experts); 0: not.
    // Where none of the names is there: another layout of the same checkpoints.
    std::vector<ParameterSource> otherwise = {};
};

// The parameter's part of a stored tensor of that layout, as a view: [out, in] or [out], or, where
// rows repeat in groups, [groups, rows(, in)].
at::Tensor partOf(const at::Tensor& stored, const ParameterSource& source);

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

// Throws Error(Unsupported) with the known families, or with the family's known classes if
// "architectures" names another one.
const FamilyEntry& familyOf(const JsonObject& config);

// The family of a spec. Throws Error(Internal) for a name that is in no row.
const FamilyEntry& familyNamed(std::string_view modelType);

// True for a name that the family's `ignored` matches.
bool isIgnoredName(const FamilyEntry& family, std::string_view name);

// A canonical name split into block index and rest: "blocks.3.attn.q_proj.weight" → {3,
// "attn.q_proj.weight"}; block is -1 outside the blocks.
struct CanonicalName {
    std::int64_t block = -1;
    std::string rest;
};
CanonicalName splitCanonical(const std::string& name);

// Shared by the family files.
// True if "architectures" names a class with that ending ("ForMaskedLM").
bool isArchitecture(const JsonObject& config, std::string_view ending);
// Rotary keys of old and new configurations: rope_theta and rope_scaling, or rope_parameters with
// both. Throws Error(Unsupported) for an unknown kind.
struct RopeDefaults {
    double theta = 10000.0;
    std::string_view thetaKey = "rope_theta";  // of old configurations
    // Share of each head that is rotated, and its key in old configurations; without a key the
    // family rotates whole heads, whatever the file says.
    double rotaryShare = 1.0;
    std::string_view shareKey = {};
    std::string_view layerType = {};  // Gemma 3: rope_parameters has an object per kind of layer
    bool readsScaling = true;         // rope_scaling of old configurations applies
};
RopeSpec readRope(const JsonObject& config, std::int64_t headDim, const RopeDefaults& defaults);
// The window of the layers that "layer_types" calls sliding_attention; of those that `isSliding`
// names where the list is absent.
void readWindows(const JsonObject& config, ModelSpec& spec, std::int64_t window,
                 const std::function<bool(std::int64_t layer)>& isSliding);
Activation parseActivation(std::string_view name, std::string_view what);
void readClassLabels(const JsonObject& config, ModelSpec& spec);
void readSpecialTokens(const JsonObject& config, ModelSpec& spec);
// An id or a list of ids; those outside the vocabulary (-1 for none) are left out.
std::vector<std::int64_t> readTokenIds(const JsonObject& config, std::string_view key,
                                       std::int64_t vocabularySize);
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
ModelSpec readMixtralConfig(const JsonObject& config);
ParameterSource mixtralSource(const std::string& canonical, const ModelSpec& spec);
ModelSpec readGemmaConfig(const JsonObject& config);  // with Llama's names
ModelSpec readGemma2Config(const JsonObject& config);
ModelSpec readGemma3TextConfig(const JsonObject& config);
ModelSpec readGemma3Config(const JsonObject& config);  // the text part of an image model
ParameterSource gemma2Source(const std::string& canonical, const ModelSpec& spec);  // and Gemma 3
ModelSpec readPhiConfig(const JsonObject& config);
ParameterSource phiSource(const std::string& canonical, const ModelSpec& spec);
ModelSpec readPhi3Config(const JsonObject& config);
ParameterSource phi3Source(const std::string& canonical, const ModelSpec& spec);
ModelSpec readGptNeoxConfig(const JsonObject& config);
ParameterSource gptNeoxSource(const std::string& canonical, const ModelSpec& spec);
ModelSpec readOptConfig(const JsonObject& config);
ParameterSource optSource(const std::string& canonical, const ModelSpec& spec);
ParameterSource llamaSource(const std::string& canonical, const ModelSpec& spec);
ModelSpec readDriftlensConfig(const JsonObject& config);
ParameterSource driftlensSource(const std::string& canonical, const ModelSpec& spec);

}  // namespace driftlens
