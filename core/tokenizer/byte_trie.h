// A trie over bytes with a number per key: all keys that begin a text, in one walk.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace driftlens {

// Immutable and thread-safe.
class ByteTrie {
public:
    static constexpr std::int32_t kNone = -1;

    ByteTrie() = default;
    // Values are not negative; of equal keys the last one counts. Empty keys are left out.
    explicit ByteTrie(std::vector<std::pair<std::string_view, std::int32_t>> keys);

    bool empty() const { return m_nodes.size() <= 1; }
    bool canStart(char byte) const { return m_first[static_cast<unsigned char>(byte)] != 0; }

    // Calls visit(length, value) for each key that begins the text, shortest first.
    template <typename Visit>
    void forEachPrefix(std::string_view text, Visit visit) const {
        if (text.empty()) return;
        std::uint32_t node = m_first[static_cast<unsigned char>(text[0])];
        for (std::size_t length = 1; node != 0; ++length) {
            if (m_nodes[node].value != kNone) visit(length, m_nodes[node].value);
            if (length == text.size()) return;
            node = childOf(node, static_cast<unsigned char>(text[length]));
        }
    }

    // The longest key that begins the text: its length (0: none) and value.
    std::pair<std::size_t, std::int32_t> longestPrefix(std::string_view text) const {
        std::pair<std::size_t, std::int32_t> found{0, kNone};
        forEachPrefix(text, [&](std::size_t length, std::int32_t value) {
            found = {length, value};
        });
        return found;
    }

private:
    // The children of a node lie side by side, ordered by byte.
    struct Node {
        std::uint32_t children = 0;
        std::uint16_t count = 0;
        std::uint8_t byte = 0;
        std::int32_t value = kNone;
    };

    std::uint32_t childOf(std::uint32_t node, unsigned char byte) const {
        std::uint32_t low = m_nodes[node].children;
        std::uint32_t high = low + m_nodes[node].count;
        while (low < high) {
            const std::uint32_t middle = (low + high) / 2;
            if (m_nodes[middle].byte == byte) return middle;
            if (m_nodes[middle].byte < byte) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return 0;
    }

    std::vector<Node> m_nodes;
    std::array<std::uint32_t, 256> m_first{};
};

}  // namespace driftlens
