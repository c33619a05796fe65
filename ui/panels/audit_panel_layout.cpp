// The widgets of the tab, and what each does.
#include "ui/models/runs_model.h"
#include "ui/panels/audit_panel.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>

namespace driftlens {

QWidget* AuditPanel::makeBar() {
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    auto* filter = new QLineEdit(bar);
    filter->setPlaceholderText(tr("Filter by time, verb, status or run"));
    filter->setAccessibleName(tr("Filter"));
    filter->setClearButtonEnabled(true);
    row->addWidget(filter, 1);
    const auto button = [&](const QString& text, auto action) {
        auto* out = new QPushButton(text, bar);
        connect(out, &QPushButton::clicked, this, action);
        row->addWidget(out);
    };
    button(tr("Ver&ify"), [this] { verify(); });
    button(tr("Re&run"), [this] { rerun(); });
    button(tr("Erase…"), [this] { askToErase(); });
    button(tr("Export…"), [this] { askToExport(); });
    button(tr("Prove…"), [this] { askToProve(); });
    button(tr("Copy checkpoint"), [this] { copyCheckpoint(); });
    m_filtered = new QSortFilterProxyModel(this);
    m_filtered->setFilterKeyColumn(-1);
    m_filtered->setFilterCaseSensitivity(Qt::CaseInsensitive);
    connect(filter, &QLineEdit::textChanged, m_filtered,
            &QSortFilterProxyModel::setFilterFixedString);
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
    return bar;
}

QWidget* AuditPanel::makeViews() {
    auto* views = new QSplitter(this);
    m_runs = new RunsModel(this);
    m_filtered->setSourceModel(m_runs);
    m_table = new QTableView(views);
    m_table->setModel(m_filtered);
    m_table->setAccessibleName(tr("Runs, newest first"));
    m_table->setShowGrid(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setColumnWidth(0, 150);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &AuditPanel::showRun);
    m_list = new QListWidget(views);
    m_list->setUniformItemSizes(true);
    m_list->setAccessibleName(tr("Records of the run"));
    connect(m_list, &QListWidget::currentRowChanged, this, &AuditPanel::showRecord);
    auto* texts = new QSplitter(Qt::Vertical, views);
    for (QPlainTextEdit** each : {&m_details, &m_findings}) {
        *each = new QPlainTextEdit(texts);
        (*each)->setReadOnly(true);
    }
    m_details->setAccessibleName(tr("The record"));
    m_details->setPlaceholderText(tr("Choose a run and a record."));
    m_findings->setAccessibleName(tr("What the check found"));
    views->setStretchFactor(0, 3);
    views->setStretchFactor(1, 1);
    views->setStretchFactor(2, 3);
    return views;
}

}  // namespace driftlens
