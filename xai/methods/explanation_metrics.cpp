#include "xai/methods/explanation_metrics.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "xai/methods/noise.h"
#include "xai/methods/text_game.h"
#include "xai/methods/token_vectors.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace driftlens {
namespace {

using faithfulness::PerturbationResponses;

constexpr double kSensitivityRadius = 0.02;  // of the embeddings' RMS

constexpr std::string_view kRandomisedId = "randomised_weights";
constexpr std::string_view kRandomisedDefinition =
    "the larger of Spearman of |scores| and of scores with those of the model whose weights are "
    "all "
    "drawn anew; near 0: the explanation depends on what the model learned";

// The settings of removal as a parameter set, so that one code reads them.
constexpr std::array<ParameterInfo, 3> kRemovalTable = {
    {kUnitParameter, kReplaceParameter, kKeepSpecialParameter}};

Target probabilityOf(Target target) {
    const bool isAnswer =
        target.kind == TargetKind::TokenOrClass || target.kind == TargetKind::Continuation;
    if (isAnswer) target.quantity = Quantity::Probability;
    return target;
}

// The explained quantity and the probability of the text with units removed.
class MeasuredGame {
public:
    MeasuredGame(const MethodInput& in, const MetricPlan& plan, const RunContext& context)
        : m_settings("metrics", kRemovalTable, {{"unit", plan.unit}, {"replace", plan.replace}}),
          m_game(in, m_settings, context) {
        m_probability = m_game.addTarget(probabilityOf(in.target));
    }

