// Shapley values of a text's units: exact and sampled.
#include "core/base/error.h"
#include "xai/coalitions/exact.h"
#include "xai/coalitions/kernel_shap.h"
#include "xai/coalitions/kriging.h"
#include "xai/coalitions/leverage_shap.h"
#include "xai/coalitions/permutation.h"
#include "xai/methods/methods.h"
#include "xai/methods/text_game.h"

#include <array>

namespace driftlens {
namespace {

// As many evaluations as shap's KernelExplainer makes unless it is told otherwise.
constexpr std::size_t kKernelExtra = 2048;
// With kriging, half of the evaluations give the error of KernelSHAP or less
// (tests/xai/coalitions/accuracy_test.cpp).
constexpr std::size_t kKrigingExtra = 512;

constexpr ParameterInfo kSamples = {"samples",
                                    ParameterKind::Integer,
                                    "0",
                                    0,
                                    1 << 20,
                                    "",
                                    "most evaluations of changed texts; 0: 2 per unit and 2048"};
constexpr ParameterInfo kFewerSamples = {"samples",
                                         ParameterKind::Integer,
                                         "0",
                                         0,
                                         1 << 20,
                                         "",
                                         "most evaluations of changed texts; 0: 2 per unit and "
                                         "512"};

constexpr std::array<ParameterInfo, 5> kExact = {{
    kUnitParameter,
    kReplaceParameter,
    kKeepSpecialParameter,
    {"index", ParameterKind::Choice, "shapley", 0, 0, "shapley|banzhaf",
     "banzhaf: the mean over all coalitions alike, which does not add up"},
    {"interactions", ParameterKind::Choice, "no", 0, 0, "no|yes",
     "the pairwise Shapley interaction index too"},
}};

constexpr std::array<ParameterInfo, 6> kKernel = {{
    kUnitParameter,
    kReplaceParameter,
    kKeepSpecialParameter,
    kSamples,
    kSamplingToleranceParameter,
    {"form", ParameterKind::Choice, "shap", 0, 0, "shap|captum",
     "shap: paired, without repeats, adding up exactly; captum: drawn with repeats, an intercept"},
}};

constexpr std::array<ParameterInfo, 6> kLeverage = {{
    kUnitParameter,
    kReplaceParameter,
    kKeepSpecialParameter,
    kFewerSamples,
    kSamplingToleranceParameter,
    {"fit", ParameterKind::Choice, "kriging", 0, 0, "kriging|regression",
     "kriging models what the sample leaves open; regression: weighted least squares"},
}};

constexpr std::array<ParameterInfo, 6> kPermutation = {{
    kUnitParameter,
    kReplaceParameter,
    kKeepSpecialParameter,
    kSamples,
    kSamplingToleranceParameter,
    {"antithetic", ParameterKind::Choice, "yes", 0, 0, "yes|no",
     "every order is walked back too, as shap does; no: as captum's Shapley sampling"},
}};

coalitions::SamplingPlan planOf(const MethodInput& in, const ParameterSet& settings, TextGame& game,
                                std::size_t extra) {
    return {game.samples(extra), in.seed, settings.number("tolerance")};
}

void addInteractions(TextGame& game, Attribution& out) {
    out.interactions = PairScores{
        "Pairwise Shapley interaction index: what two units do together "
        "beyond what each does alone",
        game.units(), coalitions::exactShapleyInteractions(game.evaluator()).front()};
}

}  // namespace

const std::span<const ParameterInfo> kShapleyExactParameters = kExact;
const std::span<const ParameterInfo> kKernelShapParameters = kKernel;
const std::span<const ParameterInfo> kLeverageShapParameters = kLeverage;
const std::span<const ParameterInfo> kShapleyPermutationParameters = kPermutation;

Attribution explainByShapleyExact(const MethodInput& in, const ParameterSet& settings,
                                  const RunContext& context) {
    TextGame game(in, settings, context);
    if (game.players() > coalitions::kMostExactPlayers) {
        throw Error(ErrorKind::Usage,
                    "shapley_exact: the prompt has " + std::to_string(game.players()) + " " +
                        settings.text("unit") + "s, exact enumeration allows at most " +
                        std::to_string(coalitions::kMostExactPlayers) +
                        "; use a larger unit (unit=word, unit=sentence) or method leverage_shap");
    }
    const bool isShapley = settings.text("index") == "shapley";
    Attribution out = game.explanation(isShapley ? coalitions::exactShapley(game.evaluator())
                                                 : coalitions::exactBanzhaf(game.evaluator()),
                                       isShapley);
    if (settings.text("interactions") == "yes") addInteractions(game, out);
    return out;
}

Attribution explainByKernelShap(const MethodInput& in, const ParameterSet& settings,
                                const RunContext& context) {
    TextGame game(in, settings, context);
    const coalitions::SamplingPlan plan = planOf(in, settings, game, kKernelExtra);
    return game.explanation(settings.text("form") == "shap"
                                ? coalitions::kernelShap(game.evaluator(), plan)
                                : coalitions::captumKernelShap(game.evaluator(), plan));
}

Attribution explainByLeverageShap(const MethodInput& in, const ParameterSet& settings,
                                  const RunContext& context) {
    TextGame game(in, settings, context);
    const coalitions::SamplingPlan plan = planOf(in, settings, game, kKrigingExtra);
    return game.explanation(settings.text("fit") == "kriging"
                                ? coalitions::krigedShapley(game.evaluator(), plan)
                                : coalitions::leverageShap(game.evaluator(), plan));
}

Attribution explainByShapleyPermutation(const MethodInput& in, const ParameterSet& settings,
                                        const RunContext& context) {
    TextGame game(in, settings, context);
    return game.explanation(coalitions::samplePermutations(game.evaluator(),
                                                           planOf(in, settings, game, kKernelExtra),
                                                           settings.text("antithetic") == "yes"));
}

}  // namespace driftlens
