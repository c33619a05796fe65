#include "core/tokenizer/aligned_text.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <initializer_list>

namespace driftlens {
namespace {

std::size_t lengthOf(char32_t point) {
    return point < 0x80U ? 1 : point < 0x800U ? 2 : point < 0x10000U ? 3 : 4;
}

constexpr int kOldUnicode = 8;

bool isOf(char32_t point, std::uint32_t categories) {
    return (U_GET_GC_MASK(static_cast<UChar32>(point)) & categories) != 0;
}

bool isAnyOf(char32_t point, std::initializer_list<char32_t> points) {
    return std::find(points.begin(), points.end(), point) != points.end();
}

}  // namespace

AlignedText AlignedText::of(std::string_view utf8, std::size_t at) {
    AlignedText out;
    out.text = utf8;
    out.spans.resize(utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
        const std::size_t begin = i;
        nextPoint(utf8, i);
        const Span span{static_cast<std::uint32_t>(at + begin), static_cast<std::uint32_t>(at + i)};
        std::fill(out.spans.begin() + static_cast<std::ptrdiff_t>(begin),
                  out.spans.begin() + static_cast<std::ptrdiff_t>(i), span);
    }
    return out;
}

void AlignedText::append(char32_t point, Span source) {
    appendUtf8(point, text);
    spans.resize(text.size(), source);
}

void AlignedText::append(std::string_view utf8, Span source) {
    text += utf8;
    spans.resize(text.size(), source);
}

void AlignedText::append(const AlignedText& from, std::size_t begin, std::size_t end) {
    text.append(from.text, begin, end - begin);
    spans.insert(spans.end(), from.spans.begin() + static_cast<std::ptrdiff_t>(begin),
                 from.spans.begin() + static_cast<std::ptrdiff_t>(end));
}

void AlignedText::transform(const std::vector<Change>& changes, std::size_t skipped) {
    std::size_t at = 0;  // byte of the old text that is next to be replaced
    const auto skip = [&](std::size_t points) {
        for (; points > 0 && at < text.size(); --points) nextPoint(text, at);
    };
    const Span start = spans.empty() ? Span{} : Span{spans.front().begin, spans.front().begin};
    skip(skipped);
    AlignedText out;
    out.text.reserve(text.size());
    out.spans.reserve(text.size());
    for (const Change& change : changes) {
        if (change.change > 0) {
            out.append(change.point, at == 0 ? start : spans[at - 1]);
            continue;
        }
        const Span source = at < spans.size() ? spans[at] : spans.empty() ? start : spans.back();
        skip(1 + static_cast<std::size_t>(-change.change));
        out.append(change.point, source);
    }
    *this = std::move(out);
}

void appendUtf8(char32_t point, std::string& out) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    const std::size_t length = lengthOf(point);
    if (length == 1) return put(point);
    constexpr std::uint32_t kLeads[] = {0, 0, 0xC0U, 0xE0U, 0xF0U};
    put(kLeads[length] | (point >> (6U * (length - 1))));
    for (std::size_t left = length - 1; left > 0; --left)
        put(0x80U | ((point >> (6U * (left - 1))) & 0x3FU));
}

std::u32string toPoints(std::string_view utf8) {
    std::u32string out;
    for (std::size_t at = 0; at < utf8.size();) out += nextPoint(utf8, at);
    return out;
}

std::size_t countPoints(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return !isTailByte(c); }));
}

bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80U; });
}

bool isSpacePoint(char32_t point) {
    return u_isUWhiteSpace(static_cast<UChar32>(point)) != 0;
}

bool isWordPoint(char32_t point) {
    const auto c = static_cast<UChar32>(point);
    constexpr std::uint32_t kWord = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
    return u_isUAlphabetic(c) != 0 || (U_GET_GC_MASK(c) & kWord) != 0 || point == 0x200CU ||
           point == 0x200DU;
}

bool existedIn(char32_t point, int unicodeVersion) {
    UVersionInfo age{};
    u_charAge(static_cast<UChar32>(point), age);
    return age[0] != 0 && (age[0] < unicodeVersion || (age[0] == unicodeVersion && age[1] == 0));
}

// The characters named below have changed their category since.
bool isPunctuationPoint(char32_t point) {
    if (point < 0x80U)
        return (point >= 33 && point <= 47) || (point >= 58 && point <= 64) ||
               (point >= 91 && point <= 96) || (point >= 123 && point <= 126);
    if (isAnyOf(point, {0x166DU, 0x111C9U})) return true;
    return isOf(point, U_GC_P_MASK) && existedIn(point, kOldUnicode);
}

bool isNonSpacingMark(char32_t point) {
    if (point == 0x1734U) return true;
    return isOf(point, U_GC_MN_MASK) && existedIn(point, kOldUnicode) &&
           !isAnyOf(point, {0x1885U, 0x1886U, 0xA9BDU, 0x111C9U});
}

bool isControlPoint(char32_t point) {
    return isOf(point, U_GC_C_MASK & ~U_GC_CN_MASK) && existedIn(point, kOldUnicode);
}

bool isMark(char32_t point) {
    if (isAnyOf(point, {0x1CF2U, 0x1CF3U})) return true;
    return isOf(point, U_GC_M_MASK) && existedIn(point, kOldUnicode + 1) && point != 0x111C9U;
}

}  // namespace driftlens
