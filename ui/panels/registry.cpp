#include "ui/panels/registry.h"

#include "ui/panels/attention_panel.h"
#include "ui/panels/audit_panel.h"
#include "ui/panels/dataset_panel.h"
#include "ui/panels/explain_panel.h"
#include "ui/panels/layers_panel.h"

#include <array>

namespace driftlens {
namespace {

template <typename Kind>
Panel* make(const PanelEntry& entry, Workbench& workbench, QWidget* parent) {
    return new Kind(entry, workbench, parent);
}

constexpr std::array<PanelEntry, 5> kPanels = {{
    {"explain", "&Explain", "Add a model and write a prompt: the reasons appear here.",
     PanelNeeds::Prompt, &make<ExplainPanel>},
    {"attention", "A&ttention",
     "Add a model and write a prompt: what each head looks at appears "
     "here.",
     PanelNeeds::Prompt, &make<AttentionPanel>},
    {"layers", "La&yer drift",
     "Add two models and write a prompt: where in the network they part appears here.",
     PanelNeeds::Prompt, &make<LayersPanel>},
    {"dataset", "&Data set",
     "Choose a data set (Ctrl+D), or drop a csv, jsonl or txt file here: how answers and reasons "
     "change over all its rows appears here.",
     PanelNeeds::Data, &make<DatasetPanel>},
    {"audit", "Audit &log", "Run something with a log chosen: what was run appears here.",
     PanelNeeds::Log, &make<AuditPanel>},
}};

}  // namespace

std::span<const PanelEntry> panels() {
    return kPanels;
}

}  // namespace driftlens
