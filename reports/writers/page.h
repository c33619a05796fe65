// What the HTML pages of all reports share. Text that is given is escaped here; "html" is not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

std::string htmlCell(std::string_view text);    // <td>
std::string htmlNumber(double value);           // <td>, four digits, aligned on the right
std::string htmlRow(const std::string& cells);  // <tr>

// A table with a header row; rows are <tr> elements.
std::string htmlTable(const std::vector<std::string>& headers, const std::string& rows);

// Two columns, the name of each row a header: a fact per row.
struct HtmlFact {
    std::string name;
    std::string html;  // of its value
};
std::string htmlFacts(const std::vector<HtmlFact>& facts);

std::string htmlList(const std::vector<std::string>& items);
std::string htmlCode(std::string_view text);

// A landmark with its heading.
std::string htmlSection(std::string_view title, const std::string& html);

// Folded, opens without a script.
std::string htmlDetails(std::string_view summary, const std::string& html, bool isOpen = false);

// The whole page: nothing outside the file is needed, and no script.
struct HtmlFrame {
    std::string navHtml = {}, footerHtml = {};  // whole elements, or nothing
    std::string language = "en";
};
std::string htmlPage(std::string_view title, const std::string& headerHtml,
                     const std::string& mainHtml, const HtmlFrame& frame = {});

}  // namespace driftlens
