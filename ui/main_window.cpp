#include "ui/main_window.h"

#include "ui/docks/methods_dock.h"
#include "ui/docks/prompt_dock.h"
#include "ui/docks/variants_dock.h"
#include "ui/panel_tabs.h"
#include "ui/panels/audit_panel.h"
#include "ui/panels/copies.h"
#include "ui/panels/panel.h"
#include "ui/panels/report_panel.h"
#include "ui/start_page.h"
#include "ui/theme.h"
#include "ui/widgets/log_field.h"
#include "ui/widgets/text.h"

#include <QCloseEvent>
#include <QFileInfo>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>

#include <array>
#include <utility>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {

constexpr int kProgressSteps = 1000;
constexpr int kWidth = 1440, kHeight = 900, kDockWidth = 400;

constexpr auto kCopies = std::to_array<std::pair<std::string_view, CopyFormat>>({
    {"copy_text", CopyFormat::PlainText},
    {"copy_image", CopyFormat::Picture},
    {"copy_svg", CopyFormat::SvgText},
    {"copy_json", CopyFormat::JsonText},
});

QString timeText(int seconds) {
    if (seconds < 0) return {};
    if (seconds < 90) return MainWindow::tr("%1 s left").arg(seconds);
    return MainWindow::tr("%1 min left").arg((seconds + 30) / 60);
}

}  // namespace

MainWindow::MainWindow(QSettings& store, const QString& samples)
    : m_store(store), m_samples(samples) {
    m_workbench = new Workbench(readPreferences(store), this);
    ask = [this](const QString& text, int buttons) {
        return static_cast<int>(QMessageBox::question(this, tr("Driftlens"), text,
                                                      QMessageBox::StandardButtons(buttons)));
    };
    setAcceptDrops(true);
    m_pages = new QStackedWidget(this);
    m_start = new StartPage(m_pages);
    m_tabs = new PanelTabs(*m_workbench, m_pages);
    m_pages->addWidget(m_start);
    m_pages->addWidget(m_tabs);
    setCentralWidget(m_pages);
    makeDocks();
    makeMenus();
    makeStatusBar();
    connectWorkbench();
    connectLog();
    resize(kWidth, kHeight);
    resizeDocks({m_variants}, {kDockWidth}, Qt::Horizontal);
    resizeDocks({m_variants, m_prompt, m_methods}, {300, 260, 300}, Qt::Vertical);
    m_firstLayout = saveState();
    const Preferences& preferences = m_workbench->preferences();
    if (!preferences.geometry.isEmpty()) restoreGeometry(preferences.geometry);
    if (!preferences.docks.isEmpty()) restoreState(preferences.docks);
    for (int i = 0; i < m_tabs->count(); ++i)
        m_tabs->panel(i)->setShowsValues(preferences.showsValues);
    m_start->setRecent(preferences.recent);
    showPage();
    showTitle();
    updateActions();
}

MainWindow::~MainWindow() {
    // The widgets go before the workbench that they read, and none of them hears of the others.
    m_workbench->undoStack().disconnect(this);
    m_workbench->disconnect();
    delete m_pages;
    for (QDockWidget* dock : std::initializer_list<QDockWidget*>{m_variants, m_prompt, m_methods})
        delete dock;
    delete m_workbench;
}

void MainWindow::makeDocks() {
    setDockOptions(QMainWindow::AllowTabbedDocks | QMainWindow::AnimatedDocks);
    m_variants = new VariantsDock(*m_workbench, this);
    m_prompt = new PromptDock(*m_workbench, this);
    m_methods = new MethodsDock(*m_workbench, this);
    for (QDockWidget* dock : std::initializer_list<QDockWidget*>{m_variants, m_prompt, m_methods})
        addDockWidget(Qt::LeftDockWidgetArea, dock);
}

