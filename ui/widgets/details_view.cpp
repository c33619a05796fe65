#include "ui/widgets/details_view.h"

#include "ui/theme.h"
#include "ui/widgets/svg_figure.h"

#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace driftlens {
namespace {
constexpr int kMostRows = 14;     // seen at once; more are scrolled
constexpr int kWidestName = 320;  // pixels, of a column of words but the last
}  // namespace

DetailsView::DetailsView(QWidget* parent) : QWidget(parent) {
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(6);
}

void DetailsView::setDetails(const ExplanationDetails& details) {
    while (QLayoutItem* item = m_layout->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const DetailFigure& figure : details.figures) {
        addTitle(figure.title);
        m_layout->addWidget(new SvgFigure(figure.title, figure.svg, this));
    }
    for (const DetailTable& table : details.tables) addTable(table);
}

void DetailsView::addTitle(const QString& text) {
    auto* title = new QLabel(text, this);
    title->setTextFormat(Qt::PlainText);
    QFont bold = title->font();
    bold.setBold(true);
    title->setFont(bold);
    title->setContentsMargins(0, 6, 0, 0);
    m_layout->addWidget(title);
}

void DetailsView::addTable(const DetailTable& table) {
    addTitle(table.title);
    const auto rows = static_cast<int>(table.rows.size());
    const auto columns = static_cast<int>(table.head.size());
    auto* view = new QTableWidget(rows, columns, this);
    view->setAccessibleName(table.title);
    view->setHorizontalHeaderLabels(table.head);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setTabKeyNavigation(false);
    view->setAlternatingRowColors(true);
    view->setShowGrid(false);
    view->setWordWrap(false);
    view->verticalHeader()->hide();
    view->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    view->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    for (int column = 0; column < columns; ++column) {
        const auto side = table.texts.contains(column) ? Qt::AlignLeft : Qt::AlignRight;
        view->horizontalHeaderItem(column)->setTextAlignment(side | Qt::AlignVCenter);
        for (int row = 0; row < rows; ++row) {
            const QString text = table.rows[static_cast<std::size_t>(row)].value(column);
            auto* cell = new QTableWidgetItem(text);
            cell->setTextAlignment(side | Qt::AlignVCenter);
            cell->setToolTip(text.toHtmlEscaped());
            view->setItem(row, column, cell);
        }
    }
    view->resizeColumnsToContents();
    for (int column = 0; column < columns; ++column)
        view->setColumnWidth(column, std::min(view->columnWidth(column) + 8, kWidestName));
    // Words at the end take what is left; numbers stand beside their names.
    if (table.texts.contains(columns - 1)) view->horizontalHeader()->setStretchLastSection(true);
    const int seen = std::min(std::max(rows, 1), kMostRows);
    view->setFixedHeight(view->horizontalHeader()->sizeHint().height() +
                         seen * view->verticalHeader()->defaultSectionSize() +
                         2 * view->frameWidth() + 2);
    m_layout->addWidget(view);
    if (table.note.isEmpty()) return;
    auto* note = new QLabel(table.note, this);
    note->setTextFormat(Qt::PlainText);
    note->setWordWrap(true);
    QPalette faint = palette();
    faint.setColor(QPalette::WindowText, Colours(palette()).faint());
    note->setPalette(faint);
    m_layout->addWidget(note);
}

}  // namespace driftlens
