// What methods share whose result is a vector per token of which the score is a sum or a norm.
#pragma once

#include "core/base/parameters.h"
#include "xai/methods/method.h"
#include "xai/targets/place.h"

namespace driftlens {

// Rows for the parameter tables of such methods.
inline constexpr ParameterInfo kReduceParameter = {
    "reduce",
    ParameterKind::Choice,
    "sum",
    0,
    0,
    "sum|l2|l1",
    "over the hidden axis: signed sum, Euclidean norm or sum of magnitudes"};
inline constexpr ParameterInfo kNormaliseParameter = {
    "normalise",
    ParameterKind::Choice,
    "no",
    0,
    0,
    "no|yes",
    "divide by the sum of magnitudes over the tokens"};
inline constexpr ParameterInfo kAnswerTokensParameter = {
    "answer_tokens",
    ParameterKind::Choice,
    "no",
    0,
    0,
    "no|yes",
    "yes: also the scores of each token of a continuation (a backward pass for each)"};
inline constexpr ParameterInfo kBaselineParameter = {"baseline",
                                                     ParameterKind::Text,
                                                     "zero",
                                                     0,
                                                     0,
                                                     "zero, mean, pad, mask, unknown or token:ID",
                                                     "embedding that stands for nothing"};
inline constexpr ParameterInfo kSpecialParameter = {"special",
                                                    ParameterKind::Choice,
                                                    "keep",
                                                    0,
                                                    0,
                                                    "keep|replace",
                                                    "whether special tokens have the baseline too"};
inline constexpr ParameterInfo kNodesParameter = {"nodes", ParameterKind::Integer, "50", 1, 4096,
                                                  "",      "points on the path"};
inline constexpr ParameterInfo kRuleParameter = {
    "rule",
    ParameterKind::Choice,
    "gauss_legendre",
    0,
    0,
    "gauss_legendre|riemann_left|riemann_right|riemann_middle|riemann_trapezoid",
    "quadrature rule"};
inline constexpr ParameterInfo kWeightsParameter = {
    "weights",
    ParameterKind::Choice,
    "exact",
    0,
    0,
    "exact|captum",
    "captum: its trapezoid weights, which add up to (nodes − 1) / nodes"};
inline constexpr ParameterInfo kToleranceParameter = {
    "tolerance",
    ParameterKind::Number,
    "0",
    0,
    1e6,
    "",
    "adaptive nodes until the completeness gap is at most this; 0: fixed nodes"};
inline constexpr ParameterInfo kMostNodesParameter = {
    "most_nodes", ParameterKind::Integer, "2000", 7, 100000, "", "where adaptive nodes give up"};
inline constexpr ParameterInfo kLayerParameter = {
    "layer",
    ParameterKind::Integer,
    "0",
    -1024,
    1023,
    "",
    "block that is meant; negative: from the last (behind which the read position alone counts)"};
inline constexpr ParameterInfo kSiteParameter = {
    "site",
    ParameterKind::Text,
    "resid_out",
    0,
    0,
    "a site of that block (resid_out, attn.out, mlp.out, …) or a full name (blocks.2.mlp.out)",
    "place in the network"};

// The scorer of the input's target, with a column per token of a continuation if the setting
// answer_tokens asks for them.
Scorer columnScorerOf(const MethodInput& in, const ParameterSet& settings,
                      const RunContext& context);

// parts float64 [columns of the place, size]. Puts Σ, or what the setting `reduce` says, of each
// token's part of the first into scores and virtualScores, and Euclidean norms into norms; those of
// the others into answerTokens. Returns Σ over all of it, per column.
std::vector<double> setVectorScores(Attribution& out, const Place& place, const at::Tensor& parts,
                                    const ParameterSet& settings);

// Completeness of a method on a path from startValues to endValues, per column: fills in values,
// gaps, verdict on convergence and its warning.
void setCompleteness(Attribution& out, const std::vector<double>& totals,
                     const std::vector<double>& startValues, const std::vector<double>& endValues);

// What is known when a method is done: the target's value and those of a continuation's tokens
// (values, per column), what they are called, what was evaluated and how gradients came about.
void finish(Attribution& out, const MethodInput& in, const Scorer& scorer,
            const std::vector<double>& values);

// Says how gradients came about, with a warning where they are a surrogate's.
void labelGradient(Attribution& out, const Model& model);

// "zero", or "mean" of the token table: [hidden], as embedTokens gives it.
at::Tensor baselineVector(const Model& model, std::string_view name, at::ScalarType type);

// The embeddings that stand for nothing, as the settings baseline and special say.
struct Baseline {
    EmbeddedInput input;  // of one row
    std::string said;
    std::vector<std::string> warnings;
};
Baseline makeBaseline(const MethodInput& in, std::string_view baseline, bool keepsSpecial,
                      const Scorer& scorer, const EmbeddedInput& x);

// The site that the settings layer and site name. Throws Error(Usage) with the nearest names.
SiteId siteOf(const ParameterSet& settings, const Model& model);

// Where sites that have a row per token are read for the answer: the rows of virtual tokens come
// first. Several for a continuation.
std::vector<std::int64_t> readColumns(const MethodInput& in);

at::Tensor idsOf(const TokenizedInput& input);  // int64 [1, tokens]

}  // namespace driftlens