void MainWindow::makeMenus() {
    std::map<std::string_view, QMenu*> menus;
    for (const ActionEntry& entry : actionTable()) {
        QMenu*& menu = menus[entry.menu];
        if (menu == nullptr) menu = menuBar()->addMenu(qtText(entry.menu));
        auto* action = menu->addAction(qtText(entry.text));
        action->setObjectName(qtText(entry.id));
        action->setShortcut(QKeySequence(qtText(entry.shortcut)));
        if (!entry.tip.empty()) action->setStatusTip(qtText(entry.tip));
        if (entry.id == "quit") action->setMenuRole(QAction::QuitRole);
        connect(action, &QAction::triggered, this, [this, act = entry.act] { act(*this); });
        m_actions[entry.id] = action;
    }
    QMenu* edit = menus["&Edit"];
    edit->setToolTipsVisible(true);
    connect(edit, &QMenu::aboutToShow, this, [this] {
        for (const auto& [id, format] : kCopies)
            offerCopy(*action(id), m_tabs->currentPanel(), format);
    });
    // By its keys each can always be asked for, and the status bar says what there is not.
    connect(edit, &QMenu::aboutToHide, this, [this] {
        for (const auto& [id, format] : kCopies) action(id)->setEnabled(true);
    });
    QMenu* view = menus["&View"];
    view->addSeparator();
    for (QDockWidget* dock : std::initializer_list<QDockWidget*>{m_variants, m_prompt, m_methods})
        view->addAction(dock->toggleViewAction());
}

QAction* MainWindow::action(std::string_view id) const {
    const auto found = m_actions.find(id);
    return found == m_actions.end() ? nullptr : found->second;
}

void MainWindow::makeStatusBar() {
    m_status = new QLabel(this);
    m_status->setTextFormat(Qt::PlainText);
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
    // A long message must not widen the window.
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_progress = new QProgressBar(this);
    m_progress->setRange(0, kProgressSteps);
    m_progress->setMaximumWidth(220);
    m_progress->setAccessibleName(tr("Progress"));
    m_cancel = new QPushButton(tr("Cancel"), this);
    statusBar()->addWidget(m_status, 1);
    m_log = new LogField(this);
    statusBar()->addPermanentWidget(m_progress);
    statusBar()->addPermanentWidget(m_cancel);
    statusBar()->addPermanentWidget(m_log);
    connect(m_cancel, &QPushButton::clicked, m_workbench, &Workbench::cancel);
}

void MainWindow::connectWorkbench() {
    connect(m_start, &StartPage::sampleWanted, this, &MainWindow::openSample);
    connect(m_start, &StartPage::modelWanted, m_variants, &VariantsDock::addFolder);
    connect(m_start, &StartPage::fileWanted, this, [this] { openFile({}); });
    connect(m_start, &StartPage::recentWanted, this, &MainWindow::openFile);
    connect(m_workbench, &Workbench::sessionChanged, this, &MainWindow::showPage);
    connect(m_workbench, &Workbench::fileChanged, this, [this] {
        m_start->setRecent(m_workbench->preferences().recent);
        showTitle();
    });
    connect(&m_workbench->undoStack(), &QUndoStack::indexChanged, this, [this] {
        showTitle();
        updateActions();
    });
    connect(&m_workbench->undoStack(), &QUndoStack::cleanChanged, this, &MainWindow::showTitle);
    connect(m_workbench, &Workbench::busyChanged, this, &MainWindow::updateActions);
    connect(m_workbench, &Workbench::progressed, this, &MainWindow::showProgress);
    connect(m_workbench, &Workbench::noticed, this, [this](const QString& line) {
        m_status->setText(line);
        m_status->setToolTip(line.toHtmlEscaped());
    });
    connect(m_workbench, &Workbench::failed, this, [this](ErrorKind, const QString& message) {
        m_status->setText(message);
        m_status->setToolTip(message.toHtmlEscaped());
    });
    connect(m_workbench, &Workbench::resultChanged, this, [this] {
        const ResultPtr& result = m_workbench->result();
        if (result == nullptr) return;
        m_status->setText(result->isPreview ? tr("Preview; Ctrl+Return runs and logs it")
                                            : tr("Done"));
    });
    connect(m_workbench, &Workbench::dataFinished, this, [this](const DatasetResultPtr& result) {
        m_status->setText(tr("Done: %1 examples").arg(result->aggregate.examples));
    });
    connect(m_workbench, &Workbench::dataFailed, this, [this](ErrorKind, const QString& message) {
        m_status->setText(message);
        m_status->setToolTip(message.toHtmlEscaped());
    });
    connect(m_workbench, &Workbench::sessionOffered, this, &MainWindow::openFile);
    connect(m_workbench, &Workbench::opened, this, [this](const WindowState& window) {
        if (!window.geometry.isEmpty()) restoreGeometry(window.geometry);
        if (!window.docks.isEmpty()) restoreState(window.docks);
        if (!window.tab.isEmpty()) m_tabs->setCurrentId(window.tab);
        m_start->setRecent(m_workbench->preferences().recent);
    });
    connect(m_workbench, &Workbench::saved, this, [this] {
        if (const auto then = std::exchange(m_afterSaving, nullptr)) then();
    });
    connect(m_workbench, &Workbench::saveFailed, this, [this] { m_afterSaving = nullptr; });
}

