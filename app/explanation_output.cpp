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

ExplanationFormat explanationFormatOf(const std::string& file) {
    struct Ending {
        std::string_view text;
        ExplanationFormat format;
    };
    constexpr std::array<Ending, 4> kEndings = {{{".json", ExplanationFormat::JsonText},
                                                 {".csv", ExplanationFormat::CsvTable},
                                                 {".html", ExplanationFormat::HtmlPage},
                                                 {".svg", ExplanationFormat::SvgPicture}}};
    std::string ending = std::filesystem::path(file).extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    for (const Ending& each : kEndings)
        if (ending == each.text) return each.format;
    return ExplanationFormat::Text;
}

std::string_view explanationFormatName(ExplanationFormat format) {
    switch (format) {
        case ExplanationFormat::JsonText:
            return "json";
        case ExplanationFormat::CsvTable:
            return "csv";
        case ExplanationFormat::HtmlPage:
            return "html";
        case ExplanationFormat::SvgPicture:
            return "svg";
        case ExplanationFormat::Text:
            break;
    }
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
