#include "core/tokenizer/precompiled.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/stages.h"

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>

namespace driftlens {
namespace {

// The parts of a unit of a Darts-clone double array.
std::uint32_t labelOf(std::uint32_t unit) {
    return unit & 0x800000FFU;
}
std::uint32_t offsetOf(std::uint32_t unit) {
    return (unit >> 10U) << ((unit & 0x200U) >> 6U);
}
bool hasLeaf(std::uint32_t unit) {
    return (unit & 0x100U) != 0;
}
std::uint32_t valueOf(std::uint32_t unit) {
    return unit & 0x7FFFFFFFU;
}

// Ends of the grapheme clusters, in bytes.
std::vector<std::size_t> clusterEnds(const std::string& text) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::BreakIterator> breaks(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    if (U_FAILURE(status)) throw Error(ErrorKind::Internal, "Unicode data is missing");
    const icu::UnicodeString utf16 = icu::UnicodeString::fromUTF8(text);
    breaks->setText(utf16);
    std::vector<std::size_t> ends;
    std::size_t byte = 0;
    int32_t unit = 0;
    for (int32_t end = breaks->next(); end != icu::BreakIterator::DONE; end = breaks->next()) {
        for (; unit < end; unit = utf16.moveIndex32(unit, 1)) nextPoint(text, byte);
        ends.push_back(byte);
    }
    return ends;
}

std::vector<std::size_t> asciiClusterEnds(const std::string& text) {
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') ends.push_back(i + 1);
    }
    return ends;
}

// Changes that put `now` in the place of `before`.
void addReplacement(std::string_view before, std::string_view now, std::vector<Change>& out) {
    const auto difference =
        static_cast<int>(countPoints(now)) - static_cast<int>(countPoints(before));
    for (std::size_t at = 0; at < now.size();) out.push_back({nextPoint(now, at), 0});
    for (int i = 0; i < difference; ++i)
        out[out.size() - 1 - static_cast<std::size_t>(i)].change = 1;
    if (difference < 0 && !out.empty()) out.back().change += difference;
}

}  // namespace

std::optional<std::string> decodeBase64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t pads = 0;
    while (pads < 2 && pads < text.size() && text[text.size() - 1 - pads] == '=') ++pads;
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<int, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int>(i);
    std::string out;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool isPad = i >= text.size() - pads;
        const int value = isPad ? 0 : values[static_cast<unsigned char>(text[i])];
        if (value < 0) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        if (i % 4 != 3) continue;
        for (const std::uint32_t shift : {16U, 8U, 0U})
            out += static_cast<char>((bits >> shift) & 0xFFU);
    }
    out.resize(out.size() - pads);
    return out;
}

PrecompiledMap::PrecompiledMap(std::string_view bytes, const std::string& what) {
    const auto word = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i]))
                     << (8U * i);
        return value;
    };
    const std::size_t size = bytes.size() < 4 ? 0 : word(0);
    if (size == 0 || size % 4 != 0 || size > bytes.size() - 4) {
        throw Error(ErrorKind::InputFile, what + ": charsmap of " + std::to_string(bytes.size()) +
                                              " bytes claims a trie of " + std::to_string(size));
    }
    for (std::size_t at = 4; at < 4 + size; at += 4) m_units.push_back(word(at));
    m_texts = bytes.substr(4 + size);
    check(what);
}

// Walks every state that some text can reach.
void PrecompiledMap::check(const std::string& what) const {
    const auto fail = [&](const std::string& why) {
        throw Error(ErrorKind::InputFile, what + ": charsmap " + why);
    };
    if (!isValidUtf8(m_texts)) fail("has replacements that are not UTF-8");
    std::vector<bool> isSeen(m_units.size());
    std::vector<std::uint32_t> open = {offsetOf(m_units[0])};
    while (!open.empty()) {
        const std::uint32_t state = open.back();
        open.pop_back();
        for (std::uint32_t byte = 1; byte < 256; ++byte) {
            const std::uint32_t at = state ^ byte;
            if (at >= m_units.size()) continue;
            const std::uint32_t unit = m_units[at];
            if (labelOf(unit) != byte || isSeen[at]) continue;
            isSeen[at] = true;
            const std::uint32_t next = at ^ offsetOf(unit);
            if (next >= m_units.size())
                fail("has a trie that leaves its " + std::to_string(m_units.size()) + " units");
            if (hasLeaf(unit)) {
                const std::uint32_t value = valueOf(m_units[next]);
                if (value >= m_texts.size() || isTailByte(m_texts[value]))
                    fail("has a trie with the value " + std::to_string(value));
            }
            open.push_back(next);
        }
    }
}

