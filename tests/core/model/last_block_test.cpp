// The last block runs at the columns whose logits are wanted, and at all of them where somebody
// watches a site that has a row for each.
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "core/model/model.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <string>

namespace driftlens {
namespace {

// Another Linear, and how many rows it was last given.
class Counted final : public Linear {
public:
    explicit Counted(LinearPtr inner) : Linear(inner->bias()), m_inner(std::move(inner)) {}

    LinearInfo info() const override { return m_inner->info(); }
    at::Tensor dense(at::ScalarType type) const override { return m_inner->dense(type); }
    at::Tensor forwardWith(const at::Tensor& bias, const at::Tensor& x,
                           const RunContext& context) const override {
        rows = x.numel() / x.size(-1);
        return m_inner->forwardWith(bias, x, context);
    }

    mutable std::int64_t rows = 0;

private:
    LinearPtr m_inner;
};

struct Case {
    const char* name;
    std::optional<SiteKind> watched;  // in the last block
    bool allQueries, allBehindHeads;
};

constexpr Case kCases[] = {
    {"Nothing", std::nullopt, false, false},
    {"Stream", SiteKind::ResidIn, false, false},
    {"Keys", SiteKind::AttentionK, false, false},
    {"Queries", SiteKind::AttentionQ, true, false},
    {"Probabilities", SiteKind::AttentionProbabilities, true, false},
    {"Heads", SiteKind::HeadOutput, true, false},
    {"AttentionOut", SiteKind::AttentionOut, true, true},
    {"MlpHidden", SiteKind::MlpHidden, true, true},
    {"StreamBehind", SiteKind::ResidOut, true, true},
};

// Each order of a block: attention, then the MLP; the norms behind; both reading one norm's output;
// each with a norm of its own.
constexpr const char* kModels[] = {"llama-lm", "bert-cls", "phi-lm", "gpt_neox-lm"};

class LastBlock : public ::testing::TestWithParam<std::tuple<const char*, Case>> {};

TEST_P(LastBlock, RunsAtTheWantedColumnsAloneBehindWhatIsWatched) {
    const auto& [folder, wanted] = GetParam();
    REQUIRE_SHARED(path, std::string("data/hf-tiny/") + folder);
    const auto model = loadModel(Checkpoint::open(path)).model;
    const auto last = static_cast<std::int64_t>(model->spec().blocks.size()) - 1;
    const std::string block = "blocks." + std::to_string(last) + ".";
    const auto counted = [&](const std::string& name) {
        return std::make_shared<Counted>(model->weights().linears.at(block + name));
    };
    const auto q = counted("attn.q_proj"), out = counted("attn.out_proj"),
               up = counted("mlp.up_proj");
    ModelWeights overrides;
    overrides.linears = {
        {block + "attn.q_proj", q}, {block + "attn.out_proj", out}, {block + "mlp.up_proj", up}};

    constexpr std::int64_t kTokens = 6, kColumn = 4;
    const bool isClassifier = model->spec().task == Task::Classification;
    ForwardInput input;
    input.ids = at::arange(3, 3 + kTokens, at::kLong).unsqueeze(0);
    ForwardRequest request;
    request.compute = at::kDouble;
    const at::Tensor plain = model->forward(input, request, {}, {}).logits;
    if (!isClassifier) request.logitPositions = at::full({1, 1}, kColumn, at::kLong);
    if (wanted.watched) request.capture = {{*wanted.watched, last}};
    const at::Tensor found = model->with(overrides)->forward(input, request, {}, {}).logits;

    EXPECT_EQ(q->rows, wanted.allQueries ? kTokens : 1);
    EXPECT_EQ(out->rows, wanted.allBehindHeads ? kTokens : 1);
    EXPECT_EQ(up->rows, wanted.allBehindHeads ? kTokens : 1);
    const at::Tensor expected = isClassifier ? plain : plain.narrow(1, kColumn, 1);
    ASSERT_EQ(found.sizes(), expected.sizes());
    // Products of other shapes add in another order: float64's rounding, some hundred terms long.
    EXPECT_LT((found - expected).abs().max().item<double>(), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(EveryOrderOfABlock, LastBlock,
                         ::testing::Combine(::testing::ValuesIn(kModels),
                                            ::testing::ValuesIn(kCases)),
                         [](const auto& row) {
                             std::string name = std::get<0>(row.param);
                             std::erase_if(name, [](char c) { return c == '-' || c == '_'; });
                             return name + std::get<1>(row.param).name;
                         });

}  // namespace
}  // namespace driftlens
