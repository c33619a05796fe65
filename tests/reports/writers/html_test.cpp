// Every writer, and the page that people read.
#include "reports/writers/html.h"

#include "core/base/error.h"
#include "reports/document/document.h"
#include "reports/layout/report_layout.h"
#include "reports/writers/registry.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_report.h"

#include <chrono>
#include <set>

namespace driftlens {
namespace {

std::string pageOf(const Json& report) {
    return htmlReport(layoutOf(report));
}

class EveryReportWriter : public ::testing::TestWithParam<const ReportWriter*> {};

TEST_P(EveryReportWriter, GivesTheSameBytesFromTheJsonAlone) {
    for (const Json& report : {samplePromptReport(), sampleDatasetReport()}) {
        const auto whyNot = GetParam()->whyNot;
        if (whyNot != nullptr && !whyNot(report).empty()) {
            EXPECT_THROW(GetParam()->write(layoutOf(report), report), Error);
            continue;
        }
        const std::string first = GetParam()->write(layoutOf(report), report);
        const Json again = readReport(reportText(report), "report.json");
        EXPECT_EQ(GetParam()->write(layoutOf(again), again), first);
        EXPECT_FALSE(first.empty());
    }
}

TEST_P(EveryReportWriter, IsFoundByItsIdAndTheEndingOfAFile) {
    EXPECT_EQ(&reportWriter(GetParam()->id), GetParam());
    EXPECT_EQ(reportWriterFor("a/report" + std::string(GetParam()->extension)), GetParam());
    EXPECT_FALSE(GetParam()->description.empty());
}

TEST_P(EveryReportWriter, ClaimsNoConformity) {
    const Json report = sampleDatasetReport();
    const std::string text = GetParam()->write(layoutOf(report), report);
    for (const std::string word : {"compliant", "Compliant", "certified", "Certified"})
        EXPECT_EQ(text.find(word), std::string::npos) << word;
}

std::vector<const ReportWriter*> everyWriter() {
    std::vector<const ReportWriter*> out;
    for (const ReportWriter& writer : reportWriters()) out.push_back(&writer);
    return out;
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryReportWriter, ::testing::ValuesIn(everyWriter()),
                         [](const auto& each) {
                             std::string name(each.param->id);
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(ReportWriters, RefusesAFormatThatThereIsNot) {
    EXPECT_THROW(reportWriter("docx"), Error);
    EXPECT_EQ(reportWriterFor("report.docx"), nullptr);
}

TEST(HtmlReport, HoldsTogetherAndNeedsNothingOutside) {
    for (const Json& report : {samplePromptReport(), sampleDatasetReport()}) {
        const std::string html = pageOf(report);
        expectWellFormed(html);
        for (const std::string part : {"<script", "src=", "<link", "@import", "url("})
            EXPECT_EQ(html.find(part), std::string::npos) << part;
    }
}

TEST(HtmlReport, HasLandmarksCaptionsAndContents) {
    const std::string html = pageOf(sampleDatasetReport());
    for (const std::string part :
         {"<header>", "<nav aria-label=\"Contents\">", "<main id=\"main\">", "<footer>",
          "class=\"skip\" href=\"#main\"", "href=\"#verdict\"", "<section id=\"verdict\"",
          "<caption>", "scope=\"col\"", "scope=\"row\""})
        EXPECT_NE(html.find(part), std::string::npos) << part;
    EXPECT_EQ(countOf(html, "<caption>"), countOf(html, "<thead>"));
}

TEST(HtmlReport, ShowsAnyTextAsText) {
    std::vector<std::string> tokens = hostileTexts();
    tokens.emplace_back("שלום");
    const std::string html = pageOf(samplePromptReport(tokens));
    expectWellFormed(html);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_EQ(html.find("\u202E"), std::string::npos);  // would reorder what follows
    for (const std::string part : {"שלום", "👩", "&lt;script&gt;"})
        EXPECT_NE(html.find(part), std::string::npos) << part;
}

TEST(HtmlReport, FourThousandTokensAreShownWithoutLosingAScore) {
    std::vector<std::string> tokens;
    for (int i = 0; i < 4096; ++i) tokens.push_back("t" + std::to_string(i));
    const std::string html = pageOf(samplePromptReport(tokens));
    expectWellFormed(html);
    EXPECT_LT(html.size(), std::size_t{2} << 20);
    EXPECT_NE(html.find("added up"), std::string::npos);
}

TEST(HtmlReport, FiveHundredExamplesStaySmallAndQuick) {
    const auto start = std::chrono::steady_clock::now();
    const Json report = sampleDatasetReport(500);
    const std::string html = pageOf(report);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_LT(html.size(), std::size_t{5} << 20);
    EXPECT_LT(seconds.count(), 2.0);
    RecordProperty("bytes", static_cast<int>(html.size()));
    std::cout << html.size() << " bytes in " << seconds.count() << " s\n";
    EXPECT_NE(html.find("The 50 of 500 results that changed most"), std::string::npos);
}

}  // namespace
}  // namespace driftlens
