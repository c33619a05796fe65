// What the tab reads: the file, its runs, their records, and whether all of it is whole.
#include "ui/panels/audit_panel.h"

#include "ui/models/held_log.h"
#include "ui/models/records_model.h"
#include "ui/models/runs_model.h"
#include "ui/widgets/text.h"
#include "ui/widgets/verdict_card.h"
#include "ui/workbench.h"

#include <QComboBox>
#include <QFileInfo>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QTableView>
#include <QTimer>

#include <utility>

namespace driftlens {

using namespace Qt::StringLiterals;

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
    return m_reading.isBusy() || m_writing.isBusy() || m_workbench.isRunning();
}

void AuditPanel::chooseLog(const QString& file) {
    m_workbench.edit(tr("Choose the log"), EditKind::Log,
                     [&](Session& session) { session.log = file; });
}

// Says that another program holds the log, and waits for it.
JobQueue::Work AuditPanel::whenFree(JobQueue::Work work) {
    return [this, log = m_read, file = file(), work = std::move(work)](
               const RunContext& context, const JobQueue::Post& post) -> JobQueue::Deliver {
        const auto say = [&] {
            post([this, log] {
                if (log == m_read) showHeld();
            });
        };
        if (!waitWhileHeld([&] { return AuditLog::isHeld(file); }, say, context))
            throw Error(ErrorKind::Io, file +
                                           ": another program has locked this log; read it again "
                                           "(Ctrl+F5) when that one is done");
        return work(context, post);
    };
}

void AuditPanel::add(JobQueue::Work work, const std::function<void()>& failed) {
    addTo(m_reading, whenFree(std::move(work)), failed);
}

// What comes of a log that is not the session's any more is not shown.
void AuditPanel::addTo(JobQueue& queue, JobQueue::Work work, const std::function<void()>& failed) {
    queue.add(
        Lane::Log,
        [this, file = m_read, work = std::move(work)](
            const RunContext& context, const JobQueue::Post& post) -> JobQueue::Deliver {
            return [this, file, deliver = work(context, post)] {
                if (file == m_read && deliver) deliver();
            };
        },
        [this, file = m_read, failed](ErrorKind kind, const QString& message) {
            if (file != m_read) return;
            if (failed) failed();
            showProblem(kind, message);
        });
}

void AuditPanel::setLogState(const LogState& state) {
    m_log = state;
    Q_EMIT logStateChanged(state);
}

void AuditPanel::refresh() {
    if (m_workbench.session().log != m_read) {
        m_runId.clear();
        m_runs->setRuns({});
        m_records->start(0);
        m_note->hide();
    }
    m_read = m_workbench.session().log;
    m_file->setText(m_read);
    ++m_check;  // what is under way is of an older log
    if (m_read.isEmpty()) {
        m_reading.drop(Lane::Log);
        setLogState({Weight::Neutral, tr("Runs are not logged"), tr("No log is chosen.")});
        setEmpty();
        return;
    }
    read();
    // The whole log is read for it: not while nobody looks.
    m_isStale = true;
    if (isVisible()) verify();
}

void AuditPanel::read() {
    const QString name = QFileInfo(m_read).fileName();
    add([this, name, file = file()](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
        if (!QFileInfo::exists(qtText(file))) {
            return [this, name] {
                setLogState({Weight::Neutral, tr("%1 · new").arg(name),
                             tr("%1: the next run makes this log.").arg(m_read)});
                setEmpty(tr("%1 is not there yet: the next run makes it.").arg(m_read));
            };
        }
        const auto log = AuditLog::openForReading(file);
        return [this, name, runs = log->runs(), records = log->recordCount(),
                isSigned = !log->publicKey().empty()] {
            m_isHeld = false;
            setLogState({isSigned ? Weight::Good : Weight::Caution,
                         runs.size() == 1 ? tr("%1 · 1 run").arg(name)
                                          : tr("%1 · %2 runs").arg(name).arg(runs.size()),
                         tr("Runs are recorded in %1: %2 runs in %3 records, %4.")
                             .arg(m_read)
                             .arg(runs.size())
                             .arg(records)
                             .arg(isSigned ? tr("signed") : tr("without a key"))});
            setRuns(runs);
        };
    });
}

