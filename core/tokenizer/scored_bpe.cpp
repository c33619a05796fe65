#include "core/base/error.h"
#include "core/tokenizer/aligned_text.h"
#include "core/tokenizer/model.h"
#include "core/tokenizer/stages.h"

#include <queue>

namespace driftlens {
namespace {

// SentencePiece's bpe_model.cc: of all adjacent pairs whose joined text is a piece, the one with
// the highest score is joined first, the leftmost of equals. Symbols that are no piece become
// bytes, or unknown where the vocabulary has none.
class ScoredBpe final : public TokenModel {
public:
    ScoredBpe(PieceTable vocabulary, std::vector<float> scores, std::int32_t unknownId)
        : m_vocabulary(std::move(vocabulary)),
          m_scores(std::move(scores)),
          m_unknownId(unknownId) {}

    void tokenize(std::string_view word, std::vector<ModelPiece>& out) const override {
        std::vector<Symbol> symbols = characters(word);
        std::priority_queue<Candidate> queue;
        for (std::uint32_t i = 0; i < symbols.size(); ++i) offer(word, symbols, i, queue);
        while (!queue.empty()) {
            const Candidate best = queue.top();
            queue.pop();
            Symbol& left = symbols[best.left];
            if (left.end == left.begin || left.next >= symbols.size()) continue;
            Symbol& right = symbols[left.next];
            if (right.end - left.begin != best.size) continue;
            left.end = right.end;
            left.next = right.next;
            right.end = right.begin;
            if (left.next < symbols.size()) symbols[left.next].previous = best.left;
            if (left.previous < symbols.size()) offer(word, symbols, left.previous, queue);
            offer(word, symbols, best.left, queue);
        }
        for (const Symbol& symbol : symbols) {
            if (symbol.end > symbol.begin) put(word, symbol, out);
        }
    }

    const PieceTable& vocabulary() const override { return m_vocabulary; }
    std::string_view type() const override { return "BPE"; }

private:
    struct Symbol {
        std::uint32_t begin = 0, end = 0;      // bytes of the word; equal: merged away
        std::uint32_t previous = 0, next = 0;  // beyond the list: none
    };
    struct Candidate {
        float score = 0.0F;
        std::uint32_t left = 0, size = 0;
        bool operator<(const Candidate& other) const {
            return score != other.score ? score < other.score : left > other.left;
        }
    };

    static std::vector<Symbol> characters(std::string_view word) {
        std::vector<Symbol> out;
        for (std::size_t at = 0; at < word.size();) {
            const auto begin = static_cast<std::uint32_t>(at);
            nextPoint(word, at);
            const auto index = static_cast<std::uint32_t>(out.size());
            out.push_back({begin, static_cast<std::uint32_t>(at), index - 1, index + 1});
        }
        return out;
    }

    void offer(std::string_view word, const std::vector<Symbol>& symbols, std::uint32_t left,
               std::priority_queue<Candidate>& queue) const {
        const std::uint32_t right = symbols[left].next;
        if (right >= symbols.size()) return;
        const std::uint32_t size = symbols[right].end - symbols[left].begin;
        const std::int32_t id = m_vocabulary.find(word.substr(symbols[left].begin, size));
        if (id != PieceTable::kNone)
            queue.push({m_scores[static_cast<std::size_t>(id)], left, size});
    }

    void put(std::string_view word, const Symbol& symbol, std::vector<ModelPiece>& out) const {
        const std::string_view text = word.substr(symbol.begin, symbol.end - symbol.begin);
        if (const std::int32_t id = m_vocabulary.find(text); id != PieceTable::kNone) {
            out.push_back({id, symbol.begin, symbol.end});
            return;
        }
        const std::size_t before = out.size();
        for (const char byte : text) {
            const std::int32_t id =
                m_vocabulary.find(fallbackPiece(static_cast<std::uint8_t>(byte)));
            if (id == PieceTable::kNone) {
                out.resize(before);
                return putUnknown(symbol, out);
            }
            out.push_back({id, symbol.begin, symbol.end});
        }
    }

    // A run of unknown characters is one token.
    void putUnknown(const Symbol& symbol, std::vector<ModelPiece>& out) const {
        const bool goesOn = symbol.begin > 0 && !out.empty() && out.back().id == m_unknownId &&
                            out.back().end == symbol.begin;
        if (goesOn) {
            out.back().end = symbol.end;
        } else {
            out.push_back({m_unknownId, symbol.begin, symbol.end});
        }
    }

    PieceTable m_vocabulary;
    std::vector<float> m_scores;
    std::int32_t m_unknownId;
};

}  // namespace

std::unique_ptr<TokenModel> makeScoredBpe(PieceTable vocabulary, std::vector<float> scores,
                                          std::int32_t unknownId, const std::string& what) {
    if (!vocabulary.hasId(unknownId))
        throw Error(ErrorKind::InputFile,
                    what + ": unknown id " + std::to_string(unknownId) + " is no piece");
    if (scores.size() != static_cast<std::size_t>(vocabulary.largestId() + 1)) {
        throw Error(ErrorKind::InputFile, what + ": " + std::to_string(scores.size()) +
                                              " scores for " + std::to_string(vocabulary.size()) +
                                              " pieces");
    }
    return std::make_unique<ScoredBpe>(std::move(vocabulary), std::move(scores), unknownId);
}

}  // namespace driftlens
