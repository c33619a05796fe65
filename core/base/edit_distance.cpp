#include "core/base/edit_distance.h"

#include <algorithm>
#include <numeric>

namespace driftlens {

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

std::vector<std::string> nearestNames(std::string_view name,
                                      const std::vector<std::string>& candidates,
                                      std::size_t count) {
    std::vector<std::pair<std::size_t, std::size_t>> order;  // distance, place
    for (std::size_t i = 0; i < candidates.size(); ++i)
        order.emplace_back(editDistance(name, candidates[i]), i);
    std::sort(order.begin(), order.end());
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::min(count, order.size()); ++i)
        out.push_back(candidates[order[i].second]);
    return out;
}

}  // namespace driftlens
