// Binary hierarchies of players.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace driftlens::coalitions {

// Nodes 0 … players − 1 are the players; node players + k joins children[k], both of which come
// before it; the last is the root and contains everyone. One player: no children.
struct Hierarchy {
    std::size_t players = 0;
    std::vector<std::array<std::size_t, 2>> children;

    std::size_t nodes() const { return players + children.size(); }
};

// Throws Error(Usage) if every node but the root is not joined exactly once, by a later node.
void checkHierarchy(const Hierarchy& hierarchy);

// How many players each node contains, [nodes].
std::vector<std::size_t> nodeSizes(const Hierarchy& hierarchy);

// Neighbours in pairs, level by level; one that is left over moves up. players ≥ 1.
Hierarchy balancedHierarchy(std::size_t players);

// ((0, 1), 2), 3 …; players ≥ 1.
Hierarchy chainHierarchy(std::size_t players);

// shap's text tree: the neighbouring groups of tokens with the best merge score are joined, the
// first of equal ones. Parts of words early (a segment that begins with a letter where the one
// before ends in a letter or digit; "'", "t" and "s"); across commas, sentence ends, connectives,
// brackets and control tokens ("[CLS]") late; small groups before large ones; two groups that meet
// at `separators` last. segments: the text from each token's beginning to the next's, white space
// included, empty for tokens that the text does not show; at least one. Bytes outside ASCII count
// as letters of the segment before.
Hierarchy textHierarchy(std::span<const std::string> segments,
                        std::span<const std::string> separators = {});

}  // namespace driftlens::coalitions