void AuditPanel::showEvent(QShowEvent* event) {
    Panel::showEvent(event);
    if (m_isStale) verify();
    // Laid out for another width, a text that nobody has seen does not begin at its beginning.
    if (std::exchange(m_isUnseen, false))
        QTimer::singleShot(0, m_details, [this] { m_details->verticalScrollBar()->setValue(0); });
}

void AuditPanel::verify() {
    m_isStale = false;
    if (m_read.isEmpty()) return;
    const int check = ++m_check;
    // An old verdict must not stand while the log may be another.
    m_isChecking = true;
    m_verdict = {Weight::Neutral, tr("… CHECKING"), {}, {}};
    m_card->setText({m_verdict.weight, {}, m_verdict.word, {}, {}});
    m_reading.add(Lane::Log,
                  whenFree([this, check, file = file(), trust = trust()](
                               const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
                      if (!QFileInfo::exists(qtText(file))) return {};
                      const AuditVerdict verdict = verdictOf(verifyAuditLog(file, trust), trust);
                      return [this, check, verdict] {
                          if (check != m_check) return;
                          showVerdict(verdict);
                          if (m_isHeld) read();  // whoever held it may have written
                      };
                  }),
                  [this, check](ErrorKind kind, const QString& message) {
                      if (check != m_check) return;
                      showVerdict({Weight::Caution, tr("▲ NOT CHECKED"), message, adviceFor(kind)});
                  });
}

void AuditPanel::setRuns(std::vector<RunSummary> runs) {
    const QString before = m_runId;
    m_runs->setRuns(std::move(runs));
    fillFilters();
    showContent();
    for (int row = 0; row < m_filtered->rowCount(); ++row)
        if (m_filtered->index(row, RunsModel::Run).data().toString() == before)
            return selectRun(row);
    selectRun(0);
}

// The verbs and states that occur; what was chosen stays chosen.
void AuditPanel::fillFilters() {
    const auto fill = [this](QComboBox* box, RunsModel::Column column) {
        const QSignalBlocker silence(box);
        const QString chosen = box->currentData().toString();
        while (box->count() > 1) box->removeItem(1);
        for (const QString& value : m_runs->valuesOf(column)) box->addItem(value, value);
        box->setCurrentIndex(std::max(0, box->findData(chosen)));
    };
    fill(m_verb, RunsModel::VerbName);
    fill(m_status, RunsModel::Status);
    m_filtered->setVerb(m_verb->currentData().toString());
    m_filtered->setStatus(m_status->currentData().toString());
}

void AuditPanel::selectRun(int row) {
    m_table->setCurrentIndex(m_filtered->index(row, 0));
}

void AuditPanel::showRun() {
    const QModelIndex row = m_table->currentIndex();
    showText({});
    if (!row.isValid()) {
        m_runId.clear();
        m_records->start(0);
        return;
    }
    m_runId = row.siblingAtColumn(RunsModel::Run).data().toString();
    const auto place = static_cast<std::size_t>(m_filtered->mapToSource(row).row());
    m_records->start(m_runs->runs()[place].records);
}

void AuditPanel::readPage(qint64 after) {
    // Asked twice, it is shown once.
    const auto isWanted = [this, run = m_runId, after] {
        const auto& shown = m_records->records();
        return run == m_runId && after == (shown.empty() ? 0 : shown.back().seq);
    };
    add(
        [this, file = file(), run = m_runId, after, isWanted](const RunContext&,
                                                              const JobQueue::Post&) {
            const auto page = readRecords(*AuditLog::openForReading(file), run.toStdString(), after,
                                          RecordsModel::kPage);
            return [this, after, page, isWanted] {
                if (!isWanted()) return;
                m_records->append(page);
                if (after == 0) m_list->setCurrentIndex(m_records->index(0));
            };
        },
        [this, isWanted] {
            if (isWanted()) m_records->giveUp();
        });
}

