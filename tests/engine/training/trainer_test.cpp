// Training against closed forms and against itself.
#include "engine/training/trainer.h"

#include "core/base/error.h"
#include "core/model/model.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

// A classifier of the first of three tokens.
ModelSpec tinySpec() {
    ModelSpec spec;
    spec.family = "driftlens";
    spec.task = Task::Classification;
    spec.isCausal = false;
    spec.vocabularySize = 5;
    spec.hiddenSize = 8;
    spec.maxPositions = 4;
    spec.blocks = {{2, 2, 4, 16}};
    spec.classes = 2;
    spec.classLabels = {"even", "odd"};
    spec.headBias = true;
    return spec;
}

TrainingBatch parityBatch(std::int64_t step) {
    TrainingBatch batch;
    for (std::int64_t row = 0; row < 10; ++row) {
        const std::int64_t first = (row + step) % 5;
        batch.ids.push_back({first, (row * 3 + step) % 5, (row + 2 * step) % 5});
        batch.answers.push_back({first % 2});
    }
    return batch;
}

at::Tensor headOf(const Model& model) {
    return model.weights().linears.at("head")->dense(at::kFloat);
}

TrainingPlan planOf(std::int64_t steps) {
    TrainingPlan plan;
    plan.steps = steps;
    plan.warmUpSteps = 1;
    plan.learningRate = 1e-2;
    plan.seed = 7;
    return plan;
}

// AdamW's first step moves every weight by the rate against the sign of its gradient, whatever the
// gradient's size, after the decoupled decay (Loshchilov and Hutter 2019, algorithm 2 with t = 1).
TEST(Trainer, TakesAdamWsFirstStep) {
    TrainingPlan still = planOf(2);
    still.learningRate = 0.0;
    const TrainingPlan plan = planOf(2);
    const at::Tensor before = headOf(*trainFromScratch(tinySpec(), still, parityBatch, {}));
    // The rate falls to zero at the second of two steps: the first one alone counts.
    const at::Tensor after = headOf(*trainFromScratch(tinySpec(), plan, parityBatch, {}));
    const at::Tensor decayed = before * (1.0 - plan.learningRate * plan.weightDecay);
    const at::Tensor moved = (after - decayed).abs() / plan.learningRate;
    // g/(|g| + 1e-8) is 1 but for gradients of about 1e-6 and less.
    EXPECT_LE((moved - 1.0).abs().max().item<double>(), 0.02);
}

TEST(Trainer, LearnsWhatIsThere) {
    const auto model = trainFromScratch(tinySpec(), planOf(200), parityBatch, {});
    const TrainingBatch batch = parityBatch(1);
    const std::vector<std::int64_t> found = answersOf(*model, batch.ids, {});
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], batch.answers[i].front());
}

TEST(Trainer, GivesTheSameBitsForTheSameSeedAndOthersForAnother) {
    const auto train = [](std::uint64_t seed) {
        TrainingPlan plan = planOf(20);
        plan.seed = seed;
        return headOf(*trainFromScratch(tinySpec(), plan, parityBatch, {}));
    };
    EXPECT_TRUE(train(1).equal(train(1)));
    EXPECT_FALSE(train(1).equal(train(2)));
}

// Every next token of a causal model counts, not only the last.
TEST(Trainer, LearnsEveryAskedPosition) {
    ModelSpec spec = tinySpec();
    spec.task = Task::CausalLm;
    spec.isCausal = true;
    spec.classes = 0;
    spec.classLabels.clear();
    const auto countUp = [](std::int64_t step) {
        TrainingBatch batch;
        batch.positions = {0, 1, 2};
        for (std::int64_t row = 0; row < 5; ++row) {
            const std::int64_t a = (row + step) % 5;
            batch.ids.push_back({a, (a + 1) % 5, (a + 2) % 5});
            batch.answers.push_back({(a + 1) % 5, (a + 2) % 5, (a + 3) % 5});
        }
        return batch;
    };
    const auto model = trainFromScratch(spec, planOf(200), countUp, {});
    EXPECT_EQ(answersOf(*model, {{3}}, {}), std::vector<std::int64_t>{4});
    EXPECT_EQ(answersOf(*model, {{1, 2}}, {}), std::vector<std::int64_t>{3});
    EXPECT_EQ(answersOf(*model, {{2, 3, 4}}, {}), std::vector<std::int64_t>{0});
}

TEST(Trainer, StopsWhenAsked) {
    std::stop_source source;
    const RunContext context(source.get_token(), [&](double fraction, std::string_view) {
        if (fraction > 0.1) source.request_stop();
    });
    try {
        trainFromScratch(tinySpec(), planOf(1000), parityBatch, context);
        FAIL() << "ran to its end";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Cancelled);
    }
}

}  // namespace
}  // namespace driftlens
