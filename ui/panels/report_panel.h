// The Report tab: what a report is of, what of it is shown, its pages, and the files it becomes.
#pragma once

#include "engine/audit/log.h"
#include "ui/job_queue.h"
#include "ui/panels/panel.h"
#include "ui/panels/registry.h"
#include "ui/report_job.h"
#include "ui/widgets/page_view.h"

#include <QTimer>

#include <functional>
#include <string>
#include <vector>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QToolButton;
class QTreeWidget;

namespace driftlens {

class VerdictCard;

// Reports are made, laid out, drawn and written on threads of its own, and only while somebody
// looks. GUI thread only.
class ReportPanel : public Panel {
    Q_OBJECT
public:
    ReportPanel(const PanelEntry& entry, Workbench& workbench, QWidget* parent);

    void setResult(const ResultPtr& result) override;
    void reportOn(const QString& runId);  // of the session's log
    void makeAgain();
    void cancel();
    void chooseSections(const std::vector<std::string>& ids);  // empty: all

    // Asks where to, and writes; or says what is missing. `format` as of ReportTarget.
    void exportAs(const QString& format);
    // Writes. A folder's files are asked for before they are replaced; a file's dialog has asked.
    void exportTo(const QString& format, const QString& place);

    void zoomBy(int steps) { m_view->zoomBy(steps); }
    void fitWidth() { m_view->fitWidth(); }
    const PageView& pages() const { return *m_view; }
    const PreparedReportPtr& prepared() const { return m_prepared; }
    QComboBox& sources() { return *m_sources; }
    bool isBusy() const;         // making, or writing
    QString statusWord() const;  // "✔ VERIFIED"
    QString note() const;        // of the last export, or what failed

    QString unfinished() const override;
    bool has(CopyFormat format) const override;
    CopyWork copyWork(CopyFormat format) const override;

    // Asked before files are replaced; tests put their own in.
    std::function<bool(const QString& question)> confirm;

protected:
    bool showResult(const ResultPtr&) override { return false; }
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeSide();
    QWidget* makeExports();
    QWidget* makePreview();
    QWidget* makePageBar();
    void listen();
    void follow(const QString& key);
    void readRuns();
    void listSources();
    ReportSource chosenSource() const;
    void considerSource();
    void start();
    void make();
    void prepare();
    void take(const WholeReportPtr& whole);
    void show(const PreparedReportPtr& prepared);
    void fail(ErrorKind kind, const QString& message);
    void setMaking(bool isMaking);
    void draw(int page);
    void write(const ReportTarget& target);
    void showPage(int page);
    void showPageNumbers();
    std::vector<std::string> sections() const;
    bool hasSections() const;
    void updateButtons();

    Workbench& m_workbench;
    ResultPtr m_prompt;
    QString m_log;  // whose runs are listed
    std::vector<RunSummary> m_runs;
    ReportSource m_source;
    bool m_isChosen = false;  // by the user: the newest result does not take its place
    bool m_isStale = false;   // not made yet, for nobody looked
    WholeReportPtr m_whole;
    PreparedReportPtr m_prepared;
    QString m_folder;  // of the last export
    QTimer m_sectionsChanged;

    QComboBox* m_sources = nullptr;
    VerdictCard *m_status = nullptr, *m_note = nullptr, *m_problem = nullptr;
    QTreeWidget* m_sections = nullptr;
    QPushButton *m_exportPdf = nullptr, *m_again = nullptr, *m_cancel = nullptr;
    QToolButton* m_exportOther = nullptr;
    QProgressBar* m_progress = nullptr;
    QSpinBox* m_page = nullptr;
    QLabel *m_pageCount = nullptr, *m_zoom = nullptr;
    QWidget* m_pageBar = nullptr;
    PageView* m_view = nullptr;
    JobQueue m_making{nullptr}, m_drawing{nullptr}, m_writing{nullptr};
};

}  // namespace driftlens