void AuditPanel::showRecord() {
    const QModelIndex row = m_list->currentIndex();
    if (!row.isValid()) return showText({});
    const std::int64_t seq = m_records->records()[static_cast<std::size_t>(row.row())].seq;
    add([this, file = file(), run = m_runId, seq](const RunContext&, const JobQueue::Post&) {
        const QString text = readRecord(*AuditLog::openForReading(file), run.toStdString(), seq);
        return [this, run, text] {
            if (run != m_runId) return;
            showText(text);
            m_isUnseen = !isVisible();
        };
    });
}

// There is no verdict while another program writes: that is said, for as long as it takes.
void AuditPanel::showHeld() {
    const QString name = QFileInfo(m_read).fileName();
    const QString line = tr("another program has locked %1; it is read when that one is done");
    setLogState({Weight::Caution, tr("%1 · in use").arg(name), line.arg(m_read)});
    m_isHeld = true;
    if (state() != PanelState::Content) return setBusy(tr("Waiting: %1.").arg(line.arg(name)));
    if (!m_isChecking) return;
    m_verdict = {Weight::Caution, tr("… WAITING"), line.arg(name), {}};
    m_card->setText({m_verdict.weight, {}, m_verdict.word, m_verdict.text, {}});
}

void AuditPanel::showVerdict(const AuditVerdict& verdict) {
    m_isChecking = false;
    m_verdict = verdict;
    m_card->setText({verdict.weight, {}, verdict.word, verdict.text, {}});
    m_findings->setPlainText(verdict.details);
    if (verdict.weight == Weight::Bad)
        setLogState({Weight::Bad, QFileInfo(m_read).fileName() + u" · "_s + verdict.word,
                     m_read + u'\n' + verdict.line()});
    showContent();
}

// A log that is wrong is the verdict itself; what else fails leaves the tab as it is.
void AuditPanel::showProblem(ErrorKind kind, const QString& message) {
    if (kind == ErrorKind::Tampered) {
        // A verification that has found more is not overwritten.
        if (m_verdict.weight != Weight::Bad)
            showVerdict({Weight::Bad, tr("✘ TAMPERED"), message, {}});
        return;
    }
    if (state() != PanelState::Content) {
        setLogState(
            {Weight::Bad, tr("%1 · cannot be read").arg(QFileInfo(m_read).fileName()), message});
        setError(message, adviceFor(kind));
        return;
    }
    showNote({Weight::Bad, tr("✘ Not done"), message, adviceFor(kind)});
}

void AuditPanel::showNote(const AuditVerdict& note) {
    m_note->setText(
        {note.weight, {}, note.word, note.text, note.details.split(u'\n', Qt::SkipEmptyParts)});
    m_note->show();
}

QString AuditPanel::verdict() const {
    return m_verdict.line();
}

QString AuditPanel::details() const {
    return m_record;
}

void AuditPanel::showText(const QString& record) {
    m_record = record;
    m_details->setPlainText(record);
}

QString AuditPanel::note() const {
    const CardText& text = m_note->text();
    return (QStringList{text.word, text.text} + text.more).join(u'\n');
}

QString AuditPanel::unfinished() const {
    return m_writing.isBusy() ? tr("The log is being written to. Quit all the same?") : QString();
}

bool AuditPanel::has(CopyFormat format) const {
    return format != CopyFormat::SvgText;
}

CopyWork AuditPanel::copyWork(CopyFormat format) const {
    if (format == CopyFormat::Picture) return Panel::copyWork(format);
    if (format == CopyFormat::PlainText)
        return copyOf([verdict = m_verdict, record = m_record] {
            return verdict.line() + u'\n' + verdict.details + u'\n' + record;
        });
    return copyOf([verdict = m_verdict.line(), run = m_runId, records = m_records->records(),
                   record = m_record] {
        Json all = Json::array();
        for (const ShownRecord& each : records)
            all.push_back({{"seq", each.seq},
                           {"type", each.type.toStdString()},
                           {"time", each.time.toStdString()}});
        return qtText(Json({{"verdict", verdict.toStdString()},
                            {"run", run.toStdString()},
                            {"records", all},
                            {"shown", record.toStdString()}})
                          .dump(1));
    });
}

}  // namespace driftlens
