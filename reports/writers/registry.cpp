#include "reports/writers/registry.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "reports/document/document.h"
#include "reports/writers/cyclonedx.h"
#include "reports/writers/html.h"
#include "reports/writers/in_toto.h"
#include "reports/writers/model_index.h"
#include "reports/writers/pdf.h"

#include <algorithm>

namespace driftlens {
namespace {

std::string writeHtml(const ReportLayout& layout, const Json&) {
    return htmlReport(layout);
}

std::string writeJson(const ReportLayout&, const Json& report) {
    return reportText(report);
}

std::string writePdf(const ReportLayout& layout, const Json& report) {
    return toPdf(layout, report.value("created", ""));
}

std::string writeCycloneDx(const ReportLayout& layout, const Json& report) {
    return toCycloneDx(report, layout.sha256);
}

std::string writeInToto(const ReportLayout&, const Json& report) {
    return toInToto(report);
}

std::string writeModelIndex(const ReportLayout& layout, const Json& report) {
    return toModelIndex(report, layout.sha256);
}

constexpr ReportWriter kWriters[] = {
    {"html", ".html", "a self-contained page", &writeHtml},
    {"json", ".json", "the source of all other formats", &writeJson},
    {"pdf", ".pdf", "pages to print and to file", &writePdf},
    {"cyclonedx", ".cdx.json", "CycloneDX 1.6: the models as a bill of materials", &writeCycloneDx},
    {"in-toto", ".intoto.json", "in-toto statement v1: the report as a claim about its models",
     &writeInToto},
    {"model-index", ".model-index.yaml",
     "Hugging Face's model-index, of a data set: what was measured of the answers",
     &writeModelIndex, &whyNoModelIndex},
};

}  // namespace

std::span<const ReportWriter> reportWriters() {
    return kWriters;
}

const ReportWriter& reportWriter(std::string_view id) {
    const auto* found = std::find_if(std::begin(kWriters), std::end(kWriters),
                                     [&](const ReportWriter& writer) { return writer.id == id; });
    if (found != std::end(kWriters)) return *found;
    throw Error(ErrorKind::Usage,
                "--format " + inQuotes(id) + " is unknown; known are " + reportWriterIds());
}

const ReportWriter* reportWriterFor(std::string_view fileName) {
    if (fileName.ends_with(kEnvelopeExtension)) return nullptr;
    const ReportWriter* out = nullptr;
    for (const ReportWriter& writer : kWriters)
        if (fileName.ends_with(writer.extension) &&
            (out == nullptr || writer.extension.size() > out->extension.size()))
            out = &writer;
    return out;
}

std::string reportWriterIds() {
    std::string out;
    for (const ReportWriter& writer : kWriters)
        out += (out.empty() ? "" : ", ") + std::string(writer.id);
    return out + ", csv";
}

}  // namespace driftlens
