#include "reports/document/sections.h"

#include <algorithm>

namespace driftlens {

bool isReportSection(std::string_view id) {
    return std::any_of(kReportSections.begin(), kReportSections.end(),
                       [&](const SectionInfo& each) { return each.id == id; });
}

std::string reportSectionIds() {
    std::string out;
    for (const SectionInfo& each : kReportSections)
        out += (out.empty() ? "" : ", ") + std::string(each.id);
    return out;
}

}  // namespace driftlens