void MainWindow::connectLog() {
    auto* panel = m_tabs->findChild<AuditPanel*>();
    const auto show = [this](const LogState& state) {
        m_log->setState(state.weight, state.line, state.details);
    };
    connect(panel, &AuditPanel::logStateChanged, this, show);
    show(panel->logState());
    connect(m_log, &LogField::shown, this, [this] { m_tabs->setCurrentId(u"audit"_s); });
    connect(m_log, &LogField::chosen, panel, &AuditPanel::askToChoose);
    connect(m_log, &LogField::created, panel, &AuditPanel::askToCreate);
    connect(m_log, &LogField::left, panel, [panel] { panel->chooseLog({}); });
    connect(panel, &AuditPanel::reportWanted, this, [this](const QString& runId) {
        m_tabs->findChild<ReportPanel*>()->reportOn(runId);
        m_tabs->setCurrentId(u"report"_s);
    });
}

void MainWindow::showPage() {
    m_pages->setCurrentIndex(m_workbench->session().isEmpty() ? 0 : 1);
}

void MainWindow::showTitle() {
    const QString name = m_workbench->file().isEmpty()
                             ? tr("New session")
                             : QFileInfo(m_workbench->file()).completeBaseName();
    setWindowTitle(u"%1[*] – Driftlens"_s.arg(name));
    setWindowModified(m_workbench->isModified());
}

void MainWindow::updateActions() {
    const QUndoStack& undo = m_workbench->undoStack();
    const bool isBusy = m_workbench->isBusy();
    action("undo")->setEnabled(undo.canUndo());
    action("redo")->setEnabled(undo.canRedo());
    action("undo")->setText(undo.canUndo() ? tr("&Undo: %1").arg(undo.undoText()) : tr("&Undo"));
    action("redo")->setText(undo.canRedo() ? tr("&Redo: %1").arg(undo.redoText()) : tr("&Redo"));
    action("run")->setEnabled(!m_workbench->isRunning());
    action("cancel")->setEnabled(isBusy);
    m_cancel->setVisible(isBusy);
    m_progress->setVisible(isBusy);
    if (!isBusy) m_progress->setValue(0);
}

void MainWindow::showProgress(double fraction, const QString& stage, int secondsLeft) {
    m_progress->setValue(static_cast<int>(fraction * kProgressSteps));
    const QString left = timeText(secondsLeft);
    m_status->setText(left.isEmpty() ? stage : u"%1  ·  %2"_s.arg(stage, left));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    QStringList paths;
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile())
            paths.push_back(url.toLocalFile());
        else
            m_status->setText(tr("%1: only files of this machine are taken").arg(url.toString()));
    }
    if (!paths.isEmpty()) m_workbench->take(paths);
    event->acceptProposedAction();
}

void MainWindow::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) showTitle();
    QMainWindow::changeEvent(event);
}

// Asks about every run and every file that is being written.
bool MainWindow::mayStopRuns() {
    const auto agrees = [this](const QString& question) {
        return ask(question, QMessageBox::Yes | QMessageBox::No) == QMessageBox::Yes;
    };
    for (int i = 0; i < m_tabs->count(); ++i) {
        const QString question = m_tabs->panel(i)->unfinished();
        if (!question.isEmpty() && !agrees(question)) return false;
    }
    if (!m_workbench->isRunning()) return true;
    if (!agrees(tr("A run is not finished. Cancel it and quit? The log keeps that a logged run was "
                   "cancelled; a plan or a rerun leaves nothing in it.")))
        return false;
    m_workbench->cancel();
    return true;
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!mayStopRuns() || !mayLoseChanges([this] { close(); })) {
        event->ignore();
        return;
    }
    keepPreferences();
    event->accept();
}

}  // namespace driftlens
