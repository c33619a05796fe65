// The one window: docks, tabs, menus, status.
#pragma once

#include "core/base/error.h"
#include "ui/models/session.h"
#include "ui/workbench.h"

#include <QMainWindow>
#include <QString>

#include <functional>
#include <map>
#include <span>
#include <string_view>

class QLabel;
class QProgressBar;
class QPushButton;
class QSettings;
class QStackedWidget;

namespace driftlens {

class LogField;
class MainWindow;
class MethodsDock;
class PanelTabs;
class PromptDock;
class StartPage;
class VariantsDock;

// A row of the table of actions: everything in a menu, with its shortcut.
struct ActionEntry {
    std::string_view id, menu, text, shortcut, tip;
    void (*act)(MainWindow& window) = nullptr;
};
std::span<const ActionEntry> actionTable();

// GUI thread only. Preferences are kept in `store`, which outlives it.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    MainWindow(QSettings& store, const QString& samples);
    ~MainWindow() override;

    Workbench& workbench() { return *m_workbench; }
    PanelTabs& tabs() { return *m_tabs; }
    VariantsDock& variants() { return *m_variants; }
    PromptDock& prompt() { return *m_prompt; }
    QAction* action(std::string_view id) const;

    // What menus do. Those that lose unsaved changes ask first.
    void newSession();
    void openFile(const QString& file);  // empty: asks which
    void openSample();
    bool save();
    bool saveAs();
    void openData();
    void editPreferences();
    void setTheme(Theme theme);
    void toggleValues();
    void restoreLayout();
    void showShortcuts();
    void showAbout();
    void copyCurrent(int format);
    void setSession(const Session& session);  // from the command line

    // Answers the question for unsaved changes and running jobs; tests put their own in.
    std::function<int(const QString& text, int buttons)> ask;

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void makeDocks();
    void makeMenus();
    void makeStatusBar();
    void connectWorkbench();
    void connectLog();
    void showPage();
    void showTitle();
    void updateActions();
    void showProgress(double fraction, const QString& stage, int secondsLeft);
    void keepPreferences();
    // Asks if there are any. To save first takes a while: `then` follows when it is done.
    bool mayLoseChanges(std::function<void()> then);
    bool mayStopRuns();
    WindowState windowState() const;

    QSettings& m_store;
    QString m_samples;
    Workbench* m_workbench = nullptr;
    QStackedWidget* m_pages = nullptr;
    StartPage* m_start = nullptr;
    PanelTabs* m_tabs = nullptr;
    VariantsDock* m_variants = nullptr;
    PromptDock* m_prompt = nullptr;
    MethodsDock* m_methods = nullptr;
    LogField* m_log = nullptr;
    QLabel* m_status = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_cancel = nullptr;
    QByteArray m_firstLayout;
    std::map<std::string_view, QAction*> m_actions;
    std::function<void()> m_afterSaving;
};

}  // namespace driftlens
