#include "ui/widgets/token_strip.h"

#include "ui/theme.h"

#include <QHash>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kGap = 3;       // between cells
constexpr int kPadding = 5;   // left and right of the text of a cell
constexpr int kWidest = 180;  // a longer text is elided; its tool tip has it in full
constexpr int kMostSpoken = 200;
constexpr double kMutedShare = 0.25;  // of the colour of what means nothing

constexpr int kMostDecimals = 4;

// As many decimals as the scale needs; where there is no room for these, a power of ten.
QString valueText(double value, int decimals) {
    if (decimals <= kMostDecimals || !std::isfinite(value))
        return signedNumber(value, std::clamp(decimals, 2, kMostDecimals));
    if (value == 0.0) return u"0"_s;
    const int power = static_cast<int>(std::floor(std::log10(std::abs(value))));
    return u"%1e−%2"_s.arg(signedNumber(value / std::pow(10.0, power), 1)).arg(-power);
}

QString spokenText(const StripLayout& layout, const StripView& strip, int decimals) {
    QStringList out;
    const qsizetype count = std::min<qsizetype>(layout.labels.size(), kMostSpoken);
    for (qsizetype i = 0; i < count; ++i) {
        const double score = strip.scores[static_cast<std::size_t>(i)];
        if (!std::isnan(score))
            out.push_back(layout.labels[i] + u' ' + signedNumber(score, decimals));
    }
    return out.join(u", "_s);
}

}  // namespace

StripLayout StripLayout::of(const ExplainView& view, const QFontMetrics& metrics) {
    StripLayout out;
    out.labels = view.units;
    out.isRightToLeft = std::any_of(view.units.begin(), view.units.end(),
                                    [](const QString& unit) { return unit.isRightToLeft(); });
    // The widest value that a strip of that scale prints.
    const int decimals = decimalsFor({view.scale});
    const QString widestValue =
        decimals <= kMostDecimals ? valueText(-view.scale, decimals) : u"−0.0e−00"_s;
    const bool hasValues =
        std::any_of(view.columns.begin(), view.columns.end(),
                    [](const ColumnView& column) { return !column.scores.scores.empty(); });
    const int value = hasValues ? metrics.horizontalAdvance(widestValue) : 0;
    QHash<QString, int> measured;  // texts repeat their words, and measuring is what costs
    for (const QString& label : out.labels) {
        const auto found = measured.constFind(label);
        const int own = found != measured.constEnd()
                            ? *found
                            : *measured.insert(label, metrics.horizontalAdvance(label));
        const int widest = std::max(own, value);
        out.widths.push_back(std::min(widest + 2 * kPadding, kWidest));
    }
    return out;
}

TokenStrip::TokenStrip(std::shared_ptr<const StripLayout> layout, StripView strip, double scale,
                       QWidget* parent)
    : QWidget(parent),
      m_layout(std::move(layout)),
      m_strip(std::move(strip)),
      m_scale(scale),
      m_decimals(decimalsFor({scale})) {
    m_strip.scores.resize(m_layout->widths.size(), std::nan(""));
    // Not Fixed: that would hold it to the height of the width that it hints at.
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(m_strip.title);
    setAccessibleDescription(spokenText(*m_layout, m_strip, m_decimals));
}

void TokenStrip::setShowsValues(bool shows) {
    if (shows == m_showsValues) return;
    m_showsValues = shows;
    m_cellsWidth = -1;
    updateGeometry();
    update();
}

void TokenStrip::setPinned(int unit) {
    m_pinned = unit;
    update();
}

int TokenStrip::cellHeight() const {
    return (m_showsValues ? 2 : 1) * fontMetrics().height() + (m_showsValues ? 8 : 6);
}

const std::vector<QRect>& TokenStrip::cells(int width) const {
    if (width == m_cellsWidth) return m_cells;
    m_cells.clear();
    m_cellsWidth = width;
    int x = 0;
    int y = 0;
    for (const int cell : m_layout->widths) {
        if (x > 0 && x + cell > width) {
            x = 0;
            y += cellHeight() + kGap;
        }
        const int left = m_layout->isRightToLeft ? width - x - cell : x;
        m_cells.emplace_back(left, y, cell, cellHeight());
        x += cell + kGap;
    }
    return m_cells;
}

int TokenStrip::heightForWidth(int width) const {
    const std::vector<QRect>& all = cells(width);
    return all.empty() ? cellHeight() : all.back().bottom() + 2;
}

QSize TokenStrip::sizeHint() const {
    return {280, heightForWidth(std::max(width(), 280))};
}

QSize TokenStrip::minimumSizeHint() const {
    return {120, cellHeight()};
}

bool TokenStrip::isShown(std::size_t unit) const {
    return !std::isnan(m_strip.scores[unit]);
}

