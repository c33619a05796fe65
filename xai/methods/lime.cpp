// LIME and ContextCite: linear surrogates of the target around the text.
#include "xai/coalitions/lime.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "xai/methods/methods.h"
#include "xai/methods/text_game.h"

#include <array>

namespace driftlens {
namespace {

using coalitions::FeatureSelection;
using coalitions::SurrogateValues;

constexpr std::array<ParameterInfo, 11> kLime = {{
    kUnitParameter,
    kReplaceParameter,
    kKeepSpecialParameter,
    {"form", ParameterKind::Choice, "text", 0, 0, "text|captum",
     "text: lime_text's draws, weights and ridge; captum: fair coins, its kernels"},
    {"samples", ParameterKind::Integer, "1000", 3, 1 << 20, "", "changed texts, repeats included"},
    {"width", ParameterKind::Number, "25", 1e-6, 1e6, "",
     "of the kernel, for distances times 100 (captum: not times 100; its own is 1)"},
    {"features", ParameterKind::Integer, "0", 0, 1 << 20, "",
     "units that the surrogate may use (form=text; 0: all)"},
    {"selection", ParameterKind::Choice, "auto", 0, 0,
     "auto|none|forward|highest_weights|lasso_path", "how those are chosen (form=text)"},
    {"distance", ParameterKind::Choice, "cosine", 0, 0, "cosine|hamming",
     "between texts (form=captum)"},
    {"regressor", ParameterKind::Choice, "lasso", 0, 0, "lasso|ridge",
     "what is fitted (form=captum)"},
    {"alpha", ParameterKind::Number, "0.01", 1e-12, 1e6, "", "its penalty (form=captum)"},
}};

constexpr std::array<ParameterInfo, 6> kContextCite = {{
    {"unit", ParameterKind::Choice, "sentence", 0, 0, "token|word|sentence",
     "what is removed together"},
    kReplaceParameter,
    kKeepSpecialParameter,
    {"samples", ParameterKind::Integer, "64", 3, 1 << 20, "", "changed texts, repeats included"},
    {"keep", ParameterKind::Number, "0.5", 0.01, 0.99, "", "probability that a unit is kept"},
    {"alpha", ParameterKind::Number, "0.01", 1e-12, 1e6, "",
     "penalty, in changes of the target per token of the answer"},
}};

FeatureSelection selectionOf(const std::string& name) {
    constexpr std::array<std::pair<std::string_view, FeatureSelection>, 5> kNames = {
        {{"auto", FeatureSelection::Auto},
         {"none", FeatureSelection::All},
         {"forward", FeatureSelection::Forward},
         {"highest_weights", FeatureSelection::HighestWeights},
         {"lasso_path", FeatureSelection::LassoPath}}};
    for (const auto& [known, selection] : kNames)
        if (known == name) return selection;
    throw Error(ErrorKind::Internal, "lime: selection " + inQuotes(name));
}

std::vector<SurrogateValues> limeTextOf(TextGame& game, const MethodInput& in,
                                        const ParameterSet& settings) {
    const auto features = static_cast<std::size_t>(settings.integer("features"));
    coalitions::LimeTextPlan plan;
    plan.samples = static_cast<std::size_t>(settings.integer("samples"));
    plan.seed = in.seed;
    plan.width = settings.number("width");
    plan.features = features == 0 ? game.players() : features;
    plan.selection =
        features == 0 ? FeatureSelection::All : selectionOf(settings.text("selection"));
    return coalitions::limeText(game.evaluator(), plan);
}

std::vector<SurrogateValues> captumLimeOf(TextGame& game, const MethodInput& in,
                                          const ParameterSet& settings) {
    coalitions::CaptumLimePlan plan;
    plan.samples = static_cast<std::size_t>(settings.integer("samples"));
    plan.seed = in.seed;
    plan.weight = settings.text("distance") == "cosine" ? &coalitions::captumCosineWeight
                                                        : &coalitions::captumHammingWeight;
    plan.width = settings.number("width");
    plan.regressor = settings.text("regressor") == "lasso" ? coalitions::SurrogateRegressor::Lasso
                                                           : coalitions::SurrogateRegressor::Ridge;
    plan.alpha = settings.number("alpha");
    return coalitions::captumLime(game.evaluator(), plan);
}

// The fit's own figures stand beside the scores: a poor surrogate explains nothing.
Attribution surrogateExplanation(const TextGame& game, std::vector<SurrogateValues> found) {
    std::vector<coalitions::PlayerValues> values;
    for (SurrogateValues& each : found) values.push_back(std::move(each.players));
    Attribution out = game.explanation(values, false);
    const coalitions::SurrogateFit& fit = found.front().fit;
    out.figures["r2"] = fit.determination;
    out.figures["intercept"] = fit.intercept;
    out.figures["prediction"] = fit.prediction;
    if (fit.determination < 0.5) {
        out.warnings.push_back("the surrogate explains " + formatNumber(fit.determination, 2) +
                               " of the variance (r2): its scores say little about the model");
    }
    return out;
}

}  // namespace

const std::span<const ParameterInfo> kLimeParameters = kLime;
const std::span<const ParameterInfo> kContextCiteParameters = kContextCite;

Attribution explainByLime(const MethodInput& in, const ParameterSet& settings,
                          const RunContext& context) {
    TextGame game(in, settings, context);
    return surrogateExplanation(game, settings.text("form") == "text"
                                          ? limeTextOf(game, in, settings)
                                          : captumLimeOf(game, in, settings));
}

Attribution explainByContextCite(const MethodInput& in, const ParameterSet& settings,
                                 const RunContext& context) {
    TextGame game(in, settings, context);
    coalitions::SparsePlan plan;
    plan.samples = static_cast<std::size_t>(settings.integer("samples"));
    plan.seed = in.seed;
    plan.keepProbability = settings.number("keep");
    plan.alpha = settings.number("alpha");
    plan.unit = static_cast<double>(std::max<std::size_t>(1, in.target.continuation.size()));
    return surrogateExplanation(game, coalitions::sparseAttribution(game.evaluator(), plan));
}

}  // namespace driftlens
