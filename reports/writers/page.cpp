#include "reports/writers/page.h"

#include "core/base/text.h"
#include "reports/writers/page_style.h"

namespace driftlens {
std::string htmlCell(std::string_view text) {
    return "<td>" + escapeXml(text) + "</td>";
}

std::string htmlNumber(double value) {
    return "<td class=\"n\">" + formatNumber(value, 4) + "</td>";
}

std::string htmlRow(const std::string& cells) {
    return "<tr>" + cells + "</tr>";
}

std::string htmlTable(const std::vector<std::string>& headers, const std::string& rows) {
    std::string head;
    for (const std::string& header : headers)
        head += "<th scope=\"col\">" + escapeXml(header) + "</th>";
    return "<table><thead>" + htmlRow(head) + "</thead><tbody>" + rows + "</tbody></table>";
}

std::string htmlFacts(const std::vector<HtmlFact>& facts) {
    std::string rows;
    for (const HtmlFact& fact : facts)
        rows += htmlRow("<th scope=\"row\">" + escapeXml(fact.name) + "</th><td>" + fact.html +
                        "</td>");
    return "<table><tbody>" + rows + "</tbody></table>";
}

std::string htmlList(const std::vector<std::string>& items) {
    std::string out = "<ul>";
    for (const std::string& item : items) out += "<li>" + escapeXml(item) + "</li>";
    return out + "</ul>";
}

std::string htmlCode(std::string_view text) {
    return "<code>" + escapeXml(text) + "</code>";
}

std::string htmlSection(std::string_view title, const std::string& html) {
    return "<section><h2>" + escapeXml(title) + "</h2>" + html + "</section>";
}

std::string htmlDetails(std::string_view summary, const std::string& html, bool isOpen) {
    return std::string(isOpen ? "<details open>" : "<details>") + "<summary>" + escapeXml(summary) +
           "</summary>" + html + "</details>";
}

std::string htmlPage(std::string_view title, const std::string& headerHtml,
                     const std::string& mainHtml, const HtmlFrame& frame) {
    // A link past the contents, for those who go by keyboard.
    const bool hasContents = !frame.navHtml.empty();
    const std::string skip =
        hasContents ? "<a class=\"skip\" href=\"#main\">Skip to the content</a>" : "";
    const std::string main = hasContents ? "<main id=\"main\">" : "<main>";
    return "<!DOCTYPE html><html lang=\"" + escapeXml(frame.language) +
           "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
           "content=\"width=device-width, initial-scale=1\"><title>" +
           escapeXml(title) + "</title><style>" + kPageStyle + "</style></head><body>" + skip +
           "<header><h1>" + escapeXml(title) + "</h1>" + headerHtml + "</header>" + frame.navHtml +
           main + mainHtml + "</main>" + frame.footerHtml + "</body></html>\n";
}

}  // namespace driftlens
