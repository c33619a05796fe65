#include "reports/writers/html.h"

#include "core/base/text.h"
#include "reports/writers/page.h"

namespace driftlens {
namespace {

constexpr std::size_t kWideCell = 60;  // bytes: longer texts get a column that is not squeezed

// Escaped; what stands in “…” is foreign and keeps its own direction of writing.
std::string inlineHtml(std::string_view text) {
    constexpr std::string_view kOpen = "“", kClose = "”";
    std::string out;
    for (;;) {
        const std::size_t open = text.find(kOpen);
        const std::size_t close =
            open == std::string_view::npos ? open : text.find(kClose, open + kOpen.size());
        if (close == std::string_view::npos) return out + escapeXml(text);
        const std::size_t begin = open + kOpen.size();
        out += escapeXml(text.substr(0, begin)) + "<bdi>" +
               escapeXml(text.substr(begin, close - begin)) + "</bdi>" + std::string(kClose);
        text.remove_prefix(close + kClose.size());
    }
}

std::string blockHtml(const Subheading& block) {
    return "<h3>" + inlineHtml(block.text) + "</h3>";
}

std::string blockHtml(const Paragraph& block) {
    return (block.isSmall ? "<p class=\"note\">" : "<p>") + inlineHtml(block.text) + "</p>";
}

const char* toneClass(Tone tone) {
    switch (tone) {
        case Tone::Neutral:
            return "box";
        case Tone::Good:
            return "box good";
        case Tone::Caution:
            return "box caution";
        case Tone::Bad:
            return "box bad";
    }
    return "box";
}

std::string blockHtml(const Callout& block) {
    return "<p class=\"" + std::string(toneClass(block.tone)) + "\"><strong>" +
           escapeXml(block.label) + "</strong> " + inlineHtml(block.text) + "</p>";
}

std::string blockHtml(const BulletList& block) {
    const std::string element = block.isNumbered ? "ol" : "ul";
    std::string out = "<" + element + ">";
    for (const std::string& item : block.items) out += "<li>" + inlineHtml(item) + "</li>";
    return out + "</" + element + ">";
}

std::string blockHtml(const FactTable& block) {
    std::string rows;
    for (const Fact& fact : block.facts) {
        const std::string value =
            fact.isCode ? htmlCode(fact.value) : "<bdi>" + escapeXml(fact.value) + "</bdi>";
        rows +=
            htmlRow("<th scope=\"row\">" + escapeXml(fact.name) + "</th><td>" + value + "</td>");
    }
    return "<div class=\"scroll\"><table><tbody>" + rows + "</tbody></table></div>";
}

std::string cellHtml(const std::string& text, ColumnKind kind) {
    switch (kind) {
        case ColumnKind::Number:
            return "<td class=\"n\">" + escapeXml(text) + "</td>";
        case ColumnKind::Code:
            return "<td class=\"c\">" + htmlCode(text) + "</td>";
        case ColumnKind::Text:
            break;
    }
    const char* wide = text.size() > kWideCell ? " class=\"w\"" : "";
    return "<td" + std::string(wide) + " dir=\"auto\">" + inlineHtml(text) + "</td>";
}

// What is wider than the screen. It can be reached by keyboard, so that it can be scrolled by
// keyboard.
std::string scrollingHtml(const std::string& name, const std::string& html) {
    return "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"" + escapeXml(name) +
           "\">" + html + "</div>";
}

std::string blockHtml(const Table& block) {
    if (block.rows.empty())
        return "<p class=\"note\">" + inlineHtml(block.caption) + " There is none.</p>";
    std::string head;
    for (const Column& column : block.columns)
        head += std::string("<th scope=\"col\"") +
                (column.kind == ColumnKind::Number ? " class=\"n\">" : ">") +
                escapeXml(column.title) + "</th>";
    std::string rows;
    for (const std::vector<std::string>& row : block.rows) {
        std::string cells;
        for (std::size_t i = 0; i < row.size(); ++i)
            cells += cellHtml(row[i], block.columns[i].kind);
        rows += htmlRow(cells);
    }
    return scrollingHtml(block.caption, "<table><caption><span>" + inlineHtml(block.caption) +
                                            "</span></caption><thead>" + htmlRow(head) +
                                            "</thead><tbody>" + rows + "</tbody></table>");
}

std::string blockHtml(const FigureBlock& block) {
    const std::string note = block.description.empty()
                                 ? ""
                                 : "<p class=\"note\">" + inlineHtml(block.description) + "</p>";
    return "<figure><figcaption>" + inlineHtml(block.title) + "</figcaption>" +
           scrollingHtml(block.title, block.svg) + note + "</figure>";
}

std::string blockHtml(const CodeBlock& block) {
    return "<pre>" + escapeXml(block.text) + "</pre>";
}

std::string sectionHtml(const Section& section, std::size_t number) {
    const std::string id = escapeXml(section.id);
    std::string out = "<section id=\"" + id + "\" aria-labelledby=\"" + id + "-title\"><h2 id=\"" +
                      id + "-title\">" + std::to_string(number) + ". " + escapeXml(section.title) +
                      "</h2>";
    for (const Block& block : section.blocks)
        out += std::visit([](const auto& each) { return blockHtml(each); }, block);
    return out + "</section>";
}

std::string contentsHtml(const ReportLayout& layout) {
    // Folded: what comes first on a page, and on a telephone, is the answer.
    std::string out = "<nav aria-label=\"Contents\"><details><summary>Contents</summary><ol>";
    for (const Section& section : layout.sections)
        out += "<li><a href=\"#" + escapeXml(section.id) + "\">" + escapeXml(section.title) +
               "</a></li>";
    return out + "</ol></details></nav>";
}

}  // namespace

std::string htmlReport(const ReportLayout& layout) {
    std::string body;
    for (std::size_t i = 0; i < layout.sections.size(); ++i)
        body += sectionHtml(layout.sections[i], i + 1);
    const std::string footer =
        "<footer><p>Every number of this page stands in the report's JSON, "
        "whose SHA-256 is " +
        htmlCode(layout.sha256) + ".</p></footer>";
    return htmlPage(layout.title, "<p class=\"sub\">" + inlineHtml(layout.subtitle) + "</p>", body,
                    {contentsHtml(layout), footer, layout.language});
}

}  // namespace driftlens
