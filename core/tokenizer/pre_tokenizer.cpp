#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/regex.h"
#include "core/tokenizer/stages.h"

#include <unicode/uchar.h>

#include <array>
#include <memory>
#include <utility>

namespace driftlens {
namespace {

// GPT-2's pattern (openai/gpt-2, encoder.py): contractions, letters, digits, the rest, white space.
constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

template <typename Split>
PreTokenizer splitEach(Split split) {
    return [split](std::vector<Units> pieces) {
        std::vector<Units> out;
        for (Units& piece : pieces) split(piece, out);
        return out;
    };
}

void addPiece(Units piece, std::vector<Units>& out) {
    if (!piece.empty()) out.push_back(std::move(piece));
}

// How a delimiter that matched is treated ("tokenizers" calls it SplitDelimiterBehavior).
enum class Behavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

Behavior parseBehavior(const std::string& name, const std::string& what) {
    if (name == "Removed") return Behavior::Removed;
    if (name == "Isolated") return Behavior::Isolated;
    if (name == "MergedWithPrevious") return Behavior::MergedWithPrevious;
    if (name == "MergedWithNext") return Behavior::MergedWithNext;
    if (name == "Contiguous") return Behavior::Contiguous;
    throw Error(ErrorKind::InputFile, what + ": unknown behavior " + inQuotes(name));
}

struct Segment {
    Units units;
    bool isDelimiter = false;
};

void applyBehavior(std::vector<Segment> segments, Behavior behavior, std::vector<Units>& out) {
    Units pending;  // of MergedWithNext
    bool lastWasDelimiter = false;
    for (Segment& segment : segments) {
        if (segment.units.empty()) continue;
        const bool merge = behavior == Behavior::MergedWithPrevious ? segment.isDelimiter
                           : behavior == Behavior::Contiguous
                               ? segment.isDelimiter && lastWasDelimiter
                               : false;
        if (segment.isDelimiter && behavior == Behavior::Removed) {
            lastWasDelimiter = true;
            continue;
        }
        if (segment.isDelimiter && behavior == Behavior::MergedWithNext) {
            addPiece(std::exchange(pending, std::move(segment.units)), out);
            continue;
        }
        if (!pending.empty()) {
            pending.insert(pending.end(), segment.units.begin(), segment.units.end());
            segment.units = std::exchange(pending, {});
        }
        const bool canMerge = merge && !out.empty() &&
                              !(behavior == Behavior::MergedWithPrevious && lastWasDelimiter);
        if (canMerge) {
            out.back().insert(out.back().end(), segment.units.begin(), segment.units.end());
        } else {
            addPiece(std::move(segment.units), out);
        }
        lastWasDelimiter = segment.isDelimiter;
    }
    addPiece(std::move(pending), out);
}

// Cuts units at byte ranges of their UTF-8 text.
std::vector<Segment> segmentsOf(const Units& units,
                                const std::vector<std::pair<std::size_t, std::size_t>>& matches,
                                bool invert) {
    std::vector<Segment> out;
    std::size_t byte = 0;
    std::size_t unit = 0;
    const auto take = [&](std::size_t to, bool isDelimiter) {
        Segment segment;
        segment.isDelimiter = isDelimiter;
        while (unit < units.size() && byte < to) {
            const char32_t point = units[unit].point;
            byte += point < 0x80U ? 1 : point < 0x800U ? 2 : point < 0x10000U ? 3 : 4;
            segment.units.push_back(units[unit++]);
        }
        if (!segment.units.empty()) out.push_back(std::move(segment));
    };
    for (const auto& [begin, end] : matches) {
        take(begin, invert);
        take(end, !invert);
    }
    take(SIZE_MAX, invert);
    return out;
}

PreTokenizer makeSplit(const JsonObject& config) {
    const JsonObject pattern = config.object("pattern");
    auto regex = std::make_shared<Regex>(
        pattern.has("Regex") ? Regex(pattern.string("Regex"), config.what())
                             : Regex::literal(pattern.string("String"), config.what()));
    const Behavior behavior = parseBehavior(config.string("behavior"), config.what());
    const bool invert = config.boolean("invert", false);
    return splitEach([=](const Units& piece, std::vector<Units>& out) {
        std::vector<Units> local;
        applyBehavior(segmentsOf(piece, regex->findAll(toUtf8(piece)), invert), behavior, local);
        for (Units& each : local) out.push_back(std::move(each));
    });
}

Units toByteLevel(const Units& piece) {
    Units out;
    for (const Unit& unit : piece) {
        std::string bytes;
        appendUtf8(unit.point, bytes);
        for (const char byte : bytes) {
            out.push_back({byteToPoint(static_cast<std::uint8_t>(byte)), unit.source});
        }
    }
    return out;
}

PreTokenizer makeByteLevel(const JsonObject& config) {
    const bool addSpace = config.boolean("add_prefix_space", true);
    std::shared_ptr<Regex> regex;
    if (config.boolean("use_regex", true))
        regex = std::make_shared<Regex>(kGpt2Pattern, config.what());
    return splitEach([=](Units piece, std::vector<Units>& out) {
        if (addSpace && !piece.empty() && piece.front().point != U' ') {
            piece.insert(piece.begin(), {U' ', piece.front().source});
        }
        if (regex == nullptr) {
            addPiece(toByteLevel(piece), out);
            return;
        }
        for (const Segment& segment : segmentsOf(piece, regex->findAll(toUtf8(piece)), false)) {
            addPiece(toByteLevel(segment.units), out);
        }
    });
}

template <typename IsSplit>
PreTokenizer splitOnPoints(IsSplit isSplit, Behavior behavior) {
    return splitEach([=](const Units& piece, std::vector<Units>& out) {
        std::vector<Segment> segments;
        for (const Unit& unit : piece) {
            const bool isDelimiter = isSplit(unit.point);
            if (isDelimiter || segments.empty() || segments.back().isDelimiter) {
                segments.push_back({{}, isDelimiter});
            }
            segments.back().units.push_back(unit);
        }
        std::vector<Units> local;
        applyBehavior(std::move(segments), behavior, local);
        for (Units& each : local) out.push_back(std::move(each));
    });
}

PreTokenizer makeMetaspace(const JsonObject& config) {
    const std::u32string replacement = toPoints(config.string("replacement", "▁"));
    const char32_t mark = replacement.empty() ? U'▁' : replacement.front();
    const std::string scheme = config.string(
        "prepend_scheme", config.boolean("add_prefix_space", true) ? "always" : "never");
    const bool split = config.boolean("split", true);
    return [=](std::vector<Units> pieces) {
        std::vector<Units> out;
        for (Units& piece : pieces) {
            for (Unit& unit : piece) {
                if (unit.point == U' ') unit.point = mark;
            }
            const bool isFirst = !piece.empty() && piece.front().source.begin == 0;
            const bool prepend = scheme == "always" || (scheme == "first" && isFirst);
            if (prepend && !piece.empty() && piece.front().point != mark) {
                piece.insert(piece.begin(), {mark, piece.front().source});
            }
            if (!split) {
                addPiece(std::move(piece), out);
                continue;
            }
            Units word;
            for (const Unit& unit : piece) {
                if (unit.point == mark) addPiece(std::exchange(word, {}), out);
                word.push_back(unit);
            }
            addPiece(std::move(word), out);
        }
        return out;
    };
}

PreTokenizer makeSequence(const JsonObject& config) {
    std::vector<PreTokenizer> steps;
    const Json* list = config.find("pretokenizers");
    if (list == nullptr || !list->is_array()) {
        throw Error(ErrorKind::InputFile, config.what() + ": pretokenizers is no list");
    }
    for (const Json& step : *list) steps.push_back(makePreTokenizer(step, config.what()));
    return [steps](std::vector<Units> pieces) {
        for (const PreTokenizer& step : steps) pieces = step(std::move(pieces));
        return pieces;
    };
}

PreTokenizer chain(PreTokenizer first, PreTokenizer second) {
    return [=](std::vector<Units> pieces) { return second(first(std::move(pieces))); };
}

// Code points 33–126, 161–172 and 174–255 stand for themselves; the rest follow from 256 on.
std::array<char32_t, 256> makeByteTable() {
    std::array<char32_t, 256> table{};
    char32_t next = 256;
    for (std::uint32_t b = 0; b < 256; ++b) {
        const bool isPrintable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
        table[b] = isPrintable ? static_cast<char32_t>(b) : next++;
    }
    return table;
}

const std::array<char32_t, 256>& byteTable() {
    static const std::array<char32_t, 256> table = makeByteTable();
    return table;
}

}  // namespace

char32_t byteToPoint(std::uint8_t byte) {
    return byteTable()[byte];
}

int pointToByte(char32_t point) {
    for (std::size_t b = 0; b < 256; ++b) {
        if (byteTable()[b] == point) return static_cast<int>(b);
    }
    return -1;
}

PreTokenizer makePreTokenizer(const Json& config, const std::string& what) {
    if (config.is_null()) return [](std::vector<Units> pieces) { return pieces; };
    const JsonObject object(config, what + ": pre_tokenizer");
    const std::string type = object.string("type");
    if (type == "BertPreTokenizer") {
        return chain(splitOnPoints(isSpacePoint, Behavior::Removed),
                     splitOnPoints(isPunctuationPoint, Behavior::Isolated));
    }
    if (type == "ByteLevel") return makeByteLevel(object);
    if (type == "Metaspace") return makeMetaspace(object);
    if (type == "Split") return makeSplit(object);
    if (type == "Sequence") return makeSequence(object);
    if (type == "WhitespaceSplit") return splitOnPoints(isSpacePoint, Behavior::Removed);
    if (type == "Punctuation") {
        return splitOnPoints(isPunctuationPoint,
                             parseBehavior(object.string("behavior", "Isolated"), object.what()));
    }
    if (type == "Digits") {
        const bool single = object.boolean("individual_digits", false);
        const auto isDigit = [](char32_t c) {
            const int8_t kind = u_charType(static_cast<UChar32>(c));
            return kind == U_DECIMAL_DIGIT_NUMBER || kind == U_LETTER_NUMBER ||
                   kind == U_OTHER_NUMBER;
        };
        return splitOnPoints(isDigit, single ? Behavior::Isolated : Behavior::Contiguous);
    }
    throw Error(ErrorKind::Unsupported, object.what() + " " + inQuotes(type) + " is not supported");
}

}  // namespace driftlens
