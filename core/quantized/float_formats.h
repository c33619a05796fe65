// Small floating-point formats as float32, exactly. Nothing here depends on the processor's
// handling of subnormal numbers: it may be set to flush them.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace driftlens {

// IEEE binary16.
[[gnu::always_inline]] inline float halfToFloat(std::uint16_t half) noexcept {
    const std::uint32_t magnitude = half & 0x7FFFU;
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16U;
    const std::uint32_t normal = (magnitude << 13U) + (112U << 23U);  // bias 15 → 127
    const std::uint32_t special = (magnitude << 13U) | 0x7F800000U;
    // m × 2^-24 as (2^-14 + m × 2^-24) − 2^-14.
    constexpr std::uint32_t kSmallestNormal = 113U << 23U;
    const std::uint32_t subnormal =
        std::bit_cast<std::uint32_t>(std::bit_cast<float>(kSmallestNormal + (magnitude << 13U)) -
                                     std::bit_cast<float>(kSmallestNormal));
    // Masks rather than branches, so that loops over many values are vectorised.
    const std::uint32_t isSubnormal = 0U - static_cast<std::uint32_t>(magnitude < 0x0400U);
    const std::uint32_t isSpecial = 0U - static_cast<std::uint32_t>(magnitude >= 0x7C00U);
    const std::uint32_t bits =
        (subnormal & isSubnormal) | (normal & ~isSubnormal) | (special & isSpecial);
    return std::bit_cast<float>(bits | sign);
}

[[gnu::always_inline]] inline float bfloat16ToFloat(std::uint16_t value) noexcept {
    return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16U);
}

// To the nearest value of the narrower format, ties to even; as float32.
inline float roundToBfloat16(float value) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (value != value) return value;
    return std::bit_cast<float>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) & 0xFFFF0000U);
}

inline float roundToHalf(float value) noexcept {
    if (value != value) return value;
    const float magnitude = value < 0.0F ? -value : value;
    if (magnitude < 0x1p-14F) {
        // Adding 0.75 leaves 24 bits behind the point: the steps of subnormal halves.
        const float rounded = (magnitude + 0.75F) - 0.75F;
        return std::bit_cast<float>(std::bit_cast<std::uint32_t>(rounded) |
                                    (std::bit_cast<std::uint32_t>(value) & 0x80000000U));
    }
    if (magnitude >= 65520.0F)
        return value < 0.0F ? -std::numeric_limits<float>::infinity()
                            : std::numeric_limits<float>::infinity();
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return std::bit_cast<float>((bits + 0x0FFFU + ((bits >> 13U) & 1U)) & 0xFFFFE000U);
}

// E4M3 of the OCP 8-bit specification ("FN"): no infinities, NaN is 0x7F and 0xFF.
[[gnu::always_inline]] inline float e4m3ToFloat(std::uint8_t value) noexcept {
    const std::uint32_t magnitude = value & 0x7FU;
    const std::uint32_t sign = static_cast<std::uint32_t>(value & 0x80U) << 24U;
    const std::uint32_t normal = (magnitude << 20U) + (120U << 23U);  // bias 7 → 127
    const auto subnormal = std::bit_cast<std::uint32_t>(static_cast<float>(magnitude) * 0x1p-9F);
    std::uint32_t bits = magnitude < 8U ? subnormal : normal;
    bits = magnitude == 0x7FU ? 0x7FC00000U : bits;
    return std::bit_cast<float>(bits | sign);
}

// E5M2 of the OCP 8-bit specification: the upper byte of a binary16.
[[gnu::always_inline]] inline float e5m2ToFloat(std::uint8_t value) noexcept {
    return halfToFloat(static_cast<std::uint16_t>(value << 8U));
}

// E8M0 of the OCP microscaling specification: 2^(value − 127); 255 is NaN.
[[gnu::always_inline]] inline float e8m0ToFloat(std::uint8_t value) noexcept {
    if (value == 255U) return std::numeric_limits<float>::quiet_NaN();
    // 2^-127 is subnormal in float32: the one value that has no exponent field of its own.
    return std::bit_cast<float>(value == 0U ? 0x00400000U
                                            : static_cast<std::uint32_t>(value) << 23U);
}

}  // namespace driftlens
