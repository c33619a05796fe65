#include "core/base/display_text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <array>
#include <cstdint>
#include <cstdio>

namespace driftlens {
namespace {

constexpr char32_t kZeroWidthNonJoiner = 0x200C;
constexpr char32_t kZeroWidthJoiner = 0x200D;

struct DisplayPoint {
    UChar32 point;           // negative: no UTF-8 here
    std::string_view bytes;  // that it takes in the text
};

template <typename Take>
void eachPoint(std::string_view text, const Take& take) {
    const auto length = static_cast<std::int64_t>(text.size());
    for (std::int64_t at = 0; at < length;) {
        const std::int64_t begin = at;
        UChar32 point = 0;
        U8_NEXT(reinterpret_cast<const std::uint8_t*>(text.data()), at, length, point);
        take(DisplayPoint{point, text.substr(static_cast<std::size_t>(begin),
                                             static_cast<std::size_t>(at - begin))});
    }
}

std::string code(const char* format, unsigned value) {
    std::array<char, 24> out{};
    std::snprintf(out.data(), out.size(), format, value);
    return out.data();
}

std::string pictureOf(UChar32 control) {
    if (control == '\n') return "⏎";
    if (control == 0x7F) return "␡";
    std::string out = "␀";  // U+2400; the pictures of U+0001 to U+001F follow it
    out.back() = static_cast<char>(out.back() + control);
    return out;
}

bool isHidden(UChar32 point) {
    if (point == kZeroWidthJoiner || point == kZeroWidthNonJoiner) return false;  // shape letters
    if (U_IS_UNICODE_NONCHAR(point)) return true;
    constexpr std::uint32_t kHidden =
        U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CS_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
    return (U_GET_GC_MASK(point) & kHidden) != 0;
}

}  // namespace

std::string displayText(std::string_view text) {
    std::string out;
    eachPoint(text, [&](const DisplayPoint& each) {
        if (each.point < 0) {
            for (const char byte : each.bytes)
                out += code("⟨%02X⟩", static_cast<unsigned char>(byte));
        } else if (each.point < 0x20 || each.point == 0x7F) {
            out += pictureOf(each.point);
        } else if (isHidden(each.point)) {
            out += code("⟨U+%04X⟩", static_cast<unsigned>(each.point));
        } else {
            out += each.bytes;
        }
    });
    return out;
}

std::string textForXml(std::string_view text) {
    std::string out;
    eachPoint(text, [&](const DisplayPoint& each) {
        const bool isControl = each.point >= 0 && each.point < 0x20 && each.point != '\t' &&
                               each.point != '\n' && each.point != '\r';
        const bool isNoCharacter = each.point == 0xFFFE || each.point == 0xFFFF;
        out += each.point < 0 || isControl || isNoCharacter ? "\uFFFD" : each.bytes;
    });
    return out;
}

std::size_t displayColumns(std::string_view text) {
    std::size_t columns = 0;
    eachPoint(text, [&](const DisplayPoint& each) {
        constexpr std::uint32_t kCombining = U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK;
        if (each.point >= 0 && (U_GET_GC_MASK(each.point) & kCombining) != 0) return;
        const int width = each.point < 0
                              ? U_EA_NEUTRAL
                              : u_getIntPropertyValue(each.point, UCHAR_EAST_ASIAN_WIDTH);
        columns += width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
    });
    return columns;
}

}  // namespace driftlens
