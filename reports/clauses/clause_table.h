// Which rule asks for what, and where in a report evidence for it would be. Data only; what holds
// for one report is computed in clause_map.h. Not legal advice, and never a claim of conformity.
#pragma once

#include <span>
#include <string_view>

namespace driftlens {

struct ClauseRow {
    std::string_view framework;  // "EU AI Act"
    std::string_view clause;     // "Art. 12(1)"
    std::string_view asks;       // in our words
    std::string_view section;    // of the report with the evidence; empty: not addressed
    // Members of the report's JSON that are the evidence, as paths from its root separated by
    // spaces; a path that begins with '?' is only part of the evidence: without it, partial.
    std::string_view fields;
    // What the tool leaves to others even where all fields are there; empty: nothing.
    std::string_view leaves;
    std::string_view applies;  // from when, as far as known; empty: in force
    std::string_view source;   // where our reading of it comes from
    std::string_view read;     // when
    bool isVerified = false;   // against the official text
};

std::span<const ClauseRow> clauseTable();

}  // namespace driftlens
