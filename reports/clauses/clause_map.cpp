#include "reports/clauses/clause_map.h"

#include "core/base/text.h"
#include "reports/document/json_view.h"

#include <algorithm>
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

// How far what the log holds is evidence, by what verification found: "ok, 15 records".
enum class LogWorth { Whole, Weak, None };

LogWorth worthOf(const Json& report) {
    const std::string status = textOf(valueAt(report, "/evidence/status"));
    const std::string word = status.substr(0, status.find(','));
    if (word == "ok") return LogWorth::Whole;
    return word == "erased" || word == "unsigned" ? LogWorth::Weak : LogWorth::None;
}

bool isOfTheLog(std::string_view field) {
    return field.starts_with("/evidence/");
}

// A log that was altered is no evidence of what it says.
bool countsAsEvidence(const Json& report, std::string_view field) {
    return isThere(report, field) && !(isOfTheLog(field) && worthOf(report) == LogWorth::None);
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
    const auto fields = fieldsOf(row);
    const bool usesLog = std::any_of(fields.begin(), fields.end(), [](const std::string& field) {
        return field.find("/evidence/") != std::string::npos;
    });
    if (usesLog && report.contains("evidence") && worthOf(report) != LogWorth::Whole)
        out += "; the log was found " + textOf(valueAt(report, "/evidence/status"));
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
        const std::string path = isOnlyPart ? field.substr(1) : field;
        isPart = isPart || (isOfTheLog(path) && worthOf(report) == LogWorth::Weak);
        if (countsAsEvidence(report, path))
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
