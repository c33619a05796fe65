// The Audit log tab: where runs are logged, what was run, whether the record of it is whole, and
// what may leave it.
#pragma once

#include "ui/job_queue.h"
#include "ui/models/audit_text.h"
#include "ui/panels/panel.h"
#include "ui/panels/registry.h"

#include <cstdint>
#include <functional>
#include <optional>

class QComboBox;
class QLineEdit;
class QListView;
class QPlainTextEdit;
class QTableView;

namespace driftlens {

class RecordsModel;
class RunsFilter;
class RunsModel;
class VerdictCard;

// What is recorded to, for whoever does not look at the tab.
struct LogState {
    Weight weight = Weight::Neutral;
    QString line;     // "audit.db · 12 runs"
    QString details;  // the whole path, and what is known of the file
};

// Opens the log anew for each job, on a thread of its own; a rerun is computed as runs are.
class AuditPanel : public Panel {
    Q_OBJECT
public:
    AuditPanel(const PanelEntry& entry, Workbench& workbench, QWidget* parent);

    bool has(CopyFormat format) const override;
    CopyWork copyWork(CopyFormat format) const override;
    QString unfinished() const override;

    void chooseLog(const QString& file);  // empty: nothing is logged
    void createLog(const QString& file);  // makes it, and chooses it
    void refresh();                       // reads the runs and verifies
    void verify();
    void rerun();
    void report();  // on the selected run
    void eraseRun(const QString& reason);
    void exportTo(const QString& file);
    void proveTo(const QString& file);
    void copyCheckpoint();
    void askToChoose();
    void askToCreate();
    void askToErase();
    void askToExport();
    void askToProve();
    void selectRun(int row);
    bool isBusy() const;
    QString verdict() const;
    QString details() const;
    QString note() const;  // of the last rerun, erasure, export or proof
    const LogState& logState() const { return m_log; }
    RunsFilter& runs() { return *m_filtered; }
    RecordsModel& records() { return *m_records; }

Q_SIGNALS:
    void logStateChanged(const LogState& state);
    void reportWanted(const QString& runId);

protected:
    bool showResult(const ResultPtr&) override { return false; }
    void showEvent(QShowEvent* event) override;

private:
    std::optional<std::int64_t> chosenRecord() const;  // its number in the log
    void showMoved();
    QWidget* makeFileBar();
    QWidget* makeBar();
    QWidget* makeTrustBar();
    QWidget* makeViews();
    void makeTable(QWidget* parent);
    // `failed` is called before it is shown what went wrong.
    void add(JobQueue::Work work, const std::function<void()>& failed = {});
    void write(JobQueue::Work work) { addTo(m_writing, std::move(work), {}); }
    void addTo(JobQueue& queue, JobQueue::Work work, const std::function<void()>& failed);
    JobQueue::Work whenFree(JobQueue::Work work);
    void read();
    void setRuns(std::vector<RunSummary> runs);
    void fillFilters();
    void showRun();
    void readPage(qint64 after);
    void showRecord();
    void showText(const QString& record);
    void showHeld();
    void showVerdict(const AuditVerdict& verdict);
    void showProblem(ErrorKind kind, const QString& message);
    void showNote(const AuditVerdict& note);
    void setLogState(const LogState& state);
    AuditTrust trust() const;
    std::string file() const;

    Workbench& m_workbench;
    QString m_read, m_runId, m_record;  // the record's text
    AuditVerdict m_verdict;
    LogState m_log;
    RunsModel* m_runs = nullptr;
    RunsFilter* m_filtered = nullptr;
    RecordsModel* m_records = nullptr;
    QLineEdit* m_file = nullptr;
    QComboBox *m_verb = nullptr, *m_status = nullptr;
    QTableView* m_table = nullptr;
    QListView* m_list = nullptr;
    QPlainTextEdit* m_details = nullptr;
    QPlainTextEdit* m_findings = nullptr;
    VerdictCard *m_card = nullptr, *m_note = nullptr;
    QLineEdit* m_checkpoint = nullptr;
    QLineEdit* m_key = nullptr;
    int m_check = 0;  // the newest verification
    bool m_isStale = false;
    bool m_isUnseen = false;    // the record that is shown, up to now
    bool m_isChecking = false;  // there is no verdict yet
    bool m_isHeld = false;      // by another program, when it was last asked
    JobQueue m_reading{nullptr};
    JobQueue m_writing{nullptr};  // closing the window asks while it is busy
};

}  // namespace driftlens
