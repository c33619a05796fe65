// The method table.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "xai/methods/methods.h"
#include "xai/targets/scorer.h"

#include <array>
#include <chrono>
#include <cmath>

namespace driftlens {
namespace {

// What several rows say.
constexpr std::string_view kPathCaveats =
    "Depends on the baseline; a zero baseline is ill-conditioned behind RMSNorm.";
constexpr std::string_view kRemovalCaveats =
    "Texts with removed units are unlike those the model was trained on; what removes them "
    "(replace=) is part of the question.";
constexpr std::string_view kAttentionCaveats =
    "Descriptive: where the model looked, not what its answer depends on.";

const std::array<MethodEntry, 28> kMethods = {{
    {.id = "attention",
     .title = "Attention",
     .paper = "Vaswani et al. 2017, arXiv 1706.03762",
     .summary = "Attention probability that the read position gives to each token.",
     .definition = "mean over blocks and heads of A[read, token]",
     .cost = "1 forward",
     .caveats = kAttentionCaveats,
     .parameters = kAttentionParameters,
     .run = &explainByAttention},
    {.id = "attention_rollout",
     .title = "Attention rollout",
     .paper = "Abnar and Zuidema 2020, arXiv 2005.00928",
     .summary = "Attention multiplied through the blocks, the residual stream beside it.",
     .definition = "R = Â_L ⋯ Â_1 with Â = (A + I), rows normalised to 1; score = R[read, token]",
     .cost = "1 forward",
     .caveats = "Descriptive; in causal models mass drifts to the first token.",
     .parameters = kAttentionRolloutParameters,
     .run = &explainByAttentionRollout},
    {.id = "attention_flow",
     .title = "Attention flow",
     .paper = "Abnar and Zuidema 2020, arXiv 2005.00928",
     .summary = "Maximum flow from the read position down to each token, attention as capacity.",
     .definition = "max-flow from (L, read) to (0, token) in the layered graph with capacities Â",
     .cost = "1 forward and a maximum flow per token",
     .caveats = "Descriptive; for short prompts: the network has blocks × tokens² edges.",
     .parameters = kAttentionFlowParameters,
     .run = &explainByAttentionFlow},
    {.id = "attention_gradient",
     .title = "Gradient-weighted attention rollout",
     .paper = "Chefer et al. 2021, arXiv 2103.15679",
     .summary = "Attention that raises the target, added up through the blocks.",
     .definition =
         "R = I; R ← R + mean over heads of max(0, A ⊙ ∂F/∂A) · R; score = R[read, token]",
     .cost = "1 forward, 1 backward, all attention maps in memory",
     .caveats = "Never negative: evidence against the target is not shown. The read position "
                "starts with a weight of 1 (self=drop leaves it out).",
     .needsGradients = true,
     .parameters = kAttentionGradientParameters,
     .run = &explainByAttentionGradient},
    {.id = "saliency",
     .title = "Saliency",
     .paper = "Simonyan et al. 2014, arXiv 1312.6034",
     .summary = "How fast the target changes with a token's embedding.",
     .definition = "∂F/∂x, reduced over the hidden axis",
     .cost = "1 forward, 1 backward",
     .caveats = "Sensitivity, not contribution. The signed sum is zero by construction where a "
                "LayerNorm reads the embeddings: use reduce=l2 (norms are always given beside it).",
     .needsGradients = true,
     .isLinear = true,
     .parameters = kSaliencyParameters,
     .run = &explainBySaliency},
    {.id = "input_x_gradient",
     .title = "Input × gradient",
     .paper = "Shrikumar et al. 2017, arXiv 1605.01713",
     .summary = "First-order contribution of each token's embedding, or of a site's activations.",
     .definition = "x ⊙ ∂F/∂x, summed over the hidden axis",
     .cost = "1 forward, 1 backward",
     .caveats = "Local: saturated evidence has no gradient.",
     .needsGradients = true,
     .isLinear = true,
     .parameters = kInputTimesGradientParameters,
     .run = &explainByInputTimesGradient},
    {.id = "integrated_gradients",
     .title = "Integrated Gradients",
     .paper = "Sundararajan et al. 2017, arXiv 1703.01365",
     .summary = "Gradient of the target integrated from a baseline to the input, times the "
                "difference; summed over the hidden axis with its sign.",
     .definition = "(x − x′) ⊙ ∫₀¹ ∂F/∂x (x′ + α (x − x′)) dα",
     .cost = "nodes × (forward + backward) + 2 forwards; adaptive: as many as the tolerance takes",
     .caveats = kPathCaveats,
     .isComplete = true,
     .needsGradients = true,
     .isLinear = true,
     .parameters = kIntegratedGradientsParameters,
     .run = &explainByIntegratedGradients},
    {.id = "layer_integrated_gradients",
     .title = "Layer Integrated Gradients",
     .paper = "Sundararajan et al. 2017, arXiv 1703.01365; at a site as in Captum",
     .summary = "Integrated Gradients between a site's values for the baseline and for the input.",
     .definition = "(h − h′) ⊙ ∫₀¹ ∂F/∂h (h′ + α (h − h′)) dα",
     .cost = "nodes × (forward + backward) + 4 forwards",
     .caveats = "The straight line between activations need not be one that any input takes.",
     .isComplete = true,
     .needsGradients = true,
     .isLinear = true,
     .parameters = kLayerIntegratedGradientsParameters,
     .run = &explainByLayerIntegratedGradients},
    {.id = "sequential_ig",
     .title = "Sequential Integrated Gradients",
     .paper = "Enguehard 2023, arXiv 2305.15853",
     .summary = "Integrated Gradients of one token at a time, the rest of the text as it is.",
     .definition = "per token i: (x_i − x′_i) ⊙ ∫₀¹ ∂F/∂x_i (x with x′_i + α (x_i − x′_i)) dα",
     .cost = "tokens × (nodes × (forward + backward) + 2 forwards)",
     .caveats = "The signed sum of a token equals what occluding it changes; only its parts over "
                "the hidden axis are more. The gap given is the largest over the tokens.",
     .needsGradients = true,
     .isLinear = true,
     .parameters = kSequentialIgParameters,
     .run = &explainBySequentialIg},
    {.id = "smoothgrad",
     .title = "SmoothGrad",
     .paper = "Smilkov et al. 2017, arXiv 1706.03825",
     .summary = "Mean of a gradient method over noisy copies of the embeddings.",
     .definition = "mean over ε ~ N(0, σ²) of φ(x + ε); σ a share of the embeddings' RMS",
     .cost = "samples × (forward + backward), times nodes around Integrated Gradients",
     .caveats = "Depends on σ; the standard error shows what more samples would still change.",
     .needsGradients = true,
     .isDeterministic = false,
     .isLinear = true,
     .parameters = kSmoothGradParameters,
     .run = &explainBySmoothGrad},
    {.id = "vargrad",
     .title = "VarGrad",
     .paper = "Adebayo et al. 2018, arXiv 1810.03292",
     .summary = "Variance of a gradient method over noisy copies of the embeddings.",
     .definition = "mean of φ(x + ε)² − (mean of φ(x + ε))²",
     .cost = "samples × (forward + backward), times nodes around Integrated Gradients",
     .caveats = "How unsure a gradient is, not what a token contributes; never negative.",
     .needsGradients = true,
     .isDeterministic = false,
     .parameters = kVarGradParameters,
     .run = &explainByVarGrad},
    {.id = "gradient_shap",
     .title = "GradientSHAP",
     .paper = "Erion et al. 2021, arXiv 1906.10670; Lundberg and Lee 2017",
     .summary = "Expected gradients over baselines and places on the path.",
     .definition = "mean of (x + ε − b) ⊙ ∂F/∂x (b + α (x + ε − b)), α ~ U(0, 1)",
     .cost = "samples × (3 forwards + backward)",
     .caveats = "Complete in expectation only: the gap is sampling error.",
     .needsGradients = true,
     .isDeterministic = false,
     .isLinear = true,
     .parameters = kGradientShapParameters,
     .run = &explainByGradientShap},
    {.id = "layer_conductance",
     .title = "Layer conductance",
     .paper = "Dhamdhere et al. 2019, arXiv 1805.12233",
     .summary = "How much of the change from baseline to input flows through each token at a site.",
     .definition = "Σ over steps of ∂F/∂h ⊙ (h at its end − h at its start)",
     .cost = "(nodes + 1) × (forward + backward) + 3 forwards",
     .caveats = "Captum's convention leaves a gap of order 1 / nodes, the trapezoid's 1 / nodes².",
     .isComplete = true,
     .needsGradients = true,
     .isLinear = true,
     .parameters = kLayerConductanceParameters,
     .run = &explainByLayerConductance},
    {.id = "grad_cam",
     .title = "Grad-CAM",
     .paper = "Selvaraju et al. 2017, arXiv 1610.02391",
     .summary = "Activations weighted by the mean gradient of their channel.",
     .definition = "score_t = Σ_d w_d h_td, w_d = mean over tokens of ∂F/∂h_td",
     .cost = "2 forwards, 1 backward",
     .caveats = "Made for images: tokens take the place of pixels, the hidden axis of channels. A "
                "token that the target does not depend on can have a score.",
     .needsGradients = true,
     .isLinear = true,
     .isSensitive = false,
     .parameters = kGradCamParameters,
     .run = &explainByGradCam},
    {.id = "occlusion",
     .title = "Occlusion",
     .paper = "Zeiler and Fergus 2014, arXiv 1311.2901",
     .summary = "Change of the target when one token, word, sentence or window is removed.",
     .definition = "F(x) − F(x without unit i)",
     .cost = "units + 1 forwards",
     .caveats = "One unit at a time: interacting units share no credit.",
     .isLinear = true,
     .parameters = kOcclusionParameters,
     .run = &explainByOcclusion},
    {.id = "lime",
     .title = "LIME",
     .paper = "Ribeiro et al. 2016, arXiv 1602.04938",
     .summary = "A linear model of the target, fitted to texts with units removed, near ones most.",
     .definition = "argmin over w of Σ π(z) (F(z) − w·z − c)² + penalty; score = w",
     .cost = "samples forwards, repeats not evaluated again",
     .caveats = "Depends on how texts are drawn and weighted more than on anything else: libraries "
                "of this name disagree. Units without influence have scores near 0, not 0.",
     .isDeterministic = false,
     .isLinear = true,
     .isSensitive = false,
     .scoresVirtualTokens = false,
     .parameters = kLimeParameters,
     .run = &explainByLime},
    {.id = "shapley_exact",
     .title = "Shapley values, exact",
     .paper = "Shapley 1953, \"A value for n-person games\"",
     .summary = "What a unit adds, on average over all orders in which the text is put together.",
     .definition = "Σ over S without i of |S|! (n − |S| − 1)! / n! (F(S ∪ i) − F(S))",
     .cost = "2^units forwards; at most 16 units",
     .caveats = kRemovalCaveats,
     .isComplete = true,
     .isLinear = true,
     .scoresVirtualTokens = false,
     .parameters = kShapleyExactParameters,
     .run = &explainByShapleyExact},
    {.id = "kernel_shap",
     .title = "KernelSHAP",
     .paper = "Lundberg and Lee 2017, arXiv 1705.07874",
     .summary = "Shapley values from weighted least squares over sampled texts.",
     .definition = "argmin over φ, Σ φ = F(x) − F(∅), of Σ π(S) (F(S) − F(∅) − Σ over S of φ)²",
     .cost = "samples forwards",
     .caveats = kRemovalCaveats,
     .isComplete = true,
     .isDeterministic = false,
     .isLinear = true,
     .isSensitive = false,
     .scoresVirtualTokens = false,
     .parameters = kKernelShapParameters,
     .run = &explainByKernelShap},
    {.id = "leverage_shap",
     .title = "Shapley values, leverage sampling",
     .paper = "Musco and Witter 2024, arXiv 2410.01917; kriging: O'Hagan 1991",
     .summary = "Shapley values from texts of all sizes alike: of ours the nearest for its cost.",
     .definition =
         "pairs of complements, as many of every size; fitted by kriging over the cube of "
         "texts, or by least squares",
     .cost = "samples forwards",
     .caveats = kRemovalCaveats,
     .isComplete = true,
     .isDeterministic = false,
     .isLinear = true,
     .isSensitive = false,
     .scoresVirtualTokens = false,
     .parameters = kLeverageShapParameters,
     .run = &explainByLeverageShap},
    {.id = "shapley_permutation",
     .title = "Shapley values, permutation sampling",
     .paper = "Castro et al. 2009; Mitchell et al. 2022, arXiv 2104.12199",
     .summary = "Shapley values as means over sampled orders, each walked there and back.",
     .definition = "mean over orders of F(units before i, and i) − F(units before i)",
     .cost = "samples forwards",
     .caveats = kRemovalCaveats,
     .isComplete = true,
     .isDeterministic = false,
     .isLinear = true,
     .scoresVirtualTokens = false,
     .parameters = kShapleyPermutationParameters,
     .run = &explainByShapleyPermutation},
    {.id = "owen",
     .title = "Owen values over a tree of the text",
     .paper = "Owen 1977; the tree and the walk are those of shap's PartitionExplainer",
     .summary = "Shapley values that respect the text's parts: credit goes to clauses, then words.",
     .definition = "each part's change, alone and beside its sibling, down a binary tree",
     .cost = "at most samples forwards; about units² for the whole tree",
     .caveats = "Depends on the tree. Parts that the budget leaves whole share their score evenly.",
     .isComplete = true,
     .isSensitive = false,
     .scoresVirtualTokens = false,
     .parameters = kOwenParameters,
     .run = &explainByOwen},
    {.id = "context_cite",
     .title = "ContextCite",
     .paper = "Cohen-Wang et al. 2024, arXiv 2409.00729",
     .summary = "Which sentences an answer rests on: a sparse linear model of its probability.",
     .definition = "Lasso of F / answer tokens on which units are kept",
     .cost = "samples forwards",
     .caveats =
         "Scores below the penalty are 0. Made for contexts of several sentences and for the "
         "log-probability of a continuation.",
     .isDeterministic = false,
     .isSensitive = false,
     .scoresVirtualTokens = false,
     .parameters = kContextCiteParameters,
     .run = &explainByContextCite},
    {.id = "counterfactual",
     .title = "Counterfactual edits",
     .paper = "Wachter et al. 2017, arXiv 1711.00399; proposals: Ebrahimi et al. 2018, arXiv "
              "1712.06751",
     .summary = "The fewest replaced words after which the model answers otherwise.",
     .definition = "beam search over replacements for the margin F(answer) − best other < 0; a "
                   "word's score is how far the margin rises when its edit is taken back",
     .cost = "1 backward; words × candidates forwards, times beam for each edit after the first",
     .caveats = "Fewest among the candidates and within the beam, not of all texts; an edited text "
                "need not be one that anybody writes.",
     .needsGradients = true,
     .scoresVirtualTokens = false,
     .parameters = kCounterfactualParameters,
     .run = &explainByCounterfactual,
     .whyNot = &whyNoCounterfactual},
    {.id = "logit_lens",
     .title = "Logit lens",
     .paper = "nostalgebraist 2020, \"interpreting GPT: the logit lens\"",
     .summary = "What the head would answer from the residual stream behind each block.",
     .definition = "target of head(final norm(stream behind block l)); KL(final ‖ l) in nats",
     .cost = "1 forward, the head once per block",
     .caveats = "Early streams need not be in the head's coordinates: a bad answer there is no "
                "absence of information.",
     .isLinear = true,
     .explainsParts = true,
     .parameters = kLogitLensParameters,
     .run = &explainByLogitLens},
    {.id = "direct_logit_attribution",
     .title = "Direct logit attribution",
     .paper = "Elhage et al. 2021, \"A Mathematical Framework for Transformer Circuits\"",
     .summary = "The logit as a sum over what each head, MLP and embedding writes.",
     .definition = "head(norm with its scale held (component)); the components add up to the logit",
     .cost = "1 forward",
     .caveats = "Direct paths alone: what a head makes later blocks do is counted there.",
     .isComplete = true,
     .isLinear = true,
     .explainsParts = true,
     .explainsLogit = true,
     .parameters = kDirectLogitAttributionParameters,
     .run = &explainByDirectLogitAttribution,
     .whyNot = &whyNoDirectLogitAttribution},
    {.id = "activation_patching",
     .title = "Activation patching",
     .paper = "Meng et al. 2022, arXiv 2202.05262; Zhang and Nanda 2024, arXiv 2309.16042",
     .summary = "How much of the answer comes back when a value of the prompt's pass is put into "
                "the pass over a corrupted prompt.",
     .definition = "(F(corrupted with h from the prompt) − F(corrupted)) / (F(prompt) − "
                   "F(corrupted))",
     .cost = "2 forwards and 1 per patch",
     .caveats = "Depends on the corrupted prompt; a contrast target is the best-behaved metric.",
     .explainsParts = true,
     .parameters = kPatchingParameters,
     .run = &explainByActivationPatching},
    {.id = "attribution_patching",
     .title = "Attribution patching",
     .paper = "Nanda 2023; Syed et al. 2023, arXiv 2310.10348",
     .summary = "Activation patching to first order, all patches from one backward pass.",
     .definition = "(h of the prompt − h of the corrupted) · ∂F/∂h at the corrupted",
     .cost = "2 forwards, 1 backward",
     .caveats = "A linear approximation: poor at the residual stream of early blocks.",
     .needsGradients = true,
     .explainsParts = true,
     .parameters = kPatchingParameters,
     .run = &explainByAttributionPatching},
    {.id = "tcav",
     .title = "Concept activation vectors (TCAV)",
     .paper = "Kim et al. 2018, arXiv 1711.11279",
     .summary = "Whether moving activations towards a concept would raise the target.",
     .definition =
         "share of examples with ∂F/∂h · v > 0, v a linear classifier's direction between "
         "the concept's texts and random ones",
     .cost = "1 forward per text, 1 forward and 1 backward per example",
     .caveats =
         "No claim where the direction's held-out accuracy is below 0.7; p is Welch's t-test "
         "against directions between random sets.",
     .needsGradients = true,
     .explainsParts = true,
     .parameters = kTcavParameters,
     .run = &explainByTcav,
     .whyNot = &whyNoTcav},
}};

}  // namespace

std::span<const MethodEntry> methods() {
    return kMethods;
}

const MethodEntry& methodNamed(std::string_view id) {
    std::string known;
    for (const MethodEntry& method : kMethods) {
        if (method.id == id) return method;
        known += (known.empty() ? "" : ", ") + std::string(method.id);
    }
    throw Error(ErrorKind::Usage, "unknown method " + inQuotes(id) + "; known: " + known);
}

static void checkFinite(const MethodEntry& method, double value, const std::string& what) {
    if (std::isfinite(value)) return;
    throw Error(ErrorKind::Numeric, std::string(method.id) + ": " + what +
                                        " is not finite; the weights or the compute type are to "
                                        "blame: try --compute float32 or float64, and inspect");
}

// Nothing that is not a number leaves a method.
static void checkFinite(const MethodEntry& method, const Attribution& out) {
    checkFinite(method, out.targetValue, "the target's value");
    checkFinite(method, out.baselineValue.value_or(0.0), "the target's value at the baseline");
    checkFinite(method, out.completenessGap.value_or(0.0), "the completeness gap");
    const std::string unit = out.parts.empty() ? "token " : "part ";
    for (const auto& [list, name] :
         {std::pair(&out.scores, "the score of " + unit),
          std::pair(&out.norms, std::string("the norm of token ")),
          std::pair(&out.virtualScores, std::string("the score of virtual token "))}) {
        for (std::size_t i = 0; i < list->size(); ++i)
            checkFinite(method, (*list)[i], name + std::to_string(i));
    }
    for (const Part& part : out.parts)
        for (const auto& [name, value] : part.figures)
            checkFinite(method, value, name + " of " + part.name);
}

Attribution runMethod(const MethodEntry& method, const std::map<std::string, std::string>& settings,
                      const MethodInput& input, const RunContext& context) {
    const auto begin = std::chrono::steady_clock::now();
    const ParameterSet filled("method " + std::string(method.id), method.parameters, settings);
    const std::string whyNot = method.whyNot == nullptr ? "" : method.whyNot(input.model);
    if (!whyNot.empty()) {
        throw Error(ErrorKind::Unsupported,
                    std::string(method.id) + " cannot explain this model: " + whyNot);
    }
    Target target = input.target;
    const bool isOtherQuantity = method.explainsLogit && target.quantity != Quantity::Logit;
    if (method.explainsLogit) target.quantity = Quantity::Logit;
    const MethodInput own{input.model, input.tokenizer, input.input,    target,     input.compute,
                          input.batch, input.seed,      input.concepts, input.shift};
    Attribution out = method.run(own, filled, context);
    out.method = std::string(method.id);
    out.settings = filled.all();
    out.target = target;
    if (isOtherQuantity)
        out.warnings.push_back("explains the logit, not the quantity that was asked");
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    checkFinite(method, out);
    return out;
}

Scorer scorerOf(const MethodInput& input, const RunContext& context) {
    Scorer out(input.model, input.target, input.compute, context);
    if (input.shift != nullptr) out.shiftEmbeddings(*input.shift);
    return out;
}

GradientKind gradientKindOf(const Model& model) {
    for (const auto& [name, linear] : model.weights().linears)
        if (linear->info().roundsActivations) return GradientKind::StraightThrough;
    return GradientKind::Exact;
}

}  // namespace driftlens
