#include "core/tokenizer/piece_table.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <cstring>

namespace driftlens {
namespace {

constexpr std::size_t kDenseSlack = 1024;  // ids may run this far ahead of twice their number

std::uint64_t mixed(std::uint64_t value) {
    value ^= value >> 32U;
    value *= 0x9E3779B97F4A7C15U;
    return value ^ (value >> 29U);
}

}  // namespace

std::uint64_t hashOf(std::string_view text) {
    std::uint64_t hash = 0x9E3779B97F4A7C15U ^ text.size();
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        hash = mixed(hash ^ word) * 0xD6E8FEB86659FD93U;
    }
    std::uint64_t tail = 0;
    if (left > 0) std::memcpy(&tail, at, left);
    return mixed(mixed(hash ^ tail));
}

void PieceTable::add(std::string_view piece, std::int64_t id, const std::string& what) {
    if (id < 0 || id > kLargestTokenId) {
        throw Error(ErrorKind::InputFile, what + ": " + inQuotes(piece) + " has the id " +
                                              std::to_string(id) + ", no number below 2^31");
    }
    if (m_entries.size() * 2 >= m_slots.size()) grow();
    const std::size_t slot = slotOf(piece);
    if (m_slots[slot] != 0)
        throw Error(ErrorKind::InputFile, what + ": " + inQuotes(piece) + " appears twice");
    if (hasId(id)) {
        throw Error(ErrorKind::InputFile,
                    what + ": " + inQuotes(this->piece(static_cast<std::int32_t>(id))) + " and " +
                        inQuotes(piece) + " share the id " + std::to_string(id));
    }
    put(piece, id, slot);
}

void PieceTable::append(std::string_view piece) {
    if (m_entries.size() * 2 >= m_slots.size()) grow();
    put(piece, m_largestId + 1, slotOf(piece));
}

void PieceTable::put(std::string_view piece, std::int64_t id, std::size_t slot) {
    m_entries.push_back(
        {m_text.size(), static_cast<std::uint32_t>(piece.size()), static_cast<std::int32_t>(id)});
    m_text += piece;
    const auto index = static_cast<std::uint32_t>(m_entries.size());
    m_slots[slot] = index;
    const auto place = static_cast<std::size_t>(id);
    if (place < m_entries.size() * 2 + kDenseSlack) {
        if (place >= m_byId.size()) m_byId.resize(std::max(place + 1, m_byId.size() * 2));
        m_byId[place] = index;
    } else {
        m_sparse[id] = index;
    }
    m_largestId = std::max(m_largestId, id);
}

std::int32_t PieceTable::find(std::string_view piece) const {
    if (m_slots.empty()) return kNone;
    const std::uint32_t index = m_slots[slotOf(piece)];
    return index == 0 ? kNone : m_entries[index - 1].id;
}

std::string_view PieceTable::piece(std::int32_t id) const {
    const Entry* entry = entryOf(id);
    return entry == nullptr ? std::string_view() : textOf(*entry);
}

const PieceTable::Entry* PieceTable::entryOf(std::int64_t id) const {
    const auto place = static_cast<std::size_t>(id);
    if (id >= 0 && place < m_byId.size() && m_byId[place] != 0)
        return &m_entries[m_byId[place] - 1];
    const auto sparse = m_sparse.find(id);
    return sparse == m_sparse.end() ? nullptr : &m_entries[sparse->second - 1];
}

// Where the piece is, or the free slot where it belongs.
std::size_t PieceTable::slotOf(std::string_view piece) const {
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = hashOf(piece) & mask;
    while (m_slots[slot] != 0 && textOf(m_entries[m_slots[slot] - 1]) != piece)
        slot = (slot + 1) & mask;
    return slot;
}

void PieceTable::grow() {
    std::vector<std::uint32_t> old(std::max<std::size_t>(64, m_slots.size() * 4));
    old.swap(m_slots);
    const std::size_t mask = m_slots.size() - 1;
    for (std::uint32_t index = 1; index <= m_entries.size(); ++index) {
        std::size_t slot = hashOf(textOf(m_entries[index - 1])) & mask;
        while (m_slots[slot] != 0 &&
               textOf(m_entries[m_slots[slot] - 1]) != textOf(m_entries[index - 1]))
            slot = (slot + 1) & mask;
        m_slots[slot] = index;
    }
}

}  // namespace driftlens
