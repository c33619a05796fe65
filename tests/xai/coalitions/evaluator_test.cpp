#include "xai/coalitions/evaluator.h"

#include "core/base/error.h"
#include "tests/xai/coalitions/games.h"

#include <gtest/gtest.h>

#include <stop_token>
#include <vector>

namespace driftlens::coalitions {
namespace {

// What a game was asked, batch by batch.
struct Asked {
    std::vector<std::vector<Coalition>> batches;

    Game game(std::size_t players) {
        return {players, 2, [this](std::span<const Coalition> coalitions) {
                    batches.emplace_back(coalitions.begin(), coalitions.end());
                    std::vector<double> out;
                    for (const Coalition& coalition : coalitions) {
                        const auto value = static_cast<double>(coalition.to_ulong());
                        out.insert(out.end(), {value, -value});
                    }
                    return out;
                }};
    }
};

std::vector<Coalition> listed(const std::vector<unsigned long>& bits) {
    std::vector<Coalition> out;
    for (const unsigned long each : bits) out.emplace_back(4, each);
    return out;
}

TEST(Evaluator, ScoresEachCoalitionOnceInBatches) {
    Asked asked;
    Evaluator evaluator(asked.game(4), 3);
    const ScoreTable first = evaluator.valuesOf(listed({5, 3, 5, 5, 1, 9, 3}));
    ASSERT_EQ(asked.batches.size(), 2U);
    EXPECT_EQ(asked.batches[0], listed({5, 3, 1}));
    EXPECT_EQ(asked.batches[1], listed({9}));
    EXPECT_EQ(first.values, (std::vector<double>{5, -5, 3, -3, 5, -5, 5, -5, 1, -1, 9, -9, 3, -3}));
    EXPECT_EQ(first.rows(), 7U);
    EXPECT_EQ(first(5, 1), -9.0);

    evaluator.valuesOf(listed({9, 2, 1}));
    ASSERT_EQ(asked.batches.size(), 3U);
    EXPECT_EQ(asked.batches[2], listed({2}));
    EXPECT_EQ(evaluator.distinctEvaluations(), 5U);
    evaluator.valuesOf({});
    EXPECT_EQ(asked.batches.size(), 3U);
}

TEST(Evaluator, TalliesCountWhatTheyAskedThemselves) {
    Asked asked;
    Evaluator evaluator(asked.game(4));
    evaluator.valuesOf(listed({1, 2, 3}));
    Tally tally(evaluator);
    EXPECT_EQ(tally.wouldAdd(listed({1, 1, 7})), 2U);
    tally.valuesOf(listed({1, 7}));
    EXPECT_EQ(tally.distinct(), 2U);
    EXPECT_EQ(tally.wouldAdd(listed({1, 2})), 1U);
    EXPECT_EQ(evaluator.distinctEvaluations(), 4U);
}

TEST(Evaluator, KeepsWhatWasScoredBeforeAFailure) {
    const Game table = tableGame(4, std::vector<double>(16, 1.0));
    Evaluator evaluator({4, 1,
                         [&](std::span<const Coalition> coalitions) {
                             if (coalitions.front().count() == 3) {
                                 throw Error(ErrorKind::Io, "no more");
                             }
                             return table.score(coalitions);
                         }},
                        1);
    EXPECT_THROW(evaluator.valuesOf(listed({1, 2, 7, 4})), Error);
    EXPECT_EQ(evaluator.distinctEvaluations(), 2U);
    EXPECT_EQ(evaluator.valuesOf(listed({2, 4})).values, (std::vector{1.0, 1.0}));
}

TEST(Evaluator, StopsBetweenBatches) {
    std::stop_source stop;
    const Game table = tableGame(4, std::vector<double>(16, 1.0));
    Evaluator evaluator({4, 1,
                         [&](std::span<const Coalition> coalitions) {
                             stop.request_stop();
                             return table.score(coalitions);
                         }},
                        2, RunContext(stop.get_token()));
    try {
        evaluator.valuesOf(listed({1, 2, 3, 4}));
        FAIL() << "not stopped";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Cancelled);
    }
    EXPECT_EQ(evaluator.distinctEvaluations(), 2U);
}

}  // namespace
}  // namespace driftlens::coalitions
