// GPT-2's printable stand-ins for bytes, byte-fallback pieces, and the repair of broken UTF-8.
#include "core/base/text.h"
#include "core/tokenizer/stages.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::size_t kStandIns = 324;  // code points from 0 to the largest stand-in

struct ByteTables {
    std::array<char32_t, 256> points{};
    std::array<int, kStandIns> bytes{};
};

// Code points 33–126, 161–172 and 174–255 stand for themselves; the rest follow from 256 on.
ByteTables makeTables() {
    ByteTables tables;
    tables.bytes.fill(-1);
    char32_t next = 256;
    for (std::uint32_t b = 0; b < 256; ++b) {
        const bool isPrintable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
        tables.points[b] = isPrintable ? static_cast<char32_t>(b) : next++;
        tables.bytes[tables.points[b]] = static_cast<int>(b);
    }
    return tables;
}

const ByteTables& tables() {
    static const ByteTables made = makeTables();
    return made;
}

constexpr std::string_view kHex = "0123456789ABCDEF";

// Bytes of the ill-formed part at `at`: as long as it could still have become well-formed.
std::size_t illFormedLength(std::string_view bytes, std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = at + 1 < bytes.size() ? static_cast<unsigned char>(bytes[at + 1])
                                              : static_cast<unsigned char>(0);
    const unsigned low = first == 0xE0U ? 0xA0U : first == 0xF0U ? 0x90U : 0x80U;
    const unsigned high = first == 0xEDU ? 0x9FU : first == 0xF4U ? 0x8FU : 0xBFU;
    const bool isLead = first >= 0xE0U && first <= 0xF4U;
    if (!isLead || second < low || second > high) return 1;
    const bool hasThird = first >= 0xF0U && at + 2 < bytes.size() && isTailByte(bytes[at + 2]);
    return hasThird ? 3 : 2;
}

}  // namespace

char32_t byteToPoint(std::uint8_t byte) {
    return tables().points[byte];
}

int pointToByte(char32_t point) {
    return point < kStandIns ? tables().bytes[point] : -1;
}

int fallbackByte(std::string_view piece) {
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece.back() != '>') return -1;
    int value = 0;
    for (char c : piece.substr(3, 2)) {
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
        const std::size_t digit = kHex.find(c);
        if (digit == std::string_view::npos) return -1;
        value = value * 16 + static_cast<int>(digit);
    }
    return value;
}

std::string fallbackPiece(std::uint8_t byte) {
    return {'<', '0', 'x', kHex[byte >> 4U], kHex[byte & 15U], '>'};
}

std::string repairUtf8(std::string_view bytes) {
    if (isValidUtf8(bytes)) return std::string(bytes);
    std::string out;
    for (std::size_t at = 0; at < bytes.size();) {
        std::size_t length = 1;
        while (length <= 4 && !isValidUtf8(bytes.substr(at, length))) ++length;
        if (length <= 4 && at + length <= bytes.size()) {
            out += bytes.substr(at, length);
        } else {
            length = illFormedLength(bytes, at);
            out += "\xEF\xBF\xBD";
        }
        at += length;
    }
    return out;
}

}  // namespace driftlens
