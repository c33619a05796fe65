#include "ui/panels/audit_panel.h"

#include "ui/models/runs_model.h"
#include "ui/theme.h"
#include "ui/widgets/text.h"
#include "ui/workbench.h"

#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QFileDialog>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

// Opening for writing makes a log; what needs one that is there must not.
std::unique_ptr<AuditLog> openExisting(const std::string& file) {
    AuditLog::openForReading(file);
    return AuditLog::openForWriting(file);
}

constexpr int kRunColumn = 3;

}  // namespace

AuditPanel::AuditPanel(const PanelEntry& entry, Workbench& workbench, QWidget* parent)
    : Panel(qtText(entry.title).remove(u'&'), qtText(entry.empty), parent), m_workbench(workbench) {
    auto* page = new QWidget(this);
    auto* layout = new QVBoxLayout(page);
    layout->addWidget(makeBar());
    layout->addWidget(makeTrustBar());
    m_card = new QLabel(page);
    m_card->setTextFormat(Qt::PlainText);
    m_card->setWordWrap(true);
    m_card->setMargin(12);
    m_card->setAutoFillBackground(true);
    m_card->setAccessibleName(tr("Verdict"));
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.4);
    large.setBold(true);
    m_card->setFont(large);
    layout->addWidget(m_card);
    m_note = new QLabel(page);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_note->hide();
    layout->addWidget(m_note);
    layout->addWidget(makeViews(), 1);
    setContent(page);
    connect(&workbench, &Workbench::sessionChanged, this, [this] {
        if (m_workbench.session().log != m_read) refresh();
    });
    connect(&workbench, &Workbench::logChanged, this, &AuditPanel::refresh);
    refresh();
}

std::string AuditPanel::file() const {
    return m_workbench.session().log.toStdString();
}

AuditTrust AuditPanel::trust() const {
    AuditTrust out;
    if (!m_checkpoint->text().isEmpty()) out.checkpointFile = m_checkpoint->text().toStdString();
    if (!m_key->text().isEmpty()) out.publicKeyFile = m_key->text().toStdString();
    return out;
}

bool AuditPanel::isBusy() const {
    return m_reading.isBusy() || m_workbench.isRunning();
}

// What comes of a log that is not the session's any more is not shown.
void AuditPanel::add(JobQueue::Work work) {
    m_reading.add(
        Lane::Log,
        [this, file = m_read, work = std::move(work)](
            const RunContext& context, const JobQueue::Post& post) -> JobQueue::Deliver {
            return [this, file, deliver = work(context, post)] {
                if (file == m_read && deliver) deliver();
            };
        },
        [this, file = m_read](ErrorKind kind, const QString& message) {
            if (file == m_read) showProblem(kind, message);
        });
}

void AuditPanel::refresh() {
    if (m_workbench.session().log != m_read) {
        m_runId.clear();
        m_runs->setRuns({});
        m_note->hide();
    }
    m_read = m_workbench.session().log;
    ++m_check;  // what is under way is of an older log
    if (m_read.isEmpty()) {
        m_reading.drop(Lane::Log);
        setEmpty();
        return;
    }
    add([this, file = file()](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
        if (!QFile::exists(qtText(file))) return [this] { setEmpty(); };
        return [this, runs = AuditLog::openForReading(file)->runs()] { setRuns(runs); };
    });
    // The whole log is read for it: not while nobody looks.
    m_isStale = true;
    if (isVisible()) verify();
}

void AuditPanel::showEvent(QShowEvent* event) {
    Panel::showEvent(event);
    if (m_isStale) verify();
}

void AuditPanel::verify() {
    m_isStale = false;
    if (m_read.isEmpty()) return;
    const int check = ++m_check;
    // An old verdict must not stand while the log may be another.
    m_verdict = {Weight::Caution, tr("… CHECKING"), {}};
    m_card->setText(m_verdict.line);
    themeChanged();
    m_reading.add(
        Lane::Log,
        [this, check, file = file(), trust = trust()](const RunContext&,
                                                      const JobQueue::Post&) -> JobQueue::Deliver {
            if (!QFile::exists(qtText(file))) return {};
            const AuditVerdict verdict = verdictOf(verifyAuditLog(file, trust), trust);
            return [this, check, verdict] {
                if (check == m_check) showVerdict(verdict);
            };
        },
        [this, check](ErrorKind kind, const QString& message) {
            if (check != m_check) return;
            showVerdict({Weight::Caution, tr("▲ NOT CHECKED"), message + u' ' + adviceFor(kind)});
        });
}

