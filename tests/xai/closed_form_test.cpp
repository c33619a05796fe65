// Methods on a model that can be written down: its block adds nothing, its head is w · tanh(P x₀).
// What each method must give is then a formula; float64 keeps it to 1e-10.
#include "core/model/model.h"
#include "xai/methods/method.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

constexpr double kTolerance = 1e-10;

using Row = std::array<double, 2>;

constexpr std::array<Row, 3> kEmbeddings = {{{0.5, 1.5}, {-0.75, 0.25}, {0.125, -2.0}}};
constexpr std::array<Row, 2> kPositions = {{{0.25, -0.5}, {1.0, 0.0}}};
constexpr std::array<Row, 2> kPooler = {{{1.0, -0.5}, {0.25, 0.75}}};
constexpr std::array<Row, 2> kHead = {{{1.5, -2.0}, {0.5, 3.0}}};

template <std::size_t N>
at::Tensor tensorOf(const std::array<Row, N>& rows) {
    std::vector<double> flat;
    for (const Row& row : rows) flat.insert(flat.end(), row.begin(), row.end());
    return at::tensor(flat, at::kDouble).view({static_cast<std::int64_t>(N), 2});
}

std::shared_ptr<const Model> makeTanhModel() {
    ModelSpec spec;
    spec.family = "driftlens";
    spec.task = Task::Classification;
    spec.isCausal = false;
    spec.vocabularySize = 3;
    spec.hiddenSize = 2;
    spec.maxPositions = 2;
    spec.blocks = {{1, 1, 2, 1}};
    spec.hasFinalNorm = false;
    spec.pooler = PoolerKind::Tanh;
    spec.classes = 2;
    spec.classLabels = {"no", "yes"};
    ModelWeights weights;
    for (const ParameterShape& parameter : parametersOf(spec)) {
        at::Tensor value = at::zeros(parameter.shape, at::kDouble);
        if (parameter.name == kTokenTable) value = tensorOf(kEmbeddings);
        if (parameter.name == "embeddings.positions") value = tensorOf(kPositions);
        if (parameter.name == "pooler.weight") value = tensorOf(kPooler);
        if (parameter.name == "head.weight") value = tensorOf(kHead);
        const std::string module = parameter.name.substr(0, parameter.name.rfind('.'));
        if (parameter.isLinearWeight)
            weights.linears[module] = makeDenseLinear(value, {});
        else if (!parameter.isLinearBias)
            weights.tensors[parameter.name] = value;
    }
    // Biases are zero: a Linear is made with its own.
    for (const ParameterShape& parameter : parametersOf(spec)) {
        if (!parameter.isLinearBias) continue;
        const std::string module = parameter.name.substr(0, parameter.name.rfind('.'));
        weights.linears[module] = makeDenseLinear(weights.linears[module]->dense(at::kDouble),
                                                  at::zeros(parameter.shape, at::kDouble));
    }
    return Model::make(spec, weights);
}

// w · tanh(P (x + position 0)), and its parts along the way.
struct Formula {
    Row weight;

    double inner(std::size_t j, const Row& x) const {
        double sum = 0.0;
        for (std::size_t d = 0; d < 2; ++d) sum += kPooler[j][d] * (x[d] + kPositions[0][d]);
        return sum;
    }
    double value(const Row& x) const {
        return weight[0] * std::tanh(inner(0, x)) + weight[1] * std::tanh(inner(1, x));
    }
    Row gradient(const Row& x) const {
        Row out = {0.0, 0.0};
        for (std::size_t j = 0; j < 2; ++j) {
            const double slope = 1.0 - std::pow(std::tanh(inner(j, x)), 2);
            for (std::size_t d = 0; d < 2; ++d) out[d] += weight[j] * slope * kPooler[j][d];
        }
        return out;
    }
    // (x − x′)_d ∫ ∂F/∂x_d: tanh integrates to differences of itself.
    Row integrated(const Row& from, const Row& to) const {
        Row out = {0.0, 0.0};
        for (std::size_t j = 0; j < 2; ++j) {
            const double step = inner(j, to) - inner(j, from);
            const double mean = (std::tanh(inner(j, to)) - std::tanh(inner(j, from))) / step;
            for (std::size_t d = 0; d < 2; ++d)
                out[d] += (to[d] - from[d]) * weight[j] * kPooler[j][d] * mean;
        }
        return out;
    }
};

