#include "xai/coalitions/hierarchy.h"

#include "core/base/error.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>

namespace driftlens::coalitions {
namespace {

bool isOneOf(std::string_view piece, std::initializer_list<std::string_view> pieces) {
    return std::find(pieces.begin(), pieces.end(), piece) != pieces.end();
}
bool isSentenceEnd(std::string_view piece) {
    return isOneOf(piece, {".", "?", "!"});
}
bool isApostropheEnding(std::string_view piece) {
    return isOneOf(piece, {"t", "s"});
}
bool isConnective(std::string_view piece) {
    return isOneOf(piece, {"but", "and", "or"});
}
bool opensControl(std::string_view piece) {
    return piece.starts_with("[") && piece.ends_with("]");
}

bool isAsciiLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isWordByte(char c) {
    return isAsciiLetter(c) || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string_view stripped(std::string_view text) {
    constexpr std::string_view kSpace = " \t\n\r\f\v";
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

// Tokens as the merge score sees them: "##" before one that continues a word.
std::vector<std::string> piecesOf(std::span<const std::string> segments) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool continuesWord = i > 0 && !out.back().empty() &&
                                   isWordByte(segments[i - 1].back()) && !segments[i].empty() &&
                                   isAsciiLetter(segments[i].front());
        const std::string prefix = continuesWord ? "##" : "";
        out.push_back(prefix + std::string(stripped(segments[i])));
    }
    return out;
}

// Neighbouring tokens that were joined so far.
struct Group {
    std::vector<std::string_view> pieces;
    std::size_t node = 0;
    bool isFirstBalanced = true;  // false: opens a bracket that the group does not close
    bool isLastBalanced = true;
};

Group groupOf(const std::string& piece, std::size_t node) {
    const bool isBalanced = piece != "(" && piece != ")";
    return {{piece}, node, isBalanced, isBalanced};
}

double partsOfWords(const Group& a, const Group& b) {
    const std::string_view first = b.pieces.front();
    double score = first.starts_with("##") ? 20.0 : 0.0;
    const bool isEnding =
        b.pieces.size() == 1 || (b.pieces.size() == 2 && isApostropheEnding(b.pieces.back()));
    if (first == "'" && isEnding) score += 15.0;
    if (a.pieces.back() == "'" && isApostropheEnding(first)) score += 15.0;
    return score;
}

double brackets(const Group& a, const Group& b) {
    double score = 0.0;
    if (opensControl(a.pieces.front()) != opensControl(b.pieces.back())) score -= 1000.0;
    if (b.pieces.front() == "(" && !b.isFirstBalanced) score -= 100.0;
    if (a.pieces.back() == ")" && !a.isLastBalanced) score -= 100.0;
    if (a.pieces.front() == "(") score -= 2.0;
    return score;
}

// Reaching across costs; taking the mark itself along costs 1.
double punctuation(const Group& a, const Group& b) {
    const std::string_view last = a.pieces.back();
    const std::string_view first = b.pieces.front();
    const bool isAlone = b.pieces.size() == 1;
    double score = isConnective(last) || isConnective(first) ? -2.0 : 0.0;
    if (last == ",") score -= 10.0;
    if (first == ",") score -= isAlone ? 1.0 : 10.0;
    if (isSentenceEnd(last)) score -= 20.0;
    if (isSentenceEnd(first)) score -= isAlone ? 1.0 : 20.0;
    return score;
}

double mergeScore(const Group& a, const Group& b, std::span<const std::string> separators) {
    const auto isSeparator = [&](std::string_view piece) {
        return std::find(separators.begin(), separators.end(), piece) != separators.end();
    };
    if (isSeparator(a.pieces.back()) && isSeparator(b.pieces.front())) {
        return -std::numeric_limits<double>::infinity();
    }
    return partsOfWords(a, b) + brackets(a, b) + punctuation(a, b) -
           static_cast<double>(a.pieces.size() + b.pieces.size());
}

// The first of the best neighbours.
std::size_t bestNeighbours(std::span<const Group> groups, std::span<const std::string> separators) {
    std::size_t best = 0;
    double bestScore = mergeScore(groups[0], groups[1], separators);
    for (std::size_t i = 1; i + 1 < groups.size(); ++i) {
        const double score = mergeScore(groups[i], groups[i + 1], separators);
        if (score > bestScore) {
            best = i;
            bestScore = score;
        }
    }
    return best;
}

void merge(Group& a, const Group& b, std::size_t node) {
    a.pieces.insert(a.pieces.end(), b.pieces.begin(), b.pieces.end());
    a.node = node;
    a.isLastBalanced = b.isLastBalanced;
    if (a.pieces.front() == "(" && a.pieces.back() == ")") {
        a.isFirstBalanced = true;
        a.isLastBalanced = true;
    }
}

}  // namespace

void checkHierarchy(const Hierarchy& hierarchy) {
    std::set<std::size_t> joined;
    bool isSound = hierarchy.players >= 1 && hierarchy.children.size() + 1 == hierarchy.players;
    for (std::size_t k = 0; k < hierarchy.children.size() && isSound; ++k) {
        for (const std::size_t child : hierarchy.children[k]) {
            isSound = isSound && child < hierarchy.players + k && joined.insert(child).second;
        }
    }
    if (!isSound) {
        throw Error(ErrorKind::Usage,
                    "a hierarchy of " + std::to_string(hierarchy.players) + " players with " +
                        std::to_string(hierarchy.children.size()) +
                        " inner nodes: every node but the root has to be joined once, by a later "
                        "one");
    }
}

std::vector<std::size_t> nodeSizes(const Hierarchy& hierarchy) {
    std::vector<std::size_t> out(hierarchy.players, 1);
    for (const auto& [left, right] : hierarchy.children) out.push_back(out[left] + out[right]);
    return out;
}

Hierarchy balancedHierarchy(std::size_t players) {
    Hierarchy out{players, {}};
    std::vector<std::size_t> level;
    for (std::size_t i = 0; i < players; ++i) level.push_back(i);
    while (level.size() > 1) {
        std::vector<std::size_t> above;
        for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
            above.push_back(out.nodes());
            out.children.push_back({level[i], level[i + 1]});
        }
        if (level.size() % 2 == 1) above.push_back(level.back());
        level = above;
    }
    return out;
}

Hierarchy chainHierarchy(std::size_t players) {
    Hierarchy out{players, {}};
    for (std::size_t i = 1; i < players; ++i) {
        out.children.push_back({i == 1 ? 0 : out.nodes() - 1, i});
    }
    return out;
}

Hierarchy textHierarchy(std::span<const std::string> segments,
                        std::span<const std::string> separators) {
    Hierarchy out{segments.size(), {}};
    const std::vector<std::string> pieces = piecesOf(segments);
    std::vector<Group> groups;
    for (std::size_t i = 0; i < pieces.size(); ++i) groups.push_back(groupOf(pieces[i], i));
    while (groups.size() > 1) {
        const std::size_t at = bestNeighbours(groups, separators);
        const std::size_t node = out.nodes();
        out.children.push_back({groups[at].node, groups[at + 1].node});
        merge(groups[at], groups[at + 1], node);
        groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    return out;
}

}  // namespace driftlens::coalitions
