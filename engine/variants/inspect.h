// What a checkpoint holds, and a variant written to disk.
#pragma once

#include "engine/variants/variant.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace driftlens {

struct InspectedTensor {
    std::string canonical;       // "blocks.0.attn.q_proj"
    std::string checkpointName;  // as stored
    std::string form;            // "F16", "INT4 group 32"
    std::vector<std::int64_t> shape;
    std::int64_t bytes = 0;
};

struct Inspection {
    ModelIdentity model;
    std::string task;  // see taskName
    std::int64_t layers = 0, hiddenSize = 0, vocabularySize = 0, maxPositions = 0;
    double bitsPerWeight = 0.0;
    std::string tokenizer;  // "WordPiece, 5000 ids"
    std::vector<std::string> classLabels;
    std::vector<InspectedTensor> tensors;
    std::vector<std::string> unusedTensors;            // of the checkpoint, by name
    std::map<std::string, std::string> chatTemplates;  // name to text, never executed
    std::vector<std::string> warnings;
};

Inspection inspectVariant(const VariantSpec& spec, const RunContext& context);
// Of one that was loaded with its digests. Reads every weight once.
Inspection inspectVariant(const LoadedVariant& variant);

// Writes the variant as a Hugging Face folder: weights as the scheme left them, in F32 where they
// were quantised (so that no value changes) and in their own type elsewhere; config.json and the
// tokenizer's files copied; driftlens_recipe.json with the scheme and the parent's digest. Throws
// Error(Usage) if the folder exists and is not empty, Error(Io) if it cannot be written.
std::filesystem::path saveVariant(const VariantSpec& spec, const std::filesystem::path& folder,
                                  const RunContext& context);

}  // namespace driftlens
