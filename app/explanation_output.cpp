#include "app/explanation_output.h"

#include "app/explanation_text.h"
#include "engine/compare/run_log.h"
#include "reports/document/document.h"
#include "reports/writers/explanation_csv.h"
#include "reports/writers/explanation_html.h"
#include "reports/writers/explanation_svg.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace driftlens {
namespace {

// The name is the ending of its files, too.
struct NamedFormat {
    std::string_view name;
    ExplanationFormat format;
};

constexpr std::array<NamedFormat, 4> kFormats = {{{"json", ExplanationFormat::JsonText},
                                                  {"csv", ExplanationFormat::CsvTable},
                                                  {"html", ExplanationFormat::HtmlPage},
                                                  {"svg", ExplanationFormat::SvgPicture}}};

}  // namespace

ExplanationFormat explanationFormatOf(const std::string& file) {
    std::string ending = std::filesystem::path(file).extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    for (const NamedFormat& each : kFormats)
        if (ending == "." + std::string(each.name)) return each.format;
    return ExplanationFormat::Text;
}

std::string_view explanationFormatName(ExplanationFormat format) {
    for (const NamedFormat& each : kFormats)
        if (format == each.format) return each.name;
    return "text";
}

std::string explanationIn(ExplanationFormat format, const Explanation& explanation,
                          const std::string& command, const JsonOptions& options) {
    switch (format) {
        case ExplanationFormat::JsonText:
            return toJson(explanation, options)
                       .dump(1, ' ', false, Json::error_handler_t::replace) +
                   "\n";
        case ExplanationFormat::CsvTable:
            return explanationCsv(explanation);
        case ExplanationFormat::HtmlPage:
            return explanationHtml(explanation, {nowUtc(), command, environmentJson()});
        case ExplanationFormat::SvgPicture:
            return explanationSvg(explanation);
        case ExplanationFormat::Text:
            break;
    }
    return explanationText(explanation, false);
}

}  // namespace driftlens
