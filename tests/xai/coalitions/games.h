// Games whose values are known, for the tests of the coalition methods.
#pragma once

#include "core/base/json.h"
#include "core/files/safetensors.h"
#include "xai/coalitions/evaluator.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace driftlens::coalitions {

// Row k: the coalition whose bits are those of k; [2^players, targets].
Game tableGame(std::size_t players, std::vector<double> table, std::size_t targets = 1);

// Σ of the terms whose members are all kept. With pair and triple terms that fall off in size, as
// in a text where few words matter and neighbours act together.
struct Term {
    std::vector<std::size_t> members;
    double value = 0.0;
};
Game polynomialGame(std::size_t players, std::vector<Term> terms);
// players unary, players pair and players / 2 triple terms, drawn; squashed by tanh, so that every
// order of interaction occurs.
Game randomGame(std::size_t players, std::uint64_t seed);

// Section 2.4 of reference/methods.md: six players.
Game goldenGame();

// "10110": character i is player i, 1 = kept.
Coalition coalitionOf(const std::string& bits);
std::vector<Coalition> coalitionsOf(const Json& rows);

std::vector<double> numbersOf(const Json& list);
double largestDifference(const std::vector<double>& a, const std::vector<double>& b);

// One file of goldens: its cases, and the arrays beside it.
class Goldens {
public:
    explicit Goldens(const std::filesystem::path& json);

    const Json& cases() const { return m_json.at("cases"); }
    // The numbers of {"shape", "v"} or {"shape", "tensor"}.
    std::vector<double> arrayOf(const Json& value) const;

private:
    Json m_json;
    std::map<std::string, StoredTensor> m_tensors;
};

// Counts cases and the largest difference per kind, checks each against its tolerance.
class DifferenceTable {
public:
    void compare(const std::string& kind, const std::string& id, const std::vector<double>& ours,
                 const std::vector<double>& expected, double tolerance);
    std::size_t casesOf(const std::string& kind) const;
    void print() const;

private:
    struct Row {
        std::size_t cases = 0;
        double largest = 0.0;
        double share = 0.0;  // of the tolerance
    };
    std::map<std::string, Row> m_rows;
};

}  // namespace driftlens::coalitions
