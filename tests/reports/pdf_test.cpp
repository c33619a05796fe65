// The PDF as independent programs (poppler's) read it.
#include "reports/writers/pdf.h"

#include "core/base/display_text.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "reports/layout/report_layout.h"
#include "reports/writers/html.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_layout.h"
#include "tests/reports/sample_report.h"
#include "tests/support/program.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <regex>
#include <sstream>

namespace driftlens {
namespace {

std::string readBy(const std::string& program, std::vector<std::string> options,
                   const std::string& pdf) {
    const ScratchFolder scratch;
    const std::string file = scratch / "report.pdf";
    std::ofstream(file, std::ios::binary) << pdf;
    options.push_back(file);
    if (program == "pdftotext") options.push_back("-");
    const ProgramResult result = runProgram("/usr/bin/" + program, options, scratch);
    EXPECT_EQ(result.exitCode, 0) << program << ": " << result.err;
    EXPECT_EQ(result.err, "") << program;
    return result.out;
}

// In the order of the pages' content.
std::vector<std::string> pagesOf(const std::string& pdf) {
    std::vector<std::string> pages =
        splitText(readBy("pdftotext", {"-raw", "-enc", "UTF-8"}, pdf), '\f');
    pages.pop_back();  // nothing follows the last form feed
    return pages;
}

// Lines are broken anywhere: what is compared has no space.
std::string withoutSpace(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (std::string_view(" \t\r\n\f").find(c) == std::string_view::npos) out += c;
    return out;
}

// The pages after the first, without their header and footer.
std::string bodyOf(const ReportLayout& layout, const std::vector<std::string>& pages) {
    std::string out;
    for (std::size_t i = 1; i < pages.size(); ++i) {
        const std::string frame = withoutSpace(
            "Driftlens · SHA-256 " + layout.sha256.substr(0, 16) + "… page " +
            std::to_string(i + 1) + " of " + std::to_string(pages.size()) + layout.title);
        const std::string page = withoutSpace(pages[i]);
        EXPECT_TRUE(page.starts_with(frame)) << page.substr(0, 200);
        out += page.substr(std::min(frame.size(), page.size()));
    }
    return out;
}

std::string shownIn(const std::string& svg) {
    static const std::regex kText("<text[^>]*>([^<]*)</text>");
    std::string out;
    for (std::sregex_iterator each(svg.begin(), svg.end(), kText), end; each != end; ++each)
        out += (*each)[1].str();
    return out;
}

std::string onlyBlock(const Block& block) {
    const ReportLayout layout = oneSection({block});
    return bodyOf(layout, pagesOf(toPdf(layout)));
}

TEST(PdfReport, SaysEveryTextOfTheLayoutInOrderAndNothingElse) {
    ReportLayout layout = sampleLayout();
    for (Section& section : layout.sections)
        for (Block& block : section.blocks)
            if (auto* figure = std::get_if<FigureBlock>(&block))
                figure->title += " " + shownIn(figure->svg);  // no figure text but by the figure
    std::string expected;
    for (const std::string& text : textsOf(layout)) expected += withoutSpace(text);
    EXPECT_EQ(bodyOf(sampleLayout(), pagesOf(toPdf(sampleLayout()))), expected);
}

// ---- the same words as the page of HTML

// What a browser shows of the page's sections, without what stands in its figures.
std::string shownBy(std::string html) {
    html = html.substr(html.find("<main"), html.find("</main>") - html.find("<main"));
    html = std::regex_replace(html, std::regex("(<h2[^>]*>[0-9]+)\\."), "$1");
    html = std::regex_replace(html, std::regex("<svg[\\s\\S]*?</svg>"), "");
    html = std::regex_replace(html, std::regex("<[^>]*>"), " ");
    for (const auto& [entity, character] :
         {std::pair("&lt;", "<"), std::pair("&gt;", ">"), std::pair("&quot;", "\""),
          std::pair("&#39;", "'"), std::pair("&amp;", "&")})
        html = std::regex_replace(html, std::regex(entity), character);
    return html;
}

std::vector<std::string> wordsOf(const std::string& text) {
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

// Without figures, which are one and the same, and list marks, which only the PDF writes. Tables
// that are cut into several, and rows that run over pages, stand in another order: each word is
// looked for, and pieces of those that a line breaks.
TEST(PdfReport, SaysWhatThePageOfHtmlSaysAndNothingElse) {
    for (const Json& report : {measuredReport(), sampleDatasetReport(8)}) {
        ReportLayout layout = layoutOf(report);
        for (Section& section : layout.sections)
            std::erase_if(section.blocks, [](const Block& block) {
                return std::holds_alternative<FigureBlock>(block) ||
                       std::holds_alternative<BulletList>(block);
            });
        const std::string html = shownBy(htmlReport(layout));
        std::string pdf;
        const std::vector<std::string> pages = pagesOf(toPdf(layout));
        for (const std::string& page : pages) pdf += page;
        const std::string inPdf = withoutSpace(pdf);
        for (const std::string& word : wordsOf(html))
            EXPECT_NE(inPdf.find(word), std::string::npos) << word;
        const std::string inHtml =
            withoutSpace(html + layout.title + layout.subtitle + "Driftlens · SHA-256 " +
                         layout.sha256.substr(0, 16) + "… SHA-256 of the report's JSON " +
                         layout.sha256 + "DRIFTLENS page 0123456789 of Contents (columns to of)");
        for (const std::string& word : wordsOf(pdf))
            EXPECT_NE(inHtml.find(word), std::string::npos) << word;
    }
}

TEST(PdfReport, HasACoverWithVerdictsContentsAndTheWholeHash) {
    const ReportLayout layout = sampleLayout();
    const std::string cover = withoutSpace(pagesOf(toPdf(layout)).front());
    for (const std::string& part :
         {layout.title, layout.subtitle, layout.sha256, std::string("MATERIAL"),
          std::string("NOT SIGNED"), std::string("Contents")})
        EXPECT_NE(cover.find(withoutSpace(part)), std::string::npos) << part;
}

TEST(PdfReport, BeginsAtAGlanceAndSaysNothingTwice) {
    for (const Json& report : {samplePromptReport(), sampleDatasetReport()}) {
        const ReportLayout layout = layoutOf(report);
        const std::vector<std::string> pages = pagesOf(toPdf(layout));
        const std::string first = withoutSpace(pages.front());
        for (const std::string& part :
             {layout.title, layout.subtitle, std::string("1 At a glance"),
              std::get<Callout>(layout.sections.front().blocks.front()).text})
            EXPECT_NE(first.find(withoutSpace(part)), std::string::npos) << part;
        std::string all;
        for (const std::string& page : pages) all += withoutSpace(page);
        EXPECT_EQ(countOf(all, withoutSpace(report["summary"][0].get<std::string>())), 1U);
        EXPECT_EQ(countOf(all, layout.sha256), 1U);
        for (std::size_t i = 0; i < layout.sections.size(); ++i)
            EXPECT_EQ(countOf(all, withoutSpace(std::to_string(i + 1) + layout.sections[i].title)),
                      2U)
                << layout.sections[i].title;  // in the contents, and where it begins
    }
}

TEST(PdfReport, SetsAFigureThatNearlyFitsWhereItIsNamed) {
    const FigureBlock figure = sampleFigure(300, "Nearly");
    std::vector<Block> blocks = {figure};
    std::size_t pages = pagesOf(toPdf(oneSection(blocks))).size();
    // Lines above it, until it would go to a page of its own: before that it was set smaller.
    std::size_t lines = 0;
    while (pagesOf(toPdf(oneSection(blocks))).size() == pages && lines < 200) {
        blocks.insert(blocks.begin(), Paragraph{"line"});
        ++lines;
    }
    const std::vector<std::string> last = pagesOf(toPdf(oneSection(blocks)));
    EXPECT_EQ(last[1].find("Really"), std::string::npos);  // whole on the next page
    blocks.erase(blocks.begin());
    const std::string together = pagesOf(toPdf(oneSection(blocks)))[1];
    EXPECT_NE(together.find("line"), std::string::npos);
    EXPECT_NE(together.find("Really"), std::string::npos);
}

TEST(PdfReport, SaysInTheContentsOnWhichPagesSectionsBegin) {
    ReportLayout layout = sampleLayout();
    layout.sections[1].blocks.push_back(gridTable(150, 3));
    const std::vector<std::string> pages = pagesOf(toPdf(layout));
    for (std::size_t i = 0; i < layout.sections.size(); ++i) {
        const std::string title = std::to_string(i + 1) + " " + layout.sections[i].title;
        const auto page = std::find_if(pages.begin() + 1, pages.end(), [&](const auto& text) {
            return text.find(title + "\n") != std::string::npos;
        });
        ASSERT_NE(page, pages.end()) << title;
        const std::string entry = title + " " + std::to_string(page - pages.begin() + 1) + "\n";
        EXPECT_NE(pages.front().find(entry), std::string::npos) << entry;
    }
}

TEST(PdfReport, EmbedsEveryFont) {
    const std::string fonts = readBy("pdffonts", {}, toPdf(sampleLayout()));
    static const std::regex kFont("\n[^\n]* (yes|no) +(yes|no) +(yes|no) +[0-9]+ +[0-9]+");
    std::size_t count = 0;
    for (std::sregex_iterator each(fonts.begin(), fonts.end(), kFont), end; each != end; ++each) {
        EXPECT_EQ((*each)[1], "yes") << each->str();  // embedded
        EXPECT_EQ((*each)[3], "yes") << each->str();  // can be read back as text
        ++count;
    }
    EXPECT_GE(count, 3U) << fonts;
}

TEST(PdfReport, HasAnOutlineOfSectionsAndSubheadings) {
    const std::string xml = readBy("pdftohtml", {"-xml", "-i", "-stdout"}, toPdf(sampleLayout()));
    EXPECT_TRUE(std::regex_search(
        xml, std::regex("<item page=\"2\">1 +Scope and verdict</item>\\s*<outline>\\s*"
                        "<item page=\"2\">What this does not establish</item>")))
        << xml.substr(xml.find("<outline>"));
    EXPECT_EQ(countOf(xml.substr(xml.find("<outline>")), "<item "), 10U);
}

TEST(PdfReport, IsStructuredForReadersThatCannotSeeIt) {
    const std::string structure = readBy("pdfinfo", {"-struct"}, toPdf(sampleLayout()));
    for (const std::string element : {"H1", "H2", "P", "L", "LBody", "Table", "TR", "TH", "TD",
                                      "Figure", "Caption", "Code", "Link"})
        EXPECT_TRUE(std::regex_search(structure, std::regex("\\b" + element + "\\b"))) << element;
    EXPECT_TRUE(structure.starts_with("Document")) << structure.substr(0, 200);
    EXPECT_EQ(structure.find("\nDocument"), std::string::npos);  // one over all others
    EXPECT_EQ(countOf(structure, "H1 (block)"), 1U);             // the title
    EXPECT_NE(structure.find("/Scope /Column"), std::string::npos) << structure.substr(0, 2000);
    EXPECT_NE(structure.find("/Scope /Row"), std::string::npos);
    const std::string info = readBy("pdfinfo", {}, toPdf(sampleLayout()));
    EXPECT_TRUE(std::regex_search(info, std::regex("Tagged: +yes"))) << info;
}

// The texts behind `key` in the objects of a document: UTF-16 in hexadecimal digits, here of ASCII.
std::vector<std::string> textsBehind(const std::string& key, const std::string& pdf) {
    const std::regex text(key + " <FEFF([0-9A-F]*)>");
    std::vector<std::string> out;
    for (std::sregex_iterator each(pdf.begin(), pdf.end(), text), end; each != end; ++each) {
        std::string& own = out.emplace_back();
        const std::string hex = (*each)[1];
        for (std::size_t at = 0; at + 4 <= hex.size(); at += 4) {
            const int unit = std::stoi(hex.substr(at, 4), nullptr, 16);
            own += unit < 0x80 ? static_cast<char>(unit) : '?';
        }
    }
    return out;
}

TEST(PdfReport, HasALanguageAndAlternativeTextsForItsFigures) {
    const std::string pdf = toPdf(sampleLayout());
    EXPECT_EQ(textsBehind("/Lang", pdf), std::vector<std::string>{"en"});
    const std::vector<std::string> alternatives = textsBehind("/Alt", pdf);
    ASSERT_EQ(alternatives.size(), 4U);
    EXPECT_EQ(alternatives[0].find("reference models/base"), 0U) << alternatives[0];
    const FigureBlock figure = {
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><desc>a &lt; b "
        "&amp;amp; c"
        "</desc></svg>",
        "Title", ""};
    EXPECT_EQ(textsBehind("/Alt", toPdf(oneSection({figure})))[0], "Title. a < b &amp; c");
}

TEST(PdfReport, LinksItsContents) {
    const std::string html = readBy(
        "pdftohtml", {"-i", "-stdout", "-noframes", "-f", "1", "-l", "1"}, toPdf(sampleLayout()));
    EXPECT_GE(countOf(html, "<a href="), sampleLayout().sections.size());
}

TEST(PdfReport, HasPropertiesAndTheDateThatItIsGiven) {
    const std::string info = readBy("pdfinfo", {}, toPdf(sampleLayout(), "2026-01-31T12:00:00Z"));
    EXPECT_NE(info.find("What INT4 does to the reasons"), std::string::npos) << info;
    EXPECT_TRUE(std::regex_search(info, std::regex("Author: +Driftlens"))) << info;
    EXPECT_NE(info.find("Jan 31 12:00:00 2026"), std::string::npos) << info;
    EXPECT_NE(info.find("(A4)"), std::string::npos) << info;
}

TEST(PdfReport, IsTheSameForTheSameLayout) {
    const std::string once = toPdf(sampleLayout());
    EXPECT_EQ(once, toPdf(sampleLayout()));
    EXPECT_EQ(readBy("pdfinfo", {}, once).find("CreationDate"), std::string::npos);
}

TEST(PdfReport, RepeatsTheHeaderOfATableOnEachPage) {
    const ReportLayout layout = oneSection({gridTable(200, 4)});
    const std::vector<std::string> pages = pagesOf(toPdf(layout));
    ASSERT_GE(pages.size(), 4U);
    std::string rows;
    for (std::size_t i = 1; i < pages.size(); ++i) {
        const std::string page = withoutSpace(pages[i]);
        EXPECT_EQ(countOf(page, "title0title1title2title3"), 1U) << "page " << i + 1;
        rows += page;
    }
    for (int r = 0; r < 200; ++r) {
        const std::string row = "r" + std::to_string(r) + "c";
        EXPECT_EQ(countOf(rows, row + "0" + row + "1" + row + "2" + row + "3"), 1U) << row;
    }
}

TEST(PdfReport, CutsATableOfTooManyColumnsIntoSeveral) {
    const std::string text = onlyBlock(gridTable(3, 200));
    for (int c = 1; c < 200; ++c)
        EXPECT_EQ(countOf(text, "r1c" + std::to_string(c) + "r"), 1U) << c;
    EXPECT_NE(text.find("of200)"), std::string::npos);
}

TEST(PdfReport, KeepsFiguresAsVectors) {
    const std::string pdf = toPdf(sampleLayout());
    const std::string images = readBy("pdfimages", {"-list"}, pdf);
    EXPECT_EQ(countOf(images, "\n"), 2U) << images;  // the header alone
}

TEST(PdfReport, ShrinksAFigureThatIsTallerThanAPage) {
    const ReportLayout layout =
        oneSection({Paragraph{"before"}, sampleFigure(1500, "Tall"), Paragraph{"after"}});
    const std::vector<std::string> pages = pagesOf(toPdf(layout));
    ASSERT_EQ(pages.size(), 3U);  // a little smaller still, it goes under what stands above it
    EXPECT_NE(pages[1].find("before"), std::string::npos);
    EXPECT_GE(countOf(pages[1], "Really"), 1500U / 9U);
    // Under so much that it would have to shrink by a fifth, it has a page of its own.
    std::vector<Block> blocks(12, Paragraph{"before"});
    blocks.push_back(sampleFigure(1500, "Tall"));
    EXPECT_EQ(countOf(pagesOf(toPdf(oneSection(blocks)))[2], "Really"),
              countOf(pages[1], "Really"));
}

TEST(PdfReport, NamesAFigureThatIsBroken) {
    for (const std::string svg : {"<svg><g>", "", "no xml", "<html/>",
                                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"0\" "
                                  "height=\"0\"/>"}) {
        try {
            toPdf(oneSection({FigureBlock{svg, "Broken one", ""}}));
            ADD_FAILURE() << svg;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Internal);
            EXPECT_NE(std::string(error.what()).find("\"Broken one\""), std::string::npos)
                << error.what();
        }
    }
}

// ---- texts that want to do harm, or are damaged

TEST(PdfReport, TakesMarkupAsText) {
    const std::string text = "<b>bold</b> &amp; <script>alert(\"1\")</script>";
    EXPECT_EQ(onlyBlock(Paragraph{text}), withoutSpace("1 One" + text));
}

TEST(PdfReport, ReplacesBytesThatAreNoText) {
    const std::string text =
        onlyBlock(Paragraph{std::string("a\0b\x01"
                                        "c\xff"
                                        "d",
                                        7)});
    EXPECT_EQ(text, "1Onea\uFFFDb\uFFFDc\uFFFDd");
}

TEST(PdfReport, SetsWhatNoFontHasAsItsCode) {
    EXPECT_NE(onlyBlock(Paragraph{"private \U000FABCD use"}).find("⟨U+FABCD⟩"), std::string::npos);
}

// Fonts differ between machines: a character is there or its code is.
TEST(PdfReport, SetsEveryScript) {
    const std::string text = onlyBlock(Paragraph{"東京 한국 Привет ελληνικά"});
    for (const auto& [word, code] : std::vector<std::pair<std::string, std::string>>{
             {"東京", "⟨U+6771⟩"}, {"한국", "⟨U+D55C⟩"}, {"Привет", ""}, {"ελληνικά", ""}}) {
        const bool isThere = text.find(word) != std::string::npos;
        const bool isCoded = !code.empty() && text.find(code) != std::string::npos;
        EXPECT_TRUE(isThere || isCoded) << word << " in " << text;
    }
}

// Poppler gives the letters of such scripts in an order of its own: they are counted.
TEST(PdfReport, SetsTextFromRightToLeft) {
    const ReportLayout layout = oneSection({Paragraph{"שלום עולם"}, Paragraph{"مرحبا بالعالم"}});
    const std::string text = readBy("pdftotext", {"-enc", "UTF-8"}, toPdf(layout));
    for (const char* letter : {"ש", "ל", "ו", "ם", "ע"})
        EXPECT_NE(text.find(letter), std::string::npos) << letter << " in " << text;
}

TEST(PdfReport, BreaksWordsAndParagraphsOfAnyLength) {
    const std::string word(5000, 'w');
    std::string paragraph;
    for (int i = 0; i < 4096; ++i) paragraph += "word" + std::to_string(i) + " ";
    EXPECT_EQ(onlyBlock(Paragraph{word}), "1One" + word);
    EXPECT_EQ(onlyBlock(Paragraph{paragraph}), "1One" + withoutSpace(paragraph));
    EXPECT_EQ(onlyBlock(Callout{Tone::Bad, "LONG", paragraph}),
              "1OneLONG" + withoutSpace(paragraph));
    EXPECT_EQ(onlyBlock(FactTable{{{"name", word, true}}}), "1Onename" + word);
    const std::string million(1 << 20, 'm');
    EXPECT_EQ(onlyBlock(CodeBlock{million}), "1One" + million);
}

TEST(PdfReport, SurvivesHostileTextsEverywhere) {
    std::vector<std::string> texts = hostileTexts();
    texts.push_back(std::string(5000, 'w'));
    texts.push_back("מ\u202Eb\u2067مرحبا👩‍🚀");
    for (const std::string& text : texts) {
        ReportLayout layout =
            oneSection({Subheading{text}, Paragraph{text}, Callout{Tone::Caution, text, text},
                        BulletList{{text, text}}, FactTable{{{text, text, true}}}, CodeBlock{text},
                        Table{text,
                              text,
                              {{text}, {text, ColumnKind::Number}, {text, ColumnKind::Code}},
                              {{text, text, text}}},
                        FigureBlock{sampleFigure(2, "f").svg, text, text}});
        layout.title = layout.subtitle = layout.sha256 = layout.sections[0].title = text;
        layout.sections.push_back({text, text, {}});
        EXPECT_GE(pagesOf(toPdf(layout, text)).size(), 2U);
    }
}

TEST(PdfReport, IsADocumentEvenOfNothing) {
    EXPECT_EQ(pagesOf(toPdf({})).size(), 1U);
    const ReportLayout layout =
        oneSection({Paragraph{}, Callout{}, BulletList{}, FactTable{}, Table{},
                    Table{"t", "c", {{"only"}}, {}}, CodeBlock{}, Subheading{}});
    EXPECT_EQ(pagesOf(toPdf(layout)).size(), 2U);
}

TEST(PdfReport, FourThousandTokensAreWrittenWithoutLosingAScore) {
    std::vector<std::string> tokens;
    for (int i = 0; i < 4096; ++i) tokens.push_back("t" + std::to_string(i));
    const auto start = std::chrono::steady_clock::now();
    const std::string pdf = toPdf(layoutOf(samplePromptReport(tokens)));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    std::string text;
    for (const std::string& page : pagesOf(pdf)) text += page;
    EXPECT_NE(text.find("added up"), std::string::npos);
}

// Half a second on the machine that this was written on.
TEST(PdfReport, IsWrittenWithinTenSeconds) {
    std::vector<Block> blocks = {gridTable(500, 8)};
    for (int i = 0; i < 30; ++i) blocks.push_back(sampleFigure(40, "Figure " + std::to_string(i)));
    const auto start = std::chrono::steady_clock::now();
    toPdf(oneSection(std::move(blocks)));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace driftlens
