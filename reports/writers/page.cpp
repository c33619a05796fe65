#include "reports/writers/page.h"

#include "core/base/text.h"

namespace driftlens {
namespace {

constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:2em auto;padding:0 "
    "1em;color:#222;background:#fff}"
    "h1{font-size:1.5em}h2{font-size:1.2em;margin-top:2em;border-bottom:1px solid #ddd}"
    "h3{font-size:1.05em;margin:1.4em 0 .4em}"
    "table{border-collapse:collapse;margin:.7em 0}td,th{border:1px solid "
    "#ccc;padding:.25em .6em;text-align:left;vertical-align:top}"
    "th{background:#f4f4f4;font-weight:600}td.n{text-align:right;white-space:nowrap;"
    "font-variant-numeric:tabular-nums}"
    "td.t{white-space:pre-wrap;unicode-bidi:isolate}"
    "section{overflow-x:auto}.box{border-left:4px solid #2c7bb6;background:#f3f8fc;padding:.6em "
    "1em}"
    ".flip{border-color:#e66101;background:#fdf3ea}code{word-break:break-all}"
    "bdi{unicode-bidi:isolate;overflow-wrap:anywhere}"
    "details{margin:.6em 0}summary{cursor:pointer;font-weight:600}"
    "svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#222}"
    "svg .token{font:13px sans-serif}svg .value{font:11px monospace;fill:#444}"
    "svg .label{font-size:11px}"
    "@media print{body{margin:0}h2{break-after:avoid}svg{break-inside:avoid}}";

}  // namespace

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
                     const std::string& mainHtml) {
    return "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
           "content=\"width=device-width\"><title>" +
           escapeXml(title) + "</title><style>" + kStyle + "</style></head><body><header><h1>" +
           escapeXml(title) + "</h1>" + headerHtml + "</header><main>" + mainHtml +
           "</main></body></html>\n";
}

}  // namespace driftlens
