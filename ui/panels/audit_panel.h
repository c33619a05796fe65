// The Audit log tab: what was run, whether the record of it is whole, and what may leave it.
#pragma once

#include "ui/job_queue.h"
#include "ui/models/audit_text.h"
#include "ui/panels/panel.h"
#include "ui/panels/registry.h"

class QLabel;
class QLineEdit;
class QListWidget;
class QPlainTextEdit;
class QSortFilterProxyModel;
class QTableView;

namespace driftlens {

class RunsModel;

// Opens the log anew for each job, on a thread of its own; a rerun is computed as runs are.
class AuditPanel : public Panel {
    Q_OBJECT
public:
    AuditPanel(const PanelEntry& entry, Workbench& workbench, QWidget* parent);

    QString asText() const override;
    QString asJson() const override;

    void refresh();  // reads the runs and verifies
    void verify();
    void rerun();
    void eraseRun(const QString& reason);
    void exportTo(const QString& file);
    void proveTo(const QString& file);
    void copyCheckpoint();
    void askToErase();
    void askToExport();
    void askToProve();
    void selectRun(int row);
    bool isBusy() const;
    QString verdict() const;
    QString details() const;
    QString note() const;  // of the last rerun, erasure, export or proof

protected:
    bool showResult(const ResultPtr&) override { return false; }
    void themeChanged() override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeBar();
    QWidget* makeTrustBar();
    QWidget* makeViews();
    void add(JobQueue::Work work);
    void setRuns(std::vector<RunSummary> runs);
    void showRun();
    void showRecord();
    void showVerdict(const AuditVerdict& verdict);
    void showProblem(ErrorKind kind, const QString& message);
    AuditTrust trust() const;
    std::string file() const;

    Workbench& m_workbench;
    QString m_read, m_runId;
    AuditVerdict m_verdict;
    std::vector<ShownRecord> m_records;
    RunsModel* m_runs = nullptr;
    QSortFilterProxyModel* m_filtered = nullptr;
    QTableView* m_table = nullptr;
    QListWidget* m_list = nullptr;
    QPlainTextEdit* m_details = nullptr;
    QPlainTextEdit* m_findings = nullptr;
    QLabel* m_card = nullptr;
    QLabel* m_note = nullptr;
    QLineEdit* m_checkpoint = nullptr;
    QLineEdit* m_key = nullptr;
    int m_check = 0;  // the newest verification
    bool m_isStale = false;
    JobQueue m_reading{nullptr};
};

}  // namespace driftlens
