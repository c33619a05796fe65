#include "ui/panels/dataset_panel.h"

#include "reports/figures/quadrant_scatter.h"
#include "ui/models/result.h"
#include "ui/widgets/card_list.h"
#include "ui/widgets/text.h"
#include "ui/workbench.h"

#include <QComboBox>
#include <QFileInfo>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kSideWidth = 344;
constexpr int kFormMargin = 8;            // of the form, for its scroll bar
constexpr int kFigureWidth = 84;          // a column of figures
constexpr int kCharts = 2;                // of the pages
constexpr int kRedrawMilliseconds = 500;  // charts of a running data set

QString methodOf(const DatasetSetup& setup, const Session& session) {
    const QString all = setup.method.isEmpty() ? session.methods.value(0) : setup.method;
    return all.section(u':', 0, 0);
}

}  // namespace

DatasetPanel::DatasetPanel(const PanelEntry& entry, Workbench& workbench, QWidget* parent)
    : Panel(qtText(entry.title).remove(u'&'), qtText(entry.empty), parent), m_workbench(workbench) {
    m_examples = new ExamplesModel(this);
    m_filter = new ExamplesFilter(*m_examples, this);
    auto* content = new QWidget(this);
    auto* layout = new QHBoxLayout(content);
    layout->setContentsMargins(12, 8, 12, 8);
    layout->setSpacing(12);
    layout->addWidget(makeSide());
    m_views = new QTabWidget(content);
    m_views->setDocumentMode(true);
    m_verdicts = new CardList(m_views);
    m_verdicts->setAccessibleName(tr("Verdicts"));
    showVerdicts();
    m_views->addTab(m_verdicts, tr("Verdicts"));
    m_views->addTab(makeExamples(), tr("Examples"));
    m_views->addTab(makeCharts(), tr("Charts"));
    layout->addWidget(m_views, 1);
    setContent(content);
    m_redraw.setSingleShot(true);
    m_redraw.setInterval(kRedrawMilliseconds);
    listen();
    showFile();
    updateButtons();
}

void DatasetPanel::listen() {
    connect(&m_redraw, &QTimer::timeout, this, &DatasetPanel::showCharts);
    connect(m_views, &QTabWidget::currentChanged, this, &DatasetPanel::showCharts);
    connect(&m_workbench, &Workbench::sessionChanged, this, &DatasetPanel::showFile);
    connect(&m_workbench, &Workbench::busyChanged, this, &DatasetPanel::updateButtons);
    connect(&m_workbench, &Workbench::dataStarted, this, &DatasetPanel::begin);
    connect(&m_workbench, &Workbench::dataExamples, this, &DatasetPanel::showExamples);
    connect(&m_workbench, &Workbench::dataFinished, this, &DatasetPanel::finish);
    connect(&m_workbench, &Workbench::dataFailed, this, &DatasetPanel::fail);
    connect(&m_workbench, &Workbench::dataPlanned, this,
            [this](const DatasetPlan& plan) { m_message->setText(planLines(plan)); });
    connect(&m_workbench, &Workbench::progressed, this,
            [this](double fraction, const QString& stage, int left) {
                if (!m_workbench.isRunningData()) return;
                QString text = tr("%1 %, %2").arg(static_cast<int>(fraction * 100)).arg(stage);
                if (left >= 0) text += tr(", %1 s left").arg(left);
                m_message->setText(text);
            });
}

QWidget* DatasetPanel::makeSide() {
    auto* side = new QWidget(this);
    side->setFixedWidth(kSideWidth);
    auto* layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 0, 0, 0);
    m_name = new QLabel(side);
    m_name->setTextFormat(Qt::PlainText);
    QFont bold = font();
    bold.setBold(true);
    m_name->setFont(bold);
    layout->addWidget(m_name);
    auto* scroll = new QScrollArea(side);
    m_form = new DatasetForm(scroll);
    m_form->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    scroll->setWidget(m_form);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    layout->addWidget(scroll, 1);
    m_message = new QLabel(side);
    m_message->setTextFormat(Qt::PlainText);
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_message);
    auto* buttons = new QHBoxLayout;
    buttons->setContentsMargins(0, 0, kFormMargin, 0);  // they end where the fields end
    m_plan = new QPushButton(tr("Pla&n first"), side);
    m_run = new QPushButton(tr("Run the data &set"), side);
    m_cancel = new QPushButton(tr("Cancel"), side);
    for (QPushButton* each : {m_plan, m_run, m_cancel}) buttons->addWidget(each);
    layout->addLayout(buttons);
    connect(m_plan, &QPushButton::clicked, this, &DatasetPanel::plan);
    connect(m_run, &QPushButton::clicked, this, &DatasetPanel::run);
    connect(m_cancel, &QPushButton::clicked, &m_workbench, &Workbench::cancel);
    return side;
}