void AuditPanel::setRuns(std::vector<RunSummary> runs) {
    const QString before = m_runId;
    m_runs->setRuns(std::move(runs));
    showContent();
    for (int row = 0; row < m_filtered->rowCount(); ++row)
        if (m_filtered->index(row, kRunColumn).data().toString() == before) return selectRun(row);
    selectRun(0);
}

void AuditPanel::selectRun(int row) {
    m_table->setCurrentIndex(m_filtered->index(row, 0));
}

void AuditPanel::showRun() {
    const QModelIndex row = m_table->currentIndex();
    m_records.clear();
    m_list->clear();
    m_details->clear();
    if (!row.isValid()) return;
    m_runId = row.siblingAtColumn(kRunColumn).data().toString();
    add([this, file = file(), run = m_runId](const RunContext&, const JobQueue::Post&) {
        const auto records = readRecords(*AuditLog::openForReading(file), run.toStdString());
        return [this, run, records] {
            if (run != m_runId) return;
            m_records = records;
            m_list->clear();
            for (const ShownRecord& each : records)
                m_list->addItem(u"%1  %2"_s.arg(each.seq).arg(each.type));
            m_list->setCurrentRow(records.empty() ? -1 : 0);
        };
    });
}

void AuditPanel::showRecord() {
    const int row = m_list->currentRow();
    const bool isOne = row >= 0 && row < static_cast<int>(m_records.size());
    m_details->setPlainText(isOne ? m_records[static_cast<std::size_t>(row)].details : QString());
}

void AuditPanel::showVerdict(const AuditVerdict& verdict) {
    m_verdict = verdict;
    m_card->setText(verdict.line);
    m_findings->setPlainText(verdict.details);
    themeChanged();
    showContent();
}

void AuditPanel::themeChanged() {
    if (m_card == nullptr) return;
    const QColor colour = m_verdict.weight == Weight::Good      ? QColor(22, 110, 62)
                          : m_verdict.weight == Weight::Caution ? QColor(250, 204, 92)
                                                                : QColor(168, 24, 32);
    QPalette palette = m_card->palette();
    palette.setColor(QPalette::Window, colour);
    palette.setColor(QPalette::WindowText, Colours::inkOn(colour));
    m_card->setPalette(palette);
}

// A log that is wrong is the verdict itself; what else fails leaves the tab as it is.
void AuditPanel::showProblem(ErrorKind kind, const QString& message) {
    if (kind == ErrorKind::Tampered) {
        // A verification that has found more is not overwritten.
        if (m_verdict.weight != Weight::Bad) showVerdict({Weight::Bad, tr("✘ TAMPERED"), message});
        return;
    }
    if (state() != PanelState::Content) {
        setError(message, adviceFor(kind));
        return;
    }
    m_note->setText(message + u' ' + adviceFor(kind));
    m_note->show();
}

void AuditPanel::rerun() {
    if (m_runId.isEmpty() || m_workbench.isRunning()) return;
    m_note->setText(tr("Rerun…"));
    m_note->show();
    RerunOptions options;
    options.trust = trust();
    m_workbench.compute(
        [this, shown = m_read, file = file(), run = m_runId.toStdString(), options](
            const RunContext& context, const JobQueue::Post&) {
            const AuditVerdict verdict = verdictOf(rerunRun(file, run, options, context));
            return [this, shown, verdict] {
                if (shown != m_read) return;
                m_note->setText(verdict.line + u'\n' + verdict.details);
                refresh();
            };
        },
        [this](ErrorKind kind, const QString& message) { showProblem(kind, message); });
}

