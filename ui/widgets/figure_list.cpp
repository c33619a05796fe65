#include "ui/widgets/figure_list.h"

#include "ui/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {
constexpr int kGap = 10;         // between a name and its value
constexpr int kValueWidth = 52;  // "−0.00123"
constexpr int kAbove = 4;
}  // namespace

FigureList::FigureList(std::vector<FigureView> figures, QWidget* parent)
    : QWidget(parent), m_figures(std::move(figures)) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    QStringList spoken;
    for (const FigureView& each : m_figures) {
        m_nameWidth = std::max(m_nameWidth, fontMetrics().horizontalAdvance(each.name));
        spoken.push_back(each.name + u' ' + each.value);
    }
    setAccessibleName(tr("Agreement with the reference, and checks"));
    setAccessibleDescription(spoken.join(u", "_s));
}

int FigureList::rowHeight() const {
    return fontMetrics().height() + 2;
}

int FigureList::across(int width) const {
    return width >= 2 * (m_nameWidth + kGap + kValueWidth) + kGap ? 2 : 1;
}

int FigureList::heightForWidth(int width) const {
    const int columns = across(width);
    const int rows = (static_cast<int>(m_figures.size()) + columns - 1) / columns;
    return rows * rowHeight() + 2 * kAbove;
}

QSize FigureList::sizeHint() const {
    return {m_nameWidth + kGap + kValueWidth, heightForWidth(width())};
}

QSize FigureList::minimumSizeHint() const {
    return {m_nameWidth + kGap + kValueWidth, rowHeight()};
}

QRect FigureList::placeOf(int figure) const {
    const int columns = across(width());
    const int wide = m_nameWidth + kGap + kValueWidth;
    return {figure % columns * (wide + kGap), kAbove + figure / columns * rowHeight(), wide,
            rowHeight()};
}

void FigureList::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QColor faint = Colours(palette()).faint();
    for (int i = 0; i < static_cast<int>(m_figures.size()); ++i) {
        const FigureView& each = m_figures[static_cast<std::size_t>(i)];
        const QRect place = placeOf(i);
        painter.setPen(faint);
        painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, each.name);
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(place.adjusted(m_nameWidth + kGap, 0, kValueWidth, 0),
                         Qt::AlignLeft | Qt::AlignVCenter, each.value);
    }
}

bool FigureList::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    for (int i = 0; i < static_cast<int>(m_figures.size()); ++i) {
        if (!placeOf(i).contains(help->pos())) continue;
        QToolTip::showText(help->globalPos(),
                           m_figures[static_cast<std::size_t>(i)].meaning.toHtmlEscaped(), this);
        return true;
    }
    QToolTip::hideText();
    return true;
}

}  // namespace driftlens
