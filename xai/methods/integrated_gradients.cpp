// Integrated Gradients (Sundararajan et al. 2017, equation 1) over token embeddings.
#include "core/capture/gradient.h"
#include "xai/methods/methods.h"
#include "xai/methods/quadrature.h"
#include "xai/targets/scorer.h"

#include <array>
#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 4> kTable = {{
    {"nodes", ParameterKind::Integer, "50", 1, 4096, "", "points on the path"},
    {"rule", ParameterKind::Choice, "gauss_legendre", 0, 0,
     "gauss_legendre|riemann_left|riemann_right|riemann_middle|riemann_trapezoid",
     "quadrature rule"},
    {"baseline", ParameterKind::Text, "zero", 0, 0, "zero, mean, pad, mask or token:ID",
     "embedding that stands for nothing"},
    {"special", ParameterKind::Choice, "keep", 0, 0, "keep|replace",
     "whether special tokens have the baseline too"},
}};

// A path whose end values differ by less than this share of the gap is not integrated well.
constexpr double kLargestRelativeGap = 0.05;

struct Baseline {
    EmbeddedInput input;  // of one row
    std::string said;
};

Baseline makeBaseline(const MethodInput& in, const ParameterSet& settings, const Scorer& scorer,
                      const EmbeddedInput& x) {
    const std::string& name = settings.text("baseline");
    Baseline out;
    at::Tensor row;  // [hidden]
    if (name == "zero") {
        row = at::zeros({x.tokens.size(2)}, x.tokens.options());
        out.said = "zero embedding";
    } else if (name == "mean") {
        row = in.model.tokenTable().dense(x.tokens.scalar_type()).mean(0) *
              in.model.spec().embeddingScale;
        out.said = "mean embedding of the vocabulary";
    } else {
        const Replacement token =
            replacementToken(in.tokenizer, name, in.model.spec().vocabularySize);
        row = scorer.embed(at::full({1, 1}, token.id, at::kLong)).tokens[0][0];
        out.said = token.said;
    }
    std::vector<at::Tensor> rows;
    for (std::size_t i = 0; i < in.input.tokens.size(); ++i) {
        const bool keep = isKept(in.input.tokens[i], settings);
        rows.push_back(keep ? x.tokens[0][static_cast<std::int64_t>(i)] : row);
    }
    out.input.tokens = at::stack(rows).unsqueeze(0);
    if (x.virtualTokens.defined()) {
        out.input.virtualTokens = at::zeros_like(x.virtualTokens);
        if (name != "zero") out.said += "; zero for virtual tokens";
    }
    return out;
}

// [1, columns, width] float64 → [columns]
std::vector<double> columnSums(const at::Tensor& parts) {
    const at::Tensor sums = parts[0].sum(-1).contiguous();
    const auto* data = sums.const_data_ptr<double>();
    return {data, data + sums.numel()};
}

}  // namespace

const std::span<const ParameterInfo> kIntegratedGradientsParameters = kTable;

Attribution explainByIntegratedGradients(const MethodInput& in, const ParameterSet& settings,
                                         const RunContext& context) {
    Scorer scorer(in.model, in.target, in.compute, context);
    const EmbeddedInput input = scorer.embed(at::tensor(in.input.ids(), at::kLong).unsqueeze(0));
    const Baseline baseline = makeBaseline(in, settings, scorer, input);
    const at::Tensor start = baseline.input.flat();  // [1, size]
    const at::Tensor difference = input.flat() - start;
    const Quadrature path = makeQuadrature(settings.text("rule"), settings.integer("nodes"));

    at::Tensor sum = at::zeros({difference.size(1)}, at::kDouble);
    const auto count = static_cast<std::int64_t>(path.nodes.size());
    for (std::int64_t first = 0; first < count; first += in.batch) {
        const std::int64_t rows = std::min(in.batch, count - first);
        const at::Tensor alpha = at::tensor(path.nodes, at::kDouble).narrow(0, first, rows);
        const at::Tensor points = (start + alpha.to(start.scalar_type()).unsqueeze(1) * difference)
                                      .detach()
                                      .requires_grad_(true);  // [rows, size]
        const c10::AutoGradMode grad(true);
        const at::Tensor value = scorer.valuesOf(input.like(points), true).sum();
        const at::Tensor gradient = gradients(value, {points}, context)[0];
        const at::Tensor weights = at::tensor(path.weights, at::kDouble).narrow(0, first, rows);
        sum += (gradient.to(at::kDouble) * weights.unsqueeze(1)).sum(0);
        context.checkpoint(static_cast<double>(first + rows) / static_cast<double>(count),
                           "integrated_gradients");
    }

    Attribution out;
    out.targetValue = scorer.valuesOf(input, false).item<double>();
    out.baselineValue = scorer.valuesOf(baseline.input, false).item<double>();
    const EmbeddedInput parts = input.like((difference[0].to(at::kDouble) * sum).unsqueeze(0));
    out.scores = columnSums(parts.tokens);
    if (parts.virtualTokens.defined()) out.virtualScores = columnSums(parts.virtualTokens);
    double total = 0.0;
    for (const std::vector<double>* scores : {&out.scores, &out.virtualScores})
        total = std::accumulate(scores->begin(), scores->end(), total);
    const double change = out.targetValue - *out.baselineValue;
    out.completenessGap = total - change;
    if (std::abs(*out.completenessGap) > kLargestRelativeGap * std::abs(change)) {
        out.hasConverged = false;
        out.warnings.push_back(
            "the completeness gap is more than 5 % of the change that is explained; use "
            "more nodes or another baseline");
    }
    out.baseline = baseline.said;
    out.evaluations = scorer.evaluations();
    out.gradient = gradientKindOf(in.model);
    if (out.gradient == GradientKind::StraightThrough)
        out.warnings.push_back(std::string(kStraightThroughWarning));
    return out;
}

}  // namespace driftlens
