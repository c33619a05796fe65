// What the window's menus do with files and preferences.
#include "core/base/version.h"
#include "ui/dialogs/settings_dialog.h"
#include "ui/main_window.h"
#include "ui/panel_tabs.h"
#include "ui/panels/panel.h"
#include "ui/theme.h"
#include "ui/widgets/text.h"

#include <QFileDialog>
#include <QLabel>
#include <QMessageBox>
#include <QSettings>
#include <QStatusBar>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {
const QString kFilter = u"Driftlens sessions (*.driftlens)"_s;
}

bool MainWindow::mayLoseChanges(std::function<void()> then) {
    if (!m_workbench->isModified()) return true;
    const int answer = ask(tr("The session has changes that are not saved."),
                           QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel);
    if (answer == QMessageBox::Discard) return true;
    // The file is written by another thread, which says when it is done.
    if (answer == QMessageBox::Save && save()) m_afterSaving = std::move(then);
    return false;
}

void MainWindow::newSession() {
    if (!mayLoseChanges([this] { newSession(); })) return;
    Session empty;
    empty.log = m_workbench->preferences().log;
    m_workbench->startSession(empty);
}

void MainWindow::setSession(const Session& session) {
    m_workbench->startSession(session);
}

void MainWindow::openFile(const QString& file) {
    if (!mayLoseChanges([this, file] { openFile(file); })) return;
    const QString chosen =
        file.isEmpty() ? QFileDialog::getOpenFileName(this, tr("Open a session"), {}, kFilter)
                       : file;
    if (!chosen.isEmpty()) m_workbench->openSession(chosen);
}

void MainWindow::openSample() {
    if (mayLoseChanges([this] { openSample(); })) m_workbench->openSample(m_samples);
}

WindowState MainWindow::windowState() const {
    return {saveGeometry(), saveState(), m_tabs->currentId()};
}

bool MainWindow::save() {
    if (m_workbench->file().isEmpty()) return saveAs();
    m_workbench->saveSession(m_workbench->file(), windowState());
    return true;
}

bool MainWindow::saveAs() {
    QString file = QFileDialog::getSaveFileName(this, tr("Save the session"), {}, kFilter);
    if (file.isEmpty()) return false;
    if (!file.endsWith(u".driftlens"_s)) file += u".driftlens"_s;
    m_workbench->saveSession(file, windowState());
    return true;
}

void MainWindow::openData() {
    const QString file = QFileDialog::getOpenFileName(
        this, tr("Choose a data set"), {}, tr("Data sets (*.csv *.jsonl *.ndjson *.txt)"));
    if (!file.isEmpty()) m_workbench->take({file});
}

void MainWindow::keepPreferences() {
    Preferences preferences = m_workbench->preferences();
    preferences.geometry = saveGeometry();
    preferences.docks = saveState();
    writePreferences(preferences, m_store);
}

void MainWindow::editPreferences() {
    SettingsDialog dialog(m_workbench->preferences(), this);
    if (dialog.exec() != QDialog::Accepted) return;
    const Preferences preferences = dialog.preferences();
    m_workbench->setPreferences(preferences);
    applyTheme(preferences.theme);
    for (int i = 0; i < m_tabs->count(); ++i)
        m_tabs->panel(i)->setShowsValues(preferences.showsValues);
    keepPreferences();
}

void MainWindow::setTheme(Theme theme) {
    Preferences preferences = m_workbench->preferences();
    preferences.theme = theme;
    m_workbench->setPreferences(preferences);
    applyTheme(theme);
    keepPreferences();
}

void MainWindow::toggleValues() {
    Preferences preferences = m_workbench->preferences();
    preferences.showsValues = !preferences.showsValues;
    m_workbench->setPreferences(preferences);
    for (int i = 0; i < m_tabs->count(); ++i)
        m_tabs->panel(i)->setShowsValues(preferences.showsValues);
}

void MainWindow::restoreLayout() {
    restoreState(m_firstLayout);
}

// The panel says when it is done.
void MainWindow::copyCurrent(int format) {
    Panel* panel = m_tabs->currentPanel();
    if (panel == nullptr || !panel->copy(static_cast<CopyFormat>(format)))
        m_status->setText(tr("There is nothing to copy in that form"));
}

void MainWindow::showShortcuts() {
    QString rows;
    for (const ActionEntry& entry : actionTable()) {
        rows += u"<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>"_s.arg(
            qtText(entry.text).remove(u'&').toHtmlEscaped(), QKeySequence(qtText(entry.shortcut))
                                                                 .toString(QKeySequence::NativeText)
                                                                 .toHtmlEscaped());
    }
    ask(u"<table>%1</table>"_s.arg(rows), QMessageBox::Ok);
}

void MainWindow::showAbout() {
    ask(tr("Driftlens %1\nWhy a language model answered, and what compression did to its reasons.\n"
           "Nothing leaves this machine.")
            .arg(qtText(kVersion)),
        QMessageBox::Ok);
}

}  // namespace driftlens
