// What the tab does to a log, and what it takes out of it.
#include "core/files/mapped_file.h"
#include "engine/audit/words.h"
#include "ui/models/records_model.h"
#include "ui/panels/audit_panel.h"
#include "ui/prompt_job.h"
#include "ui/widgets/text.h"
#include "ui/workbench.h"

#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QListView>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

// Opening for writing makes a log; what needs one that is there must not.
std::unique_ptr<AuditLog> openExisting(const std::string& file) {
    AuditLog::openForReading(file);
    return AuditLog::openForWriting(file);
}

}  // namespace

void AuditPanel::createLog(const QString& file) {
    m_writing.add(
        Lane::Log,
        [this, file](const RunContext&, const JobQueue::Post&) {
            if (QFileInfo::exists(file))
                throw Error(ErrorKind::Usage, file.toStdString() +
                                                  ": there is a file of that name; choose it, or "
                                                  "give another name");
            const auto log = openRunLog(file.toStdString());
            return [this, file, isSigned = !log->publicKey().empty(),
                    note = qtText(log->newestCheckpoint())] {
                chooseLog(file);
                showNote({isSigned ? Weight::Good : Weight::Caution, tr("✔ Created"), file,
                          isSigned ? tr("Keep this checkpoint elsewhere:\n%1").arg(note)
                                   : tr("This log is unsigned: there is no key.")});
            };
        },
        [this](ErrorKind kind, const QString& message) {
            showNote({Weight::Bad, tr("✘ Not created"), message, adviceFor(kind)});
            Q_EMIT m_workbench.noticed(message);
        });
}

void AuditPanel::rerun() {
    if (m_runId.isEmpty() || m_workbench.isRunning()) return;
    showNote({Weight::Neutral, tr("… RERUN"), tr("Run %1 is computed again.").arg(m_runId), {}});
    RerunOptions options;
    options.trust = trust();
    m_workbench.compute(
        [this, shown = m_read, file = file(), run = m_runId.toStdString(), options](
            const RunContext& context, const JobQueue::Post&) {
            const AuditVerdict verdict = verdictOf(rerunRun(file, run, options, context));
            return [this, shown, verdict] {
                if (shown != m_read) return;
                showNote(verdict);
                refresh();
            };
        },
        [this, shown = m_read, run = m_runId](ErrorKind kind, const QString& message) {
            if (shown != m_read) return;
            if (kind != ErrorKind::Cancelled) return showProblem(kind, message);
            showNote({Weight::Neutral,
                      tr("Cancelled"),
                      tr("Run %1 was not computed to the end; the log is as it was.").arg(run),
                      {}});
        });
}

void AuditPanel::report() {
    if (!m_runId.isEmpty()) Q_EMIT reportWanted(m_runId);
}

void AuditPanel::eraseRun(const QString& reason) {
    if (m_runId.isEmpty()) return;
    write([this, file = file(), run = m_runId.toStdString(), reason = reason.toStdString()](
              const RunContext&, const JobQueue::Post&) {
        const Erasure done = openExisting(file)->erase(run, reason);
        return [this, done] {
            showNote({Weight::Neutral, tr("✔ Erased"), {}, qtText(erasureText(done))});
            refresh();
        };
    });
}

void AuditPanel::exportTo(const QString& out) {
    write([this, file = file(), out = out.toStdString()](const RunContext&, const JobQueue::Post&) {
        const ExportSummary done = openExisting(file)->exportTo(out);
        return [this, done] {
            showNote({Weight::Good, tr("✔ Exported"), {}, qtText(exportText(done))});
            refresh();
        };
    });
}

void AuditPanel::proveTo(const QString& out) {
    const std::optional<std::int64_t> chosen = chosenRecord();
    if (!chosen) return;
    write([this, file = file(), out, seq = *chosen, held = trust().checkpointFile](
              const RunContext&, const JobQueue::Post&) {
        const auto proof = AuditLog::openForReading(file)->proof(seq, held);
        if (!proof)
            throw Error(ErrorKind::Usage,
                        file + ": no checkpoint covers record " + std::to_string(seq) +
                            "; whoever has its key signs the log by writing to it");
        writeFileAtomically(out.toStdString(), proof->dump(1) + "\n");
        return [this, seq, out] {
            showNote({Weight::Good, tr("✔ Proved"), tr("Record %1, in %2").arg(seq).arg(out), {}});
        };
    });
}

std::optional<std::int64_t> AuditPanel::chosenRecord() const {
    const QModelIndex row = m_list->currentIndex();
    if (!row.isValid()) return std::nullopt;
    return m_records->records()[static_cast<std::size_t>(row.row())].seq;
}

void AuditPanel::showMoved() {
    showNote({Weight::Caution,
              tr("Nothing was done"),
              tr("The log has changed and something else is selected now: choose again."),
              {}});
}

void AuditPanel::copyCheckpoint() {
    if (m_read.isEmpty()) return;
    add([this, file = file()](const RunContext&, const JobQueue::Post&) {
        const std::string note = AuditLog::openForReading(file)->newestCheckpoint();
        if (note.empty()) throw Error(ErrorKind::InputFile, file + ": no checkpoint is beside it");
        return [this, note = qtText(note)] {
            QApplication::clipboard()->setText(note);
            showNote(
                {Weight::Neutral, tr("✔ Copied"), tr("Keep this checkpoint elsewhere."), note});
        };
    });
}

void AuditPanel::askToChoose() {
    const QString chosen = QFileDialog::getOpenFileName(this, tr("Choose a log"), m_read,
                                                        tr("Audit logs (*.db);;All files (*)"));
    if (!chosen.isEmpty()) m_workbench.take({chosen});
}

void AuditPanel::askToCreate() {
    QFileDialog dialog(this, tr("Create a log"), QFileInfo(m_read).absolutePath(),
                       tr("Audit logs (*.db)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(u"db"_s);
    dialog.setOption(QFileDialog::DontConfirmOverwrite);  // a log is never overwritten
    if (dialog.exec() == QDialog::Accepted && !dialog.selectedFiles().isEmpty())
        createLog(dialog.selectedFiles().front());
}

void AuditPanel::askToErase() {
    if (m_runId.isEmpty()) return;
    bool isSure = false;
    const QString named = m_runId;
    const QString reason = QInputDialog::getText(
        this, tr("Erase a run"),
        tr("Deletes the texts, tokens and scores of run %1 for good; its records stay.\nBackups "
           "and what was exported before are out of reach: the exports are listed after.\n\nThe "
           "reason stays in the log for ever and must not repeat what is erased:")
            .arg(m_runId),
        QLineEdit::Normal, {}, &isSure);
    if (!isSure || reason.trimmed().isEmpty()) return;
    // A run that ended while the question stood may have moved the selection.
    if (m_runId != named) return showMoved();
    eraseRun(reason.trimmed());
}

void AuditPanel::askToExport() {
    if (m_read.isEmpty()) return;
    const QString out =
        QFileDialog::getSaveFileName(this, tr("Export the log"), {}, tr("Lines of JSON (*.jsonl)"));
    if (!out.isEmpty()) exportTo(out);
}

void AuditPanel::askToProve() {
    const std::optional<std::int64_t> named = chosenRecord();
    if (!named) return;
    const QString out =
        QFileDialog::getSaveFileName(this, tr("Prove the record"), {}, tr("Proofs (*.json)"));
    if (out.isEmpty()) return;
    if (chosenRecord() != named) return showMoved();
    proveTo(out);
}

}  // namespace driftlens