double sum(const Row& row) {
    return row[0] + row[1];
}
double norm(const Row& row) {
    return std::hypot(row[0], row[1]);
}

class ClosedForm : public ::testing::Test {
protected:
    Attribution explain(const std::string& method, std::map<std::string, std::string> settings = {},
                        std::int64_t batch = 3) const {
        return runMethod(
            methodNamed(method), settings,
            {*m_model, *m_tokenizer, m_input, m_target, ComputeType::Float64, batch, 0, nullptr},
            {});
    }
    void SetUp() override {
        for (const std::int64_t id : {0, 2}) {
            m_input.tokens.emplace_back();
            m_input.tokens.back().id = id;
        }
        m_target.id = 1;
        m_target.quantity = Quantity::Logit;
    }

    const Formula m_formula = {kHead[1]};
    const Row m_zero = {0.0, 0.0};
    std::shared_ptr<const Model> m_model = makeTanhModel();
    std::shared_ptr<const Tokenizer> m_tokenizer = Tokenizer::fromJson(
        R"({"version":"1.0","model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}})", "a");
    TokenizedInput m_input;
    Target m_target;
};

TEST_F(ClosedForm, GradientsAreTheDerivative) {
    const Row gradient = m_formula.gradient(kEmbeddings[0]);
    const Attribution saliency = explain("saliency");
    EXPECT_NEAR(saliency.targetValue, m_formula.value(kEmbeddings[0]), kTolerance);
    EXPECT_NEAR(saliency.scores[0], sum(gradient), kTolerance);
    EXPECT_NEAR(saliency.norms[0], norm(gradient), kTolerance);
    EXPECT_EQ(saliency.scores[1], 0.0);  // the head reads the first token alone
    const Row product = {gradient[0] * kEmbeddings[0][0], gradient[1] * kEmbeddings[0][1]};
    const Attribution times = explain("input_x_gradient");
    EXPECT_NEAR(times.scores[0], sum(product), kTolerance);
    EXPECT_NEAR(times.norms[0], norm(product), kTolerance);
    EXPECT_NEAR(explain("input_x_gradient", {{"reduce", "l1"}}).scores[0],
                std::abs(product[0]) + std::abs(product[1]), kTolerance);
}

TEST_F(ClosedForm, PathMethodsAreTheIntegral) {
    const Row wanted = m_formula.integrated(m_zero, kEmbeddings[0]);
    for (const std::string nodes : {"nodes=50", "tolerance=1e-11"}) {
        const auto equals = nodes.find('=');
        const std::map<std::string, std::string> settings = {
            {nodes.substr(0, equals), nodes.substr(equals + 1)}};
        const Attribution found = explain("integrated_gradients", settings);
        EXPECT_NEAR(found.scores[0], sum(wanted), kTolerance) << nodes;
        EXPECT_NEAR(found.norms[0], norm(wanted), kTolerance) << nodes;
        EXPECT_NEAR(*found.completenessGap, 0.0, kTolerance) << nodes;
        EXPECT_TRUE(found.hasConverged);
    }
    // The block adds nothing, so that its output moves as the embeddings do.
    const Attribution layer = explain("layer_integrated_gradients");
    EXPECT_NEAR(layer.norms[0], norm(wanted), kTolerance);
    const Row other = m_formula.integrated(kEmbeddings[1], kEmbeddings[0]);
    const Attribution sequential = explain("sequential_ig", {{"baseline", "token:1"}});
    EXPECT_NEAR(sequential.scores[0], sum(other), kTolerance);
    EXPECT_NEAR(sequential.norms[0], norm(other), kTolerance);
    EXPECT_NEAR(sequential.scores[0],
                m_formula.value(kEmbeddings[0]) - m_formula.value(kEmbeddings[1]), kTolerance);
}

// Σ of steps at the mean of both ends' gradients: an error of order 1/nodes².
TEST_F(ClosedForm, ConductanceConvergesToTheIntegralBySquares) {
    const Row wanted = m_formula.integrated(m_zero, kEmbeddings[0]);
    double previous = 0.0;
    for (const int nodes : {20, 40, 80}) {
        const Attribution found = explain("layer_conductance", {{"nodes", std::to_string(nodes)}});
        const double error = std::abs(found.norms[0] - norm(wanted));
        if (previous > 0.0) {
            EXPECT_NEAR(previous / error, 4.0, 0.2) << nodes;
        }
        previous = error;
    }
    // The size of a micro-batch does not show.
    EXPECT_NEAR(explain("layer_conductance", {}, 1).scores[0],
                explain("layer_conductance", {}, 64).scores[0], kTolerance);
}

