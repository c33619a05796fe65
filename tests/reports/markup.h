// Reads XML and XML-like HTML far enough to say whether it holds together.
#pragma once

#include "core/base/display_text.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

namespace driftlens {

inline std::size_t countOf(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

// Every element that is opened is closed, in order (void elements of HTML apart), every attribute
// is quoted, every & begins an entity, and there is no character that XML forbids.
inline void expectWellFormed(const std::string& markup) {
    EXPECT_EQ(textForXml(markup), markup);
    static const std::regex kMarkup("<[^>]*>|&[^;]{0,8};?|[<>&]");
    static const std::regex kTag(
        R"(<(/?)([A-Za-z0-9]+)((?:\s+[A-Za-z0-9:-]+="[^"<]*"|\s+open)*)\s*(/?)>)");
    static const std::regex kEntity("&(?:amp|lt|gt|quot|#[0-9]+);");
    std::vector<std::string> open;
    for (std::sregex_iterator each(markup.begin(), markup.end(), kMarkup), end; each != end;
         ++each) {
        const std::string found = each->str();
        if (found.starts_with("<?xml ") || found.starts_with("<!DOCTYPE ")) continue;
        if (found[0] == '&') {
            EXPECT_TRUE(std::regex_match(found, kEntity)) << found;
            continue;
        }
        std::smatch tag;
        ASSERT_TRUE(std::regex_match(found, tag, kTag)) << found;
        const std::string name = tag[2];
        if (name == "meta" || name == "br" || tag[4] == "/") continue;
        if (tag[1] == "/") {
            ASSERT_FALSE(open.empty()) << "closes " << name;
            ASSERT_EQ(open.back(), name);
            open.pop_back();
        } else {
            open.push_back(name);
        }
    }
    EXPECT_TRUE(open.empty());
}

// Pieces of a vocabulary that wants to do harm, or is damaged.
inline const std::vector<std::string>& hostileTexts() {
    static const std::vector<std::string> kTexts = {
        "</text><script>alert(1)</script>",
        "\" onload=\"alert(1)",
        "]]>&amp;&#0;",
        std::string("\0\x01\x1B[31m\x7F", 8),
        "\u202Eabc\u2066",
        "\xED\xA0\x80\xFF",
        "\uFFFE\uFFFF",
        "=HYPERLINK(\"http://x\")",
        "",
        " ",
        "\n\t",
        std::string(400, 'w'),
        "👩‍🚀東京",
    };
    return kTexts;
}

// A figure has a title and a description, no style sheet, and only finite numbers.
inline void expectFigure(const std::string& svg) {
    expectWellFormed(svg);
    EXPECT_NE(svg.find("<title>"), std::string::npos);
    EXPECT_NE(svg.find("<desc>"), std::string::npos);
    for (const std::string part : {"class=", "<style", "nan", "inf\""})
        EXPECT_EQ(svg.find(part), std::string::npos) << part;
}

}  // namespace driftlens
