#include "ui/panels/report_panel.h"

#include "engine/audit/log.h"
#include "reports/document/sections.h"
#include "ui/models/audit_text.h"
#include "ui/widgets/text.h"
#include "ui/widgets/verdict_card.h"
#include "ui/workbench.h"

#include <QComboBox>
#include <QFileInfo>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QTreeWidget>

#include <algorithm>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

const QString kPromptKey = u"prompt"_s, kDataKey = u"data"_s;

constexpr std::size_t kMostRuns = 200;  // in the list; the Audit log tab has all
constexpr qsizetype kPromptLength = 40;

bool isSame(const ReportSource& a, const ReportSource& b) {
    const auto key = [](const ReportSource& source) {
        return source.run ? source.run->logFile + '\n' + source.run->runId : std::string();
    };
    return a.prompt == b.prompt && a.data == b.data && key(a) == key(b);
}

}  // namespace

void ReportPanel::setResult(const ResultPtr& result) {
    if (result == m_prompt) return;
    m_prompt = result;
    listSources();
    if (result != nullptr && !result->isPreview) follow(kPromptKey);
}

// What was run last is what one reports on next, unless one has chosen.
void ReportPanel::follow(const QString& key) {
    const int place = m_sources->findData(key);
    if (place >= 0 && !m_isChosen) m_sources->setCurrentIndex(place);
}

void ReportPanel::listen() {
    connect(m_sources, &QComboBox::currentIndexChanged, this, &ReportPanel::considerSource);
    connect(m_sources, &QComboBox::activated, this, [this] { m_isChosen = true; });
    connect(&m_sectionsChanged, &QTimer::timeout, this, &ReportPanel::prepare);
    connect(&m_workbench, &Workbench::sessionChanged, this, [this] {
        if (m_workbench.session().log != m_log) readRuns();
        listSources();
    });
    connect(&m_workbench, &Workbench::logChanged, this, &ReportPanel::readRuns);
    connect(&m_workbench, &Workbench::dataFinished, this, [this] {
        listSources();
        follow(kDataKey);
    });
    connect(m_view, &PageView::pictureWanted, this, &ReportPanel::draw);
    connect(m_view, &PageView::currentPageChanged, this, &ReportPanel::showPage);
    connect(m_view, &PageView::zoomChanged, this, [this](double zoom) {
        m_drawing.drop(Lane::Preview);
        m_zoom->setText(tr("%1 %").arg(static_cast<int>(zoom * 100.0 + 0.5)));
    });
}

// The log is read for its runs whether somebody looks or not: the list says what there is.
void ReportPanel::readRuns() {
    const QString log = m_workbench.session().log;
    if (log != m_log) {
        m_log = log;
        m_runs.clear();
        m_isChosen = false;
    }
    if (log.isEmpty()) return listSources();
    m_making.add(
        Lane::Log,
        [this, log](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
            std::vector<RunSummary> runs;
            if (QFileInfo::exists(log)) runs = AuditLog::openForReading(log.toStdString())->runs();
            std::erase_if(runs, [](const RunSummary& run) { return !isReportable(run); });
            std::reverse(runs.begin(), runs.end());
            return [this, log, runs] {
                if (log != m_log) return;
                m_runs = runs;
                listSources();
            };
        },
        // The Audit log tab says what is wrong with a log.
        [this](ErrorKind, const QString&) {
            m_runs.clear();
            listSources();
        });
}

void ReportPanel::listSources() {
    const QString key = m_sources->currentData().toString();
    {
        const QSignalBlocker silence(m_sources);
        m_sources->clear();
        std::string shown;
        if (m_prompt != nullptr && !m_prompt->comparison.variants.empty()) {
            QString prompt = qtText(m_prompt->comparison.input.text).simplified();
            if (prompt.size() > kPromptLength) prompt = prompt.left(kPromptLength) + u'…';
            m_sources->addItem(tr("Shown prompt: “%1”").arg(prompt), kPromptKey);
            shown = m_prompt->comparison.runId;
        }
        std::string shownData;
        if (const DatasetResultPtr& finished = m_workbench.dataResult()) {
            m_sources->addItem(tr("Shown data set: %1, %2 examples")
                                   .arg(QFileInfo(qtText(finished->dataFile)).fileName())
                                   .arg(finished->aggregate.examples),
                               kDataKey);
            shownData = finished->runId;
        }
        for (std::size_t i = 0; i < std::min(m_runs.size(), kMostRuns); ++i) {
            const RunSummary& run = m_runs[i];
            if (run.runId == shown || run.runId == shownData) continue;
            m_sources->addItem(
                tr("Logged %1 UTC, run %2")
                    .arg(qtText(run.startedUtc).left(19).replace(u'T', u' '), qtText(run.runId)),
                qtText(run.runId));
        }
        // Chosen by its name, it may be older than the list goes back.
        const bool isStillLogged = m_source.run && m_source.run->runId == key.toStdString() &&
                                   m_source.run->logFile == m_log.toStdString();
        if (m_isChosen && isStillLogged && m_sources->findData(key) < 0)
            m_sources->addItem(tr("Logged run %1").arg(key), key);
        const int place = m_sources->findData(key);
        if (place < 0) m_isChosen = false;
        m_sources->setCurrentIndex(std::max(place, m_sources->count() > 0 ? 0 : -1));
    }
    considerSource();
}

