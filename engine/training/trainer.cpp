#include "engine/training/trainer.h"

#include "core/base/random.h"
#include "core/base/text.h"
#include "core/capture/gradient.h"
#include "core/model/model.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;

struct Parameter {
    ParameterShape shape;
    at::Tensor value;         // float32 leaf
    at::Tensor mean, square;  // AdamW's moments
};

at::Tensor initialValue(const ParameterShape& parameter, const TrainingPlan& plan) {
    at::Tensor value = at::empty(parameter.shape, at::kFloat);
    const bool isNorm = parameter.name.find("norm") != std::string::npos;
    if (isNorm || parameter.shape.size() == 1) {
        return value.fill_(isNorm && parameter.name.ends_with(".weight") ? 1.0 : 0.0);
    }
    RandomStream random(plan.seed, "init/" + parameter.name);
    auto* data = value.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < value.numel(); ++i) {
        data[i] = static_cast<float>(random.normal() * plan.initialDeviation);
    }
    return value;
}

// The model over these tensors; they stay shared, so that steps in place are seen.
std::shared_ptr<const Model> modelOver(const ModelSpec& spec,
                                       const std::vector<Parameter>& parameters, bool isTrainable) {
    ModelWeights weights;
    std::map<std::string, at::Tensor> matrices, biases;
    for (const Parameter& parameter : parameters) {
        const at::Tensor value = isTrainable ? parameter.value : parameter.value.detach();
        const std::string& name = parameter.shape.name;
        const std::string module = name.substr(0, name.rfind('.'));
        if (parameter.shape.isLinearWeight) {
            matrices[module] = value;
        } else if (parameter.shape.isLinearBias) {
            biases[module] = value;
        } else {
            weights.tensors[name] = value;
        }
    }
    for (const auto& [module, matrix] : matrices)
        weights.linears[module] = makeDenseLinear(matrix, biases[module]);
    return Model::make(spec, std::move(weights));
}

at::Tensor asMatrix(const std::vector<std::vector<std::int64_t>>& rows) {
    std::vector<at::Tensor> out;
    for (const auto& row : rows) out.push_back(at::tensor(row, at::kLong));
    return at::stack(out);
}

// [rows, positions, vocabulary], or [rows, 1, classes].
at::Tensor answerLogits(const Model& model, const std::vector<std::vector<std::int64_t>>& rows,
                        const std::vector<std::int64_t>& positions, bool keepGraph,
                        const RunContext& context) {
    ForwardInput input;
    input.ids = asMatrix(rows);
    if (keepGraph) {
        const c10::AutoGradMode grad(true);
        input.embeddings = model.embedTokens(input.ids, at::kFloat);
    }
    ForwardRequest request;
    request.keepGraph = keepGraph;
    request.logitPositions = at::tensor(positions, at::kLong).expand({input.ids.size(0), -1});
    const at::Tensor logits = model.forward(input, request, {}, context).logits;
    const c10::AutoGradMode grad(keepGraph);
    return logits.dim() == 3 ? logits : logits.unsqueeze(1);
}

double rateAt(std::int64_t step, const TrainingPlan& plan) {
    const auto s = static_cast<double>(step + 1);
    const auto warm = static_cast<double>(plan.warmUpSteps);
    if (s < warm) return plan.learningRate * s / warm;
    return plan.learningRate * (static_cast<double>(plan.steps) - s) /
           (static_cast<double>(plan.steps) - warm);
}

// One step of AdamW (Loshchilov and Hutter 2019, algorithm 2) in place.
void update(std::vector<Parameter>& parameters, const std::vector<at::Tensor>& gradient,
            std::int64_t step, const TrainingPlan& plan) {
    const c10::AutoGradMode noGraph(false);
    double square = 0.0;
    for (const at::Tensor& g : gradient) square += g.square().sum().item<double>();
    const double scale = std::min(1.0, plan.clipNorm / (std::sqrt(square) + 1e-6));
    const double rate = rateAt(step, plan);
    const double correction1 = 1.0 - std::pow(kBeta1, static_cast<double>(step + 1));
    const double correction2 = 1.0 - std::pow(kBeta2, static_cast<double>(step + 1));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        Parameter& p = parameters[i];
        const at::Tensor g = gradient[i] * scale;
        p.mean.mul_(kBeta1).add_(g, 1.0 - kBeta1);
        p.square.mul_(kBeta2).addcmul_(g, g, 1.0 - kBeta2);
        if (p.value.dim() > 1) p.value.mul_(1.0 - rate * plan.weightDecay);
        p.value.addcdiv_(p.mean / correction1, (p.square / correction2).sqrt().add_(kEpsilon),
                         -rate);
    }
}

}  // namespace

std::shared_ptr<const Model> trainFromScratch(
    const ModelSpec& spec, const TrainingPlan& plan,
    const std::function<TrainingBatch(std::int64_t step)>& nextBatch, const RunContext& context) {
    std::vector<Parameter> parameters;
    for (const ParameterShape& shape : parametersOf(spec)) {
        const at::Tensor value = initialValue(shape, plan).requires_grad_(true);
        parameters.push_back(
            {shape, value, at::zeros_like(value.detach()), at::zeros_like(value.detach())});
    }
    const std::shared_ptr<const Model> model = modelOver(spec, parameters, true);
    std::vector<at::Tensor> leaves;
    for (const Parameter& parameter : parameters) leaves.push_back(parameter.value);
    for (std::int64_t step = 0; step < plan.steps; ++step) {
        const TrainingBatch batch = nextBatch(step);
        const c10::AutoGradMode graph(true);
        const at::Tensor logits = answerLogits(*model, batch.ids, batch.positions, true, context);
        const at::Tensor answers = asMatrix(batch.answers).unsqueeze(-1);  // [rows, positions, 1]
        const at::Tensor loss = at::log_softmax(logits, -1).gather(-1, answers).mean().neg();
        update(parameters, gradients(loss, leaves, context), step, plan);
        context.checkpoint(static_cast<double>(step + 1) / static_cast<double>(plan.steps),
                           "train, loss " + formatNumber(loss.item<double>(), 4));
    }
    return modelOver(spec, parameters, false);
}

std::vector<std::int64_t> answersOf(const Model& model,
                                    const std::vector<std::vector<std::int64_t>>& rows,
                                    const RunContext& context) {
    const std::vector<std::int64_t> last = {static_cast<std::int64_t>(rows.front().size()) - 1};
    const at::Tensor best = answerLogits(model, rows, last, false, context).argmax(-1).contiguous();
    const auto* data = best.const_data_ptr<std::int64_t>();
    return {data, data + best.numel()};
}

}  // namespace driftlens
