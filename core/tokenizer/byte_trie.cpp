#include "core/tokenizer/byte_trie.h"

#include <algorithm>

namespace driftlens {

ByteTrie::ByteTrie(std::vector<std::pair<std::string_view, std::int32_t>> keys) {
    std::erase_if(keys, [](const auto& key) { return key.first.empty(); });
    std::stable_sort(keys.begin(), keys.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    // Breadth first: each open node owns a range of the keys that begin with its path.
    struct Open {
        std::uint32_t node;
        std::size_t begin, end, depth;
    };
    m_nodes.emplace_back();
    std::vector<Open> open = {{0, 0, keys.size(), 0}};
    for (std::size_t next = 0; next < open.size(); ++next) {
        auto [node, begin, end, depth] = open[next];
        for (; begin < end && keys[begin].first.size() == depth; ++begin)
            m_nodes[node].value = keys[begin].second;
        m_nodes[node].children = static_cast<std::uint32_t>(m_nodes.size());
        while (begin < end) {
            const char byte = keys[begin].first[depth];
            std::size_t stop = begin;
            while (stop < end && keys[stop].first[depth] == byte) ++stop;
            const auto child = static_cast<std::uint32_t>(m_nodes.size());
            m_nodes.emplace_back();
            m_nodes[child].byte = static_cast<std::uint8_t>(byte);
            ++m_nodes[node].count;
            if (depth == 0) m_first[static_cast<std::uint8_t>(byte)] = child;
            open.push_back({child, begin, stop, depth + 1});
            begin = stop;
        }
    }
}

}  // namespace driftlens
