// Gradient and path methods against the recorded values of Captum.
#include "tests/support/fixtures.h"
#include "tests/xai/method_goldens.h"
#include "xai/methods/noise.h"
#include "xai/methods/path.h"
#include "xai/targets/place.h"

namespace driftlens {
namespace {

using Given = std::map<std::string, std::string>;

Attribution explain(const GoldenInput& row, const std::string& fn, const std::string& method,
                    const Given& settings, ComputeType compute) {
    const Target target = row.targetOf(fn);
    return runMethod(methodNamed(method), settings, row.methodInput(target, compute), {});
}

// One result against the golden's row, in both compute types.
class RowCheck {
public:
    RowCheck(GoldenTally& tally, const MethodGoldens& goldens, const GoldenInput& row,
             std::int64_t index, std::string where)
        : m_tally(tally),
          m_goldens(goldens),
          m_row(row),
          m_index(index),
          m_where(std::move(where)) {}

    void operator()(const std::string& kind, const Json& node, ComputeType compute,
                    const std::vector<double>& found) const {
        const GoldenValue golden = m_goldens.value(node).row(m_index).columns(m_row.realColumns);
        m_tally.compare(compute, kind, m_where, found, golden);
    }
    // A completeness gap: a difference of sums, whose float32 gradients carry an ulp or more of the
    // summands. The recorded tolerance of gaps does not grow with them.
    void gap(const std::string& kind, const Json& node, ComputeType compute,
             const Attribution& found) const {
        constexpr double kUlps = 4.0 / (1 << 24);
        double scale = std::abs(*found.completenessGap);
        for (const double score : found.scores) scale = std::max(scale, std::abs(score));
        GoldenValue golden = m_goldens.value(node).row(m_index);
        golden.tolerance = std::max(golden.tolerance, kUlps * scale);
        m_tally.compare(compute, kind, m_where, {*found.completenessGap}, golden, scale);
    }

    // Signed sums over the hidden axis that nearly cancel by construction (README of the records):
    // every summand carries an ulp or more, and √hidden · norm bounds the magnitudes' sum.
    void cancellingSum(const std::string& kind, const Json& node, ComputeType compute,
                       const Attribution& found) const {
        constexpr double kUlps = 4.0 / (1 << 24);
        const double hidden = static_cast<double>(m_row.model->spec().hiddenSize);
        const double largest = *std::max_element(found.norms.begin(), found.norms.end());
        GoldenValue golden = m_goldens.value(node).row(m_index).columns(m_row.realColumns);
        golden.tolerance = std::max(golden.tolerance, kUlps * std::sqrt(hidden) * largest);
        m_tally.compare(compute, kind, m_where, found.scores, golden);
    }

private:
    GoldenTally& m_tally;
    const MethodGoldens& m_goldens;
    const GoldenInput& m_row;
    std::int64_t m_index;
    std::string m_where;
};

TEST(GradientGoldens, SaliencyAndInputTimesGradientAreCaptums) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "gradients");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto id = node["id"].get<std::string>();
        const auto fn = node["fn"].get<std::string>();
        const auto rows = models.rows(node["model"], node["input"]);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const RowCheck check(tally, goldens, rows[r], static_cast<std::int64_t>(r), id);
            const Json& values = node["values"];
            for (const ComputeType compute : kBothTypes) {
                for (const auto& [method, name] :
                     {std::pair<std::string, std::string>("saliency", "saliency"),
                      {"input_x_gradient", "ixg"}}) {
                    for (const std::string reduce : {"sum", "l2", "l1"}) {
                        check(method + " " + reduce, values[name + "_" + reduce], compute,
                              explain(rows[r], fn, method, {{"reduce", reduce}}, compute).scores);
                    }
                }
            }
            if (values.contains("saliency_raw")) {
                const Target target = rows[r].targetOf(fn);
                Scorer scorer(*rows[r].model, target, ComputeType::Float32, kContext);
                const Place place = Place::embeddings(
                    scorer, at::tensor(rows[r].input.ids(), at::kLong).unsqueeze(0));
                check("saliency raw", values["saliency_raw"], ComputeType::Float32,
                      listOf(place.gradientsAt(place.here()).gradients));
            }
            tally.leaveOut("gradients: largest magnitude over the hidden axis");
        }
    }
    EXPECT_EQ(goldens.cases().size(), 40U);
    EXPECT_GE(tally.compared("saliency sum"), 40U);
}