int TokenStrip::unitAt(const QPoint& place) const {
    const std::vector<QRect>& all = cells(width());
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].contains(place) && isShown(i)) return static_cast<int>(i);
    return -1;
}

void TokenStrip::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const std::vector<QRect>& all = cells(width());
    const QRect seen = event->rect();
    // Rows come in order of y: from the first that reaches into what is seen.
    const auto first =
        std::lower_bound(all.begin(), all.end(), seen.top(),
                         [](const QRect& cell, int top) { return cell.bottom() < top; });
    for (auto cell = first; cell != all.end() && cell->top() <= seen.bottom(); ++cell) {
        const auto unit = static_cast<std::size_t>(cell - all.begin());
        if (isShown(unit) && cell->intersects(seen)) paintCell(painter, *cell, unit);
    }
}

void TokenStrip::paintCell(QPainter& painter, const QRect& cell, std::size_t unit) const {
    const Colours colours(palette());
    const bool isMuted = unit < m_strip.isMuted.size() && m_strip.isMuted[unit];
    const double share = m_scale > 0.0 ? m_strip.scores[unit] / m_scale : 0.0;
    const QColor fill = colours.diverging(isMuted ? share * kMutedShare : share);
    const int line = fontMetrics().height();
    const QRect upper(cell.left(), cell.top(), cell.width(), line + 4);
    const bool isPinned = static_cast<int>(unit) == m_pinned;
    painter.setPen(QPen(isPinned ? colours.mark() : colours.line(), isPinned ? 2.0 : 1.0,
                        isMuted && !isPinned ? Qt::DotLine : Qt::SolidLine));
    painter.setBrush(fill);
    painter.drawRoundedRect(QRectF(upper).adjusted(1, 1, -1, -1), 3, 3);
    painter.setPen(isMuted ? colours.faint() : Colours::inkOn(fill));
    const QString& label = m_layout->labels[static_cast<qsizetype>(unit)];
    const int room = cell.width() - 2 * kPadding + 2;
    painter.drawText(upper, Qt::AlignCenter,
                     fontMetrics().horizontalAdvance(label) <= room
                         ? label
                         : fontMetrics().elidedText(label, Qt::ElideMiddle, room));
    if (hasFocus() && static_cast<int>(unit) == m_current) {
        painter.setPen(QPen(palette().color(QPalette::Highlight), 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(cell).adjusted(0.75, 0.75, -0.75, -0.75), 4, 4);
    }
    if (!m_showsValues) return;
    const QRect lower(cell.left() - kGap, upper.bottom() + 1, cell.width() + 2 * kGap, line);
    painter.setPen(isMuted ? colours.faint() : palette().color(QPalette::WindowText));
    painter.drawText(lower, Qt::AlignHCenter | Qt::AlignTop,
                     valueText(m_strip.scores[unit], m_decimals));
}

bool TokenStrip::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int unit = unitAt(help->pos());
    if (unit < 0) {
        QToolTip::hideText();
        return true;
    }
    const auto index = static_cast<std::size_t>(unit);
    QString text = tr("%1 (number %2): %3")
                       .arg(m_layout->labels[unit], QString::number(unit),
                            QString::number(m_strip.scores[index], 'g', 9));
    if (index < m_strip.isMuted.size() && m_strip.isMuted[index])
        text += tr("\nwithin what the reference itself varies by");
    QToolTip::showText(help->globalPos(), text.toHtmlEscaped(), this);
    return true;
}

void TokenStrip::mousePressEvent(QMouseEvent* event) {
    const int unit = unitAt(event->pos());
    if (event->button() != Qt::LeftButton || unit < 0) {
        QWidget::mousePressEvent(event);
        return;
    }
    setCurrent(unit);
    Q_EMIT unitClicked(unit);
}

void TokenStrip::setCurrent(int unit) {
    const int last = static_cast<int>(m_layout->widths.size()) - 1;
    if (last < 0) return;
    m_current = std::clamp(unit, 0, last);
    update();
}

void TokenStrip::keyPressEvent(QKeyEvent* event) {
    const int forward = m_layout->isRightToLeft ? -1 : 1;
    switch (event->key()) {
        case Qt::Key_Right:
            setCurrent(m_current + forward);
            return;
        case Qt::Key_Left:
            setCurrent(m_current - forward);
            return;
        case Qt::Key_Home:
            setCurrent(0);
            return;
        case Qt::Key_End:
            setCurrent(static_cast<int>(m_layout->widths.size()) - 1);
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space:
            Q_EMIT unitClicked(m_current);
            return;
        default:
            QWidget::keyPressEvent(event);
    }
}

void TokenStrip::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange) m_cellsWidth = -1;
    QWidget::changeEvent(event);
}

}  // namespace driftlens
