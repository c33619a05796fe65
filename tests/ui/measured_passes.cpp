#include "tests/ui/measured_passes.h"

#include "core/files/checkpoint.h"
#include "core/linears/linear.h"
#include "core/model/loader.h"
#include "core/tensor.h"
#include "xai/methods/explanation_metrics.h"
#include "xai/targets/place.h"

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace driftlens {
namespace {

// A Linear that counts the texts that pass it.
class CountingLinear : public Linear {
public:
    CountingLinear(LinearPtr counted, std::int64_t& texts)
        : Linear(counted->bias()), m_counted(std::move(counted)), m_texts(texts) {}

    LinearInfo info() const override { return m_counted->info(); }
    at::Tensor dense(at::ScalarType type) const override { return m_counted->dense(type); }
    at::Tensor forwardWith(const at::Tensor& bias, const at::Tensor& x,
                           const RunContext& context) const override {
        m_texts += x.size(0);
        return m_counted->forwardWith(bias, x, context);
    }

private:
    LinearPtr m_counted;
    std::int64_t& m_texts;
};

}  // namespace

MeasuredPasses measuredPasses(std::size_t words, const MetricPlan& plan) {
    const std::filesystem::path folder = "samples/sentiment-bert-mini";
    const std::shared_ptr<const Model> stored = loadModel(Checkpoint::open(folder)).model;
    const std::shared_ptr<const Tokenizer> tokenizer = Tokenizer::load(folder);
    MeasuredPasses out;
    ModelWeights counting;
    counting.linears["head"] =
        std::make_shared<CountingLinear>(stored->weights().linears.at("head"), out.passes);
    const std::shared_ptr<const Model> model = stored->with(counting);
    std::string text;
    const std::array<std::string, 4> vocabulary = {"the ", "film ", "was ", "good "};
    for (std::size_t i = 0; i < words; ++i) text += vocabulary[i % vocabulary.size()];
    const TokenizedInput input = tokenizer->encode(text);
    const Target target = resolveTarget(*model, *tokenizer, input, {}, ComputeType::Float32, {});
    const MethodInput in{*model, *tokenizer, input,   target, ComputeType::Float32,
                         16,     0,          nullptr, nullptr};
    Attribution explanation;
    explanation.method = "saliency";
    explanation.target = target;
    for (std::size_t i = 0; i < input.tokens.size(); ++i) {
        explanation.scores.push_back(static_cast<double>((i * 7) % 11) + 0.1);
        out.units += input.tokens[i].isSpecial ? 0 : 1;
    }
    out.passes = 0;
    addMetrics(in, plan, {}, explanation);
    return out;
}

}  // namespace driftlens
