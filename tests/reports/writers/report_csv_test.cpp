// The tables as files that spreadsheets open.
#include "reports/writers/report_csv.h"

#include "core/base/digest.h"
#include "reports/document/document.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_report.h"

#include <algorithm>

namespace driftlens {
namespace {

std::string fileNamed(const std::vector<ReportFile>& files, const std::string& name) {
    const auto found = std::find_if(files.begin(), files.end(),
                                    [&](const ReportFile& each) { return each.name == name; });
    return found == files.end() ? "" : found->bytes;
}

TEST(ReportCsv, ItsManifestHasTheDigestOfEveryFileAndOfTheJson) {
    const Json report = sampleDatasetReport();
    const std::vector<ReportFile> files = reportCsv(report);
    ASSERT_EQ(files.back().name, "MANIFEST.csv");
    const std::string& manifest = files.back().bytes;
    EXPECT_NE(manifest.find("report.json," + toHex(sha256(reportText(report)))), std::string::npos);
    for (std::size_t i = 0; i + 1 < files.size(); ++i)
        EXPECT_NE(manifest.find(files[i].name + "," + toHex(sha256(files[i].bytes))),
                  std::string::npos)
            << files[i].name;
}

TEST(ReportCsv, HasEveryExampleAndEveryDigit) {
    const std::string examples = fileNamed(reportCsv(sampleDatasetReport(120)), "examples.csv");
    EXPECT_EQ(countOf(examples, "\r\n"), 121U);
    EXPECT_NE(examples.find("0.002777777777777778"), std::string::npos) << examples.substr(0, 400);
}

TEST(ReportCsv, NoTextIsTakenForAFormula) {
    for (const ReportFile& file : reportCsv(samplePromptReport({"=1+1", "@SUM(A1)", "+2", "-x"})))
        for (const std::string part : {",=1+1", "\n=1+1", ",@SUM", ",+2", ",-x"})
            EXPECT_EQ(file.bytes.find(part), std::string::npos) << file.name;
    const std::string examples = fileNamed(reportCsv(sampleDatasetReport()), "examples.csv");
    EXPECT_NE(examples.find("'=b"), std::string::npos);
    EXPECT_NE(examples.find(",-0.5,"), std::string::npos);  // a number, not a text
}

}  // namespace
}  // namespace driftlens