std::string ruleOf(const std::string& captum) {
    return captum == "gausslegendre" ? "gauss_legendre" : captum;
}

// The recorded zero baseline is zero at special tokens too; the others leave them.
Given baselineOf(const GoldenInput& row, const std::string& name) {
    if (name == "zero") return {{"baseline", "zero"}, {"special", "replace"}};
    return {{"baseline", "token:" + std::to_string(name == "pad" ? row.pad : row.replacement)}};
}

TEST(GradientGoldens, IntegratedGradientsAreCaptums) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "integrated_gradients");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const auto& [name, nodes] : goldens.document()["nodes"].items()) {
        const auto rule = ruleOf(name.substr(0, name.find('/')));
        const Quadrature found =
            makeQuadrature(rule, std::stol(name.substr(name.find('/') + 1)), "captum");
        // Captum spaces Riemann nodes in float32, and rounds step sizes to it when it multiplies.
        const double alphaTolerance = rule == "gauss_legendre" ? 1e-14 : 1.2e-7;
        const GoldenValue alphas = {
            {}, nodes["alphas"].get<std::vector<double>>(), {}, alphaTolerance};
        const GoldenValue steps = {{}, nodes["step_sizes"].get<std::vector<double>>(), {}, 1e-7};
        tally.compare("quadrature nodes", name, found.nodes, alphas);
        tally.compare("quadrature weights", name, found.weights, steps);
    }
    for (const Json& node : goldens.cases()) {
        const auto id = node["id"].get<std::string>();
        const auto rows = models.rows(node["model"], node["input"]);
        const bool isReference = node.value("float64_only", false);
        const bool isLayer = id.find("layer_embeddings_output") != std::string::npos;
        const std::string fn = node.value("fn", "logit");
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const RowCheck check(tally, goldens, rows[r], static_cast<std::int64_t>(r), id);
            Given settings = baselineOf(rows[r], node["baseline"]);
            settings["nodes"] = std::to_string(node["n_steps"].get<int>());
            settings["rule"] = ruleOf(node["method"]);
            settings["weights"] = "captum";
            if (isReference) {
                // Not converged: an example of that, not a value to match.
                if (node["change_from_300_nodes"].get<double>() > 1e-6) {
                    tally.leaveOut("integrated_gradients: references that have not converged");
                    continue;
                }
                settings["weights"] = "exact";
                GoldenValue golden = goldens.value(node["sum"])
                                         .row(static_cast<std::int64_t>(r))
                                         .columns(rows[r].realColumns);
                double largest = 0.0;
                for (const double v : golden.values) largest = std::max(largest, std::abs(v));
                golden.tolerance = 1e-5 * largest + 1e-9;
                tally.compare(
                    "integrated_gradients reference (float64)", id,
                    explain(rows[r], fn, "integrated_gradients", settings, ComputeType::Float64)
                        .scores,
                    golden);
                continue;
            }
            std::string method = "integrated_gradients";
            if (isLayer) {
                method = "layer_integrated_gradients";
                settings["site"] = "embeddings";
            }
            for (const ComputeType compute : kBothTypes) {
                const Json& values = node["values"];
                const Attribution found = explain(rows[r], fn, method, settings, compute);
                check(method + " sum", values["sum"], compute, found.scores);
                check(method + " l2", values["l2"], compute, found.norms);
                check.gap(method + " gap", values["delta"], compute, found);
                if (!values.contains("raw")) continue;
                const Target target = rows[r].targetOf(fn);
                Scorer scorer(*rows[r].model, target, compute, kContext);
                const Place place = Place::embeddings(
                    scorer, at::tensor(rows[r].input.ids(), at::kLong).unsqueeze(0));
                std::vector<std::int64_t> ids = rows[r].input.ids();
                for (std::size_t i = 0; i < ids.size(); ++i)
                    if (!rows[r].input.tokens[i].isSpecial) ids[i] = rows[r].replacement;
                const at::Tensor start =
                    scorer.embed(at::tensor(ids, at::kLong).unsqueeze(0)).flat();
                const Line line = {start, place.here() - start};
                const PathIntegral path =
                    integrate(place, line, makeQuadrature("gauss_legendre", 20), 7, {});
                check("integrated_gradients raw", values["raw"], compute,
                      listOf(path.gradients * line.difference.to(at::kDouble)));
                check("integrated_gradients raw, not multiplied", values["raw_no_multiply"],
                      compute, listOf(path.gradients));
            }
        }
    }
    EXPECT_EQ(goldens.cases().size(), 507U);
    EXPECT_GE(tally.compared("integrated_gradients sum"), 450U);
}

