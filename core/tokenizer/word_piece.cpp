// Models that look words up: WordPiece and WordLevel.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/aligned_text.h"
#include "core/tokenizer/byte_trie.h"
#include "core/tokenizer/model.h"

namespace driftlens {
namespace {

std::int32_t unknownOf(const PieceTable& vocabulary, const std::string& unknown) {
    const std::int32_t id = vocabulary.find(unknown);
    if (id == PieceTable::kNone) {
        throw Error(ErrorKind::InputFile, "the tokenizer needs its unknown token " +
                                              inQuotes(unknown) +
                                              ", which is not in the vocabulary");
    }
    return id;
}

ModelPiece wholeWord(std::int32_t id, std::string_view word) {
    return {id, 0, static_cast<std::uint32_t>(word.size())};
}

class WordPiece final : public TokenModel {
public:
    WordPiece(PieceTable vocabulary, WordPieceOptions options)
        : m_vocabulary(std::move(vocabulary)), m_options(std::move(options)) {
        std::vector<std::pair<std::string_view, std::int32_t>> starts, continuations;
        m_vocabulary.forEach([&](std::string_view piece, std::int32_t id) {
            starts.emplace_back(piece, id);
            if (piece.starts_with(m_options.continuingPrefix))
                continuations.emplace_back(piece.substr(m_options.continuingPrefix.size()), id);
        });
        m_starts = ByteTrie(std::move(starts));
        m_continuations = ByteTrie(std::move(continuations));
    }

    void tokenize(std::string_view word, std::vector<ModelPiece>& out) const override {
        const std::size_t before = out.size();
        bool isKnown = countPoints(word) <= m_options.longestWord;
        for (std::size_t at = 0; isKnown && at < word.size();) {
            const auto [length, id] =
                (at == 0 ? m_starts : m_continuations).longestPrefix(word.substr(at));
            isKnown = length > 0;
            out.push_back(
                {id, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + length)});
            at += length;
        }
        if (isKnown) return;
        out.resize(before);
        out.push_back(wholeWord(unknownOf(m_vocabulary, m_options.unknown), word));
    }

    const PieceTable& vocabulary() const override { return m_vocabulary; }
    std::string_view type() const override { return "WordPiece"; }

private:
    PieceTable m_vocabulary;
    WordPieceOptions m_options;
    ByteTrie m_starts, m_continuations;
};

class WordLevel final : public TokenModel {
public:
    WordLevel(PieceTable vocabulary, std::string unknown)
        : m_vocabulary(std::move(vocabulary)), m_unknown(std::move(unknown)) {}

    void tokenize(std::string_view word, std::vector<ModelPiece>& out) const override {
        const std::int32_t id = m_vocabulary.find(word);
        out.push_back(
            wholeWord(id == PieceTable::kNone ? unknownOf(m_vocabulary, m_unknown) : id, word));
    }

    const PieceTable& vocabulary() const override { return m_vocabulary; }
    std::string_view type() const override { return "WordLevel"; }

private:
    PieceTable m_vocabulary;
    std::string m_unknown;
};

}  // namespace

std::unique_ptr<TokenModel> makeWordPiece(PieceTable vocabulary, const WordPieceOptions& options) {
    return std::make_unique<WordPiece>(std::move(vocabulary), options);
}

std::unique_ptr<TokenModel> makeWordLevel(PieceTable vocabulary, const std::string& unknown) {
    return std::make_unique<WordLevel>(std::move(vocabulary), unknown);
}

}  // namespace driftlens
