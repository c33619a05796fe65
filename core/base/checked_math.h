// Unsigned arithmetic on numbers that come from files: nothing wraps.
#pragma once

#include <cstdint>
#include <optional>

namespace driftlens {

// Each returns nullopt if the exact result does not fit 64 bits.
inline std::optional<std::uint64_t> checkedProduct(std::uint64_t a, std::uint64_t b) noexcept {
    std::uint64_t result = 0;
    if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
    return result;
}

inline std::optional<std::uint64_t> checkedSum(std::uint64_t a, std::uint64_t b) noexcept {
    std::uint64_t result = 0;
    if (__builtin_add_overflow(a, b, &result)) return std::nullopt;
    return result;
}

// The smallest multiple of alignment that is not below value; alignment is a power of two.
inline std::optional<std::uint64_t> checkedPadding(std::uint64_t value,
                                                   std::uint64_t alignment) noexcept {
    const auto raised = checkedSum(value, alignment - 1);
    if (!raised) return std::nullopt;
    return *raised & ~(alignment - 1);
}

}  // namespace driftlens
