// The table of tabs. Adding one: its file pair under ui/panels, a row in registry.cpp.
#pragma once

#include <span>
#include <string_view>

class QWidget;

namespace driftlens {

class Panel;
class Workbench;

// Prompt: gets the results of runs and previews, their errors and what is under way. Result: gets
// the results. The others listen to the workbench themselves.
enum class PanelNeeds { Prompt, Result, Data, Log };

struct PanelEntry {
    std::string_view id;     // stored in sessions: never rename
    std::string_view title;  // with its mnemonic
    std::string_view empty;  // what it says before there is something to show
    PanelNeeds needs = PanelNeeds::Prompt;
    // The workbench outlives the panel.
    Panel* (*make)(const PanelEntry& entry, Workbench& workbench, QWidget* parent) = nullptr;
};

std::span<const PanelEntry> panels();

}  // namespace driftlens
