// A game, and the one place where its coalitions are scored: each once, in batches.
#pragma once

#include "core/base/run_context.h"
#include "xai/coalitions/coalition.h"

#include <functional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace driftlens::coalitions {

// A cooperative game with transferable utility. score gives [coalitions, targets] values,
// row-major, for coalitions that are distinct; several targets (tokens of an answer, models) share
// one set of coalitions.
struct Game {
    std::size_t players = 0;
    std::size_t targets = 1;
    std::function<std::vector<double>(std::span<const Coalition>)> score;
};

// Values of a list of coalitions.
struct ScoreTable {
    std::size_t targets = 1;
    std::vector<double> values;  // [coalitions, targets], row-major

    std::size_t rows() const { return values.size() / targets; }
    double operator()(std::size_t row, std::size_t target) const {
        return values[row * targets + target];
    }
};

// Scores coalitions and remembers their values. Not thread-safe; results do not depend on the batch
// size as far as the game's do not.
class Evaluator {
public:
    // Throws Error(Usage) for a game without players or targets and for batches of 0.
    explicit Evaluator(Game game, std::size_t batchSize = 64, RunContext context = {});

    std::size_t players() const { return m_game.players; }
    std::size_t targets() const { return m_game.targets; }

    // Only what is new is scored. Throws Error(Numeric) for a value that is not finite,
    // Error(Internal) for a wrong number of values, Error(Cancelled), and what score throws; what
    // was scored before stays known.
    ScoreTable valuesOf(std::span<const Coalition> coalitions);

    std::size_t distinctEvaluations() const { return m_rows.size(); }

private:
    std::vector<Coalition> unseen(std::span<const Coalition> coalitions) const;
    void scoreBatch(std::span<const Coalition> batch);

    Game m_game;
    std::size_t m_batchSize;
    RunContext m_context;
    std::unordered_map<Coalition, std::size_t, CoalitionHash> m_rows;
    std::vector<double> m_values;  // [distinct coalitions, targets]
};

// Counts the distinct coalitions that one estimate rests on, whoever had them scored first: an
// estimate is the same on a fresh evaluator and on one that others have used.
class Tally {
public:
    explicit Tally(Evaluator& evaluator) : m_evaluator(&evaluator) {}

    ScoreTable valuesOf(std::span<const Coalition> coalitions);
    std::size_t distinct() const { return m_seen.size(); }
    // How many of these are not among them yet.
    std::size_t wouldAdd(std::span<const Coalition> coalitions) const;

private:
    Evaluator* m_evaluator;
    std::unordered_set<Coalition, CoalitionHash> m_seen;
};

// What every estimator returns, one per target.
struct PlayerValues {
    std::vector<double> values;  // [players], in the unit of the score
    // [players]; empty if nothing was left to chance. Of the draw of coalitions, not of the model:
    // value ± 1.96 of them is a 95 % interval, for few draws too (Student's t is included).
    std::vector<double> standardErrors;
    std::size_t distinctEvaluations = 0;  // for all targets together, both ends included
    double full = 0.0;                    // value of the full coalition
    double empty = 0.0;                   // and of the empty one
    double efficiencyGap = 0.0;           // full − empty − Σ values
};

// One per target with both ends filled in, which cost two evaluations.
std::vector<PlayerValues> withEnds(Tally& tally, std::size_t players);
// Fills in the count and the gap, after the values.
void close(std::vector<PlayerValues>& results, const Tally& tally);

// What a sampled estimate may cost and when it may stop.
struct SamplingPlan {
    std::size_t budget = 0;  // most distinct evaluations, both ends included
    std::uint64_t seed = 0;
    double tolerance = 0.0;  // stop once the largest standard error is not above; 0: use the budget
};

// Throws Error(Usage) if the plan allows fewer evaluations than `minimum` and than all 2^players,
// or its tolerance is negative or not a number.
void checkPlan(const SamplingPlan& plan, std::size_t players, std::size_t minimum,
               std::string_view method);

// min(2^players, the largest std::size_t).
std::size_t coalitionCount(std::size_t players);

// How much wider than the normal one Student's 95 % interval with that many degrees of freedom is
// (Student 1908); freedom > 0.
double intervalScale(double freedom);

// The largest standard error of all players and targets; 0 for deterministic results.
double largestStandardError(std::span<const PlayerValues> results);

}  // namespace driftlens::coalitions
