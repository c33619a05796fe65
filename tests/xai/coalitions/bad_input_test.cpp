// Wrong settings and games that misbehave end in an error that says what and how many.
#include "core/base/error.h"
#include "tests/xai/coalitions/games.h"
#include "xai/coalitions/exact.h"
#include "xai/coalitions/kernel_shap.h"
#include "xai/coalitions/kriging.h"
#include "xai/coalitions/leverage_shap.h"
#include "xai/coalitions/lime.h"
#include "xai/coalitions/owen.h"
#include "xai/coalitions/permutation.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

namespace driftlens::coalitions {
namespace {

Game constantGame(std::size_t players, double value = 0.0) {
    return polynomialGame(players, {{{}, value}});
}

Game misbehavingGame(double value, std::size_t valuesPerCoalition) {
    return {4, 1, [=](std::span<const Coalition> coalitions) {
                return std::vector<double>(coalitions.size() * valuesPerCoalition, value);
            }};
}

void onPlayers(std::size_t players, const std::function<void(Evaluator&)>& use) {
    Evaluator evaluator(constantGame(players));
    use(evaluator);
}

struct BadCall {
    std::string name;
    ErrorKind kind;
    std::string message;  // part of it
    std::function<void()> call;
};

std::ostream& operator<<(std::ostream& stream, const BadCall& call) {
    return stream << call.name;
}

template <typename Estimator>
BadCall underBudget(const std::string& name, std::size_t budget, std::size_t least,
                    Estimator estimate) {
    return {name, ErrorKind::Usage, "at least " + std::to_string(least), [=] {
                onPlayers(12, [&](Evaluator& e) { estimate(e, SamplingPlan{budget, 0, 0.0}); });
            }};
}

std::vector<BadCall> badCalls() {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto plain = [](Evaluator& e, const SamplingPlan& p) { samplePermutations(e, p, false); };
    const auto pairs = [](Evaluator& e, const SamplingPlan& p) { samplePermutations(e, p); };
    return {
        {"no_players", ErrorKind::Usage, "at least one player", [] { onPlayers(0, exactShapley); }},
        {"no_targets", ErrorKind::Usage, "at least one target",
         [] {
             Evaluator(Game{3, 0, constantGame(3).score});
         }},
        {"empty_batches", ErrorKind::Usage, "batch", [] { Evaluator(constantGame(3), 0); }},
        {"17_players_shapley", ErrorKind::Usage, "17 players, at most 16",
         [] { onPlayers(17, exactShapley); }},
        {"17_players_banzhaf", ErrorKind::Usage, "17 players, at most 16",
         [] { onPlayers(17, exactBanzhaf); }},
        {"17_players_interactions", ErrorKind::Usage, "17 players, at most 16",
         [] { onPlayers(17, exactShapleyInteractions); }},
        underBudget("kernel_budget", 49, 50, kernelShap),
        underBudget("kriged_budget", 49, 50, krigedShapley),
        underBudget("leverage_budget", 49, 50, leverageShap),
        underBudget("captum_samples", 25, 2, captumKernelShap),
        underBudget("orders_budget", 23, 24, plain),
        underBudget("pairs_budget", 45, 46, pairs),
        {"captum_one_player", ErrorKind::Usage, "2 players",
         [] { onPlayers(1, [](Evaluator& e) {
                  captumKernelShap(e, {100, 0, 0.0});
              }); }},
        {"negative_tolerance", ErrorKind::Usage, "tolerance",
         [] { onPlayers(12, [](Evaluator& e) {
                  leverageShap(e, {100, 0, -0.1});
              }); }},
        {"nan_tolerance", ErrorKind::Usage, "tolerance",
         [nan] { onPlayers(12, [&](Evaluator& e) {
                     kernelShap(e, {100, 0, nan});
                 }); }},
        {"nan_score", ErrorKind::Numeric, "coalition 0000",
         [nan] {
             Evaluator e(misbehavingGame(nan, 1));
             exactShapley(e);
         }},
        {"infinite_score", ErrorKind::Numeric, "not a finite number",
         [] {
             Evaluator e(misbehavingGame(std::numeric_limits<double>::infinity(), 1));
             leverageShap(e, {16, 0, 0.0});
         }},
        {"too_many_values", ErrorKind::Internal, "values for",
         [] {
             Evaluator e(misbehavingGame(0.0, 2));
             exactShapley(e);
         }},
        {"no_values", ErrorKind::Internal, "0 values for",
         [] {
             Evaluator e(misbehavingGame(0.0, 0));
             limeText(e);
         }},
        {"no_orders", ErrorKind::Usage, "at least one order",
         [] { onPlayers(3, [](Evaluator& e) { permutationValues(e, {}, true); }); }},
        {"short_order", ErrorKind::Usage, "no permutation",
         [] {
             onPlayers(3, [](Evaluator& e) {
                 permutationValues(e, std::vector<Order>{{0, 1}}, true);
             });
         }},
        {"repeated_order", ErrorKind::Usage, "no permutation",
         [] {
             onPlayers(3, [](Evaluator& e) {
                 marginalContributions(e, std::vector<Order>{{0, 1, 1}});
             });
         }},
        {"order_of_a_stranger", ErrorKind::Usage, "no permutation",
         [] {
             onPlayers(3, [](Evaluator& e) {
                 marginalContributions(e, std::vector<Order>{{0, 1, 3}});
             });
         }},
        {"hierarchy_of_others", ErrorKind::Usage, "for a game of 3",
         [] { onPlayers(3, [](Evaluator& e) { owenValues(e, balancedHierarchy(4)); }); }},
        {"hierarchy_of_nobody", ErrorKind::Usage, "hierarchy",
         [] { onPlayers(3, [](Evaluator& e) { owenValues(e, Hierarchy{}); }); }},
        {"hierarchy_with_a_gap", ErrorKind::Usage, "joined once",
         [] { onPlayers(3, [](Evaluator& e) {
                  owenValues(e, Hierarchy{3, {{0, 1}}});
              }); }},
        {"hierarchy_that_overlaps", ErrorKind::Usage, "joined once",
         [] { onPlayers(3, [](Evaluator& e) {
                  owenValues(e, Hierarchy{3, {{0, 1}, {1, 2}}});
              }); }},
        {"hierarchy_ahead_of_itself", ErrorKind::Usage, "joined once",
         [] { onPlayers(3, [](Evaluator& e) {
                  owenValues(e, Hierarchy{3, {{0, 4}, {1, 3}}});
              }); }},
        {"owen_budget", ErrorKind::Usage, "at least 2",
         [] {
             onPlayers(3, [](Evaluator& e) {
                 owenValues(e, balancedHierarchy(3), {SiblingContext::Both, 1});
             });
         }},
        {"endless_chain", ErrorKind::Usage, "give a budget",
         [] { onPlayers(40, [](Evaluator& e) { owenValues(e, chainHierarchy(40)); }); }},
        {"lime_samples", ErrorKind::Usage, "2 samples",
         [] { onPlayers(3, [](Evaluator& e) { limeText(e, {2}); }); }},
        {"lime_width", ErrorKind::Usage, "width",
         [] { onPlayers(3, [](Evaluator& e) {
                  limeText(e, {10, 0, 0.0});
              }); }},
        {"lime_features", ErrorKind::Usage, "features",
         [] { onPlayers(3, [](Evaluator& e) {
                  limeText(e, {10, 0, 25.0, 0});
              }); }},
        {"captum_lime_alpha", ErrorKind::Usage, "alpha",
         [nan] {
             CaptumLimePlan plan;
             plan.alpha = nan;
             onPlayers(3, [&](Evaluator& e) { captumLime(e, plan); });
         }},
        {"sparse_samples", ErrorKind::Usage, "0 samples",
         [] { onPlayers(3, [](Evaluator& e) { sparseAttribution(e, {0}); }); }},
        {"sparse_probability", ErrorKind::Usage, "keep probability",
         [] { onPlayers(3, [](Evaluator& e) {
                  sparseAttribution(e, {64, 0, 1.0});
              }); }},
        {"sparse_unit", ErrorKind::Usage, "unit",
         [] {
             onPlayers(3, [](Evaluator& e) { sparseAttribution(e, {64, 0, 0.5, 0.01, -1.0}); });
         }},
    };
}

class EveryBadCall : public testing::TestWithParam<BadCall> {};
INSTANTIATE_TEST_SUITE_P(Calls, EveryBadCall, testing::ValuesIn(badCalls()),
                         [](const auto& row) { return row.param.name; });

TEST_P(EveryBadCall, EndsInAClearError) {
    try {
        GetParam().call();
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), GetParam().kind) << error.what();
        EXPECT_NE(std::string(error.what()).find(GetParam().message), std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace driftlens::coalitions
