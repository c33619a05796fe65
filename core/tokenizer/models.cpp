#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/stages.h"

#include <queue>

#include <algorithm>
#include <limits>

namespace driftlens {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& message) {
    throw Error(ErrorKind::InputFile, what + ": " + message);
}

constexpr std::int64_t kLargestId = std::numeric_limits<std::int32_t>::max();

Vocabulary readVocabulary(const JsonObject& config) {
    const Json* vocabulary = config.find("vocab");
    if (vocabulary == nullptr || !vocabulary->is_object())
        fail(config.what(), "vocab is no object");
    Vocabulary out;
    out.reserve(vocabulary->size());
    for (const auto& [piece, id] : vocabulary->items()) {
        if (!id.is_number_unsigned() || id.get<std::uint64_t>() > kLargestId) {
            fail(config.what(), "vocab: id of " + inQuotes(piece) + " is no id: " + id.dump());
        }
        out.emplace(piece, id.get<std::int64_t>());
    }
    if (out.empty()) fail(config.what(), "vocab is empty");
    return out;
}

ByteRange rangeOf(const Units& units, std::size_t begin, std::size_t end) {
    return {units[begin].source.begin,
            std::max(units[end - 1].source.end, units[begin].source.end)};
}

// WordPiece (Schuster and Nakajima 2012), greedy longest match first.
class WordPiece final : public TokenModel {
public:
    WordPiece(const JsonObject& config, Vocabulary vocabulary)
        : m_vocabulary(std::move(vocabulary)),
          m_unknown(config.string("unk_token", "[UNK]")),
          m_prefix(config.string("continuing_subword_prefix", "##")),
          m_longest(static_cast<std::size_t>(
              config.integer("max_input_chars_per_word", 1, 1 << 20, 100))) {
        if (!m_vocabulary.contains(m_unknown)) {
            fail(config.what(), "unk_token " + inQuotes(m_unknown) + " is not in the vocabulary");
        }
        for (const auto& [piece, id] : m_vocabulary)
            m_longestPiece = std::max(m_longestPiece, piece.size());
    }

    std::vector<Piece> tokenize(const Units& word) const override {
        std::vector<Piece> out;
        if (word.empty()) return out;
        const Piece unknown = {m_vocabulary.at(m_unknown), m_unknown,
                               rangeOf(word, 0, word.size())};
        if (word.size() > m_longest) return {unknown};
        for (std::size_t begin = 0; begin < word.size();) {
            std::string text = begin == 0 ? "" : m_prefix;
            std::size_t best = begin;
            Piece found;
            for (std::size_t end = begin; end < word.size() && text.size() <= m_longestPiece;
                 ++end) {
                appendUtf8(word[end].point, text);
                if (const auto hit = m_vocabulary.find(text); hit != m_vocabulary.end()) {
                    best = end + 1;
                    found = {hit->second, text, rangeOf(word, begin, best)};
                }
            }
            if (best == begin) return {unknown};
            out.push_back(std::move(found));
            begin = best;
        }
        return out;
    }

    const Vocabulary& vocabulary() const override { return m_vocabulary; }
    std::string_view type() const override { return "WordPiece"; }

private:
    Vocabulary m_vocabulary;
    std::string m_unknown, m_prefix;
    std::size_t m_longest;
    std::size_t m_longestPiece = 0;
};

// Byte-pair encoding (Sennrich et al. 2016): the best-ranked adjacent pair is merged first, the
// leftmost of equals; a heap over a linked list keeps long words at n log n.
class Bpe final : public TokenModel {
public:
    Bpe(const JsonObject& config, Vocabulary vocabulary)
        : m_vocabulary(std::move(vocabulary)),
          m_unknown(config.string("unk_token", "")),
          m_prefix(config.string("continuing_subword_prefix", "")),
          m_suffix(config.string("end_of_word_suffix", "")),
          m_byteFallback(config.boolean("byte_fallback", false)),
          m_fuseUnknown(config.boolean("fuse_unk", false)),
          m_ignoreMerges(config.boolean("ignore_merges", false)) {
        for (const auto& [piece, id] : m_vocabulary) m_pieces[id] = piece;
        readMerges(config);
    }

    std::vector<Piece> tokenize(const Units& word) const override {
        if (word.empty()) return {};
        const std::string whole = toUtf8(word) + m_suffix;
        if (m_ignoreMerges) {
            if (const auto hit = m_vocabulary.find(whole); hit != m_vocabulary.end()) {
                return {{hit->second, whole, rangeOf(word, 0, word.size())}};
            }
        }
        std::vector<Symbol> symbols = firstSymbols(word);
        merge(symbols);
        std::vector<Piece> out;
        for (std::size_t at = 0; at < symbols.size(); at = symbols[at].next) {
            const Symbol& symbol = symbols[at];
            out.push_back({symbol.id, m_pieces.at(symbol.id), symbol.source});
        }
        return out;
    }

    const Vocabulary& vocabulary() const override { return m_vocabulary; }
    std::string_view type() const override { return "BPE"; }

private:
    struct Symbol {
        std::int64_t id = 0;
        ByteRange source;
        std::size_t previous = 0, next = 0;  // next == size: the last
        bool isAlive = true;
    };
    struct Merge {
        std::size_t rank = 0;
        std::int64_t id = 0;
    };
    struct Candidate {
        std::size_t rank, left;
        std::int64_t leftId, rightId, id;
        bool operator>(const Candidate& other) const {
            return rank != other.rank ? rank > other.rank : left > other.left;
        }
    };