TEST_F(ClosedForm, GradCamWeighsChannelsByTheirMeanGradient) {
    const Row gradient = m_formula.gradient(kEmbeddings[0]);
    const Attribution found = explain("grad_cam");
    // Two tokens: the mean halves the gradient of the only one that has any.
    for (std::size_t token = 0; token < 2; ++token) {
        const Row& embedding = kEmbeddings[token == 0 ? 0 : 2];
        double wanted = 0.0;
        for (std::size_t d = 0; d < 2; ++d)
            wanted += 0.5 * gradient[d] * (embedding[d] + kPositions[token][d]);
        EXPECT_NEAR(found.scores[token], wanted, kTolerance);
        EXPECT_NEAR(explain("grad_cam", {{"relu", "yes"}}).scores[token], std::max(0.0, wanted),
                    kTolerance);
    }
}

// All scores of one block are equal, so attention is even: rollout mixes half and half.
TEST_F(ClosedForm, EvenAttentionRollsOutEvenly) {
    EXPECT_NEAR(explain("attention").scores[0], 0.5, kTolerance);
    EXPECT_NEAR(explain("attention_rollout").scores[0], 0.75, kTolerance);
    EXPECT_NEAR(explain("attention_rollout").scores[1], 0.25, kTolerance);
    EXPECT_NEAR(explain("attention_flow").scores[0], 0.75, kTolerance);
    // No gradient passes attention: only the starting weight is left.
    EXPECT_NEAR(explain("attention_gradient").scores[0], 1.0, kTolerance);
    EXPECT_NEAR(explain("attention_gradient", {{"self", "drop"}}).scores[0], 0.0, kTolerance);
}

TEST_F(ClosedForm, OnePatchAtTheReadPositionBringsEverythingBack) {
    const Attribution found = explain(
        "activation_patching", {{"corrupted", "token:1"}, {"layers", "0"}, {"site", "resid_out"}});
    EXPECT_NEAR(found.scores[0], 1.0, kTolerance);
    EXPECT_NEAR(found.scores[1], 0.0, kTolerance);
    EXPECT_NEAR(*found.baselineValue, m_formula.value(kEmbeddings[1]), kTolerance);
    const Attribution linear = explain(
        "attribution_patching",
        {{"corrupted", "token:1"}, {"layers", "0"}, {"site", "resid_out"}, {"normalise", "no"}});
    const Row gradient = m_formula.gradient(kEmbeddings[1]);
    double wanted = 0.0;
    for (std::size_t d = 0; d < 2; ++d)
        wanted += gradient[d] * (kEmbeddings[0][d] - kEmbeddings[1][d]);
    EXPECT_NEAR(linear.scores[0], wanted, kTolerance);
}

// Noise of deviation 0 leaves the method as it is, without variance.
TEST_F(ClosedForm, NoNoiseIsTheMethodItself) {
    const Attribution plain = explain("input_x_gradient");
    const Attribution smooth = explain("smoothgrad", {{"noise", "0"}, {"samples", "4"}});
    EXPECT_NEAR(smooth.scores[0], plain.scores[0], kTolerance);
    EXPECT_NEAR(smooth.standardError[0], 0.0, kTolerance);
    EXPECT_NEAR(explain("vargrad", {{"noise", "0"}, {"samples", "4"}}).scores[0], 0.0, kTolerance);
}

// Stratified places on the path are a midpoint rule with jitter: its gap shrinks with the samples
// and lies within what the standard error says.
TEST_F(ClosedForm, GradientShapMeetsTheIntegralWithinItsError) {
    const Row wanted = m_formula.integrated(m_zero, kEmbeddings[0]);
    const Attribution found = explain("gradient_shap", {{"samples", "400"}});
    EXPECT_NEAR(found.scores[0], sum(wanted), 4.0 * found.standardError[0]);
    EXPECT_GT(found.standardError[0], 0.0);
    EXPECT_NEAR(*found.completenessGap,
                found.scores[0] + found.scores[1] - (found.targetValue - *found.baselineValue),
                kTolerance);
}

}  // namespace
}  // namespace driftlens