void AuditPanel::eraseRun(const QString& reason) {
    add([this, file = file(), run = m_runId.toStdString(), reason = reason.toStdString()](
            const RunContext&, const JobQueue::Post&) {
        const Erasure done = openExisting(file)->erase(run, reason);
        return [this, done] {
            m_note->setText(erasureText(done));
            m_note->show();
            refresh();
        };
    });
}

void AuditPanel::exportTo(const QString& out) {
    add([this, file = file(), out = out.toStdString()](const RunContext&, const JobQueue::Post&) {
        const ExportSummary done = openExisting(file)->exportTo(out);
        return [this, done] {
            m_note->setText(tr("%1 records to %2, sha256 %3")
                                .arg(done.records)
                                .arg(qtText(done.file), qtText(done.sha256)));
            m_note->show();
            refresh();
        };
    });
}

void AuditPanel::proveTo(const QString& out) {
    const int row = m_list->currentRow();
    if (row < 0 || row >= static_cast<int>(m_records.size())) return;
    add([this, file = file(), out, seq = m_records[static_cast<std::size_t>(row)].seq,
         held = trust().checkpointFile](const RunContext&, const JobQueue::Post&) {
        const auto proof = AuditLog::openForReading(file)->proof(seq, held);
        if (!proof) throw Error(ErrorKind::Usage, "no checkpoint covers this record");
        QFile target(out);
        const QByteArray text = QByteArray::fromStdString(proof->dump(1) + "\n");
        if (!target.open(QIODevice::WriteOnly) || target.write(text) != text.size() ||
            !target.flush())
            throw Error(ErrorKind::Io, out.toStdString() + ": cannot be written");
        return [this, seq, out] {
            m_note->setText(tr("The proof of record %1 is in %2").arg(seq).arg(out));
            m_note->show();
        };
    });
}

void AuditPanel::copyCheckpoint() {
    add([this, file = file()](const RunContext&, const JobQueue::Post&) {
        const std::string note = AuditLog::openForReading(file)->newestCheckpoint();
        if (note.empty()) throw Error(ErrorKind::InputFile, "no checkpoint is beside the log");
        return [this, note = qtText(note)] {
            QApplication::clipboard()->setText(note);
            m_note->setText(tr("Copied; keep it elsewhere:\n%1").arg(note));
            m_note->show();
        };
    });
}

void AuditPanel::askToErase() {
    if (m_runId.isEmpty()) return;
    bool isSure = false;
    const QString reason = QInputDialog::getText(
        this, tr("Erase a run"),
        tr("Deletes the texts, tokens and scores of run %1 for good; its records stay.\nBackups "
           "and what was exported before are out of reach: the exports are listed after.\n\nThe "
           "reason stays in the log for ever and must not repeat what is erased:")
            .arg(m_runId),
        QLineEdit::Normal, {}, &isSure);
    if (isSure && !reason.trimmed().isEmpty()) eraseRun(reason.trimmed());
}

void AuditPanel::askToExport() {
    const QString out =
        QFileDialog::getSaveFileName(this, tr("Export the log"), {}, tr("Lines of JSON (*.jsonl)"));
    if (!out.isEmpty()) exportTo(out);
}

void AuditPanel::askToProve() {
    const QString out =
        QFileDialog::getSaveFileName(this, tr("Prove the record"), {}, tr("Proofs (*.json)"));
    if (!out.isEmpty()) proveTo(out);
}

QString AuditPanel::verdict() const {
    return m_verdict.line;
}

QString AuditPanel::details() const {
    return m_details->toPlainText();
}

QString AuditPanel::note() const {
    return m_note->text();
}

QString AuditPanel::asText() const {
    return m_verdict.line + u'\n' + m_verdict.details + u'\n' + details();
}

QString AuditPanel::asJson() const {
    Json records = Json::array();
    for (const ShownRecord& each : m_records)
        records.push_back({{"seq", each.seq},
                           {"type", each.type.toStdString()},
                           {"time", each.time.toStdString()},
                           {"details", each.details.toStdString()}});
    return qtText(Json({{"verdict", m_verdict.line.toStdString()},
                        {"run", m_runId.toStdString()},
                        {"records", records}})
                      .dump(1));
}

}  // namespace driftlens
