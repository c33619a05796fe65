// The widgets of the tab, and what each does.
#include "ui/models/records_model.h"
#include "ui/models/runs_model.h"
#include "ui/panels/audit_panel.h"
#include "ui/widgets/text.h"
#include "ui/widgets/verdict_card.h"
#include "ui/workbench.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace driftlens {
namespace {

template <typename Action>
void addButton(QHBoxLayout* row, const QString& text, Action action) {
    auto* button = new QPushButton(text, row->parentWidget());
    QObject::connect(button, &QPushButton::clicked, button, action);
    row->addWidget(button);
}

}  // namespace

AuditPanel::AuditPanel(const PanelEntry& entry, Workbench& workbench, QWidget* parent)
    : Panel(qtText(entry.title).remove(u'&'), qtText(entry.empty), parent), m_workbench(workbench) {
    auto* page = new QWidget(this);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(12, 8, 12, 8);
    layout->addWidget(makeFileBar());
    layout->addWidget(makeTrustBar());
    m_card = new VerdictCard(page);
    layout->addWidget(m_card);
    layout->addWidget(makeBar());
    m_note = new VerdictCard(page);
    m_note->hide();
    layout->addWidget(m_note);
    layout->addWidget(makeViews(), 1);
    setContent(page);
    addWay(tr("Choose a log…"), [this] { askToChoose(); });
    addWay(tr("Create a log…"), [this] { askToCreate(); });
    connect(&workbench, &Workbench::sessionChanged, this, [this] {
        if (m_workbench.session().log != m_read) refresh();
    });
    connect(&workbench, &Workbench::logChanged, this, &AuditPanel::refresh);
    refresh();
}

QWidget* AuditPanel::makeFileBar() {
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    m_file = new QLineEdit(bar);
    m_file->setPlaceholderText(tr("Empty: runs are not logged"));
    m_file->setAccessibleName(tr("Log file"));
    m_file->setClearButtonEnabled(true);
    auto* label = new QLabel(tr("Run&s are recorded in"), bar);
    label->setBuddy(m_file);
    auto* choose = new QPushButton(tr("Choose…"), bar);
    choose->setAccessibleName(tr("Choose another log"));
    auto* create = new QPushButton(tr("Create…"), bar);
    create->setAccessibleName(tr("Create a log"));
    row->addWidget(label);
    row->addWidget(m_file, 1);
    row->addWidget(choose);
    row->addWidget(create);
    connect(m_file, &QLineEdit::editingFinished, this,
            [this] { chooseLog(m_file->text().trimmed()); });
    connect(choose, &QPushButton::clicked, this, &AuditPanel::askToChoose);
    connect(create, &QPushButton::clicked, this, &AuditPanel::askToCreate);
    return bar;
}

QWidget* AuditPanel::makeBar() {
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    m_runs = new RunsModel(this);
    m_filtered = new RunsFilter(*m_runs, this);
    const auto box = [&](const QString& all, const QString& name) {
        auto* out = new QComboBox(bar);
        out->addItem(all, QString());
        out->setAccessibleName(name);
        out->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        row->addWidget(out);
        return out;
    };
    m_verb = box(tr("All verbs"), tr("Runs of which verb"));
    m_status = box(tr("All states"), tr("Runs that ended how"));
    auto* filter = new QLineEdit(bar);
    filter->setPlaceholderText(tr("Filter by time, model or run"));
    filter->setAccessibleName(tr("Filter"));
    filter->setClearButtonEnabled(true);
    row->addWidget(filter, 1);
    addButton(row, tr("Report"), [this] { report(); });
    addButton(row, tr("Rerun"), [this] { rerun(); });
    addButton(row, tr("Erase…"), [this] { askToErase(); });
    addButton(row, tr("Prove…"), [this] { askToProve(); });
    connect(m_verb, &QComboBox::currentIndexChanged, this,
            [this] { m_filtered->setVerb(m_verb->currentData().toString()); });
    connect(m_status, &QComboBox::currentIndexChanged, this,
            [this] { m_filtered->setStatus(m_status->currentData().toString()); });
    connect(filter, &QLineEdit::textChanged, m_filtered, &RunsFilter::setText);
    return bar;
}

QWidget* AuditPanel::makeTrustBar() {
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    const auto line = [&](const QString& name) {
        auto* edit = new QLineEdit(bar);
        edit->setPlaceholderText(name);
        edit->setAccessibleName(name);
        auto* choose = new QPushButton(tr("Choose…"), bar);
        choose->setAccessibleName(tr("Choose: %1").arg(name));
        connect(choose, &QPushButton::clicked, this, [this, edit, name] {
            const QString chosen = QFileDialog::getOpenFileName(this, name);
            if (chosen.isEmpty()) return;
            edit->setText(chosen);
            verify();
        });
        connect(edit, &QLineEdit::returnPressed, this, &AuditPanel::verify);
        row->addWidget(edit, 1);
        row->addWidget(choose);
        return edit;
    };
    m_checkpoint = line(tr("Checkpoint file that you hold"));
    m_key = line(tr("Public key file that you hold"));
    addButton(row, tr("Ver&ify"), [this] { verify(); });
    addButton(row, tr("Copy checkpoint"), [this] { copyCheckpoint(); });
    addButton(row, tr("Export…"), [this] { askToExport(); });
    return bar;
}

void AuditPanel::makeTable(QWidget* parent) {
    m_table = new QTableView(parent);
    m_table->setModel(m_filtered);
    m_table->setAccessibleName(tr("Runs, newest first"));
    m_table->setShowGrid(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    const QFontMetrics metrics = fontMetrics();
    const auto widthOf = [&](QStringView text) {
        return metrics.horizontalAdvance(text.toString()) + 20;
    };
    m_table->setColumnWidth(RunsModel::Started, widthOf(u"0000-00-00 00:00:00"));
    m_table->setColumnWidth(RunsModel::VerbName, widthOf(u"compare"));
    m_table->setColumnWidth(RunsModel::Status, widthOf(u"unmatched"));
    m_table->setColumnWidth(RunsModel::Run, widthOf(u"0123456789abcdef"));
    m_table->horizontalHeader()->setSectionResizeMode(RunsModel::Models, QHeaderView::Stretch);
    m_table->horizontalHeader()->setMinimumSectionSize(60);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &AuditPanel::showRun);
    connect(m_filtered, &QAbstractItemModel::modelReset, this, &AuditPanel::showRun);
}

QWidget* AuditPanel::makeViews() {
    auto* views = new QSplitter(this);
    views->setChildrenCollapsible(false);
    makeTable(views);
    m_records = new RecordsModel(this);
    m_list = new QListView(views);
    m_list->setModel(m_records);
    m_list->setUniformItemSizes(true);
    m_list->setAccessibleName(tr("Records of the run"));
    connect(m_records, &RecordsModel::pageWanted, this, &AuditPanel::readPage);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            &AuditPanel::showRecord);
    auto* texts = new QSplitter(Qt::Vertical, views);
    texts->setChildrenCollapsible(false);
    for (QPlainTextEdit** each : {&m_details, &m_findings}) {
        *each = new QPlainTextEdit(texts);
        (*each)->setReadOnly(true);
        (*each)->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    }
    m_details->setAccessibleName(tr("The record"));
    m_details->setPlaceholderText(tr("Choose a run and a record."));
    m_findings->setAccessibleName(tr("What the check found"));
    views->setSizes({680, 120, 330});
    views->setStretchFactor(0, 3);
    views->setStretchFactor(2, 2);
    return views;
}

}  // namespace driftlens
