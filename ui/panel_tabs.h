// The tabs, made from the table of panels, and who tells them what.
#pragma once

#include "ui/panels/registry.h"

#include <QTabWidget>
#include <QTimer>

#include <deque>
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
    bool isUpToDate() const { return m_waiting.empty(); }

private:
    void showBusy();
    void showFailure(const QString& message, const QString& advice);
    void showResult();
    void showWaiting(Panel* panel);
    void runPrompt(const QString& prompt);
    void showLayer(int layer);
    std::vector<Panel*> promptPanels() const;

    Workbench& m_workbench;
    std::vector<Panel*> m_panels;  // in the order of the table; owned by the tabs
    // The newest result is shown at once where somebody looks; the other tabs follow one by one, so
    // that the window paints and takes keys in between.
    std::deque<Panel*> m_waiting;
    QTimer m_next;
};

}  // namespace driftlens
