#include "tests/xai/coalitions/games.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <utility>

namespace driftlens::coalitions {
namespace {

template <typename Stored>
std::vector<double> elements(const StoredTensor& tensor) {
    std::vector<Stored> stored(tensor.bytes.size() / sizeof(Stored));
    std::memcpy(stored.data(), tensor.bytes.data(), tensor.bytes.size());
    return {stored.begin(), stored.end()};
}

double valueOf(const std::vector<Term>& terms, const Coalition& coalition) {
    double out = 0.0;
    for (const Term& term : terms) {
        const bool isKept = std::all_of(term.members.begin(), term.members.end(),
                                        [&](std::size_t i) { return coalition.test(i); });
        if (isKept) out += term.value;
    }
    return out;
}

Game gameOf(std::size_t players, std::function<double(const Coalition&)> value) {
    return {players, 1, [value = std::move(value)](std::span<const Coalition> coalitions) {
                std::vector<double> out;
                for (const Coalition& coalition : coalitions) out.push_back(value(coalition));
                return out;
            }};
}

}  // namespace

Game tableGame(std::size_t players, std::vector<double> table, std::size_t targets) {
    return {players, targets,
            [table = std::move(table), targets](std::span<const Coalition> coalitions) {
                std::vector<double> out;
                for (const Coalition& coalition : coalitions) {
                    for (std::size_t target = 0; target < targets; ++target) {
                        out.push_back(table.at(coalition.to_ulong() * targets + target));
                    }
                }
                return out;
            }};
}

Game polynomialGame(std::size_t players, std::vector<Term> terms) {
    return gameOf(players, [terms = std::move(terms)](const Coalition& coalition) {
        return valueOf(terms, coalition);
    });
}

Game randomGame(std::size_t players, std::uint64_t seed) {
    RandomStream stream(seed, "random_game");
    std::vector<Term> terms;
    for (std::size_t i = 0; i < players; ++i) terms.push_back({{i}, stream.normal()});
    const auto add = [&](std::size_t count, std::size_t size, double scale) {
        for (std::size_t i = 0; i < count; ++i) {
            std::vector<std::size_t> members = {};
            const Coalition drawn = drawCoalition(players, std::min(size, players), stream);
            for (std::size_t p = 0; p < players; ++p) {
                if (drawn.test(p)) members.push_back(p);
            }
            terms.push_back({members, scale * stream.normal()});
        }
    };
    add(players, 2, 0.7);
    add(players / 2, 3, 0.5);
    return gameOf(players, [terms = std::move(terms)](const Coalition& coalition) {
        return std::tanh(0.4 * valueOf(terms, coalition));
    });
}

Game goldenGame() {
    return polynomialGame(6, {{{0}, 0.7},
                              {{1}, -0.4},
                              {{2}, 0.2},
                              {{3}, 0.05},
                              {{4}, -0.1},
                              {{5}, 0.3},
                              {{0, 1}, 1.5},
                              {{2, 3}, -0.8},
                              {{1, 4}, 0.6},
                              {{0, 2, 5}, 2.0},
                              {{1, 3, 4}, -1.2},
                              {{0, 1, 2, 3}, 3.0}});
}

Coalition coalitionOf(const std::string& bits) {
    return Coalition(std::string(bits.rbegin(), bits.rend()));
}

std::vector<Coalition> coalitionsOf(const Json& rows) {
    std::vector<Coalition> out;
    for (const Json& row : rows) out.push_back(coalitionOf(row.get<std::string>()));
    return out;
}

std::vector<double> numbersOf(const Json& list) {
    return list.get<std::vector<double>>();
}

double largestDifference(const std::vector<double>& a, const std::vector<double>& b) {
    EXPECT_EQ(a.size(), b.size());
    double out = 0.0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        out = std::max(out, std::abs(a[i] - b[i]));
    }
    return out;
}

Goldens::Goldens(const std::filesystem::path& json) {
    m_json = readJsonFile(json);
    std::filesystem::path arrays = json;
    arrays.replace_extension(".safetensors");
    if (!std::filesystem::exists(arrays)) return;
    for (const StoredTensor& tensor : readSafetensors(MappedFile::open(arrays)).tensors) {
        m_tensors.emplace(tensor.name, tensor);
    }
}

std::vector<double> Goldens::arrayOf(const Json& value) const {
    if (value.contains("v")) return numbersOf(value.at("v"));
    const StoredTensor& tensor = m_tensors.at(value.at("tensor").get<std::string>());
    return tensor.type == ElementType::F64 ? elements<double>(tensor) : elements<float>(tensor);
}

void DifferenceTable::compare(const std::string& kind, const std::string& id,
                              const std::vector<double>& ours, const std::vector<double>& expected,
                              double tolerance) {
    SCOPED_TRACE(kind + ", " + id);
    ASSERT_FALSE(expected.empty());
    const double difference = largestDifference(ours, expected);
    EXPECT_LE(difference, tolerance);
    Row& row = m_rows[kind];
    ++row.cases;
    row.largest = std::max(row.largest, difference);
    row.share = std::max(row.share, difference / tolerance);
}

std::size_t DifferenceTable::casesOf(const std::string& kind) const {
    const auto row = m_rows.find(kind);
    return row == m_rows.end() ? 0 : row->second.cases;
}

void DifferenceTable::print() const {
    std::printf("             %-34s %5s %10s %s\n", "kind", "cases", "largest", "of tolerance");
    for (const auto& [kind, row] : m_rows) {
        std::printf("             %-34s %5zu %10.2g %11.2g\n", kind.c_str(), row.cases, row.largest,
                    row.share);
    }
}

}  // namespace driftlens::coalitions