QWidget* DatasetPanel::makeExamples() {
    auto* page = new QWidget(this);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 8, 0, 0);
    auto* bar = new QHBoxLayout;
    m_filterBox = new QComboBox(page);
    m_filterBox->setObjectName(u"filter"_s);
    m_filterBox->setAccessibleName(tr("Which examples are shown"));
    m_filterBox->addItems({tr("All examples"), tr("Flips"), tr("Same answer, same reasons"),
                           tr("Same answer, other reasons"), tr("Other answer, same reasons"),
                           tr("Other answer, other reasons"), tr("Failed")});
    m_count = new QLabel(page);
    bar->addWidget(m_filterBox);
    bar->addWidget(m_count);
    bar->addStretch(1);
    layout->addLayout(bar);
    m_table = new QTableView(page);
    m_table->setModel(m_filter);
    m_table->setAccessibleName(tr("Examples"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setAlternatingRowColors(true);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setTextElideMode(Qt::ElideMiddle);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(ExamplesModel::Row, Qt::AscendingOrder);
    layout->addWidget(m_table, 1);
    const auto count = [this] {
        m_count->setText(tr("%1 of %2").arg(m_filter->rowCount()).arg(m_examples->rowCount()));
    };
    connect(m_filterBox, &QComboBox::currentIndexChanged, this, [this, count](int index) {
        m_filter->setFilter(static_cast<ExampleFilter>(index));
        count();
    });
    connect(m_filter, &QAbstractItemModel::rowsInserted, this, count);
    connect(m_filter, &QAbstractItemModel::modelReset, this, count);
    connect(m_table, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        const int row = m_filter->mapToSource(index).row();
        Q_EMIT promptChosen(m_examples->rows()[static_cast<std::size_t>(row)].text);
    });
    return page;
}

QWidget* DatasetPanel::makeCharts() {
    auto* page = new QWidget(this);
    auto* layout = new QGridLayout(page);
    layout->setContentsMargins(0, 8, 0, 0);
    m_scatter = new Chart(page);
    m_histogram = new Chart(page);
    m_pareto = new Chart(page);
    layout->addWidget(m_scatter, 0, 0, 1, 2);
    layout->addWidget(m_histogram, 1, 0);
    layout->addWidget(m_pareto, 1, 1);
    connect(m_scatter, &Chart::clicked, this, [this](int row) {
        const QModelIndex index = m_filter->mapFromSource(m_examples->index(row, 0));
        m_views->setCurrentIndex(1);
        m_table->selectRow(index.row());
        m_table->scrollTo(index);
    });
    return page;
}

void DatasetPanel::showFile() {
    const QString file = m_workbench.session().data;
    if (file == m_file) return;
    m_file = file;
    m_form->setResumes({});
    m_message->clear();
    // What is shown is of the file before.
    m_result = nullptr;
    showVerdicts();
    m_examples->start({}, {}, m_setup.primary, m_margin);
    m_variants.clear();
    showCharts();
    m_name->setText(
        fontMetrics().elidedText(QFileInfo(file).fileName(), Qt::ElideMiddle, kSideWidth - 8));
    m_name->setToolTip(file);
    if (file.isEmpty()) {
        setEmpty();
        return;
    }
    showContent();
    m_workbench.filesQueue().add(
        Lane::Files,
        [this, file](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
            const QStringList columns = columnsOf(file);
            return [this, file, columns] {
                if (file == m_file) m_form->setColumns(columns);
            };
        },
        // What the run would say of the file is said before anybody starts it.
        [this, file](ErrorKind kind, const QString& message) {
            if (file == m_file) m_message->setText(message + u'\n' + adviceFor(kind));
        });
}

void DatasetPanel::plan() {
    if (!m_form->check()) return;
    m_message->setText(tr("Planning…"));
    m_workbench.planData(m_form->setup());
}

void DatasetPanel::run() {
    if (!m_form->check()) return;
    m_setup = m_form->setup();
    m_workbench.runData(m_setup);
}