ReportSource ReportPanel::chosenSource() const {
    ReportSource out;
    const QString key = m_sources->currentData().toString();
    if (key == kPromptKey)
        out.prompt = m_prompt;
    else if (key == kDataKey)
        out.data = m_workbench.dataResult();
    else if (!key.isEmpty())
        out.run = LoggedRun{m_log.toStdString(), key.toStdString()};
    return out;
}

void ReportPanel::considerSource() {
    if (m_sources->count() == 0) {
        m_making.drop(Lane::Preview);
        m_source = {};
        m_whole = nullptr;
        m_prepared = nullptr;
        m_view->setPages(0, {1.0, 1.0});
        setMaking(false);
        setEmpty();
        return;
    }
    showContent();
    const ReportSource source = chosenSource();
    if (isSame(source, m_source)) return;
    m_source = source;
    start();
}

void ReportPanel::reportOn(const QString& runId) {
    m_isChosen = true;
    int place = m_sources->findData(runId);
    if (place < 0 && m_prompt != nullptr && qtText(m_prompt->comparison.runId) == runId)
        place = m_sources->findData(kPromptKey);
    if (place < 0 && m_workbench.dataResult() != nullptr &&
        qtText(m_workbench.dataResult()->runId) == runId)
        place = m_sources->findData(kDataKey);
    if (place < 0) {
        // Older than the list goes back, or no comparison: then making it says so.
        m_sources->addItem(tr("Logged run %1").arg(runId), runId);
        place = m_sources->count() - 1;
    }
    m_sources->setCurrentIndex(place);
    considerSource();
}

void ReportPanel::makeAgain() {
    if (m_sources->count() > 0) start();
}

// What is shown is of something else: nothing of it stays.
void ReportPanel::start() {
    m_making.drop(Lane::Preview);
    m_drawing.drop(Lane::Preview);
    m_whole = nullptr;
    m_prepared = nullptr;
    m_view->setPages(0, {1.0, 1.0});
    m_status->hide();
    m_problem->hide();
    m_isStale = true;
    updateButtons();
    showPageNumbers();
    if (isVisible()) make();
}

void ReportPanel::showEvent(QShowEvent* event) {
    Panel::showEvent(event);
    if (m_isStale && m_sources->count() > 0) make();
}

void ReportPanel::make() {
    m_isStale = false;
    setMaking(true);
    m_making.add(
        Lane::Preview,
        [this, source = m_source, sections = sections(), hasSections = hasSections()](
            const RunContext& context, const JobQueue::Post& post) -> JobQueue::Deliver {
            const WholeReportPtr whole = makeWholeReport(source);
            post([this, whole] { take(whole); });
            if (!hasSections) return [this] { show(nullptr); };
            const PreparedReportPtr prepared = prepareReport(*whole, sections, context);
            return [this, prepared] { show(prepared); };
        },
        [this](ErrorKind kind, const QString& message) { fail(kind, message); });
}

void ReportPanel::prepare() {
    if (m_whole == nullptr) {
        if (m_sources->count() > 0) start();
        return;
    }
    m_making.drop(Lane::Preview);
    m_problem->hide();
    if (!hasSections()) return show(nullptr);
    setMaking(true);
    m_making.add(
        Lane::Preview,
        [this, whole = m_whole, sections = sections()](const RunContext& context,
                                                       const JobQueue::Post&) {
            const PreparedReportPtr prepared = prepareReport(*whole, sections, context);
            return [this, prepared] { show(prepared); };
        },
        [this](ErrorKind kind, const QString& message) { fail(kind, message); });
}

void ReportPanel::take(const WholeReportPtr& whole) {
    m_whole = whole;
    const AuditVerdict verdict = verdictOfEvidence(whole->report);
    m_status->setText({verdict.weight,
                       {},
                       verdict.word,
                       verdict.text,
                       verdict.details.split(u'\n', Qt::SkipEmptyParts)});
    m_status->show();
}

void ReportPanel::show(const PreparedReportPtr& prepared) {
    setMaking(false);
    m_prepared = prepared;
    m_drawing.drop(Lane::Preview);
    const int count = prepared == nullptr ? 0 : static_cast<int>(prepared->pages->count());
    m_view->setPages(count, {PageImages::width(), PageImages::height()});
    m_problem->setVisible(prepared == nullptr);
    if (prepared == nullptr)
        m_problem->setText({Weight::Caution,
                            {},
                            tr("No section is chosen"),
                            tr("Tick at least one under Sections."),
                            {}});
    showPageNumbers();
    updateButtons();
}

