// Every row of the method table keeps what it claims, on a trained model.
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"
#include "xai/methods/method.h"
#include "xai/targets/target.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

class EveryMethod : public ::testing::TestWithParam<std::string> {};

Attribution explain(const std::filesystem::path& folder, const std::string& method,
                    std::int64_t batch, ComputeType compute) {
    const auto model = loadModel(Checkpoint::open(folder)).model;
    const auto tokenizer = Tokenizer::load(folder);
    const TokenizedInput input = tokenizer->encode("It is pure trash , but I was not bored at all");
    const Target target = resolveTarget(*model, *tokenizer, input, {}, compute, {});
    return runMethod(methodNamed(method), {},
                     {*model, *tokenizer, input, target, compute, batch, 0}, {});
}

TEST_P(EveryMethod, KeepsItsClaims) {
    for (const std::string name : {"sentiment-bert", "shakespeare-gpt2"}) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        const MethodEntry& entry = methodNamed(GetParam());
        const Attribution wide = explain(folder, GetParam(), 4, ComputeType::Float64);
        EXPECT_EQ(wide.settings.size(), entry.parameters.size());
        if (entry.isComplete) {
            const double total = std::accumulate(wide.scores.begin(), wide.scores.end(), 0.0);
            const double change = wide.targetValue - *wide.baselineValue;
            EXPECT_NEAR(total - change, *wide.completenessGap, 1e-12);
            EXPECT_LE(std::abs(*wide.completenessGap), 1e-2 * std::abs(change) + 1e-6);
        }
        if (entry.isDeterministic) {
            EXPECT_EQ(explain(folder, GetParam(), 4, ComputeType::Float64).scores, wide.scores);
            // Another batch shape changes float64 results by rounding alone.
            const Attribution other = explain(folder, GetParam(), 3, ComputeType::Float64);
            for (std::size_t i = 0; i < wide.scores.size(); ++i)
                EXPECT_NEAR(other.scores[i], wide.scores[i], 1e-10);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryMethod, ::testing::ValuesIn([] {
                             std::vector<std::string> ids;
                             for (const MethodEntry& method : methods())
                                 ids.emplace_back(method.id);
                             return ids;
                         }()),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace driftlens
