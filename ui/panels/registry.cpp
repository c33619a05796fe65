#include "ui/panels/registry.h"

#include "ui/panels/attention_panel.h"
#include "ui/panels/audit_panel.h"
#include "ui/panels/dataset_panel.h"
#include "ui/panels/explain_panel.h"
#include "ui/panels/layers_panel.h"
#include "ui/panels/report_panel.h"

#include <array>

namespace driftlens {
namespace {

template <typename Kind>
Panel* make(const PanelEntry& entry, Workbench& workbench, QWidget* parent) {
    return new Kind(entry, workbench, parent);
}

constexpr std::array<PanelEntry, 6> kPanels = {{
    {"explain", "E&xplain", "Add a model and write a prompt: the reasons appear here.",
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
    {"report", "Rep&ort",
     "There is nothing to report yet: compare two models on a prompt or a data set, or choose a "
     "log "
     "that has such a run.",
     PanelNeeds::Result, &make<ReportPanel>},
    {"audit", "A&udit log",
     "No log is chosen: what is run with one appears here, and can be proved.", PanelNeeds::Log,
     &make<AuditPanel>},
}};

}  // namespace

std::span<const PanelEntry> panels() {
    return kPanels;
}

}  // namespace driftlens
