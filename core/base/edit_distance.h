// How far a mistyped name is from known ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Levenshtein 1966: fewest insertions, deletions and replacements of bytes.
std::size_t editDistance(std::string_view a, std::string_view b);

// The `count` candidates nearest to the name, nearest first; of equals the earlier one.
std::vector<std::string> nearestNames(std::string_view name,
                                      const std::vector<std::string>& candidates,
                                      std::size_t count);

}  // namespace driftlens