void DatasetPanel::begin() {
    showContent();
    m_result = nullptr;
    m_runFile = m_file;
    m_message->setText(tr("Running…"));
    m_variants.clear();
    const Session& session = m_workbench.session();
    for (int row = 0; row < static_cast<int>(session.models.size()); ++row) {
        const VariantInfo& info = m_workbench.info(row);
        if (row == session.reference || !info.message.isEmpty()) continue;
        const QString text = session.models[static_cast<std::size_t>(row)].text();
        m_variants.push_back(info.state == LoadState::Loaded ? nameOf(info.identity)
                                                             : QFileInfo(text).fileName());
    }
    m_margin = primaryMargin(m_setup);
    m_examples->start(m_variants, methodOf(m_setup, session), m_setup.primary, m_margin);
    for (int i = ExamplesModel::FixedColumns; i < m_examples->columnCount(); ++i)
        m_table->setColumnWidth(i, kFigureWidth);
    m_table->setColumnWidth(ExamplesModel::Row, 50);
    m_table->setColumnWidth(ExamplesModel::Text, 200);
    m_table->setColumnWidth(ExamplesModel::Label, 80);
    m_table->setColumnHidden(ExamplesModel::Label, true);  // until a row has one
    m_table->setColumnWidth(ExamplesModel::Answer, 80);
    showVerdicts();
    m_views->setCurrentIndex(1);
}

void DatasetPanel::showExamples(const ExampleRows& rows) {
    if (m_runFile != m_file) return;
    m_examples->append(*rows);
    if (std::any_of(rows->begin(), rows->end(),
                    [](const ExampleRow& row) { return row.outcome.label.has_value(); }))
        m_table->setColumnHidden(ExamplesModel::Label, false);
    if (!m_redraw.isActive()) m_redraw.start();
}

// Of all rows: only where somebody sees them.
void DatasetPanel::showCharts() {
    if (m_views->currentIndex() != kCharts) return;
    m_scatter->show(scatterView(*m_examples, m_variants, m_margin));
    m_histogram->show(histogramView(*m_examples, m_variants, m_margin));
    const QString figure = methodOf(m_setup, m_workbench.session()) + u'.' + m_setup.primary;
    static const FinishedDataset kNone;
    m_pareto->show(paretoView(m_result == nullptr ? kNone : *m_result, figure));
}

void DatasetPanel::finish(const DatasetResultPtr& result) {
    if (m_runFile != m_file) return;
    m_result = result;
    m_form->setResumes({});
    m_message->setText(
        tr("%1 examples in %2 s").arg(result->aggregate.examples).arg(figure(result->seconds)));
    showVerdicts();
    m_views->setCurrentIndex(0);
}

void DatasetPanel::showVerdicts() {
    m_verdicts->setGroups(m_result == nullptr ? std::vector<CardGroup>() : verdictCards(*m_result),
                          tr("Verdicts appear here when all examples are done."));
}

void DatasetPanel::fail(ErrorKind kind, const QString& message) {
    m_message->setText(kind == ErrorKind::Cancelled ? message : message + u'\n' + adviceFor(kind));
    // The engine says under which run what is finished can be found again.
    static const QString kHint = u"--resume "_s;
    if (kind == ErrorKind::Cancelled && message.contains(kHint))
        m_form->setResumes(message.section(kHint, 1).section(u' ', 0, 0));
}

void DatasetPanel::updateButtons() {
    const bool isRunning = m_workbench.isRunning();
    m_plan->setEnabled(!isRunning);
    m_run->setEnabled(!isRunning);
    m_cancel->setEnabled(m_workbench.isRunningData());
}

QString DatasetPanel::message() const {
    return m_message->text();
}

bool DatasetPanel::has(CopyFormat format) const {
    switch (format) {
        case CopyFormat::Picture:
            return true;
        case CopyFormat::PlainText:
            return m_result != nullptr || !m_message->text().isEmpty();
        case CopyFormat::SvgText:
            return m_result != nullptr && !m_examples->points().empty();
        case CopyFormat::JsonText:
            return m_result != nullptr;
    }
    return false;
}

CopyWork DatasetPanel::copyWork(CopyFormat format) const {
    switch (format) {
        case CopyFormat::Picture:
            return Panel::copyWork(format);
        case CopyFormat::PlainText:
            if (m_result == nullptr) return copyOf([text = m_message->text()] { return text; });
            return copyOf([result = m_result] { return cardLines(verdictCards(*result)); });
        case CopyFormat::SvgText:
            return copyOf([points = m_examples->points(), margin = m_margin] {
                return qtText(quadrantScatterSvg(points, margin, "KL of the output, nats",
                                                 "drift of the explanation",
                                                 "Answers and reasons, all variants"));
            });
        case CopyFormat::JsonText:
            return copyOf([result = m_result] { return qtText(toJson(*result).dump(2)); });
    }
    return {};
}

}  // namespace driftlens