SampleRows rowsOf(const at::Tensor& all) {  // [samples, size]
    return [all](std::int64_t first, std::int64_t rows) { return all.narrow(0, first, rows); };
}

at::Tensor tensorOf(const GoldenValue& golden) {
    return at::tensor(golden.values, at::kDouble).view(golden.shape);
}

// Entries of the real columns of a recorded [samples, tokens, hidden], as [samples, size].
at::Tensor noiseOf(const GoldenValue& golden, const GoldenInput& row, at::ScalarType type) {
    std::vector<std::int64_t> real(row.realColumns.begin(), row.realColumns.end());
    return tensorOf(golden).index_select(1, at::tensor(real, at::kLong)).flatten(1).to(type);
}

TEST(GradientGoldens, NoiseMethodsAreCaptumsForItsDraws) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "noise");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto id = node["id"].get<std::string>();
        const auto rows = models.rows(node["model"], node["input"]);
        const Json& values = node["values"];
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const auto index = static_cast<std::int64_t>(r);
            const RowCheck check(tally, goldens, rows[r], index, id);
            const Target target = rows[r].targetOf("logit");
            for (const ComputeType compute : kBothTypes) {
                Scorer scorer(*rows[r].model, target, compute, kContext);
                const at::Tensor ids = at::tensor(rows[r].input.ids(), at::kLong).unsqueeze(0);
                const Place place = Place::embeddings(scorer, ids);
                std::vector<std::int64_t> replaced = rows[r].input.ids();
                for (std::size_t i = 0; i < replaced.size(); ++i)
                    if (!rows[r].input.tokens[i].isSpecial) replaced[i] = rows[r].replacement;
                const at::Tensor start =
                    scorer.embed(at::tensor(replaced, at::kLong).unsqueeze(0)).flat();
                const GoldenValue stored = goldens.tensor(node["noise"]);
                std::string kind;
                at::Tensor parts;
                if (node.contains("n_samples")) {
                    kind = "gradient_shap";
                    const at::Tensor table = at::cat({at::zeros_like(start), start});
                    const at::Tensor drawn =
                        at::tensor(node["baseline_index"].get<std::vector<std::int64_t>>());
                    const GradientShapSamples found = gradientShapSamples(
                        place, rowsOf(noiseOf(stored, rows[r], scorer.type())),
                        rowsOf(table.index_select(0, drawn)),
                        at::tensor(node["alphas"].get<std::vector<double>>(), at::kDouble), 3, {});
                    parts = found.mean;
                    const GoldenValue deltas = goldens.value(values["delta_per_sample"]);
                    tally.compare(compute, kind + " gap per sample", id, found.deltas, deltas);
                } else {
                    const auto inner = node["inner"].get<std::string>();
                    const auto type = node["nt_type"].get<std::string>();
                    kind = type + " of " + inner;
                    const NoisyMoments found = noisyMoments(
                        place, stored.shape[1],
                        rowsOf(noiseOf(stored.row(index), rows[r], scorer.type())),
                        inner == "saliency"           ? InnerMethod::Saliency
                        : inner == "input_x_gradient" ? InnerMethod::InputTimesGradient
                                                      : InnerMethod::IntegratedGradients,
                        start, makeQuadrature("gauss_legendre", 20, "captum"), 4, {});
                    parts = type == "smoothgrad"      ? found.mean
                            : type == "smoothgrad_sq" ? found.meanOfSquares
                                                      : found.meanOfSquares - found.mean.square();
                }
                for (const auto& [name, reduction] : {std::pair("sum", Place::Reduction::Sum),
                                                      std::pair("l2", Place::Reduction::L2),
                                                      std::pair("l1", Place::Reduction::L1)}) {
                    if (values.contains(name)) {
                        check(kind + " " + name, values[name], compute,
                              place.columnsOf(parts, reduction).tokens);
                    }
                }
                if (values.contains("raw"))
                    check(kind + " raw", values["raw"], compute, listOf(parts));
            }
        }
    }
    EXPECT_EQ(goldens.cases().size(), 65U);
}

