#include "ui/docks/variants_dock.h"

#include "ui/dialogs/compress_dialog.h"
#include "ui/models/variants_model.h"
#include "ui/widgets/verdict_card.h"
#include "ui/workbench.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace driftlens {

using namespace Qt::StringLiterals;

VariantsDock::VariantsDock(Workbench& workbench, QWidget* parent)
    : QDockWidget(tr("Variants"), parent), m_workbench(workbench) {
    setObjectName(u"variants"_s);
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(8, 4, 8, 8);
    m_model = new VariantsModel(workbench, this);
    m_table = new QTableView(content);
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setAlternatingRowColors(true);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Models; the marked one is the reference"));
    m_table->setTextElideMode(Qt::ElideMiddle);  // the scheme stands last
    m_table->horizontalHeader()->setMinimumSectionSize(24);
    m_table->setColumnWidth(VariantsModel::Reference, 24);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    // Which model, and whether it is there, fill the dock as it opens; the rest is scrolled to.
    m_table->setColumnWidth(VariantsModel::Name, 276);
    m_table->setColumnWidth(VariantsModel::State, 80);
    // What is said of a row below must not hide the others.
    constexpr int kRows = 5;
    m_table->setMinimumHeight(m_table->horizontalHeader()->sizeHint().height() +
                              kRows * m_table->verticalHeader()->defaultSectionSize() +
                              m_table->horizontalScrollBar()->sizeHint().height() +
                              2 * m_table->frameWidth());
    layout->addWidget(m_table, 1);
    m_problem = new VerdictCard(content);
    m_problem->hide();
    layout->addWidget(m_problem);
    m_locate = new QPushButton(tr("Locate…"), content);
    m_locate->setObjectName(u"locate"_s);
    m_locate->setAccessibleName(tr("Locate the missing model"));
    m_locate->hide();
    layout->addWidget(m_locate);
    connect(m_locate, &QPushButton::clicked, this, [this] { locate(m_problemRow); });
    m_typed = new QLineEdit(content);
    m_typed->setPlaceholderText(tr("PATH, PATH@SCHEME or @SCHEME, then Return"));
    m_typed->setToolTip(
        tr("A model folder, a GGUF file, one compressed in memory such as PATH@int4:group=32, or\n"
           "@int4:group=32 for the reference compressed so"));
    m_typed->setAccessibleName(tr("New model"));
    layout->addWidget(m_typed);
    layout->addWidget(makeButtons());
    setWidget(content);
    connect(m_table, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (index.column() == VariantsModel::Reference) m_workbench.chooseReference(index.row());
    });
    connect(m_typed, &QLineEdit::returnPressed, this, &VariantsDock::addTyped);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &VariantsDock::showProblem);
    connect(&workbench, &Workbench::modelsChanged, this, &VariantsDock::showProblem);
}

QWidget* VariantsDock::makeButtons() {
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    const auto add = [&](const QString& text, void (VariantsDock::*act)()) {
        auto* button = new QPushButton(text, row);
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, act);
    };
    add(tr("Folder…"), &VariantsDock::addFolder);
    add(tr("GGUF…"), &VariantsDock::addFile);
    add(tr("&Compress…"), &VariantsDock::compressCurrent);
    add(tr("Remove"), &VariantsDock::removeSelected);
    return row;
}

int VariantsDock::currentRow() const {
    const int row = m_table->currentIndex().row();
    return row >= 0 ? row : m_workbench.session().reference;
}

std::vector<int> VariantsDock::selectedRows() const {
    std::vector<int> out;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        out.push_back(index.row());
    return out;
}

void VariantsDock::addFolder() {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Model folder"));
    if (!folder.isEmpty()) m_workbench.take({folder});
}

void VariantsDock::addFile() {
    const QStringList files =
        QFileDialog::getOpenFileNames(this, tr("GGUF files"), {}, tr("GGUF models (*.gguf)"));
    if (!files.isEmpty()) m_workbench.take(files);
}

void VariantsDock::addTyped() {
    m_workbench.addModels({m_typed->text()});
    m_typed->clear();
}

void VariantsDock::compressCurrent() {
    const int row = currentRow();
    if (row >= static_cast<int>(m_workbench.session().models.size())) return;
    const SessionModel model = m_workbench.session().models[static_cast<std::size_t>(row)];
    CompressDialog dialog(model.text().section(u'/', -1), this);
    if (dialog.exec() != QDialog::Accepted) return;
    const QString chain =
        model.scheme.isEmpty() ? dialog.scheme() : model.scheme + u'+' + dialog.scheme();
    m_workbench.addModels({model.path + u'@' + chain});
}

void VariantsDock::removeSelected() {
    const std::vector<int> rows = selectedRows();
    if (!rows.empty()) m_workbench.removeModels(rows);
}

void VariantsDock::moveCurrent(int by) {
    const int row = currentRow();
    m_workbench.moveModel(row, by);
    const int to = std::clamp(row + by, 0, std::max(0, m_model->rowCount() - 1));
    m_table->setCurrentIndex(m_model->index(to, 0));
}

void VariantsDock::makeReference() {
    m_workbench.chooseReference(currentRow());
}

void VariantsDock::locateCurrent() {
    locate(currentRow());
}

void VariantsDock::locate(int row) {
    if (row < 0 || row >= static_cast<int>(m_workbench.session().models.size())) return;
    const QString old = m_workbench.session().models[static_cast<std::size_t>(row)].path;
    const QString path = old.endsWith(u".gguf"_s)
                             ? QFileDialog::getOpenFileName(this, tr("Where is %1?").arg(old))
                             : QFileDialog::getExistingDirectory(this, tr("Where is %1?").arg(old));
    m_workbench.relocate(row, path);
}

void VariantsDock::reloadCurrent() {
    m_workbench.reload(currentRow());
}

// Of the current row; else of the first row that has one.
void VariantsDock::showProblem() {
    const int rows = static_cast<int>(m_workbench.session().models.size());
    const auto hasProblem = [&](int row) {
        return !m_workbench.info(row).message.isEmpty() || !m_workbench.info(row).problem.isEmpty();
    };
    m_problemRow = m_table->currentIndex().row();
    for (int row = 0; row < rows && !hasProblem(m_problemRow); ++row) m_problemRow = row;
    const bool isThere = hasProblem(m_problemRow);
    m_problem->setVisible(isThere);
    m_locate->setVisible(isThere && m_workbench.info(m_problemRow).state == LoadState::Missing);
    if (!isThere) return;
    const VariantInfo& info = m_workbench.info(m_problemRow);
    const bool loads = info.message.isEmpty();
    const Weight weight = loads ? Weight::Caution : Weight::Bad;
    CardText card{
        weight, {}, marked(weight, loads ? tr("cannot be compared") : stateText(info.state))};
    card.text = loads ? info.problem : info.message;
    if (!info.advice.isEmpty() && !loads) card.more = QStringList{info.advice};
    m_problem->setText(card);
    m_table->scrollTo(m_model->index(m_problemRow, VariantsModel::Name));
}

}  // namespace driftlens
