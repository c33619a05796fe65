#include "tests/science/claims.h"

#include <cstdio>
#include <iostream>

namespace driftlens::science {
namespace {

std::string percent(double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %%", 100.0 * share);
    return text;
}

std::string statedText(const Row& row) {
    switch (row.bound) {
        case Bound::Equals:
            return percent(row.stated);
        case Bound::AtMost:
            return "at most " + percent(row.stated);
        case Bound::NotBelow:
            return "not below " + percent(row.stated);
        case Bound::AtLeast:
            return "at least " + percent(row.stated);
        case Bound::Shown:
            return "(nothing)";
    }
    return "";
}

std::string outcomeText(const Row& row) {
    if (row.bound == Bound::Shown) return "shown";
    return row.holds() ? "holds" : "FAILS";
}

std::string foundText(const Row& row) {
    const Range range = row.interval();
    return percent(row.rate()) + " (" + percent(range.low) + " to " + percent(range.high) + "), " +
           std::to_string(row.count) + " of " + std::to_string(row.of);
}

}  // namespace

bool Row::holds() const {
    const Range range = interval();
    switch (bound) {
        case Bound::Equals:
            return range.low <= stated && stated <= range.high;
        case Bound::AtMost:
            return range.low <= stated;
        case Bound::NotBelow:
            return range.high >= stated;
        case Bound::AtLeast:
            return rate() >= stated;
        case Bound::Shown:
            return true;
    }
    return false;
}

void Claims::add(Row row) {
    std::cout << row.group << ": " << row.what << "\n    stated " << statedText(row) << ", found "
              << foundText(row) << ": " << outcomeText(row)
              << (row.note.empty() ? "" : "; " + row.note) << std::endl;
    m_rows.push_back(std::move(row));
}

bool Claims::hold() const {
    for (const Row& row : m_rows)
        if (!row.holds()) return false;
    return true;
}

std::string Claims::markdown() const {
    std::string out =
        "| | question | stated | found (exact 95 % interval) | | note |\n"
        "|---|---|---|---|---|---|\n";
    for (const Row& row : m_rows)
        out += "| " + row.group + " | " + row.what + " | " + statedText(row) + " | " +
               foundText(row) + " | " + outcomeText(row) + " | " + row.note + " |\n";
    return out;
}

}  // namespace driftlens::science
