// A word as a linked list of symbols, of which adjacent pairs are joined best first.
#pragma once

#include "core/tokenizer/model.h"

#include <queue>

#include <vector>

namespace driftlens {

class SymbolList {
public:
    // What a pair becomes: `id` is PieceTable::kNone if it stays apart. The smallest rank goes
    // first, of equal ranks the leftmost.
    struct Joined {
        std::uint32_t rank = 0;
        std::int32_t id = PieceTable::kNone;
    };

    void add(std::int32_t id, std::uint32_t size) {
        const auto at = static_cast<std::uint32_t>(m_symbols.size());
        m_symbols.push_back({id, size, at - 1, at + 1});
    }

    // `join(left, right)` gives the Joined of two ids.
    template <typename Join>
    void mergeAll(Join join) {
        std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
        const auto offer = [&](std::uint32_t left) {
            const std::uint32_t right = m_symbols[left].next;
            if (right >= m_symbols.size()) return;
            const Joined joined = join(m_symbols[left].id, m_symbols[right].id);
            if (joined.id != PieceTable::kNone) queue.push({joined.rank, left, joined.id});
        };
        for (std::uint32_t i = 0; i < m_symbols.size(); ++i) offer(i);
        while (!queue.empty()) {
            const Candidate best = queue.top();
            queue.pop();
            Symbol& left = m_symbols[best.left];
            if (left.size == 0 || left.next >= m_symbols.size()) continue;
            Symbol& right = m_symbols[left.next];
            // An older candidate still counts if the pair of now becomes the same piece.
            if (join(left.id, right.id).id != best.id) continue;
            left.id = best.id;
            left.size += right.size;
            right.size = 0;
            left.next = right.next;
            if (left.next < m_symbols.size()) m_symbols[left.next].previous = best.left;
            if (left.previous < m_symbols.size()) offer(left.previous);
            offer(best.left);
        }
    }

    void appendTo(std::vector<ModelPiece>& out) const {
        std::uint32_t begin = 0;
        for (const Symbol& symbol : m_symbols) {
            if (symbol.size == 0) continue;
            out.push_back({symbol.id, begin, begin + symbol.size});
            begin += symbol.size;
        }
    }

private:
    struct Symbol {
        std::int32_t id = 0;
        std::uint32_t size = 0;                // bytes; 0: merged away
        std::uint32_t previous = 0, next = 0;  // beyond the list: none
    };
    struct Candidate {
        std::uint32_t rank = 0, left = 0;
        std::int32_t id = 0;
        bool operator>(const Candidate& other) const {
            return rank != other.rank ? rank > other.rank : left > other.left;
        }
    };
    std::vector<Symbol> m_symbols;
};

}  // namespace driftlens