    static std::uint64_t pairKey(std::int64_t left, std::int64_t right) {
        return (static_cast<std::uint64_t>(left) << 32U) | static_cast<std::uint64_t>(right);
    }

    std::int64_t idOf(const std::string& piece, const std::string& what) const {
        const auto found = m_vocabulary.find(piece);
        if (found == m_vocabulary.end()) {
            fail(what, "a merge names " + inQuotes(piece) + ", which is not in the vocabulary");
        }
        return found->second;
    }

    // Merges are pairs, or in old files "left right".
    void readMerges(const JsonObject& config) {
        const Json* merges = config.find("merges");
        if (merges == nullptr || !merges->is_array()) fail(config.what(), "merges is no list");
        std::size_t rank = 0;
        for (const Json& merge : *merges) {
            std::string left, right;
            if (merge.is_string()) {
                const auto& text = merge.get_ref<const std::string&>();
                const std::size_t space = text.find(' ');
                if (space == std::string::npos)
                    fail(config.what(), "merge " + inQuotes(text) + " is no pair");
                left = text.substr(0, space);
                right = text.substr(space + 1);
            } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
                       merge[1].is_string()) {
                left = merge[0].get<std::string>();
                right = merge[1].get<std::string>();
            } else {
                fail(config.what(), "merge " + std::to_string(rank) + " is no pair of strings");
            }
            const std::string tail =
                right.starts_with(m_prefix) ? right.substr(m_prefix.size()) : right;
            const std::int64_t merged = idOf(left + tail, config.what());
            m_merges[pairKey(idOf(left, config.what()), idOf(right, config.what()))] = {rank++,
                                                                                        merged};
        }
    }

    std::vector<Symbol> firstSymbols(const Units& word) const {
        std::vector<Symbol> out;
        bool lastWasUnknown = false;
        for (std::size_t i = 0; i < word.size(); ++i) {
            std::string text = i == 0 ? "" : m_prefix;
            appendUtf8(word[i].point, text);
            if (i + 1 == word.size()) text += m_suffix;
            const ByteRange source = word[i].source;
            if (const auto hit = m_vocabulary.find(text); hit != m_vocabulary.end()) {
                out.push_back({hit->second, source});
                lastWasUnknown = false;
            } else if (!m_byteFallback || !addBytes(text, source, out)) {
                addUnknown(source, lastWasUnknown, out);
                lastWasUnknown = true;
            } else {
                lastWasUnknown = false;
            }
        }
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i].previous = i == 0 ? out.size() : i - 1;
            out[i].next = i + 1;
        }
        return out;
    }

    bool addBytes(const std::string& text, ByteRange source, std::vector<Symbol>& out) const {
        std::vector<Symbol> bytes;
        for (const char c : text) {
            constexpr std::string_view kHex = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(c);
            const std::string name = std::string("<0x") + kHex[byte >> 4U] + kHex[byte & 15U] + ">";
            const auto hit = m_vocabulary.find(name);
            if (hit == m_vocabulary.end()) return false;
            bytes.push_back({hit->second, source});
        }
        out.insert(out.end(), bytes.begin(), bytes.end());
        return true;
    }

    // Without an unknown token the character is dropped, as the reference library does.
    void addUnknown(ByteRange source, bool lastWasUnknown, std::vector<Symbol>& out) const {
        const auto unknown = m_vocabulary.find(m_unknown);
        if (m_unknown.empty() || unknown == m_vocabulary.end()) return;
        if (m_fuseUnknown && lastWasUnknown && !out.empty()) {
            out.back().source.end = source.end;
            return;
        }
        out.push_back({unknown->second, source});
    }

    void merge(std::vector<Symbol>& symbols) const {
        std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
        const auto offer = [&](std::size_t left) {
            const std::size_t right = symbols[left].next;
            if (right >= symbols.size()) return;
            const auto hit = m_merges.find(pairKey(symbols[left].id, symbols[right].id));
            if (hit == m_merges.end()) return;
            queue.push(
                {hit->second.rank, left, symbols[left].id, symbols[right].id, hit->second.id});
        };
        for (std::size_t i = 0; i < symbols.size(); ++i) offer(i);
        while (!queue.empty()) {
            const Candidate best = queue.top();
            queue.pop();
            Symbol& left = symbols[best.left];
            if (!left.isAlive || left.id != best.leftId || left.next >= symbols.size()) continue;
            Symbol& right = symbols[left.next];
            if (right.id != best.rightId) continue;
            left.id = best.id;
            left.source.end = std::max(left.source.end, right.source.end);
            right.isAlive = false;
            left.next = right.next;
            if (left.next < symbols.size()) symbols[left.next].previous = best.left;
            offer(best.left);
            if (left.previous < symbols.size()) offer(left.previous);
        }
    }

    Vocabulary m_vocabulary;
    std::unordered_map<std::int64_t, std::string> m_pieces;
    std::unordered_map<std::uint64_t, Merge> m_merges;
    std::string m_unknown, m_prefix, m_suffix;
    bool m_byteFallback, m_fuseUnknown, m_ignoreMerges;
};

}  // namespace

std::unique_ptr<TokenModel> makeTokenModel(const Json& config, const std::string& what) {
    const JsonObject object(config, what + ": model");
    // Old files have no type: only BPE has merges.
    const std::string type = object.string("type", object.has("merges") ? "BPE" : "WordPiece");
    if (type == "BPE") return std::make_unique<Bpe>(object, readVocabulary(object));
    if (type == "WordPiece") return std::make_unique<WordPiece>(object, readVocabulary(object));
    throw Error(ErrorKind::Unsupported, object.what() + " " + inQuotes(type) + " is not supported");
}

}  // namespace driftlens
