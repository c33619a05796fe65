#include "core/base/random.h"

#include "core/base/digest.h"

#include <cmath>
#include <cstring>
#include <numbers>
#include <string>

namespace driftlens {
namespace {

constexpr std::uint32_t kMultiplier0 = 0xD2511F53U;  // constants of Philox 4x32
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57U;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9U;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85U;
constexpr int kRounds = 10;

std::uint32_t high32(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32U);
}
std::uint32_t low32(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < kRounds; ++round) {
        const std::uint64_t product0 = std::uint64_t{kMultiplier0} * counter[0];
        const std::uint64_t product1 = std::uint64_t{kMultiplier1} * counter[2];
        counter = {high32(product1) ^ counter[1] ^ key[0], low32(product1),
                   high32(product0) ^ counter[3] ^ key[1], low32(product0)};
        key[0] += kWeyl0;
        key[1] += kWeyl1;
    }
    return counter;
}

// The key is the first 64 bits of SHA-256("seed/name"), so that streams of different names never
// share a key by construction of the names.
RandomStream::RandomStream(std::uint64_t seed, std::string_view name, std::uint64_t index)
    : m_key{}, m_index(index) {
    const Sha256 digest = sha256(std::to_string(seed) + "/" + std::string(name));
    for (std::size_t i = 0; i < 8; ++i) {
        m_key[i / 4] |= static_cast<std::uint32_t>(digest[i]) << (8 * (i % 4));
    }
}

std::uint64_t RandomStream::bits() {
    const auto block =
        philox4x32({low32(m_counter), high32(m_counter), low32(m_index), high32(m_index)}, m_key);
    ++m_counter;
    return std::uint64_t{block[0]} | (std::uint64_t{block[1]} << 32U);
}

double RandomStream::uniform() {
    return static_cast<double>(bits() >> 11U) * 0x1.0p-53;
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
    // Values under the threshold would make some results likelier: draw again.
    const std::uint64_t threshold = (0 - bound) % bound;
    for (;;) {
        const std::uint64_t value = bits();
        if (value >= threshold) return value % bound;
    }
}

double RandomStream::normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace driftlens
