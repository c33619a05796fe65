#include "core/base/error.h"
#include "core/tokenizer/aligned_text.h"
#include "core/tokenizer/byte_trie.h"
#include "core/tokenizer/model.h"
#include "core/tokenizer/stages.h"

#include <algorithm>
#include <limits>

namespace driftlens {
namespace {

constexpr double kUnknownPenalty = 10.0;  // SentencePiece: below the lowest score of the vocabulary

class Unigram final : public TokenModel {
public:
    Unigram(PieceTable vocabulary, std::vector<double> scores, const UnigramOptions& options,
            std::string what)
        : m_vocabulary(std::move(vocabulary)),
          m_scores(std::move(scores)),
          m_options(options),
          m_what(std::move(what)) {
        std::vector<std::pair<std::string_view, std::int32_t>> keys;
        keys.reserve(m_vocabulary.size());
        double lowest = std::numeric_limits<double>::infinity();
        m_vocabulary.forEach([&](std::string_view piece, std::int32_t id) {
            const auto index = static_cast<std::size_t>(id);
            if (!m_options.leftOut.empty() && m_options.leftOut[index]) return;
            keys.emplace_back(piece, id);
            lowest = std::min(lowest, m_scores[index]);
        });
        m_trie = ByteTrie(std::move(keys));
        m_unknownScore = lowest - kUnknownPenalty;
    }

    void tokenize(std::string_view word, std::vector<ModelPiece>& out) const override {
        const std::vector<Node> nodes = bestPaths(word);
        std::vector<ModelPiece> path;
        for (std::uint32_t end = static_cast<std::uint32_t>(word.size()); end > 0;
             end = nodes[end].begin) {
            const Node& node = nodes[end];
            const bool isUnknown = node.id == m_options.unknownId;
            // A run of unknown characters is one token.
            if (isUnknown && !path.empty() && path.back().id == node.id) {
                path.back().begin = node.begin;
            } else {
                path.push_back({node.id, node.begin, end});
            }
        }
        for (auto piece = path.rbegin(); piece != path.rend(); ++piece) put(word, *piece, out);
    }

    const PieceTable& vocabulary() const override { return m_vocabulary; }
    std::string_view type() const override { return "Unigram"; }

private:
    struct Node {
        double score = 0.0;  // of the best path that ends here
        std::uint32_t begin = kUnreached;
        std::int32_t id = 0;
    };
    static constexpr std::uint32_t kUnreached = std::numeric_limits<std::uint32_t>::max();

    std::vector<Node> bestPaths(std::string_view word) const {
        std::vector<Node> nodes(word.size() + 1);
        for (std::size_t begin = 0; begin < word.size();) {
            std::size_t next = begin;
            nextPoint(word, next);
            const double soFar = nodes[begin].score;
            const auto offer = [&](std::size_t end, double score, std::int32_t id) {
                Node& node = nodes[end];
                if (node.begin != kUnreached && score + soFar <= node.score) return;
                if (id == PieceTable::kNone) failUnknown();
                node = {score + soFar, static_cast<std::uint32_t>(begin), id};
            };
            bool hasCharacter = false;
            m_trie.forEachPrefix(word.substr(begin), [&](std::size_t length, std::int32_t id) {
                offer(begin + length, m_scores[static_cast<std::size_t>(id)], id);
                hasCharacter = hasCharacter || begin + length == next;
            });
            if (!hasCharacter) offer(next, m_unknownScore, m_options.unknownId);
            begin = next;
        }
        return nodes;
    }

    [[noreturn]] void failUnknown() const {
        throw Error(ErrorKind::InputFile,
                    m_what +
                        ": the text has a character outside the vocabulary, and unk_id is "
                        "missing");
    }

    void put(std::string_view word, ModelPiece piece, std::vector<ModelPiece>& out) const {
        if (piece.id != m_options.unknownId) {
            out.push_back(piece);
            return;
        }
        const std::string_view text = word.substr(piece.begin, piece.end - piece.begin);
        if (const std::int32_t id = m_vocabulary.find(text); id != PieceTable::kNone) {
            out.push_back({id, piece.begin, piece.end});
            return;
        }
        if (m_options.hasByteFallback && putBytes(text, piece, out)) return;
        piece.showsSurface = true;
        out.push_back(piece);
    }

    bool putBytes(std::string_view text, const ModelPiece& piece,
                  std::vector<ModelPiece>& out) const {
        const std::size_t before = out.size();
        for (const char byte : text) {
            const std::int32_t id =
                m_vocabulary.find(fallbackPiece(static_cast<std::uint8_t>(byte)));
            if (id == PieceTable::kNone) {
                out.resize(before);
                return false;
            }
            out.push_back({id, piece.begin, piece.end});
        }
        return true;
    }

    PieceTable m_vocabulary;
    std::vector<double> m_scores;
    UnigramOptions m_options;
    std::string m_what;
    double m_unknownScore = 0.0;
    ByteTrie m_trie;
};

}  // namespace

std::unique_ptr<TokenModel> makeUnigram(PieceTable vocabulary, std::vector<double> scores,
                                        const UnigramOptions& options, const std::string& what) {
    return std::make_unique<Unigram>(std::move(vocabulary), std::move(scores), options, what);
}

}  // namespace driftlens
