#include "ui/widgets/head_grid.h"

#include "ui/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {
constexpr int kCellWidth = 44, kCellHeight = 24, kMargin = 34, kGap = 2;
}

HeadGrid::HeadGrid(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(tr("Heads: a row per layer"));
}

void HeadGrid::setHeads(std::vector<HeadCell> heads) {
    m_heads = std::move(heads);
    m_layers = m_width = 0;
    for (const HeadCell& head : m_heads) {
        m_layers = std::max(m_layers, head.layer + 1);
        m_width = std::max(m_width, head.head + 1);
    }
    setAccessibleDescription(tr("%1 layers of up to %2 heads").arg(m_layers).arg(m_width));
    resize(sizeHint());  // it lies in a scroll area, which leaves its size alone
    update();
}

void HeadGrid::setChosen(std::int64_t layer, std::int64_t head) {
    m_layer = layer;
    m_head = head;
    update();
}

QSize HeadGrid::sizeHint() const {
    return {kMargin + static_cast<int>(m_width) * (kCellWidth + kGap),
            fontMetrics().height() + 4 + static_cast<int>(m_layers) * (kCellHeight + kGap)};
}

QRect HeadGrid::cellOf(const HeadCell& head) const {
    return {kMargin + static_cast<int>(head.head) * (kCellWidth + kGap),
            fontMetrics().height() + 4 + static_cast<int>(head.layer) * (kCellHeight + kGap),
            kCellWidth, kCellHeight};
}

void HeadGrid::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    const Colours colours(palette());
    painter.setPen(colours.faint());
    for (int i = 0; i < static_cast<int>(m_width); ++i) {
        painter.drawText(QRect(kMargin + i * (kCellWidth + kGap), 0, kCellWidth, kCellHeight),
                         Qt::AlignHCenter | Qt::AlignTop, QString::number(i));
    }
    for (const HeadCell& head : m_heads) {
        const QRect cell = cellOf(head);
        if (!cell.intersects(event->rect()) && head.head != 0) continue;
        if (head.head == 0) {
            painter.setPen(colours.faint());
            painter.drawText(QRect(0, cell.top(), kMargin - 6, cell.height()),
                             Qt::AlignRight | Qt::AlignVCenter, QString::number(head.layer));
        }
        const bool isAbsent = std::isnan(head.share);
        const QColor fill = colours.sequential(isAbsent ? 0.0 : head.share);
        painter.setPen(Qt::NoPen);
        painter.setBrush(isAbsent ? QBrush(colours.line(), Qt::BDiagPattern) : QBrush(fill));
        painter.drawRect(cell);
        painter.setPen(isAbsent ? colours.faint() : Colours::inkOn(fill));
        painter.drawText(cell, Qt::AlignCenter, head.value);
        if (head.layer != m_layer || head.head != m_head) continue;
        painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(cell.adjusted(1, 1, -1, -1));
    }
}

const HeadCell* HeadGrid::headAt(const QPoint& place) const {
    const auto found = std::find_if(m_heads.begin(), m_heads.end(), [&](const HeadCell& head) {
        return cellOf(head).contains(place);
    });
    return found == m_heads.end() ? nullptr : &*found;
}

void HeadGrid::mousePressEvent(QMouseEvent* event) {
    if (const HeadCell* head = headAt(event->pos())) Q_EMIT headChosen(head->layer, head->head);
}

void HeadGrid::keyPressEvent(QKeyEvent* event) {
    std::int64_t layer = m_layer, head = m_head;
    switch (event->key()) {
        case Qt::Key_Left:
            --head;
            break;
        case Qt::Key_Right:
            ++head;
            break;
        case Qt::Key_Up:
            --layer;
            break;
        case Qt::Key_Down:
            ++layer;
            break;
        default:
            QWidget::keyPressEvent(event);
            return;
    }
    const bool isThere = std::any_of(m_heads.begin(), m_heads.end(), [&](const HeadCell& each) {
        return each.layer == layer && each.head == head;
    });
    if (isThere) Q_EMIT headChosen(layer, head);
}

bool HeadGrid::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const HeadCell* head = headAt(help->pos());
    if (head == nullptr) {
        QToolTip::hideText();
    } else {
        QToolTip::showText(help->globalPos(),
                           tr("layer %1, head %2: %3")
                               .arg(head->layer)
                               .arg(head->head)
                               .arg(head->meaning)
                               .toHtmlEscaped(),
                           this);
    }
    return true;
}

}  // namespace driftlens
