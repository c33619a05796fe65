#include "ui/panels/registry.h"

#include "ui/panels/attention_panel.h"
#include "ui/panels/audit_panel.h"
#include "ui/panels/explain_panel.h"

#include <array>

namespace driftlens {
namespace {

template <typename Kind>
Panel* make(const PanelEntry& entry, Workbench& workbench, QWidget* parent) {
    return new Kind(entry, workbench, parent);
}

constexpr std::array<PanelEntry, 3> kPanels = {{
    {"explain", "&Explain", "Add a model and write a prompt: the reasons appear here.",
     PanelNeeds::Prompt, &make<ExplainPanel>},
    {"attention", "A&ttention",
     "Add a model and write a prompt: what each head looks at appears "
     "here.",
     PanelNeeds::Prompt, &make<AttentionPanel>},
    {"audit", "Audit &log", "Run something with a log chosen: what was run appears here.",
     PanelNeeds::Log, &make<AuditPanel>},
}};

}  // namespace

std::span<const PanelEntry> panels() {
    return kPanels;
}

}  // namespace driftlens
