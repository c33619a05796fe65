#include "reports/clauses/clause_map.h"

#include "core/base/text.h"
#include "reports/document/json_view.h"

#include <string>
#include <vector>

namespace driftlens {
namespace {

bool isThere(const Json& report, std::string_view path) {
    const Json& value = valueAt(report, path);
    const bool isEmptyText = value.is_string() && value.get<std::string>().empty();
    const bool isEmpty = value.is_structured() && value.empty();
    return !value.is_null() && !isEmptyText && !isEmpty;
}

std::vector<std::string> fieldsOf(const ClauseRow& row) {
    return row.fields.empty() ? std::vector<std::string>{} : splitText(row.fields, ' ');
}

// What of the evidence is absent, for people: the paths.
std::string absentFields(const ClauseRow& row, const Json& report) {
    std::string out;
    for (std::string field : fieldsOf(row)) {
        if (field.front() == '?') field.erase(0, 1);
        if (!isThere(report, field)) out += (out.empty() ? "" : ", ") + field.substr(1);
    }
    return out;
}

std::string evidenceText(const ClauseRow& row, const Json& report) {
    if (row.section.empty()) return "none: this tool says nothing on it";
    std::string out;
    for (std::string field : fieldsOf(row)) {
        if (field.front() == '?') field.erase(0, 1);
        if (isThere(report, field)) out += (out.empty() ? "" : ", ") + field.substr(1);
    }
    if (out.empty()) out = "none in this report";
    if (const std::string absent = absentFields(row, report); !absent.empty())
        out += "; absent: " + absent;
    if (!row.leaves.empty()) out += "; left to others: " + std::string(row.leaves);
    return out;
}

}  // namespace

std::string_view clauseStatusName(ClauseStatus status) {
    switch (status) {
        case ClauseStatus::EvidencePresent:
            return "evidence present";
        case ClauseStatus::Partial:
            return "partial";
        case ClauseStatus::Missing:
            return "missing";
        case ClauseStatus::NotAddressed:
            return "not addressed by this tool";
    }
    return "";
}

ClauseStatus clauseStatus(const ClauseRow& row, const Json& report) {
    if (row.section.empty()) return ClauseStatus::NotAddressed;
    std::size_t there = 0;
    bool isPart = !row.leaves.empty();
    for (const std::string& field : fieldsOf(row)) {
        const bool isOnlyPart = field.front() == '?';
        if (isThere(report, isOnlyPart ? field.substr(1) : field))
            ++there;
        else if (isOnlyPart)
            isPart = true;
        else
            return ClauseStatus::Missing;
    }
    if (there == 0) return ClauseStatus::Missing;
    return isPart ? ClauseStatus::Partial : ClauseStatus::EvidencePresent;
}

Json clauseMap(const Json& report) {
    Json out = Json::array();
    for (const ClauseRow& row : clauseTable()) {
        out.push_back({{"framework", row.framework},
                       {"clause", row.clause},
                       {"asks", row.asks},
                       {"evidence", evidenceText(row, report)},
                       {"section", row.section.empty() ? Json() : Json(row.section)},
                       {"status", clauseStatusName(clauseStatus(row, report))},
                       {"applies", row.applies.empty() ? "in force" : row.applies},
                       {"source", row.source},
                       {"read", row.read},
                       {"verified", row.isVerified}});
    }
    return out;
}

}  // namespace driftlens
