// Text that comes from a hostile vocabulary or prompt, on a terminal and in XML.
#include "core/base/display_text.h"

#include "core/base/text.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

TEST(DisplayText, ShowsControlCharactersInsteadOfSendingThem) {
    EXPECT_EQ(displayText(std::string_view("a\0b", 3)), "a␀b");
    EXPECT_EQ(displayText("\x1B[31mred\x7F"), "␛[31mred␡");
    EXPECT_EQ(displayText("one\ntwo\tthree\r"), "one⏎two␉three␍");
    EXPECT_EQ(displayText("\xC2\x9B"), "⟨U+009B⟩");  // a terminal's CSI in one character
}

TEST(DisplayText, ShowsWhatReordersOrHidesText) {
    EXPECT_EQ(displayText("a\u202Eb\u2066"), "a⟨U+202E⟩b⟨U+2066⟩");
    EXPECT_EQ(displayText("\u200B\uFEFF\u2028"), "⟨U+200B⟩⟨U+FEFF⟩⟨U+2028⟩");
    EXPECT_EQ(displayText("\uFFFE"), "⟨U+FFFE⟩");
}

TEST(DisplayText, ShowsBytesThatAreNoUtf8) {
    EXPECT_EQ(displayText("a\xFF"), "a⟨FF⟩");
    EXPECT_EQ(displayText("\xED\xA0\x80"), "⟨ED⟩⟨A0⟩⟨80⟩");  // a surrogate
    EXPECT_EQ(displayText("\xE2\x82"), "⟨E2⟩⟨82⟩");
}

TEST(DisplayText, LeavesTheScriptsOfTheWorldAlone) {
    const std::string text = "Zürich 東京 می‌خواهم नमस्ते 👩‍🚀 <b>&";
    EXPECT_EQ(displayText(text), text);
}

TEST(DisplayColumns, CountsWideCharactersTwiceAndMarksNotAtAll) {
    EXPECT_EQ(displayColumns("film"), 4U);
    EXPECT_EQ(displayColumns("東京"), 4U);
    EXPECT_EQ(displayColumns("ﾊ"), 1U);  // half width
    EXPECT_EQ(displayColumns("e\u0301"), 1U);
    EXPECT_EQ(displayColumns("🚀"), 2U);
}

TEST(EscapeXml, LeavesNothingThatXmlCannotHold) {
    EXPECT_EQ(escapeXml("<a b='c'>&\"</a>"), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;&lt;/a&gt;");
    EXPECT_EQ(escapeXml(std::string_view("a\0b\x1B\tc", 6)), "a\uFFFDb\uFFFD\tc");
    EXPECT_EQ(escapeXml("\uFFFE\uFFFF\uFFFD"), "\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(escapeXml("\xFF\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
}

}  // namespace
}  // namespace driftlens