void ReportPanel::fail(ErrorKind kind, const QString& message) {
    setMaking(false);
    m_prepared = nullptr;
    m_view->setPages(0, {1.0, 1.0});
    const bool isCancelled = kind == ErrorKind::Cancelled;
    m_problem->setText({isCancelled ? Weight::Neutral : Weight::Bad,
                        {},
                        isCancelled ? tr("Cancelled") : tr("This report cannot be made"),
                        isCancelled ? tr("“Make again” begins anew.") : message,
                        isCancelled ? QStringList() : QStringList{adviceFor(kind)}});
    m_problem->show();
    showPageNumbers();
    updateButtons();
}

void ReportPanel::cancel() {
    m_making.cancel(Lane::Preview);
}

void ReportPanel::setMaking(bool isMaking) {
    m_progress->setVisible(isMaking);
    m_cancel->setVisible(isMaking);
    m_again->setVisible(!isMaking);
    updateButtons();
}

void ReportPanel::draw(int page) {
    if (m_prepared == nullptr) return;
    m_drawing.add(
        Lane::Preview,
        [this, pages = m_prepared->pages, page, scale = m_view->pixelsPerPoint()](
            const RunContext&, const JobQueue::Post&) {
            const QImage image = pageImage(pages->image(static_cast<std::size_t>(page), scale));
            return [this, pages, page, image] {
                if (m_prepared != nullptr && m_prepared->pages == pages)
                    m_view->setPicture(page, image);
            };
        },
        [this](ErrorKind kind, const QString& message) { fail(kind, message); });
}

std::vector<std::string> ReportPanel::sections() const {
    std::vector<std::string> out;
    for (int i = 0; i < m_sections->topLevelItemCount(); ++i) {
        const QTreeWidgetItem* item = m_sections->topLevelItem(i);
        if (item->checkState(0) == Qt::Checked)
            out.push_back(item->data(0, Qt::UserRole).toString().toStdString());
    }
    // All of them is what a report has if nobody chooses.
    return out.size() == kReportSections.size() ? std::vector<std::string>() : out;
}

bool ReportPanel::hasSections() const {
    for (int i = 0; i < m_sections->topLevelItemCount(); ++i)
        if (m_sections->topLevelItem(i)->checkState(0) == Qt::Checked) return true;
    return false;
}

void ReportPanel::chooseSections(const std::vector<std::string>& ids) {
    for (int i = 0; i < m_sections->topLevelItemCount(); ++i) {
        QTreeWidgetItem* item = m_sections->topLevelItem(i);
        const std::string id = item->data(0, Qt::UserRole).toString().toStdString();
        const bool isOn = ids.empty() || std::find(ids.begin(), ids.end(), id) != ids.end();
        item->setCheckState(0, isOn ? Qt::Checked : Qt::Unchecked);
    }
}

void ReportPanel::showPage(int page) {
    const QSignalBlocker silence(m_page);
    m_page->setValue(page + 1);
}

void ReportPanel::showPageNumbers() {
    const int count = m_view->count();
    const QSignalBlocker silence(m_page);
    m_page->setRange(std::min(1, count), count);
    m_page->setValue(m_view->currentPage() + 1);
    m_pageCount->setText(tr("of %1").arg(count));
    m_pageBar->setEnabled(count > 0);
    const QSignalBlocker quiet(m_sections);
    for (int i = 0; i < m_sections->topLevelItemCount(); ++i) {
        QTreeWidgetItem* item = m_sections->topLevelItem(i);
        item->setText(1, {});
        if (m_prepared == nullptr) continue;
        const std::vector<Section>& all = m_prepared->layout.sections;
        const std::string id = item->data(0, Qt::UserRole).toString().toStdString();
        const auto found = std::find_if(all.begin(), all.end(),
                                        [&](const Section& each) { return each.id == id; });
        if (found == all.end()) continue;
        const auto place = static_cast<std::size_t>(found - all.begin());
        item->setText(1, QString::number(m_prepared->pages->sectionPages()[place] + 1));
    }
}

void ReportPanel::updateButtons() {
    const bool canExport =
        m_prepared != nullptr && !m_progress->isVisibleTo(this) && !m_writing.isBusy(Lane::Files);
    m_exportPdf->setEnabled(canExport);
    m_exportOther->setEnabled(canExport);
}

bool ReportPanel::isBusy() const {
    return m_making.isBusy() || m_writing.isBusy();
}

QString ReportPanel::statusWord() const {
    return m_whole == nullptr ? QString() : m_status->text().word;
}

QString ReportPanel::note() const {
    const VerdictCard* card = m_problem->isVisibleTo(this) ? m_problem : m_note;
    const CardText& text = card->text();
    return (QStringList{text.word, text.text} + text.more).join(u'\n');
}

}  // namespace driftlens
