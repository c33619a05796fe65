// Sets of players: which parts of an input are kept.
#pragma once

#include "core/base/random.h"

#include <boost/dynamic_bitset.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace driftlens::coalitions {

// Bit i is 1 if player i is kept; as many bits as the game has players.
using Coalition = boost::dynamic_bitset<std::uint64_t>;

struct CoalitionHash {
    std::size_t operator()(const Coalition& coalition) const;
};

Coalition emptyCoalition(std::size_t players);
Coalition fullCoalition(std::size_t players);
Coalition complementOf(Coalition coalition);

// A uniform order of the players, and a uniform coalition of `size` of them (size ≤ players).
std::vector<std::size_t> drawOrder(std::size_t players, RandomStream& stream);
Coalition drawCoalition(std::size_t players, std::size_t size, RandomStream& stream);

// Every coalition of that size, in the lexicographic order of its members.
std::vector<Coalition> coalitionsOfSize(std::size_t players, std::size_t size);

// n over k in float64: infinite where that overflows.
double binomial(std::size_t n, std::size_t k);

}  // namespace driftlens::coalitions