    TextGame& game() { return m_game; }
    std::size_t probability() const { return m_probability; }

private:
    ParameterSet m_settings;
    TextGame m_game;
    std::size_t m_probability = 0;
};

std::vector<double> unitScores(const std::vector<double>& scores, const UnitTokens& units) {
    std::vector<double> out;
    for (const std::vector<std::size_t>& unit : units) {
        double sum = 0.0;
        for (const std::size_t token : unit) sum += scores[token];
        out.push_back(sum);
    }
    return out;
}

// Draws of units that are removed, each with a fair coin: I is 1 where one is.
PerturbationResponses responsesOf(TextGame& game, const std::vector<double>& scores,
                                  std::uint64_t seed) {
    std::vector<coalitions::Coalition> drawn = {coalitions::fullCoalition(scores.size())};
    for (std::size_t draw = 0; draw < kInfidelityDraws; ++draw) {
        RandomStream stream(seed, "infidelity", draw);
        coalitions::Coalition kept(scores.size());
        for (std::size_t i = 0; i < scores.size(); ++i) kept[i] = stream.uniform() < 0.5;
        drawn.push_back(std::move(kept));
    }
    const coalitions::ScoreTable values = game.evaluator().valuesOf(drawn);
    PerturbationResponses out;
    for (std::size_t draw = 1; draw < drawn.size(); ++draw) {
        double product = 0.0;
        for (std::size_t i = 0; i < scores.size(); ++i)
            if (!drawn[draw][i]) product += scores[i];
        out.products.push_back(product);
        out.changes.push_back(values(0, 0) - values(draw, 0));
    }
    return out;
}

// A unit is marked if a marked range holds one of its tokens' first visible bytes.
faithfulness::TokenSet markedUnits(const MethodInput& in, const UnitTokens& units,
                                   const std::vector<ByteRange>& marked) {
    faithfulness::TokenSet out(units.size());
    for (std::size_t u = 0; u < units.size(); ++u) {
        for (const std::size_t token : units[u]) {
            const auto& bytes = in.input.tokens[token].bytes;
            if (!bytes) continue;
            const std::size_t at = bytes->end - 1;  // never the space before a word
            const bool isMarked = std::any_of(marked.begin(), marked.end(), [&](ByteRange range) {
                return range.begin <= at && at < range.end;
            });
            if (isMarked) out.set(u);
        }
    }
    return out;
}

std::vector<double> explainAgain(const MethodInput& in, const Attribution& attribution,
                                 const RunContext& context) {
    return runMethod(methodNamed(attribution.method), withoutAnswerTokens(attribution.settings), in,
                     context)
        .scores;
}

faithfulness::NearbyExplanations nearbyOf(const MethodInput& in, const Attribution& attribution,
                                          std::size_t draws, const RunContext& context) {
    const at::Tensor own = scorerOf(in, context).embed(idsOf(in.input)).tokens[0];
    const double rms = rootMeanSquare(own);
    faithfulness::NearbyExplanations out;
    out.original = attribution.scores;
    for (std::size_t draw = 0; draw < draws; ++draw) {
        RandomStream stream(in.seed, "max_sensitivity", draw);
        at::Tensor noise = at::empty(own.sizes(), at::kDouble);
        auto* values = noise.mutable_data_ptr<double>();
        for (std::int64_t i = 0; i < noise.numel(); ++i)
            values[i] = (2.0 * stream.uniform() - 1.0) * kSensitivityRadius * rms;
        const at::Tensor shift = noise.to(own.scalar_type());
        MethodInput shifted = in;
        shifted.shift = &shift;
        out.nearby.push_back(explainAgain(shifted, attribution, context));
    }
    return out;
}

// ---- randomised weights

// A Linear of the same shape with normal weights of the same spread, and without what its bias
// learned.
LinearPtr drawnAnew(const Linear& linear, const std::string& name, std::uint64_t seed) {
    const at::Tensor weight = linear.dense(at::kFloat);
    const double spread = weight.to(at::kDouble).std().item<double>();
    RandomStream stream(seed, "randomised_weights." + name, 0);
    const at::Tensor drawn = (normalTensor(weight.sizes(), stream) * spread).to(at::kFloat);
    const at::Tensor bias = linear.bias();
    return makeDenseLinear(drawn, bias.defined() ? at::zeros_like(bias) : at::Tensor());
}

// Names of Linears in the order of the cascade: behind the blocks first, then the last block, … A
// tied head is the token table and stays.
std::vector<std::vector<std::string>> cascadeOf(const Model& model) {
    const auto blocks = static_cast<std::int64_t>(model.spec().blocks.size());
    std::vector<std::vector<std::string>> layers(static_cast<std::size_t>(blocks) + 1);
    for (const auto& [name, linear] : model.weights().linears) {
        if (name.starts_with("embeddings.")) continue;
        std::size_t layer = 0;
        if (name.starts_with("blocks."))
            layer = static_cast<std::size_t>(blocks - std::stoll(name.substr(7)));
        layers[layer].push_back(name);
    }
    std::erase_if(layers, [](const auto& names) { return names.empty(); });
    return layers;
}

// Whether the scores are shown after each layer: evenly, and after the last.
bool isStep(std::size_t layer, std::size_t layers, std::size_t steps) {
    if (layers <= steps || layer + 1 == layers) return true;
    return (layer + 1) * steps / layers != layer * steps / layers;
}

std::vector<faithfulness::RandomisedScores> randomisedScores(const MethodInput& in,
                                                             const Attribution& attribution,
                                                             std::size_t steps,
                                                             const RunContext& context) {
    std::vector<faithfulness::RandomisedScores> out;
    ModelWeights drawn;
    const auto layers = cascadeOf(in.model);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        for (const std::string& name : layers[layer])
            drawn.linears[name] = drawnAnew(*in.model.weights().linears.at(name), name, in.seed);
        if (!isStep(layer, layers.size(), steps)) continue;
        const std::shared_ptr<const Model> model = in.model.with(drawn);
        const MethodInput other{*model,   in.tokenizer, in.input,    in.target, in.compute,
                                in.batch, in.seed,      in.concepts, in.shift};
        out.push_back({layers[layer].front(), explainAgain(other, attribution, context)});
    }
    return out;
}

std::vector<double> contentScores(const MethodInput& in, const std::vector<double>& scores) {
    std::vector<double> out;
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (!in.input.tokens[i].isSpecial) out.push_back(scores[i]);
    return out;
}

