#include "ui/docks/log_dock.h"

#include "ui/workbench.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

namespace driftlens {

using namespace Qt::StringLiterals;

LogDock::LogDock(Workbench& workbench, QWidget* parent)
    : QDockWidget(tr("Audit log"), parent), m_workbench(workbench) {
    setObjectName(u"log"_s);
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(8, 4, 8, 8);
    auto* row = new QHBoxLayout;
    m_file = new QLineEdit(content);
    m_file->setPlaceholderText(tr("Empty: runs are not logged"));
    m_file->setAccessibleName(tr("Log file"));
    auto* choose = new QPushButton(tr("C&hoose…"), content);
    row->addWidget(m_file, 1);
    row->addWidget(choose);
    layout->addLayout(row);
    m_state = new QLabel(content);
    m_state->setTextFormat(Qt::PlainText);
    m_state->setWordWrap(true);
    layout->addWidget(m_state);
    m_runs = new RunsModel(this);
    m_table = new QTableView(content);
    m_table->setModel(m_runs);
    m_table->setAccessibleName(tr("Runs of the log, newest first"));
    m_table->setShowGrid(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->setColumnWidth(0, 150);
    m_table->setColumnWidth(1, 70);
    m_table->setColumnWidth(2, 74);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setTabKeyNavigation(false);
    layout->addWidget(m_table, 1);
    setWidget(content);
    connect(choose, &QPushButton::clicked, this, &LogDock::chooseFile);
    connect(m_file, &QLineEdit::editingFinished, this, [this] {
        m_workbench.edit(tr("Choose the log"), EditKind::Log,
                         [this](Session& session) { session.log = m_file->text().trimmed(); });
    });
    connect(&workbench, &Workbench::sessionChanged, this, [this] {
        if (m_workbench.session().log != m_read) refresh();
    });
    connect(&workbench, &Workbench::logChanged, this, &LogDock::refresh);
    refresh();
}

void LogDock::chooseFile() {
    const QString file =
        QFileDialog::getSaveFileName(this, tr("Log"), m_file->text(), tr("Audit logs (*.db)"),
                                     nullptr, QFileDialog::DontConfirmOverwrite);
    if (file.isEmpty()) return;
    m_workbench.edit(tr("Choose the log"), EditKind::Log,
                     [&](Session& session) { session.log = file; });
}

void LogDock::refresh() {
    m_read = m_workbench.session().log;
    m_file->setText(m_read);
    m_workbench.logQueue().drop(Lane::Log);
    if (m_read.isEmpty()) {
        m_runs->setRuns({});
        m_state->setText(tr("Runs are not logged."));
        return;
    }
    m_workbench.logQueue().add(
        Lane::Log,
        [this, file = m_read](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
            if (!QFileInfo::exists(file)) {
                return [this] {
                    m_runs->setRuns({});
                    m_state->setText(tr("The next run makes this log."));
                };
            }
            const auto log = AuditLog::openForReading(file.toStdString());
            return [this, runs = log->runs(), records = log->recordCount(),
                    isSigned = !log->publicKey().empty()] {
                m_runs->setRuns(runs);
                m_state->setText(tr("%1 runs in %2 records, %3.")
                                     .arg(runs.size())
                                     .arg(records)
                                     .arg(isSigned ? tr("signed") : tr("without a key")));
            };
        },
        [this](ErrorKind kind, const QString& message) {
            m_runs->setRuns({});
            m_state->setText(message + u'\n' + adviceFor(kind));
        });
}

}  // namespace driftlens
