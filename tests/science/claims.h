// What the science program claims and what it found: one row each.
#pragma once

#include "core/base/statistics/paired_tests.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace driftlens::science {

// How a rate is held against what is stated of it. Exact intervals (Clopper and Pearson, 95 %).
enum class Bound {
    Equals,    // the stated rate lies in the interval
    AtMost,    // the interval reaches down to the stated rate
    NotBelow,  // the interval reaches up to the stated rate
    AtLeast,   // the observed rate is no smaller than the stated one
    Shown,     // nothing is stated: it is measured and told
};

struct Row {
    std::string group, what;
    Bound bound = Bound::Shown;
    double stated = 0.0;
    std::uint64_t count = 0, of = 0;
    std::string note;

    double rate() const { return static_cast<double>(count) / static_cast<double>(of); }
    Range interval() const { return clopperPearson(count, of); }
    bool holds() const;
};

// Collects rows in the order of the program, printing each as it comes.
class Claims {
public:
    void add(Row row);
    bool hold() const;
    std::string markdown() const;

private:
    std::vector<Row> m_rows;
};

}  // namespace driftlens::science
