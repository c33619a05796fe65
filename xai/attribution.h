// What an explanation is, as plain values: no LibTorch here, so reports and the desktop can hold
// it.
#pragma once

#include "core/base/figure.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// A margin is the answer's quantity minus that of the best other answer: negative after a flip.
enum class TargetKind { TokenOrClass, Contrast, Continuation, Margin };
enum class Quantity { Logit, Probability, LogProbability };

// The scalar that is explained, fully resolved (no "top" left). For a classifier the ids are class
// ids and position is -1.
struct Target {
    TargetKind kind = TargetKind::TokenOrClass;
    Quantity quantity = Quantity::LogProbability;
    std::int64_t id = 0;                     // class or token; of a contrast: A
    std::int64_t contrastId = 0;             // B of a contrast A − B
    std::vector<std::int64_t> continuation;  // ids whose summed quantity is explained
    std::int64_t position = -1;  // whose next token is meant, from the end: -1 is the last
    std::string text;            // for people: the class label or token piece
    bool operator==(const Target&) const = default;
};

// How the gradients behind an attribution were obtained (product.md, "Honest about its gradient").
enum class GradientKind { None, Exact, StraightThrough };
std::string_view gradientName(GradientKind gradient);  // in JSON: "none", "exact", …

// Settings with defaults filled in, as text: what reports, logs and comparisons go by.
using Settings = std::map<std::string, std::string>;

// Attention probabilities averaged over heads, or of one head: row-major [size, size], rows are
// queries. Virtual tokens come first.
struct AttentionMap {
    std::int64_t layer = 0;
    std::int64_t head = -1;  // -1: mean over heads
    std::int64_t size = 0;
    std::vector<float> values;
};

// An answer and its log-probability somewhere in the network (logit lens).
struct RankedAnswer {
    std::int64_t id = 0;
    std::string text;
    double logProbability = 0.0;
};

// What a score belongs to where that is not a token of the input: a block, a head, a position at a
// site. -1 where an index means nothing.
struct Part {
    std::string name;  // unique within a result: "blocks.3.attn.head.5", "blocks.2.mlp.out"
    std::int64_t layer = -1, head = -1, position = -1;
    std::map<std::string, double> figures;  // further figures by name: "rank", "kl"
    std::vector<RankedAnswer> answers;      // best first
};

// Scores of the tokens of one word, sentence or span, added.
struct ScoreGroup {
    std::string text;
    ByteRange bytes;
    std::vector<std::size_t> tokens;  // indices, ascending
    double score = 0.0;
};

// What one token of a continuation says of the prompt's tokens.
struct AnswerTokenScores {
    std::int64_t id = 0;
    std::string text;
    double value = 0.0;  // of the quantity that is explained
    std::vector<double> scores;
    std::optional<double> completenessGap = {};  // as the whole's
};

// A figure of every pair of units, row-major [units, units], symmetric with a zero diagonal.
struct PairScores {
    std::string meaning;                          // for people
    std::vector<std::vector<std::size_t>> units;  // tokens of each
    std::vector<double> values;
};

// A word of the prompt, and the one that takes its place.
struct Edit {
    std::vector<std::size_t> tokens;
    ByteRange bytes;
    std::string from, to;
};

// One explanation of one target in one model. scores has one signed value per token of the input,
// or, where a method explains by parts of the network, per part; virtual tokens, which an adapter
// puts before every text, have columns of their own.
struct Attribution {
    std::string method;
    Settings settings;
    Target target;
    double targetValue = 0.0;             // of the input
    std::string baseline;                 // what stood for "nothing", for people
    std::optional<double> baselineValue;  // target value at the baseline
    std::vector<double> scores;
    std::vector<double> virtualScores;  // of the model's virtual tokens, if it has any
    std::vector<Part> parts;            // empty: scores are per token
    // Euclidean norm over the hidden axis of the vector whose sum is the token's score; empty where
    // a score is no sum over a vector. Always per token.
    std::vector<double> norms;
    std::vector<ScoreGroup> groups;         // if asked for
    std::string groupRule;                  // how tokens were added up, for people
    std::optional<double> completenessGap;  // Σ scores − (value − baseline value); complete methods
    std::vector<double> standardError;  // per token; empty for deterministic methods
    std::int64_t evaluations = 0;       // forward passes (each row of a batch counts)
    double seconds = 0.0;
    GradientKind gradient = GradientKind::None;
    // False where the completeness gap is too large for the scores to be judged; a warning says so.
    bool hasConverged = true;
    std::vector<AttentionMap> attention;          // filled by attention methods only
    std::map<std::string, double> figures;        // of the whole: "r2" of a surrogate
    std::vector<AnswerTokenScores> answerTokens;  // of a continuation, where the method has them
    std::optional<PairScores> interactions;       // if asked for
    std::vector<Edit> edits;                      // of counterfactual methods
    std::map<std::string, Figure> metrics;        // how good the explanation is, if asked for
    std::vector<std::string> warnings;
};

std::string virtualTokenText(std::size_t index);  // "[virtual 1]" of 0

// What figures and tables show of an attribution: a column per virtual token, then one per token or
// part.
struct ScoredColumns {
    std::vector<Token> tokens;
    std::vector<double> scores;
};
ScoredColumns columnsOf(const Attribution& attribution, const std::vector<Token>& tokens);

}  // namespace driftlens
