// Counter-based random numbers: a draw depends on nothing but its key (run seed, stream, index).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace driftlens {

// Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): 128 random
// bits for a counter and a key, equal on every machine and in every order of evaluation.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

// A stream of draws named by (seed, name, index), e.g. (run seed, method id, example number).
// Copyable value; draws advance a counter inside the stream only.
class RandomStream {
public:
    RandomStream(std::uint64_t seed, std::string_view name, std::uint64_t index = 0);

    std::uint64_t bits();                      // 64 uniform bits
    double uniform();                          // [0, 1), 53 bits
    std::uint64_t below(std::uint64_t bound);  // [0, bound), unbiased; bound > 0
    double normal();                           // standard normal (Box–Muller)

private:
    std::array<std::uint32_t, 2> m_key;
    std::uint64_t m_index;
    std::uint64_t m_counter = 0;
};

}  // namespace driftlens
