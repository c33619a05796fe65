// What a comparison of one prompt found, as plain values (no LibTorch).
#pragma once

#include "core/files/checkpoint.h"
#include "engine/drift/token_divergence.h"
#include "xai/attribution.h"
#include "xai/metrics/agreement.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

// A part of a model as it is stored: "embeddings", "blocks.0", …, "rest" (what stands behind the
// blocks). Together they are the whole model.
struct StoredPart {
    std::string part;
    std::string form;                // of its matrices, as in ModelIdentity; else of its tensors
    std::int64_t weights = 0;        // biases and norms included
    std::int64_t bytes = 0;          // scales included
    std::int64_t matrixWeights = 0;  // of its matrices alone
    // Exact zeros in its matrices; none where they were not counted: outside the blocks, and where
    // they would have to be unpacked first.
    std::optional<std::int64_t> zeros;
    bool operator==(const StoredPart&) const = default;
};

// Which model computed something: enough to find and check it again.
struct ModelIdentity {
    std::string path;        // as given
    std::string family;      // "bert", "llama", …
    std::string task;        // taskName(); empty in records of earlier versions
    std::string scheme;      // "none" for weights as stored, else "int4:group=32+…"
    std::string storedForm;  // stored forms of the Linear modules: "F16", "INT4 group 32", …
    std::string compute;     // "float32", …
    std::string digest;      // hex SHA-256 of the manifest (and of the scheme, for variants)
    std::vector<FileDigest> files;
    std::int64_t parameters = 0;
    std::int64_t storedBytes = 0;
    // In the order of the forward pass; empty where nothing is kept, and in records of earlier
    // versions.
    std::vector<StoredPart> storage;
    // Short, for tables: last path part, with @scheme and its settings that are no defaults.
    std::string name() const;
};

// Change of outputs from the reference to a variant, at the target's position (nats).
struct Fidelity {
    double kl = 0.0;         // KL(reference ‖ variant)
    double reverseKl = 0.0;  // KL(variant ‖ reference)
    double js = 0.0;         // Jensen–Shannon divergence, base 2, in [0, 1]
    bool top1Same = true;
    bool flip = false;               // the top answer changed
    double probabilityChange = 0.0;  // of the reference's answer: variant − reference
    std::int64_t referenceTop = 0;
    std::int64_t variantTop = 0;
    std::string referenceTopText;
    std::string variantTopText;
    double referenceProbability = 0.0;  // each model's probability of the reference's answer
    double variantProbability = 0.0;
    double variantTopProbability = 0.0;  // of the variant's own answer
    std::map<int, double> topOverlap;    // share of the k most probable answers in common, by k
};

// The floor that an agreement is read against: the reference against itself.
struct Repeatability {
    Agreement float64;               // float32 against float64
    Agreement batchShape;            // the planned batch shape against another one
    double float64Difference = 0.0;  // largest |score difference|, absolute
    double batchShapeDifference = 0.0;
    std::vector<double> float64Scores;  // of the reference
    std::vector<double> otherBatchScores;
};

// The probability of the explained answer (of a margin or contrast: its quantity) while the units
// of a text are removed in the order of an explanation, and while only those are kept: a value for
// k = 0 … units each. Empty where scores belong to parts of the network.
struct RemovalCurves {
    std::vector<double> deletion, insertion;
    bool operator==(const RemovalCurves&) const = default;
};

// Rank correlation of an explanation with that of the model whose weights from the output down to
// `layer` were drawn anew.
struct RandomisedStep {
    std::string layer;
    Figure magnitudes, signedScores;  // of |scores|, and of scores
};

// Whether an explanation can be trusted, if that was asked.
struct ExplanationChecks {
    RemovalCurves reference, variant;        // each in the order of its own explanation
    std::vector<RandomisedStep> randomised;  // of the reference; empty: not asked
};

// One method on one variant, beside the reference.
struct ExplanationDrift {
    std::string method;
    Attribution reference;
    Attribution variant;
    Agreement agreement;
    Repeatability repeatability;
    double largestDifference = 0.0;  // max |variant − reference| over tokens
    std::string verdict;             // a sentence that names the yardsticks it rests on
    bool aboveNumericalNoise = false;
    std::optional<ExplanationChecks> checks;
};

// One head's attention, reference against variant: means over the queries, in bits.
struct HeadChange {
    std::int64_t layer = 0, head = 0;
    Figure js, jsWithoutSink, entropyChange;
};

// The activations at one site, [tokens, width].
struct SiteChange {
    std::string site;         // "blocks.3.mlp.out"
    std::string module;       // "embeddings", "attention", "mlp", "block"
    std::int64_t layer = -1;  // -1: before the blocks
    Figure cosine, relativeFrobenius, sqnrDecibel, linearCka;
};

// The attention maps of one head in both models, [size, size] as in AttentionMap, over a few of the
// keys: all of them, or of a long text the first and the last.
struct HeadMaps {
    std::int64_t layer = 0, head = 0;
    std::int64_t keys = 0;                // of the whole map; virtual tokens come first
    std::vector<std::int64_t> positions;  // of the keys that are here
    std::vector<float> reference, variant;
};

// The insides of the network. A structure that the variant no longer has is absent, never zero.
struct StructureDrift {
    std::vector<HeadChange> heads;
    std::optional<HeadMaps> mostChanged;  // the head of the largest js; none if it is 0 everywhere
    std::vector<SiteChange> sites;        // in the order of the forward pass
    Figure rolloutSimilarity = undefinedFigure("not computed");  // mean cosine of rollouts' rows
    std::string reason;                                          // why there is nothing
};

struct VariantResult {
    ModelIdentity model;
    Fidelity fidelity;
    StructureDrift structure;
    std::vector<TokenOutcome> tokens;            // of every token of the text, if asked
    std::vector<ExplanationDrift> explanations;  // one per method, in the order asked
    std::vector<std::string> warnings;
    std::vector<RankedAnswer> answers;  // best first, as many as asked
    // Of one example of a data set: why the variant gave no result; then the rest is empty.
    std::string failed;
};

// One prompt, one reference, any number of variants: same ids, target, baseline, nodes everywhere.
struct Comparison {
    // As the reference cuts it. Where a variant cuts it otherwise, tokens are the units that all of
    // them cut at, and a warning says so; ids stay those of the reference.
    TokenizedInput input;
    std::vector<std::int64_t> ids;
    ModelIdentity reference;
    Target target;
    double referenceTargetValue = 0.0;
    std::int64_t referenceAnswer = 0;            // its most probable one
    double referenceConfidence = 0.0;            // the probability of that
    double referenceMargin = 0.0;                // its log-probability minus that of the next best
    std::vector<RankedAnswer> referenceAnswers;  // best first, as many as asked
    std::vector<Attribution> referenceExplanations;  // one per method
    std::vector<VariantResult> variants;
    // Of checkpoints in a row: what changed from the variant before to each but the first, by the
    // same explanations; their repeatability is the reference's.
    std::vector<VariantResult> fromPrevious;
    std::vector<std::string> warnings;
    std::int64_t batch = 0;  // rows of a micro-batch, as planned or asked
    double seconds = 0.0;
    std::string runId;  // of the audit log; empty if not logged
};

}  // namespace driftlens