void addRandomised(const MethodInput& in, const MetricPlan& plan, const RunContext& context,
                   Attribution& out) {
    const faithfulness::RandomisationCheck check = randomisationOf(in, plan, context, out);
    const faithfulness::RandomisationStep& last = check.steps.back();
    Figure figure = last.magnitudes.coefficient;
    const Figure& plain = last.signedScores.coefficient;
    if (figure.value && plain.value) figure.value = std::max(*figure.value, *plain.value);
    out.metrics[std::string(kRandomisedId)] = figure;
    if (check.verdict == faithfulness::RandomisationVerdict::IgnoresWeights)
        out.warnings.push_back("randomised weights: " + check.reason);
}

}  // namespace

void addMetrics(const MethodInput& in, const MetricPlan& plan, const RunContext& context,
                Attribution& attribution) {
    if (!attribution.parts.empty()) return;
    const RunContext quiet = context.stopOnly();  // scorers keep a reference
    MeasuredGame measured(in, plan, quiet);
    TextGame& game = measured.game();
    const std::vector<double> scores = unitScores(attribution.scores, game.units());
    faithfulness::MetricOptions options;
    options.target = measured.probability();
    options.seed = in.seed;
    options.responses = responsesOf(game, scores, in.seed);
    if (!plan.rationale.empty()) options.rationale = markedUnits(in, game.units(), plan.rationale);
    if (!plan.withLimits) options.exactLimitUnits = options.mostLimitEvaluations = 0;
    if (plan.withReruns && plan.sensitivityDraws > 0)
        options.nearby = nearbyOf(in, attribution, plan.sensitivityDraws, quiet);
    const faithfulness::ExplanationMetrics found =
        faithfulness::metricsOf(game.evaluator(), scores, options);
    for (const faithfulness::MetricRow& row : faithfulness::metricTable()) {
        const bool isAsked = (options.rationale || !row.id.starts_with("rationale")) &&
                             (options.nearby || row.id != "max_sensitivity");
        if (isAsked) attribution.metrics[std::string(row.id)] = found.figures.*row.figure;
    }
    if (plan.withReruns) addRandomised(in, plan, quiet, attribution);
}

faithfulness::Curves removalCurves(const MethodInput& in, const MetricPlan& plan,
                                   const RunContext& context, const Attribution& attribution) {
    if (!attribution.parts.empty()) return {};
    const RunContext quiet = context.stopOnly();  // scorers keep a reference
    MeasuredGame measured(in, plan, quiet);
    const std::vector<double> scores = unitScores(attribution.scores, measured.game().units());
    return faithfulness::curvesOf(measured.game().evaluator(), faithfulness::ranking(scores),
                                  measured.probability());
}

faithfulness::RandomisationCheck randomisationOf(const MethodInput& in, const MetricPlan& plan,
                                                 const RunContext& context,
                                                 const Attribution& attribution) {
    const RunContext quiet = context.stopOnly();
    std::vector<faithfulness::RandomisedScores> cascade =
        randomisedScores(in, attribution, plan.cascadeSteps, quiet);
    for (faithfulness::RandomisedScores& step : cascade)
        step.scores = contentScores(in, step.scores);
    return faithfulness::randomisationCheck(contentScores(in, attribution.scores), cascade);
}

MetricPlan parseMetrics(std::string_view which) {
    if (which != "removal" && which != "all")
        throw Error(ErrorKind::Usage,
                    "--metrics=" + inQuotes(which) + " is unknown; known: removal, all");
    MetricPlan out;
    out.withReruns = which == "all";
    return out;
}

std::vector<MetricInfo> explanationMetrics() {
    std::vector<MetricInfo> out;
    for (const faithfulness::MetricRow& row : faithfulness::metricTable()) {
        const char* better = row.direction == faithfulness::Direction::HigherIsBetter  ? "higher"
                             : row.direction == faithfulness::Direction::LowerIsBetter ? "lower"
                                                                                       : "";
        out.push_back({std::string(row.id), std::string(row.title), std::string(row.definition),
                       better, std::string(row.paper)});
    }
    out.push_back({std::string(kRandomisedId), "Correlation after randomising the weights",
                   std::string(kRandomisedDefinition), "lower",
                   "Adebayo et al. 2018, arXiv 1810.03292"});
    return out;
}

}  // namespace driftlens
