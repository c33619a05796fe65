// The table of tabs. Adding one: its file pair under ui/panels, a row in registry.cpp.
#pragma once

#include <span>
#include <string_view>

class QWidget;

namespace driftlens {

class Panel;
class Workbench;

enum class PanelNeeds { Prompt, Data, Log, Nothing };

struct PanelEntry {
    std::string_view id;                    // stored in sessions: never rename
    std::string_view title;                 // with its mnemonic
    std::string_view empty;                 // what it says before there is something to show
    PanelNeeds needs = PanelNeeds::Prompt;  // Prompt: gets the results of runs and previews
    // The workbench outlives the panel.
    Panel* (*make)(const PanelEntry& entry, Workbench& workbench, QWidget* parent) = nullptr;
};

std::span<const PanelEntry> panels();

}  // namespace driftlens
