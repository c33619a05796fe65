#include "reports/writers/csv_text.h"

#include "core/base/display_text.h"

#include <string_view>

namespace driftlens {
namespace {

constexpr const char* kLineEnd = "\r\n";

std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
}

}  // namespace

std::string csvTextCell(const std::string& text) {
    const std::string valid = textForXml(text);
    const bool looksLikeFormula =
        !valid.empty() && std::string_view("=+-@\t\r").find(valid.front()) != std::string::npos;
    return quoted(looksLikeFormula ? "'" + valid : valid);
}

std::string csvRow(const std::vector<std::string>& cells) {
    std::string out;
    for (const std::string& cell : cells) out += (&cell == cells.data() ? "" : ",") + cell;
    return out + kLineEnd;
}

}  // namespace driftlens
