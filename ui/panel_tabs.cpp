#include "ui/panel_tabs.h"

#include "ui/panels/panel.h"
#include "ui/widgets/text.h"
#include "ui/workbench.h"

namespace driftlens {

namespace {
constexpr int kBetween = 15;  // milliseconds; about a frame
}

PanelTabs::PanelTabs(Workbench& workbench, QWidget* parent)
    : QTabWidget(parent), m_workbench(workbench) {
    setDocumentMode(true);
    setAccessibleName(tr("Views of the result"));
    for (const PanelEntry& entry : panels()) {
        Panel* panel = entry.make(entry, workbench, this);
        panel->setObjectName(qtText(entry.id));
        addTab(panel, qtText(entry.title));
        m_panels.push_back(panel);
        connect(panel, &Panel::said, &workbench, &Workbench::noticed);
        connect(panel, &Panel::tokenClicked, &workbench, &Workbench::pinToken);
        connect(panel, &Panel::targetChosen, &workbench, &Workbench::chooseTarget);
        connect(panel, &Panel::promptChosen, this, &PanelTabs::runPrompt);
        connect(panel, &Panel::layerChosen, this, &PanelTabs::showLayer);
        connect(&workbench, &Workbench::tokenPinned, panel, &Panel::pinToken);
    }
    connect(&workbench, &Workbench::busyChanged, this, &PanelTabs::showBusy);
    connect(&workbench, &Workbench::resultChanged, this, &PanelTabs::showResult);
    connect(&workbench, &Workbench::failed, this, [this](ErrorKind kind, const QString& message) {
        if (kind == ErrorKind::Cancelled)
            showResult();
        else
            showFailure(message, adviceFor(kind));
    });
    m_next.setInterval(kBetween);
    // A run that began since had said so already to the panels that waited.
    connect(&m_next, &QTimer::timeout, this, [this] {
        showWaiting(m_waiting.front());
        showBusy();
    });
    connect(this, &QTabWidget::currentChanged, this, [this] {
        showWaiting(currentPanel());
        showBusy();
    });
}

std::vector<Panel*> PanelTabs::promptPanels() const {
    std::vector<Panel*> out;
    for (std::size_t i = 0; i < m_panels.size(); ++i)
        if (panels()[i].needs == PanelNeeds::Prompt) out.push_back(m_panels[i]);
    return out;
}

void PanelTabs::showBusy() {
    // A data set takes nothing away from what is shown of a prompt.
    if (!m_workbench.isBusy() || m_workbench.isRunningData()) return;
    const QString what = m_workbench.isRunning() ? tr("Running…") : tr("Previewing…");
    for (Panel* panel : promptPanels()) panel->setBusy(what);
}

void PanelTabs::showFailure(const QString& message, const QString& advice) {
    for (Panel* panel : promptPanels()) std::erase(m_waiting, panel);
    if (m_waiting.empty()) m_next.stop();
    for (Panel* panel : promptPanels()) panel->setError(message, advice);
}

void PanelTabs::showResult() {
    m_waiting.clear();
    for (std::size_t i = 0; i < m_panels.size(); ++i)
        if (panels()[i].needs == PanelNeeds::Prompt || panels()[i].needs == PanelNeeds::Result)
            m_waiting.push_back(m_panels[i]);
    m_next.start();
    showWaiting(currentPanel());
}

void PanelTabs::showWaiting(Panel* panel) {
    if (std::erase(m_waiting, panel) == 0) return;
    if (m_waiting.empty()) m_next.stop();
    panel->setResult(m_workbench.result());
}

void PanelTabs::runPrompt(const QString& prompt) {
    m_workbench.edit(tr("Open an example"), EditKind::Single,
                     [&](Session& session) { session.prompt = prompt; });
    setCurrentId(QStringLiteral("explain"));
    m_workbench.run();
}

void PanelTabs::showLayer(int layer) {
    for (Panel* panel : m_panels) panel->showLayer(layer);
    setCurrentId(QStringLiteral("attention"));
}

Panel* PanelTabs::currentPanel() const {
    return currentIndex() < 0 ? nullptr : m_panels[static_cast<std::size_t>(currentIndex())];
}

QString PanelTabs::currentId() const {
    return currentPanel() == nullptr ? QString() : currentPanel()->objectName();
}

void PanelTabs::setCurrentId(const QString& id) {
    for (int i = 0; i < count(); ++i)
        if (widget(i)->objectName() == id) setCurrentIndex(i);
}

}  // namespace driftlens
