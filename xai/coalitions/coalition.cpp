#include "xai/coalitions/coalition.h"

#include <boost/container_hash/hash.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace driftlens::coalitions {
namespace {

// The first `count` entries of a uniform order (Fisher and Yates).
std::vector<std::size_t> drawPrefix(std::size_t players, std::size_t count, RandomStream& stream) {
    std::vector<std::size_t> order(players);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = 0; i < count; ++i) {
        std::swap(order[i], order[i + stream.below(players - i)]);
    }
    order.resize(count);
    return order;
}

}  // namespace

std::size_t CoalitionHash::operator()(const Coalition& coalition) const {
    return boost::hash<Coalition>()(coalition);
}

Coalition emptyCoalition(std::size_t players) {
    return Coalition(players);
}

Coalition fullCoalition(std::size_t players) {
    return Coalition(players).set();
}

Coalition complementOf(Coalition coalition) {
    return coalition.flip();
}

std::vector<std::size_t> drawOrder(std::size_t players, RandomStream& stream) {
    return drawPrefix(players, players, stream);
}

Coalition drawCoalition(std::size_t players, std::size_t size, RandomStream& stream) {
    Coalition out(players);
    for (const std::size_t player : drawPrefix(players, size, stream)) out.set(player);
    return out;
}

std::vector<Coalition> coalitionsOfSize(std::size_t players, std::size_t size) {
    std::vector<char> isMember(players, 0);
    std::fill_n(isMember.begin(), size, 1);
    std::vector<Coalition> out;
    do {
        Coalition coalition(players);
        for (std::size_t i = 0; i < players; ++i) coalition.set(i, isMember[i] != 0);
        out.push_back(std::move(coalition));
    } while (std::prev_permutation(isMember.begin(), isMember.end()));
    return out;
}

double binomial(std::size_t n, std::size_t k) {
    double out = 1.0;
    for (std::size_t i = 1; i <= std::min(k, n - k); ++i) {
        out = out * static_cast<double>(n - i + 1) / static_cast<double>(i);
    }
    return out;
}

}  // namespace driftlens::coalitions
