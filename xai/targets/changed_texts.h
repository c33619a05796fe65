// Scores of many changed copies of one text: all that a black-box method asks of a model.
#pragma once

#include "xai/targets/scorer.h"

#include <span>
#include <vector>

namespace driftlens {

// Stands in a changed text for a vector that is no token's own.
inline constexpr std::int64_t kVectorId = -1;

using ChangedText = std::vector<std::int64_t>;  // ids, or kVectorId

// Evaluates every different text once, in batches of one length. Texts of a causal model that begin
// alike share the work on what they share: which are batched together is what costs least.
class ChangedTextScorer {
public:
    // `rows`: most texts of a batch. vector [hidden], in the scorer's type and as embedTokens would
    // give it: what kVectorId stands for. The scorer is borrowed.
    ChangedTextScorer(Scorer& scorer, std::int64_t rows, at::Tensor vector = {});

    // [texts, columns()], row-major, in the order of the texts: the target's value, then what was
    // added. No text is empty. Throws as Scorer::values.
    std::vector<double> values(std::span<const ChangedText> texts);
    std::size_t columns() const { return m_columns; }

    // More columns from the same passes: every token of a continuation by itself, and another
    // target that reads the same positions.
    void addAnswerTokens();
    void addTarget(const Target& other);

    // How many texts are to come in all, for progress.
    void expect(std::size_t texts) { m_expected = texts; }

private:
    struct Batch {
        std::size_t first = 0, end = 0;  // of the sorted texts
        std::size_t shared = 0;          // leading tokens that are computed once
    };
    std::vector<Batch> batchesOf(std::span<const ChangedText* const> texts) const;
    std::vector<double> valuesOf(std::span<const ChangedText* const> texts, std::size_t shared);
    at::Tensor read(const at::Tensor& logits) const;
    at::Tensor embed(std::span<const ChangedText* const> texts, std::size_t first,
                     std::size_t end) const;
    bool sharesBeginnings(std::size_t length) const;

    Scorer& m_scorer;
    std::size_t m_rows;
    at::Tensor m_vector;
    std::vector<Scorer::Read> m_reads;  // [rows, some columns] each
    std::size_t m_columns = 1;
    std::size_t m_expected = 0;
    std::size_t m_done = 0;
};

}  // namespace driftlens
