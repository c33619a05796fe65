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

// Blocks of so many bytes, with that many zeros of 100 weights each; -1: not counted.
Json storageOf(const std::vector<std::pair<int, int>>& blocks, const std::string& form) {
    Json out = Json::array();
    const auto add = [&](const std::string& part, int bytes, Json zeros) {
        out.push_back({{"part", part},
                       {"form", form},
                       {"weights", 100},
                       {"bytes", bytes},
                       {"matrix_weights", 100},
                       {"zeros", std::move(zeros)}});
    };
    add("embeddings", 200, nullptr);
    for (std::size_t i = 0; i < blocks.size(); ++i)
        add("blocks." + std::to_string(i), blocks[i].first,
            blocks[i].second < 0 ? Json() : Json(blocks[i].second));
    add("rest", 400, nullptr);
    return out;
}

TEST(Layout, ShowsBitsAndZerosByLayerAndJoinsBlocksThatAreAlike) {
    Json report = samplePromptReport();
    report["comparison"]["reference"]["storage"] =
        storageOf({{200, 0}, {200, 0}, {200, 0}, {200, 0}}, "F16");
    report["comparison"]["variants"][1]["model"]["storage"] =
        storageOf({{50, -1}, {50, -1}, {200, 50}, {50, -1}}, "INT4 group 32");
    std::string svg;
    for (const Section& section : layoutOf(report).sections)
        for (const Block& block : section.blocks)
            if (const auto* figure = std::get_if<FigureBlock>(&block))
                if (figure->title.starts_with("Bits per weight")) svg += figure->svg;
    for (const char* part : {">embeddings<", ">blocks 0 to 1<", ">block 2<", ">block 3<", ">rest<",
                             ">16 bits<", ">4 bits<", ">50 % zeros<", ">32 bits<",
                             "int4: embeddings INT4 group 32, 16 bits, zeros not counted"})
        expectSays(svg, part);
    bool isTabled = false;
    for (const Table& table : tablesOf(report))
        if (table.id == "storage") {
            isTabled = true;
            ASSERT_EQ(table.rows.size(), 12U);
            EXPECT_EQ(table.rows[9],
                      (std::vector<std::string>{"base@int4", "blocks.2", "INT4 group 32", "100",
                                                "200", "16", "100", "50"}));
        }
    EXPECT_TRUE(isTabled);
}

TEST(Layout, SaysWhereTheVariantsComeFromAndWhatIsNotRecorded) {
    for (const Json& report : {samplePromptReport(), sampleDatasetReport()}) {
        const std::string systems = textOfSection(report, "systems");
        expectSays(systems, "Where each variant comes from");
        expectSays(systems, "by layer: not recorded");
    }
    Json report = sampleDatasetReport();
    report["dataset"]["variants"][0]["scheme"] = "prune:sparsity=0.5+int4:group=32,symmetric=true";
    std::string svg;
    for (const Section& section : layoutOf(report).sections)
        for (const Block& block : section.blocks)
            if (const auto* figure = std::get_if<FigureBlock>(&block)) svg += figure->svg;
    for (const char* part : {"prune, sparsity=0.5", "int4, group=32, symmetric=true",
                             "in memory, from the reference", "SHA-256 cccccccccccc…"})
        expectSays(svg, part);
    report["dataset"]["variants"][0]["path"] = "elsewhere";
    for (const Section& section : layoutOf(report).sections)
        for (const Block& block : section.blocks)
            if (const auto* figure = std::get_if<FigureBlock>(&block)) svg += figure->svg;
    expectSays(svg, "how it was made: not recorded");
}

TEST(Layout, ShowsRemovalAndRandomisedWeightsWhereARunHasThem) {
    expectSays(textOfSection(samplePromptReport(), "validity"), "compare --metrics=all measures");
    Json report = samplePromptReport();
    for (Json& variant : report["comparison"]["variants"])
        variant["explanations"][0]["checks"] = {
            {"reference", {{"deletion", {1.0, 0.5, 0.0}}, {"insertion", {0.0, 1.0, 1.0}}}},
            {"variant", {{"deletion", {1.0, 0.0, 0.0}}, {"insertion", {0.0, nullptr, 1.0}}}},
            {"randomised_weights",
             Json::array({{{"layer", "head"}, {"magnitudes", 0.125}, {"signed", nullptr}}})}};
    const std::string validity = textOfSection(report, "validity");
    for (const char* part :
         {"The answer while words are removed, by occlusion", "occlusion | reference | 0.5 | 0.75",
          "occlusion | int8 | 0.25 | – | the prompt", "occlusion | head | 0.125 | –",
          "Reasons under weights drawn anew", "Counterfactual texts are not part"})
        expectSays(validity, part);
}

TEST(Layout, ShowsWhatTheVerdictsOfADataSetRestOn) {
    Json report = sampleDatasetReport();
    report["dataset"]["checks"] =
        Json::array({{{"method", "occlusion"},
                      {"above_random", {0.25, 0.5}},
                      {"randomised_weights", {0.1, 0.3}},
                      {"curves", Json::array({{{"model", "base"},
                                               {"examples", 2},
                                               {"reason", nullptr},
                                               {"deletion", {1.0, 0.0}},
                                               {"insertion", {0.0, 1.0}}},
                                              {{"model", "base@int4"},
                                               {"examples", 0},
                                               {"reason", "it cuts texts into other tokens"},
                                               {"deletion", Json::array()},
                                               {"insertion", Json::array()}}})}}});
    EXPECT_NO_THROW(readReport(reportText(report), "r"));
    const std::string validity = textOfSection(report, "validity");
    for (const char* part : {"occlusion | reference | 0.5 | 0.5 | 2 examples",
                             "it cuts texts into other tokens", "occlusion | 0.1, 0.3 | 0.25, 0.5"})
        expectSays(validity, part);
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