TEST(GradientGoldens, LayerMethodsAreCaptums) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "layers");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto id = node["id"].get<std::string>();
        const auto rows = models.rows(node["model"], node["input"]);
        const std::string layer = std::to_string(node["layer"].get<int>());
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const GoldenInput& row = rows[r];
            const RowCheck check(tally, goldens, row, static_cast<std::int64_t>(r), id);
            for (const auto& [key, value] : node["values"].items()) {
                if (key.starts_with("internal_influence") || key == "grad_cam_untransposed_B1D") {
                    tally.leaveOut("layers: " + key);
                    continue;
                }
                for (const ComputeType compute : kBothTypes) {
                    if (key.starts_with("conductance_")) {
                        // conductance_BASELINE_RULE_NODES_sum|delta
                        const bool isZero = key.starts_with("conductance_zero_");
                        Given settings = baselineOf(row, isZero ? "zero" : "repl");
                        const bool isGauss = key.find("gausslegendre") != std::string::npos;
                        settings["rule"] = isGauss ? "gauss_legendre" : "riemann_trapezoid";
                        settings["nodes"] = key.find("_50_") != std::string::npos ? "50" : "20";
                        settings["layer"] = layer;
                        settings["convention"] = "captum";
                        const Attribution found =
                            explain(row, "logit", "layer_conductance", settings, compute);
                        if (key.ends_with("_sum"))
                            check("layer_conductance", value, compute, found.scores);
                        else
                            check.gap("layer_conductance gap", value, compute, found);
                    } else if (key.starts_with("grad_x_act")) {
                        const Attribution found =
                            explain(row, "logit", "input_x_gradient",
                                    {{"layer", layer}, {"site", "resid_out"}}, compute);
                        if (key.ends_with("_sum"))
                            check.cancellingSum("input_x_gradient at a site", value, compute,
                                                found);
                        else
                            check("norms of input_x_gradient at a site", value, compute,
                                  found.norms);
                    } else if (key == "grad_cam" || key == "grad_cam_relu") {
                        Attribution found =
                            explain(row, "logit", "grad_cam",
                                    {{"layer", layer}, {"relu", key == "grad_cam" ? "no" : "yes"}},
                                    compute);
                        // The record's mean over tokens counts the padding, where gradients are 0.
                        const double padded = static_cast<double>(value["shape"][1].get<int>());
                        for (double& score : found.scores)
                            score *= static_cast<double>(found.scores.size()) / padded;
                        check("grad_cam", value, compute, found.scores);
                    } else {
                        ASSERT_EQ(key, "activation");
                        const Target target = row.targetOf("logit");
                        Scorer scorer(*row.model, target, compute, kContext);
                        const Place place = Place::site(
                            scorer, {SiteKind::ResidOut, node["layer"].get<std::int64_t>()},
                            at::tensor(row.input.ids(), at::kLong).unsqueeze(0));
                        check("activation", value, compute, listOf(place.here()));
                    }
                }
            }
        }
    }
    EXPECT_EQ(goldens.cases().size(), 20U);
}

}  // namespace
}  // namespace driftlens
