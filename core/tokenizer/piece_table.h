// The pieces of a vocabulary in one block of memory, found by text or by id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace driftlens {

inline constexpr std::int64_t kLargestTokenId = INT32_MAX;

// Filled once, then immutable and thread-safe.
class PieceTable {
public:
    static constexpr std::int32_t kNone = -1;

    // Throws Error(InputFile), naming `what`, for an id outside 0 … 2^31 - 1, and for a piece or an
    // id that is there already.
    void add(std::string_view piece, std::int64_t id, const std::string& what);
    // The same for the next id; a piece that is there already keeps its old id too, and is found
    // under the new one.
    void append(std::string_view piece);

    std::int32_t find(std::string_view piece) const;  // kNone if absent
    std::string_view piece(std::int32_t id) const;    // empty if absent
    bool hasId(std::int64_t id) const { return entryOf(id) != nullptr; }
    std::size_t size() const { return m_entries.size(); }
    std::int64_t largestId() const { return m_largestId; }  // -1 if empty

    // Calls visit(piece, id) in the order of addition.
    template <typename Visit>
    void forEach(Visit visit) const {
        for (const Entry& entry : m_entries) visit(textOf(entry), entry.id);
    }

private:
    struct Entry {
        std::size_t begin = 0;
        std::uint32_t size = 0;
        std::int32_t id = 0;
    };

    std::string_view textOf(const Entry& entry) const {
        return std::string_view(m_text).substr(entry.begin, entry.size);
    }
    const Entry* entryOf(std::int64_t id) const;
    std::size_t slotOf(std::string_view piece) const;
    void put(std::string_view piece, std::int64_t id, std::size_t slot);
    void grow();

    std::string m_text;
    std::vector<Entry> m_entries;
    std::vector<std::uint32_t> m_slots;  // open addressing: index into m_entries + 1, 0: free
    std::vector<std::uint32_t> m_byId;   // likewise, for ids that lie densely
    std::unordered_map<std::int64_t, std::uint32_t> m_sparse;  // and for those that do not
    std::int64_t m_largestId = -1;
};

std::uint64_t hashOf(std::string_view text);

}  // namespace driftlens
