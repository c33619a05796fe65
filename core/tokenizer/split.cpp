#include "core/tokenizer/split.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace driftlens {
namespace {

struct Segment {
    std::size_t begin = 0, end = 0;
    bool isDelimiter = false;
};

constexpr std::array<std::pair<std::string_view, Behavior>, 5> kBehaviors = {{
    {"Removed", Behavior::Removed},
    {"Isolated", Behavior::Isolated},
    {"MergedWithPrevious", Behavior::MergedWithPrevious},
    {"MergedWithNext", Behavior::MergedWithNext},
    {"Contiguous", Behavior::Contiguous},
}};

// Matches and what lies between them.
void segmentsOf(std::size_t size, const std::vector<Match>& matches, bool isInverted,
                std::vector<Segment>& out) {
    out.clear();
    std::size_t at = 0;
    for (const Match& match : matches) {
        if (at != match.begin) out.push_back({at, match.begin, isInverted});
        out.push_back({match.begin, match.end, !isInverted});
        at = match.end;
    }
    if (at != size) out.push_back({at, size, isInverted});
}

bool joinsPrevious(Behavior behavior, const Segment& segment, bool lastWasDelimiter) {
    switch (behavior) {
        case Behavior::Contiguous:
            return segment.isDelimiter == lastWasDelimiter;
        case Behavior::MergedWithPrevious:
        case Behavior::MergedWithNext:
            return segment.isDelimiter && !lastWasDelimiter;
        case Behavior::Removed:
        case Behavior::Isolated:
            return false;
    }
    return false;
}

// Merges runs in place. MergedWithNext is MergedWithPrevious read from the end.
void applyBehavior(Behavior behavior, std::vector<Segment>& segments) {
    if (behavior == Behavior::Removed) {
        std::erase_if(segments, [](const Segment& each) { return each.isDelimiter; });
        return;
    }
    if (behavior == Behavior::Isolated) return;
    const bool isBackward = behavior == Behavior::MergedWithNext;
    if (isBackward) std::reverse(segments.begin(), segments.end());
    std::vector<Segment> out;
    bool lastWasDelimiter = false;
    for (const Segment& segment : segments) {
        if (joinsPrevious(behavior, segment, lastWasDelimiter) && !out.empty()) {
            (isBackward ? out.back().begin : out.back().end) =
                isBackward ? segment.begin : segment.end;
        } else {
            out.push_back(segment);
        }
        lastWasDelimiter = segment.isDelimiter;
    }
    if (isBackward) std::reverse(out.begin(), out.end());
    segments = std::move(out);
}

}  // namespace

Behavior behaviorNamed(const std::string& name, const std::string& what) {
    for (const auto& [known, behavior] : kBehaviors) {
        if (known == name) return behavior;
    }
    throw Error(ErrorKind::InputFile, what + ": unknown behavior " + inQuotes(name));
}

void splitPieces(CutText& text, const Finder& find, Behavior behavior, bool isInverted) {
    std::vector<Cut> cuts;
    cuts.reserve(text.cuts.size());
    std::vector<Match> matches;
    std::vector<Segment> segments;
    for (const Cut& cut : text.cuts) {
        if (cut.addedId >= 0) {
            cuts.push_back(cut);
            continue;
        }
        find(text.view(cut), matches);
        segmentsOf(cut.end - cut.begin, matches, isInverted, segments);
        applyBehavior(behavior, segments);
        for (const Segment& each : segments) {
            if (each.begin == each.end) continue;
            cuts.push_back({cut.begin + static_cast<std::uint32_t>(each.begin),
                            cut.begin + static_cast<std::uint32_t>(each.end)});
        }
    }
    text.cuts = std::move(cuts);
}

}  // namespace driftlens
