// Sections: which there are, in which order, and that what is absent is said.
#include "reports/document/document.h"
#include "reports/document/sections.h"
#include "reports/layout/report_layout.h"
#include "tests/reports/sample_report.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace driftlens {
namespace {

// All text of a section, one block per line.
std::string textOfSection(const Json& report, const std::string& id) {
    struct Text {
        std::string operator()(const Subheading& b) const { return b.text; }
        std::string operator()(const Paragraph& b) const { return b.text; }
        std::string operator()(const Callout& b) const { return b.label + " " + b.text; }
        std::string operator()(const BulletList& b) const {
            std::string out;
            for (const std::string& item : b.items) out += item + "\n";
            return out;
        }
        std::string operator()(const FactTable& b) const {
            std::string out;
            for (const Fact& fact : b.facts) out += fact.name + ": " + fact.value + "\n";
            return out;
        }
        std::string operator()(const Table& b) const {
            std::string out = b.caption + "\n";
            for (const auto& row : b.rows) {
                for (const std::string& cell : row) out += cell + " | ";
                out += "\n";
            }
            return out;
        }
        std::string operator()(const FigureBlock& b) const { return b.title + " " + b.description; }
        std::string operator()(const CodeBlock& b) const { return b.text; }
    };
    std::string out;
    for (const Section& section : layoutOf(report).sections)
        if (section.id == id)
            for (const Block& block : section.blocks) out += std::visit(Text{}, block) + "\n";
    return out;
}

void expectSays(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
}

TEST(Layout, HasEverySectionInItsOrder) {
    for (const Json& report : {samplePromptReport(), sampleDatasetReport()}) {
        const ReportLayout layout = layoutOf(report);
        ASSERT_EQ(layout.sections.size(), kReportSections.size());
        for (std::size_t i = 0; i < kReportSections.size(); ++i) {
            EXPECT_EQ(layout.sections[i].id, kReportSections[i].id);
            EXPECT_FALSE(layout.sections[i].blocks.empty()) << layout.sections[i].id;
        }
    }
}

TEST(Layout, ChosenSectionsKeepTheirOrder) {
    const ReportLayout layout = layoutOf(withSections(samplePromptReport(), {"audit", "verdict"}));
    ASSERT_EQ(layout.sections.size(), 2U);
    EXPECT_EQ(layout.sections[0].id, "verdict");
}

TEST(Layout, TablesAreAsWideAsTheirColumnsAndNamedOnce) {
    for (const Json& report : {samplePromptReport(), sampleDatasetReport()}) {
        std::vector<std::string> ids;
        for (const Table& table : tablesOf(report)) {
            EXPECT_FALSE(table.caption.empty()) << table.id;
            for (const auto& row : table.rows)
                EXPECT_EQ(row.size(), table.columns.size()) << table.id;
            EXPECT_EQ(std::count(ids.begin(), ids.end(), table.id), 0) << table.id;
            ids.push_back(table.id);
        }
    }
}

TEST(Layout, TheCoverAnswersFirstAndSaysWhatIsNotEstablished) {
    const std::string cover = textOfSection(samplePromptReport(), "cover");
    EXPECT_TRUE(cover.starts_with("ANSWER CHANGED")) << cover;
    for (const char* part : {"NOT LOGGED", "What this does not establish", "signature"})
        expectSays(cover, part);
    expectSays(textOfSection(sampleDatasetReport(), "cover"), "LOG VERIFIED");
}

TEST(Layout, TheVerdictHasNumbersMarginsAndWords) {
    const std::string verdict = textOfSection(sampleDatasetReport(), "verdict");
    for (const char* part : {"int4 | flip_rate | 0.1 | 0.05 to 0.15 | 0.02 | MATERIAL",
                             "occlusion.spearman", "flip_rate>0.02 | FAILED"})
        expectSays(verdict, part);
}

TEST(Layout, SaysThatDeployedKernelsWereNotCheckedUnlessTheyWereObserved) {
    const std::string sentence = "the deployed kernels were not checked";
    expectSays(textOfSection(samplePromptReport(), "verdict"), sentence);
    Json observed = sampleDatasetReport();
    observed["dataset"]["observed"] = {{"answers", 3}};
    EXPECT_EQ(textOfSection(observed, "verdict").find(sentence), std::string::npos);
}

TEST(Layout, AnUndefinedFigureHasItsReason) {
    expectSays(textOfSection(samplePromptReport(), "drift"), "– (too few tokens)");
    expectSays(textOfSection(sampleDatasetReport(), "output_fidelity"), "– (no labels)");
}

TEST(Layout, WhatIsAbsentIsSaid) {
    ReportParts parts;
    parts.dataset = sampleDataset(4);
    const Json report = makeReport(parts);
    expectSays(textOfSection(report, "output_fidelity"), "are not in this report");
    expectSays(textOfSection(report, "explanations"), "No single example was kept");
    expectSays(textOfSection(report, "audit"), "not written to an audit log");
    expectSays(textOfSection(report, "reproduction"), "not recorded");
}

TEST(Layout, TheAuditSectionLetsOthersCheck) {
    const std::string audit = textOfSection(sampleDatasetReport(), "audit");
    for (const char* part : {"— driftlens/1 BBBB", "1 inclusion proof", "RFC 9162", "run_started"})
        expectSays(audit, part);
}

TEST(Layout, ClausesAreNoAdvice) {
    const std::string clauses = textOfSection(samplePromptReport(), "clauses");
    for (const char* part : {"NOT LEGAL ADVICE", "not verified", "not addressed by this tool"})
        expectSays(clauses, part);
}

}  // namespace
}  // namespace driftlens
