#include "tests/science/models.h"

#include "core/base/statistics/correlation.h"
#include "core/capture/gradient.h"
#include "core/model/model.h"
#include "core/tensor.h"
#include "core/tokenizer/tokenizer.h"
#include "engine/compare/prepare.h"
#include "engine/drift/endpoint.h"
#include "samples/measure.h"
#include "xai/methods/method.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace driftlens::science {
namespace {

constexpr std::size_t kBatchRows = 64;
constexpr std::int64_t kTwinSteps = 1500;

// Sentences of one shape have equally many tokens.
struct Group {
    std::vector<std::size_t> examples;
    at::Tensor ids;                              // [rows, tokens]
    at::Tensor answers;                          // [rows, 1]: the reference's
    std::vector<std::size_t> content;            // columns without special tokens
    std::vector<std::vector<double>> reference;  // scores, by row
};

at::Tensor logProbabilities(const Model& model, const at::Tensor& ids, at::Tensor* embeddings) {
    ForwardInput input;
    input.ids = ids;
    ForwardRequest request;
    request.keepGraph = embeddings != nullptr;
    if (embeddings != nullptr) {
        *embeddings = model.embedTokens(ids, at::kFloat).detach().requires_grad_(true);
        input.embeddings = *embeddings;
    }
    const at::Tensor logits = model.forward(input, request, {}, {}).logits;
    const c10::AutoGradMode graph(request.keepGraph);
    return at::log_softmax(logits, -1);
}

// Signed sums over the embedding axis, by row, of the content columns.
std::vector<std::vector<double>> inputTimesGradient(const Model& model, const Group& group) {
    at::Tensor embeddings;
    const at::Tensor logs = logProbabilities(model, group.ids, &embeddings);
    at::Tensor total;
    {
        const c10::AutoGradMode graph(true);
        total = logs.gather(-1, group.answers).sum();
    }
    const at::Tensor gradient = gradients(total, {embeddings}, {}).front();
    const at::Tensor scores =
        (gradient.to(at::kDouble) * embeddings.detach().to(at::kDouble)).sum(-1).contiguous();
    const auto* data = scores.const_data_ptr<double>();
    std::vector<std::vector<double>> out;
    for (std::int64_t row = 0; row < scores.size(0); ++row) {
        out.emplace_back();
        for (const std::size_t column : group.content)
            out.back().push_back(data[row * scores.size(1) + static_cast<std::int64_t>(column)]);
    }
    return out;
}

}  // namespace

LoadedVariant loadSample() {
    VariantLoader loader;
    return loader.load(VariantSpec::parse("samples/sentiment-bert-mini"), {}, false, {});
}

std::vector<Example> heldOut(std::size_t perShape, std::uint64_t seed) {
    const Sample& sample = sentimentSample();
    std::vector<Example> out;
    for (int shape = 0; shape < sample.shapes(); ++shape) {
        RandomStream random(seed, "science/held-out", static_cast<std::uint64_t>(shape));
        for (std::size_t i = 0; i < perShape; ++i) out.push_back(sample.draw(shape, true, random));
    }
    return out;
}

std::shared_ptr<const Model> trainTwin(const LoadedVariant& sample, bool withOthersOnly,
                                       AnswerOf answerOf, std::uint64_t seed) {
    const Sample& source = sentimentSample();
    TrainingPlan plan = source.plan();
    plan.steps = kTwinSteps;
    plan.seed = seed;
    const int first = withOthersOnly ? 2 : 0;  // shapes 0 and 1 are the speaker's clause alone
    const auto nextBatch = [&](std::int64_t step) {
        RandomStream random(seed, "science/twin", static_cast<std::uint64_t>(step));
        const int shape = first + static_cast<int>(step % (source.shapes() - first));
        TrainingBatch batch;
        for (std::size_t i = 0; i < kBatchRows; ++i) {
            const Example example = source.draw(shape, false, random);
            batch.ids.push_back(sample.tokenizer->encode(example.text).ids());
            batch.answers.push_back(
                {answerId(answerOf(example), sample.model->spec(), *sample.tokenizer)});
        }
        return batch;
    };
    return trainFromScratch(sample.model->spec(), plan, nextBatch, {});
}

struct FastDrift::State {
    LoadedVariant reference;
    std::vector<Example> examples;
    std::vector<Group> groups;

    void addGroup(const std::vector<std::size_t>& chosen) {
        Group group;
        group.examples = chosen;
        std::vector<at::Tensor> rows;
        for (const std::size_t i : chosen) {
            const TokenizedInput input = reference.tokenizer->encode(examples[i].text);
            rows.push_back(at::tensor(input.ids(), at::kLong));
            if (!group.content.empty()) continue;
            for (std::size_t t = 0; t < input.tokens.size(); ++t)
                if (!input.tokens[t].isSpecial) group.content.push_back(t);
        }
        group.ids = at::stack(rows);
        group.answers = logProbabilities(*reference.model, group.ids, nullptr).argmax(-1, true);
        group.reference = inputTimesGradient(*reference.model, group);
        groups.push_back(std::move(group));
    }
};

FastDrift::FastDrift(const LoadedVariant& reference, const std::vector<Example>& examples)
    : m_state(std::make_unique<State>(State{reference, examples, {}})) {
    std::map<std::size_t, std::vector<std::size_t>> byLength;
    for (std::size_t i = 0; i < examples.size(); ++i)
        byLength[reference.tokenizer->encode(examples[i].text).tokens.size()].push_back(i);
    for (const auto& [length, chosen] : byLength) m_state->addGroup(chosen);
}

FastDrift::~FastDrift() = default;

std::vector<double> FastDrift::of(const Model& model) const {
    const EndpointInfo& endpoint = endpointInfo("spearman");
    std::vector<double> out(m_state->examples.size());
    for (const Group& group : m_state->groups) {
        const auto scores = inputTimesGradient(model, group);
        for (std::size_t row = 0; row < scores.size(); ++row)
            out[group.examples[row]] =
                driftOf(endpoint, spearman(group.reference[row], scores[row]).coefficient)
                    .value.value_or(std::numeric_limits<double>::quiet_NaN());
    }
    return out;
}

double FastDrift::distanceFromEngine(std::size_t sentences) const {
    double farthest = 0.0, largest = 0.0;
    const LoadedVariant& own = m_state->reference;
    for (const Group& group : m_state->groups) {
        for (std::size_t row = 0; row < std::min(sentences, group.examples.size()); ++row) {
            const TokenizedInput input =
                own.tokenizer->encode(m_state->examples[group.examples[row]].text);
            const Target target =
                resolveTarget(*own.model, *own.tokenizer, input, {}, ComputeType::Float32, {});
            const MethodInput asked{*own.model, *own.tokenizer, input, target};
            const std::vector<double> scores =
                runMethod(methodNamed("input_x_gradient"), {}, asked, {}).scores;
            for (std::size_t i = 0; i < group.content.size(); ++i) {
                const double score = scores[group.content[i]];
                farthest = std::max(farthest, std::abs(score - group.reference[row][i]));
                largest = std::max(largest, std::abs(score));
            }
        }
    }
    return farthest / largest;
}

}  // namespace driftlens::science
