// The clause table: whole, honest about its sources, and read against a report as its rule says.
#include "reports/clauses/clause_map.h"

#include "reports/document/sections.h"
#include "tests/reports/sample_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace driftlens {
namespace {

bool names(std::string_view framework, std::string_view clause) {
    const auto rows = clauseTable();
    return std::any_of(rows.begin(), rows.end(), [&](const ClauseRow& row) {
        return row.framework == framework && row.clause.find(clause) != std::string_view::npos;
    });
}

TEST(ClauseTable, CoversTheRulesThatReviewersAskFor) {
    for (const char* clause : {"Art. 10", "Art. 11", "Art. 12", "Art. 13", "Art. 14", "Art. 15",
                               "Art. 19", "Art. 26", "Art. 86", "Annex IV"})
        EXPECT_TRUE(names("EU AI Act", clause)) << clause;
    for (const char* clause : {"13", "14", "15", "17", "22"})
        EXPECT_TRUE(names("GDPR", clause)) << clause;
    EXPECT_TRUE(names("HIPAA Security Rule", "164.312"));
    EXPECT_TRUE(names("NIST AI RMF 1.0", "MEASURE 2.9"));
    EXPECT_TRUE(names("ISO/IEC 42001:2023", "A.6.2.8"));
}

TEST(ClauseTable, EveryRowHasItsSourceAndASectionThatThereIs) {
    std::set<std::string> seen;
    for (const ClauseRow& row : clauseTable()) {
        EXPECT_TRUE(seen.insert(std::string(row.framework) + std::string(row.clause)).second);
        EXPECT_FALSE(row.asks.empty() || row.source.empty() || row.read.empty()) << row.clause;
        EXPECT_TRUE(row.section.empty() || isReportSection(row.section)) << row.clause;
        EXPECT_EQ(row.section.empty(), row.fields.empty()) << row.clause;
    }
}

TEST(ClauseTable, DatesOfHighRiskDutiesAreTheAmendedOnes) {
    for (const ClauseRow& row : clauseTable()) {
        if (row.framework != "EU AI Act") continue;
        for (const char* part :
             {"Annex III systems from 2 Dec 2027", "Annex I systems from 2 Aug 2028", "as amended",
              "verify in the Official Journal"})
            EXPECT_NE(row.applies.find(part), std::string_view::npos) << row.clause;
    }
}

TEST(ClauseStatus, MissingOutranksPartial) {
    const Json report = {{"a", "x"}};
    const auto status = [&](std::string_view fields, std::string_view leaves = "") {
        ClauseRow row;
        row.section = "audit";
        row.fields = fields;
        row.leaves = leaves;
        return clauseStatus(row, report);
    };
    EXPECT_EQ(status("/a"), ClauseStatus::EvidencePresent);
    EXPECT_EQ(status("/a ?/b"), ClauseStatus::Partial);
    EXPECT_EQ(status("/a", "the rest"), ClauseStatus::Partial);
    EXPECT_EQ(status("/b ?/a", "the rest"), ClauseStatus::Missing);
    EXPECT_EQ(status("?/b"), ClauseStatus::Missing);
    EXPECT_EQ(clauseStatus(ClauseRow{}, report), ClauseStatus::NotAddressed);
}

// A log that was altered is no evidence, though its records are there.
TEST(ClauseStatus, AnAlteredLogIsNoEvidence) {
    ClauseRow row;
    row.section = "audit";
    row.fields = "/evidence/records/0";
    const auto status = [&](const char* found) {
        const Json report = {{"evidence", {{"status", found}, {"records", {1}}}}};
        return clauseStatus(row, report);
    };
    EXPECT_EQ(status("ok, 15 records"), ClauseStatus::EvidencePresent);
    EXPECT_EQ(status("erased, 15 records"), ClauseStatus::Partial);
    EXPECT_EQ(status("unsigned, 15 records"), ClauseStatus::Partial);
    EXPECT_EQ(status("tampered, 15 records"), ClauseStatus::Missing);
    EXPECT_EQ(status("truncated, 15 records"), ClauseStatus::Missing);
}

TEST(ClauseMap, DependsOnWhatTheReportHas) {
    const auto statusOf = [](const Json& report, const std::string& clause) {
        for (const Json& each : report["clauses"])
            if (each["clause"] == clause) return each["status"].get<std::string>();
        return std::string();
    };
    EXPECT_EQ(statusOf(samplePromptReport(), "Art. 12(2)"), "missing");  // it was not logged
    EXPECT_EQ(statusOf(sampleDatasetReport(), "Art. 12(2)"), "evidence present");
    EXPECT_EQ(statusOf(sampleDatasetReport(), "Art. 14"), "not addressed by this tool");
}

}  // namespace
}  // namespace driftlens
