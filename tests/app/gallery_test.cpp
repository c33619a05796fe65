// The reports in samples/reports are what `driftlens demo` writes.
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <memory>
#include <regex>
#include <string>
#include <vector>

namespace driftlens {
namespace {

// What every machine writes alike: the sections, the captions of tables and figures, the columns,
// what the callouts say in capitals. Numbers are the machine's own, and so are dates and digests.
std::vector<std::string> skeletonOf(const std::string& html) {
    static const std::regex kParts(
        "<(h1|h2|h3|caption|figcaption|strong|th scope=\"col\")[^>]*>([\\s\\S]*?)</");
    std::vector<std::string> out;
    for (std::sregex_iterator each(html.begin(), html.end(), kParts), end; each != end; ++each) {
        std::string text = std::regex_replace((*each)[2].str(), std::regex("<[^>]*>"), "");
        out.push_back((*each)[1].str() + ": " +
                      std::regex_replace(text, std::regex("[0-9][0-9.e+-]*"), "#"));
    }
    return out;
}

std::size_t figuresOf(const std::string& html) {
    std::size_t count = 0;
    for (std::size_t at = html.find("<figure>"); at != std::string::npos;
         at = html.find("<figure>", at + 1))
        ++count;
    return count;
}

class Gallery : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        s_scratch = std::make_unique<ScratchFolder>();
        const ProgramResult found =
            runProgram(DRIFTLENS_PROGRAM, {"demo", "--out", *s_scratch / "demo"}, *s_scratch);
        ASSERT_EQ(found.exitCode, 0) << found.err;
        s_said = found.out;
    }
    static void TearDownTestSuite() { s_scratch.reset(); }

    static std::string fresh(const std::string& name) { return textOf(*s_scratch / "demo" / name); }
    static std::string kept(const std::string& name) { return textOf("samples/reports/" + name); }

    static inline std::unique_ptr<ScratchFolder> s_scratch;
    static inline std::string s_said;
};

TEST_F(Gallery, IsWhatTheDemoWrites) {
    for (const std::string name : {"sentiment-bert-mini", "sentiment-bert-mini-opinions"}) {
        const std::string html = fresh(name + ".html");
        EXPECT_EQ(skeletonOf(kept(name + ".html")), skeletonOf(html))
            << "samples/reports/" << name
            << ".html is not what driftlens demo writes now: write it "
            << "again";
        EXPECT_GT(skeletonOf(html).size(), 40U);
        EXPECT_EQ(figuresOf(kept(name + ".html")), figuresOf(html));
        for (const std::string& pdf : {kept(name + ".pdf"), fresh(name + ".pdf")})
            EXPECT_TRUE(pdf.starts_with("%PDF-")) << name;
    }
}

TEST_F(Gallery, TellsWhereItsResultsAre) {
    EXPECT_NE(s_said.find("audit.db (ok"), std::string::npos);
    // At each of its stops an answer flips, and its report says so.
    for (const std::string model : {"sentiment-bert-mini", "retrieval-llama-mini"})
        EXPECT_NE(fresh(model + ".html").find("ANSWER CHANGED"), std::string::npos) << model;
    for (const std::string part : {"60 examples of", "sentiment-bert-mini-opinions.pdf"})
        EXPECT_NE(s_said.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace driftlens
