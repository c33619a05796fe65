#include "reports/writers/explanation_csv.h"

#include "core/base/json.h"
#include "reports/writers/csv_text.h"

#include <vector>

namespace driftlens {
namespace {

// Empty where there is none.
std::string numberAt(const std::vector<double>& values, std::size_t i) {
    return i < values.size() ? exactNumber(values[i]) : "";
}

std::string virtualRow(const Attribution& a, std::size_t i) {
    const auto index =
        static_cast<std::int64_t>(i) - static_cast<std::int64_t>(a.virtualScores.size());
    return csvRow({csvTextCell(a.method), std::to_string(index), "", virtualTokenText(i), "", "",
                   exactNumber(a.virtualScores[i]), "", ""});
}

std::string tokenRow(const Attribution& a, const Token& token, std::size_t i) {
    return csvRow({csvTextCell(a.method), std::to_string(i), std::to_string(token.id),
                   csvTextCell(token.text), token.bytes ? std::to_string(token.bytes->begin) : "",
                   token.bytes ? std::to_string(token.bytes->end) : "", numberAt(a.scores, i),
                   numberAt(a.norms, i), numberAt(a.standardError, i)});
}

std::string partRow(const Attribution& a, std::size_t i) {
    return csvRow({csvTextCell(a.method), std::to_string(i), "", csvTextCell(a.parts[i].name), "",
                   "", numberAt(a.scores, i), "", numberAt(a.standardError, i)});
}

}  // namespace

std::string explanationCsv(const Explanation& explanation) {
    std::string out = csvRow(
        {"method", "index", "id", "text", "start", "end", "score", "norm", "standard_error"});
    const std::vector<Token>& tokens = explanation.input.tokens;
    for (const Attribution& a : explanation.results) {
        for (std::size_t i = 0; i < a.virtualScores.size(); ++i) out += virtualRow(a, i);
        for (std::size_t i = 0; i < a.parts.size(); ++i) out += partRow(a, i);
        for (std::size_t i = 0; a.parts.empty() && i < tokens.size(); ++i)
            out += tokenRow(a, tokens[i], i);
    }
    return out;
}

}  // namespace driftlens
