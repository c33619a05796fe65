// The table of explanation methods. Adding one: its file, a declaration in methods.h, a row in
// registry.cpp; help texts, forms, reports and every_method_test read the row.
#pragma once

#include "core/base/parameters.h"
#include "core/base/run_context.h"
#include "core/model/compute.h"
#include "xai/attribution.h"

#include <span>
#include <string_view>

namespace at {
class Tensor;
}

namespace driftlens {

class Model;
class Scorer;

// Texts that share something, as ids of the model.
struct ConceptExamples {
    std::string name;
    std::vector<std::vector<std::int64_t>> texts;
};

// What tcav is asked: concepts, sets of random texts, and the examples whose answers are meant (the
// prompt alone where there are none).
struct ConceptQuestion {
    std::vector<ConceptExamples> concepts, randomSets;
    std::vector<std::vector<std::int64_t>> examples;
};

// One input, one target, one model: what every method gets. References are borrowed.
struct MethodInput {
    const Model& model;
    const Tokenizer& tokenizer;
    const TokenizedInput& input;
    const Target& target;
    ComputeType compute = ComputeType::Float32;
    std::int64_t batch = 1;  // rows of a micro-batch
    std::uint64_t seed = 0;
    const ConceptQuestion* concepts = nullptr;
    // Added to the embeddings of the input: [tokens, hidden] in the compute type. Null: nothing is.
    const at::Tensor* shift = nullptr;
};

// Files of texts, one text per line, that a method reads besides the prompt: an option of the
// command line, and fields of the desktop's form.
struct TextFileInfo {
    std::string_view option;  // "concept"
    bool isNamed = false;     // NAME=FILE, else FILE
    std::size_t least = 0, most = 0;
    std::string_view meaning;  // one clause
    std::string_view lack;     // what is said where there are fewer
};
// Whether an option of any method takes NAME=FILE.
bool isNamedTextFile(std::string_view option);

// A row: what the method claims. Help, forms, reports and every_method_test go by it.
struct MethodEntry {
    std::string_view id;  // stored in records: never rename
    std::string_view title, paper, summary;
    std::string_view definition;  // the formula
    std::string_view cost;        // in forward and backward passes
    std::string_view caveats;
    bool isComplete = false;  // Σ scores = value − baseline value, up to the stated gap
    bool needsGradients = false;
    bool isDeterministic = true;  // no draw takes part; else the seed is the only other input
    // φ(F − G) = φ(F) − φ(G): what a contrast's scores are made of.
    bool isLinear = false;
    bool isSensitive = true;     // no score for what the target does not depend on
    bool explainsParts = false;  // scores belong to parts of the network, not to tokens
    bool explainsLogit = false;  // always the logit, whatever quantity was asked
    // A continuation's tokens one by one: if the setting answer_tokens asks for it, or always where
    // the method has no such setting.
    bool explainsAnswerTokens = false;
    bool scoresVirtualTokens = true;  // else an adapter's virtual tokens stay as they are
    std::span<const ParameterInfo> parameters;
    std::span<const TextFileInfo> files = {};
    Attribution (*run)(const MethodInput& input, const ParameterSet& settings,
                       const RunContext& context) = nullptr;
    // Why it cannot explain such a model; empty: it can. Null: it can explain any.
    std::string (*whyNot)(const Model& model) = nullptr;
};

std::span<const MethodEntry> methods();
const MethodEntry& methodNamed(std::string_view id);  // throws Error(Usage) with the known ones

// Runs a method and fills in what all results carry: id, settings, target, time. Throws
// Error(Unsupported) for a model that it cannot explain, Error(Numeric) if a score is not finite.
Attribution runMethod(const MethodEntry& method, const std::map<std::string, std::string>& settings,
                      const MethodInput& input, const RunContext& context);

// The same settings for scores alone, which a continuation's tokens one by one do not change.
std::map<std::string, std::string> withoutAnswerTokens(std::map<std::string, std::string> settings);

// The scorer of the input's target.
Scorer scorerOf(const MethodInput& input, const RunContext& context);

// The id that stands for "nothing": "mask", "pad", "unknown" or "token:ID". Where the model has no
// such token: pad, unknown, end of text, in that order; `said` tells which.
struct Replacement {
    std::int64_t id = 0;
    std::string said;
};
Replacement replacementToken(const Tokenizer& tokenizer, std::string_view setting,
                             std::int64_t vocabularySize);

// How gradients through this model come about: exact through its weights, or straight through
// activations that it rounds.
GradientKind gradientKindOf(const Model& model);
inline constexpr std::string_view kStraightThroughWarning =
    "gradients go straight through the rounding of activations: they are those of a surrogate";

// True for tokens that stay as they are unless the setting special=replace is given.
bool isKept(const Token& token, const ParameterSet& settings);

}  // namespace driftlens
