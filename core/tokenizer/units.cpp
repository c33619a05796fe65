#include "core/tokenizer/units.h"

#include <unicode/uchar.h>

namespace driftlens {

Units toUnits(std::string_view utf8, std::size_t firstByte) {
    Units out;
    out.reserve(utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
        const auto first = static_cast<unsigned char>(utf8[i]);
        const std::size_t length = first < 0x80U ? 1 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
        char32_t point = length == 1 ? first : first & (0xFFU >> (length + 1));
        for (std::size_t j = 1; j < length; ++j) {
            point = (point << 6U) | (static_cast<unsigned char>(utf8[i + j]) & 0x3FU);
        }
        out.push_back({point, {firstByte + i, firstByte + i + length}});
        i += length;
    }
    return out;
}

void appendUtf8(char32_t point, std::string& out) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80U) {
        put(point);
    } else if (point < 0x800U) {
        put(0xC0U | (point >> 6U));
        put(0x80U | (point & 0x3FU));
    } else if (point < 0x10000U) {
        put(0xE0U | (point >> 12U));
        put(0x80U | ((point >> 6U) & 0x3FU));
        put(0x80U | (point & 0x3FU));
    } else {
        put(0xF0U | (point >> 18U));
        put(0x80U | ((point >> 12U) & 0x3FU));
        put(0x80U | ((point >> 6U) & 0x3FU));
        put(0x80U | (point & 0x3FU));
    }
}

std::string toUtf8(const Units& units) {
    std::string out;
    out.reserve(units.size());
    for (const Unit& unit : units) appendUtf8(unit.point, out);
    return out;
}

std::u32string toPoints(std::string_view utf8) {
    std::u32string out;
    for (const Unit& unit : toUnits(utf8)) out += unit.point;
    return out;
}

bool isSpacePoint(char32_t point) {
    return u_isUWhiteSpace(static_cast<UChar32>(point)) != 0;
}

bool isPunctuationPoint(char32_t point) {
    const bool isAscii = (point >= 33 && point <= 47) || (point >= 58 && point <= 64) ||
                         (point >= 91 && point <= 96) || (point >= 123 && point <= 126);
    return isAscii || u_ispunct(static_cast<UChar32>(point)) != 0;
}

}  // namespace driftlens
