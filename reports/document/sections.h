// The sections of a report, in their order. Ids are stable: links and --section name them.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace driftlens {

struct SectionInfo {
    std::string_view id, title;
};

inline constexpr std::array<SectionInfo, 12> kReportSections = {{
    {"cover", "At a glance"},
    {"verdict", "Question and verdict"},
    {"systems", "Models compared"},
    {"data", "Data and prompts"},
    {"output_fidelity", "What changed in the answers"},
    {"explanations", "Explanations side by side"},
    {"drift", "What changed in the reasons"},
    {"validity", "Can the explanations be trusted?"},
    {"limits", "Limits and failures"},
    {"reproduction", "How to compute this again"},
    {"audit", "Audit: the records behind this report"},
    {"clauses", "Clauses, and where evidence for them is"},
}};

bool isReportSection(std::string_view id);
std::string reportSectionIds();  // "cover, verdict, …", for messages

}  // namespace driftlens
