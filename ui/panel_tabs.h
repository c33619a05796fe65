// The tabs, made from the table of panels, and who tells them what.
#pragma once

#include "ui/panels/registry.h"

#include <QTabWidget>

#include <vector>

namespace driftlens {

// Panels that need a prompt get results, errors and busy states from the workbench, which outlives
// this. GUI thread only.
class PanelTabs : public QTabWidget {
    Q_OBJECT
public:
    PanelTabs(Workbench& workbench, QWidget* parent);

    Panel* currentPanel() const;
    Panel* panel(int index) const { return m_panels[static_cast<std::size_t>(index)]; }
    QString currentId() const;
    void setCurrentId(const QString& id);

private:
    void showBusy();
    void showFailure(const QString& message, const QString& advice);
    void showResult();
    void runPrompt(const QString& prompt);
    void showLayer(int layer);
    std::vector<Panel*> promptPanels() const;

    Workbench& m_workbench;
    std::vector<Panel*> m_panels;  // in the order of the table; owned by the tabs
};

}  // namespace driftlens