std::optional<PrecompiledMap::Replacement> PrecompiledMap::find(std::string_view text,
                                                                bool takesLongest) const {
    std::optional<Replacement> found;
    std::size_t state = offsetOf(m_units[0]);
    for (std::size_t i = 0; i < text.size() && text[i] != '\0'; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        state ^= byte;
        if (state >= m_units.size() || labelOf(m_units[state]) != byte) break;
        const std::uint32_t unit = m_units[state];
        state ^= offsetOf(unit);
        if (!hasLeaf(unit)) continue;
        found = {i + 1, std::string_view(m_texts.c_str() + valueOf(m_units[state]))};
        if (!takesLongest) break;
    }
    return found;
}

void PrecompiledMap::normalizeGraphemes(AlignedText& text) const {
    constexpr std::size_t kLongestCluster = 6;
    std::vector<Change> changes;
    bool isModified = false;
    const auto replace = [&](std::string_view part) {
        const auto found = find(part, false);
        if (!found) return false;
        addReplacement(part, found->text, changes);
        return isModified = true;
    };
    std::size_t begin = 0;
    for (const std::size_t end :
         isAscii(text.text) ? asciiClusterEnds(text.text) : clusterEnds(text.text)) {
        const auto cluster = std::string_view(text.text).substr(begin, end - begin);
        begin = end;
        if (cluster.size() < kLongestCluster && replace(cluster)) continue;
        for (std::size_t at = 0; at < cluster.size();) {
            const std::size_t from = at;
            const char32_t point = nextPoint(cluster, at);
            if (!replace(cluster.substr(from, at - from))) changes.push_back({point, 0});
        }
    }
    if (isModified) text.transform(changes);
}

// SentencePiece's normalizer.cc: replacements by the longest prefix, runs of spaces to one and none
// at the ends, a space before the text, spaces shown as U+2581.
Normalizer makeSentencePieceNormalizer(const SentencePieceRules& rules, const std::string& what) {
    const auto map =
        rules.charsmap.empty() ? nullptr : std::make_shared<PrecompiledMap>(rules.charsmap, what);
    return [map, rules](AlignedText& text) {
        AlignedText out;
        bool lastIsSpace = rules.removesExtraSpaces;  // those at the beginning go too
        const auto put = [&](char32_t point, Span source) {
            if (point != U' ') {
                lastIsSpace = false;
                return out.append(point, source);
            }
            if (rules.removesExtraSpaces && lastIsSpace) return;
            lastIsSpace = true;
            out.append(U'▁', source);
        };
        for (std::size_t at = 0; at < text.text.size();) {
            const Span source = text.spans[at];
            const auto found =
                map ? map->find(std::string_view(text.text).substr(at), true) : std::nullopt;
            const std::size_t end = found ? at + found->length : 0;
            const bool endsInside = end < text.text.size() && isTailByte(text.text[end]);
            if (!found || endsInside) {
                put(nextPoint(text.text, at), source);
                continue;
            }
            const Span whole{source.begin, text.spans[end - 1].end};
            for (std::size_t i = 0; i < found->text.size();) put(nextPoint(found->text, i), whole);
            at = end;
        }
        constexpr std::string_view kSpaceMark = "▁";
        while (rules.removesExtraSpaces && out.text.ends_with(kSpaceMark)) {
            out.text.resize(out.text.size() - kSpaceMark.size());
            out.spans.resize(out.text.size());
        }
        if (rules.addsDummyPrefix && !out.empty()) {
            out.spans.insert(out.spans.begin(), kSpaceMark.size(), out.spans.front());
            out.text.insert(0, kSpaceMark);
        }
        text = std::move(out);
    };
}

}  // namespace driftlens
