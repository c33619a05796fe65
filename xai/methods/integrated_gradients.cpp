// Integrated Gradients (Sundararajan et al. 2017, equation 1) over token embeddings.
#include "core/capture/gradient.h"
#include "xai/methods/methods.h"
#include "xai/methods/quadrature.h"
#include "xai/targets/scorer.h"

#include <array>
#include <cmath>

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
    at::Tensor embeddings;  // [1, tokens, hidden]
    std::string said;
};

Baseline makeBaseline(const MethodInput& in, const ParameterSet& settings, const Scorer& scorer,
                      const at::Tensor& x) {
    const std::string& name = settings.text("baseline");
    Baseline out;
    at::Tensor row;  // [hidden]
    if (name == "zero") {
        row = at::zeros({x.size(2)}, x.options());
        out.said = "zero embedding";
    } else if (name == "mean") {
        row = in.model.tokenTable().dense(x.scalar_type()).mean(0) * in.model.spec().embeddingScale;
        out.said = "mean embedding of the vocabulary";
    } else {
        const Replacement token =
            replacementToken(in.tokenizer, name, in.model.spec().vocabularySize);
        row = scorer.embed(at::full({1}, token.id, at::kLong))[0];
        out.said = token.said;
    }
    std::vector<at::Tensor> rows;
    for (std::size_t i = 0; i < in.input.tokens.size(); ++i) {
        const bool keep = isKept(in.input.tokens[i], settings);
        rows.push_back(keep ? x[0][static_cast<std::int64_t>(i)] : row);
    }
    out.embeddings = at::stack(rows).unsqueeze(0);
    return out;
}

}  // namespace

const std::span<const ParameterInfo> kIntegratedGradientsParameters = kTable;

Attribution explainByIntegratedGradients(const MethodInput& in, const ParameterSet& settings,
                                         const RunContext& context) {
    Scorer scorer(in.model, in.target, in.compute, context);
    const at::Tensor x =
        scorer.embed(at::tensor(in.input.ids(), at::kLong).unsqueeze(0));  // [1, T, D]
    const Baseline baseline = makeBaseline(in, settings, scorer, x);
    const at::Tensor difference = x - baseline.embeddings;
    const Quadrature path = makeQuadrature(settings.text("rule"), settings.integer("nodes"));

    at::Tensor sum = at::zeros({x.size(1), x.size(2)}, at::kDouble);
    const auto count = static_cast<std::int64_t>(path.nodes.size());
    for (std::int64_t first = 0; first < count; first += in.batch) {
        const std::int64_t rows = std::min(in.batch, count - first);
        const at::Tensor alpha = at::tensor(path.nodes, at::kDouble).narrow(0, first, rows);
        const at::Tensor points =
            (baseline.embeddings + alpha.to(x.scalar_type()).view({rows, 1, 1}) * difference)
                .detach()
                .requires_grad_(true);  // [rows, T, D]
        const at::Tensor value = scorer.valuesOf(points, true).sum();
        const at::Tensor gradient = gradients(value, {points}, context)[0];
        const at::Tensor weights = at::tensor(path.weights, at::kDouble).narrow(0, first, rows);
        sum += (gradient.to(at::kDouble) * weights.view({rows, 1, 1})).sum(0);
        context.checkpoint(static_cast<double>(first + rows) / static_cast<double>(count),
                           "integrated_gradients");
    }

    Attribution out;
    out.targetValue = scorer.valuesOf(x, false).item<double>();
    out.baselineValue = scorer.valuesOf(baseline.embeddings, false).item<double>();
    const at::Tensor scores = (difference[0].to(at::kDouble) * sum).sum(-1).contiguous();  // [T]
    const auto* data = scores.const_data_ptr<double>();
    out.scores.assign(data, data + scores.numel());
    double total = 0.0;
    for (const double score : out.scores) total += score;
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
    out.gradient = GradientKind::Exact;
    return out;
}

}  // namespace driftlens
