#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/aligned_text.h"
#include "core/tokenizer/model.h"
#include "core/tokenizer/stages.h"
#include "core/tokenizer/symbol_list.h"

#include <array>
#include <bit>

namespace driftlens {
namespace {

constexpr char32_t kFirstThreeBytePoint = 0x800U;

struct Merge {
    std::uint32_t rank = 0;
    std::int32_t id = PieceTable::kNone;
};

// From a pair of ids to its merge; open addressing.
class MergeTable {
public:
    explicit MergeTable(std::size_t count)
        : m_entries(std::bit_ceil(std::max<std::size_t>(16, count * 2))) {}

    // Of equal pairs the last one counts.
    void put(std::int32_t left, std::int32_t right, Merge merge) {
        m_entries[slotOf(keyOf(left, right))] = {keyOf(left, right), merge};
    }
    Merge find(std::int32_t left, std::int32_t right) const {
        return m_entries[slotOf(keyOf(left, right))].merge;
    }

private:
    struct Entry {
        std::uint64_t key = 0;
        Merge merge;
    };

    static std::uint64_t keyOf(std::int32_t left, std::int32_t right) {
        return (static_cast<std::uint64_t>(left) << 32U) | static_cast<std::uint32_t>(right);
    }
    std::size_t slotOf(std::uint64_t key) const {
        const std::size_t mask = m_entries.size() - 1;
        std::size_t slot = ((key ^ (key >> 29U)) * 0x9E3779B97F4A7C15U >> 20U) & mask;
        while (m_entries[slot].merge.id != PieceTable::kNone && m_entries[slot].key != key)
            slot = (slot + 1) & mask;
        return slot;
    }
    std::vector<Entry> m_entries;
};

// The best-ranked adjacent pair is merged first, the leftmost of equals; a heap over a linked list
// keeps long words at n log n.
class Bpe final : public TokenModel {
public:
    Bpe(ModelTables tables, BpeOptions options, const std::string& what)
        : m_vocabulary(std::move(tables.vocabulary)),
          m_options(std::move(options)),
          m_merges(tables.mergeSizes.size() / 2),
          m_unknownId(m_vocabulary.find(m_options.unknown)) {
        readMerges(tables, what);
        findSingles();
        for (std::size_t byte = 0; byte < m_fallback.size(); ++byte)
            m_fallback[byte] = m_vocabulary.find(fallbackPiece(static_cast<std::uint8_t>(byte)));
    }

    void tokenize(std::string_view word, std::vector<ModelPiece>& out) const override {
        if (m_options.ignoresMerges) {
            if (const std::int32_t id = m_vocabulary.find(word); id != PieceTable::kNone) {
                out.push_back({id, 0, static_cast<std::uint32_t>(word.size())});
                return;
            }
        }
        SymbolList symbols;
        addSymbols(word, symbols);
        symbols.mergeAll([this](std::int32_t left, std::int32_t right) {
            const Merge merge = m_merges.find(left, right);
            return SymbolList::Joined{merge.rank, merge.id};
        });
        symbols.appendTo(out);
    }

    const PieceTable& vocabulary() const override { return m_vocabulary; }
    std::string_view type() const override { return "BPE"; }

private:
    std::int32_t requireId(std::string_view piece, const std::string& what) const {
        const std::int32_t id = m_vocabulary.find(piece);
        if (id == PieceTable::kNone) {
            throw Error(ErrorKind::InputFile, what + ": a merge names " + inQuotes(piece) +
                                                  ", which is not in the vocabulary");
        }
        return id;
    }

    void readMerges(const ModelTables& tables, const std::string& what) {
        std::string joined;
        std::size_t at = 0;
        const auto next = [&](std::size_t index) {
            const auto part =
                std::string_view(tables.mergeText).substr(at, tables.mergeSizes[index]);
            at += part.size();
            return part;
        };
        for (std::size_t i = 0; i + 1 < tables.mergeSizes.size(); i += 2) {
            const std::string_view left = next(i);
            const std::string_view right = next(i + 1);
            const bool hasPrefix = right.starts_with(m_options.continuingPrefix);
            joined.assign(left).append(
                right.substr(hasPrefix ? m_options.continuingPrefix.size() : 0));
            m_merges.put(requireId(left, what), requireId(right, what),
                         {static_cast<std::uint32_t>(i / 2), requireId(joined, what)});
        }
    }

    // Most characters have few bytes: their ids need no look-up by text.
    void findSingles() {
        std::string text;
        for (char32_t point = 0; point < kFirstThreeBytePoint; ++point) {
            text.clear();
            appendUtf8(point, text);
            m_singles[point] = m_vocabulary.find(text);
        }
    }

    std::int32_t idOf(std::string_view word, std::size_t begin, std::size_t end, char32_t point,
                      std::string& decorated) const {
        const bool hasPrefix = begin > 0 && !m_options.continuingPrefix.empty();
        const bool hasSuffix = end == word.size() && !m_options.wordSuffix.empty();
        const std::string_view plain = word.substr(begin, end - begin);
        decorated.assign(hasPrefix ? m_options.continuingPrefix : std::string());
        decorated.append(plain).append(hasSuffix ? m_options.wordSuffix : std::string());
        if (hasPrefix || hasSuffix) return m_vocabulary.find(decorated);
        return point < kFirstThreeBytePoint ? m_singles[point] : m_vocabulary.find(plain);
    }

    // A run of unknown characters is held back until something known follows it. Bytes do not end
    // it: the reference library puts the unknown token after them.
    void addSymbols(std::string_view word, SymbolList& symbols) const {
        std::string decorated;
        std::uint32_t unknownSize = 0;
        const auto flush = [&] {
            if (unknownSize > 0) symbols.add(m_unknownId, unknownSize);
            unknownSize = 0;
        };
        for (std::size_t at = 0; at < word.size();) {
            const std::size_t begin = at;
            const char32_t point = nextPoint(word, at);
            const auto size = static_cast<std::uint32_t>(at - begin);
            const std::int32_t id = idOf(word, begin, at, point, decorated);
            if (id != PieceTable::kNone) {
                flush();
                symbols.add(id, size);
                continue;
            }
            if (m_options.hasByteFallback && addBytes(decorated, symbols)) continue;
            // Without an unknown token the character is dropped, as the reference library does.
            if (m_options.unknown.empty()) continue;
            if (m_unknownId == PieceTable::kNone) failUnknown();
            if (!m_options.fusesUnknown) flush();
            unknownSize += size;
        }
        flush();
    }

    bool addBytes(std::string_view text, SymbolList& symbols) const {
        for (const char byte : text) {
            if (m_fallback[static_cast<std::uint8_t>(byte)] == PieceTable::kNone) return false;
        }
        for (const char byte : text) symbols.add(m_fallback[static_cast<std::uint8_t>(byte)], 1);
        return true;
    }

    [[noreturn]] void failUnknown() const {
        throw Error(ErrorKind::InputFile, "the tokenizer needs its unknown token " +
                                              inQuotes(m_options.unknown) +
                                              ", which is not in the vocabulary");
    }

    PieceTable m_vocabulary;
    BpeOptions m_options;
    MergeTable m_merges;
    std::int32_t m_unknownId;
    std::array<std::int32_t, kFirstThreeBytePoint> m_singles{};
    std::array<std::int32_t, 256> m_fallback{};
};

}  // namespace

std::unique_ptr<TokenModel> makeBpe(ModelTables tables, const BpeOptions& options,
                                    const std::string& what) {
    return std::make_unique<Bpe>(std::move(tables), options, what);
}

}  // namespace driftlens
