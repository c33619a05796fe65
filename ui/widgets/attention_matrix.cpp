#include "ui/widgets/attention_matrix.h"

#include "ui/models/result.h"
#include "ui/theme.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <cmath>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kLabelWidth = 64;
constexpr int kTitle = 4;  // pixels below the title
constexpr int kLevels = 256;
constexpr double kLeastArc = 0.02;  // of the largest; thinner ones would only be fog

// Colours of −1 to 1, or of 0 to 1, in steps that no eye tells apart.
std::array<QRgb, 2 * kLevels + 1> levelsOf(const Colours& colours, bool isDifference) {
    std::array<QRgb, 2 * kLevels + 1> out{};
    for (int i = 0; i <= 2 * kLevels; ++i) {
        const double share = static_cast<double>(i - kLevels) / kLevels;
        out[static_cast<std::size_t>(i)] =
            (isDifference ? colours.diverging(share) : colours.sequential(share)).rgb();
    }
    return out;
}

}  // namespace

AttentionMatrix::AttentionMatrix(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void AttentionMatrix::show(AttentionPicture picture) {
    m_picture = std::move(picture);
    m_size = m_picture.map ? static_cast<int>(m_picture.map->size) : 0;
    m_image = {};
    setAccessibleName(m_picture.title);
    setAccessibleDescription(m_picture.map ? tr("attention, %1 tokens").arg(m_size)
                                           : tr("absent: this model has no such head"));
    update();
}

void AttentionMatrix::setStyle(AttentionStyle style) {
    m_style = style;
    update();
}

void AttentionMatrix::setPinned(int column) {
    m_pinned = column;
    update();
}

float AttentionMatrix::valueAt(int row, int column) const {
    return m_picture.map->values[static_cast<std::size_t>(row) * static_cast<std::size_t>(m_size) +
                                 static_cast<std::size_t>(column)];
}

void AttentionMatrix::makeImage() {
    const auto levels = levelsOf(Colours(palette()), m_picture.isDifference);
    const double perValue = m_picture.largest > 0.0 ? kLevels / m_picture.largest : 0.0;
    m_image = QImage(m_size, m_size, QImage::Format_RGB32);
    const float* value = m_picture.map->values.data();
    for (int row = 0; row < m_size; ++row) {
        auto* line = reinterpret_cast<QRgb*>(m_image.scanLine(row));
        for (int column = 0; column < m_size; ++column, ++value) {
            const double level =
                std::clamp(static_cast<double>(*value) * perValue, -1.0 * kLevels, 1.0 * kLevels);
            line[column] = levels[static_cast<std::size_t>(static_cast<int>(level) + kLevels)];
        }
    }
}

AttentionMatrix::Area AttentionMatrix::area() const {
    const int title = fontMetrics().height() + kTitle;
    const int count = std::max(m_size, 1);
    const int room = std::min(width() - kLabelWidth, height() - title - kLabelWidth);
    Area out;
    out.hasLabels = room / count >= fontMetrics().height() - 4;
    const int labels = out.hasLabels ? kLabelWidth : 0;
    const double side = std::max(1, std::min(width() - labels, height() - title - labels) - 2);
    out.square = QRectF(labels + 1, title + labels + 1, side, side);
    out.cell = side / count;
    return out;
}

void AttentionMatrix::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRect(0, 0, width(), fontMetrics().height()), Qt::AlignLeft,
                     fontMetrics().elidedText(m_picture.title, Qt::ElideMiddle, width()));
    if (!m_picture.map) {
        paintAbsent(painter);
        return;
    }
    if (m_style == AttentionStyle::Arcs) {
        paintArcs(painter);
        return;
    }
    if (m_image.isNull()) makeImage();
    const Area where = area();
    const Colours colours(palette());
    painter.drawImage(where.square, m_image, QRectF(m_image.rect()));
    painter.setPen(colours.line());
    painter.drawRect(where.square);
    if (m_pinned >= 0 && m_pinned < m_size) {
        painter.setPen(QPen(colours.mark(), 1.5));
        const double at = m_pinned * where.cell;
        painter.drawRect(where.square.adjusted(at, 0, at + where.cell - where.square.width(), 0));
        painter.drawRect(where.square.adjusted(0, at, 0, at + where.cell - where.square.height()));
    }
    if (where.hasLabels) paintLabels(painter, where);
}

void AttentionMatrix::paintAbsent(QPainter& painter) const {
    const Area where = area();
    const Colours colours(palette());
    painter.setPen(colours.line());
    painter.setBrush(QBrush(colours.line(), Qt::BDiagPattern));
    painter.drawRect(where.square);
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(where.square.adjusted(12, 12, -12, -12), Qt::AlignCenter | Qt::TextWordWrap,
                     tr("Absent: this model has no such head"));
}

void AttentionMatrix::paintLabels(QPainter& painter, const Area& where) const {
    painter.setPen(palette().color(QPalette::WindowText));
    const QFontMetrics metrics(painter.font());
    for (int i = 0; i < m_size; ++i) {
        const QString label =
            metrics.elidedText(m_picture.tokens.value(i), Qt::ElideRight, kLabelWidth - 6);
        const QRectF row(0, where.square.top() + i * where.cell, kLabelWidth - 4, where.cell);
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip, label);
        painter.save();
        painter.translate(where.square.left() + i * where.cell, where.square.top() - 4);
        painter.rotate(-90);
        painter.drawText(QRectF(0, 0, kLabelWidth - 4, where.cell),
                         Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip, label);
        painter.restore();
    }
}

// Queries on the right, keys on the left; the more attention, the darker the line between them.
void AttentionMatrix::paintArcs(QPainter& painter) const {
    painter.setRenderHint(QPainter::Antialiasing);
    const Colours colours(palette());
    const double top = fontMetrics().height() + kTitle + 2;
    const double step = (height() - top - 4) / std::max(1, m_size);
    const double left = kLabelWidth + 6.0, right = width() - kLabelWidth - 6.0;
    const auto at = [&](int token) { return top + (token + 0.5) * step; };
    for (int row = 0; row < m_size; ++row) {
        for (int column = 0; column < m_size; ++column) {
            const double share = static_cast<double>(valueAt(row, column)) / m_picture.largest;
            if (!(std::abs(share) >= kLeastArc)) continue;
            const bool isOther = m_pinned >= 0 && m_pinned != row && m_pinned != column;
            QColor colour = m_picture.isDifference ? colours.diverging(share < 0 ? -1.0 : 1.0)
                                                   : colours.sequential(1.0);
            colour.setAlphaF(
                static_cast<float>(std::min(1.0, std::abs(share)) * (isOther ? 0.12 : 0.9)));
            painter.setPen(QPen(colour, 0.6 + 2.0 * std::min(1.0, std::abs(share))));
            QPainterPath path(QPointF(left, at(column)));
            const double middle = (left + right) / 2;
            path.cubicTo(middle, at(column), middle, at(row), right, at(row));
            painter.drawPath(path);
        }
    }
    if (step < fontMetrics().height() - 4) return;
    painter.setPen(palette().color(QPalette::WindowText));
    for (int i = 0; i < m_size; ++i) {
        const QString label =
            fontMetrics().elidedText(m_picture.tokens.value(i), Qt::ElideRight, kLabelWidth);
        const QRectF line(0, at(i) - step / 2, kLabelWidth, step);
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip, label);
        painter.drawText(line.translated(width() - kLabelWidth, 0),
                         Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip, label);
    }
}

bool AttentionMatrix::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip || !m_picture.map || m_style == AttentionStyle::Arcs) {
        return QWidget::event(event);
    }
    const auto* help = static_cast<QHelpEvent*>(event);
    const Area where = area();
    if (!where.square.contains(help->pos())) {
        QToolTip::hideText();
        return true;
    }
    const auto cellAt = [&](double offset) {
        return std::clamp(static_cast<int>(offset / where.cell), 0, m_size - 1);
    };
    const int row = cellAt(help->pos().y() - where.square.top());
    const int column = cellAt(help->pos().x() - where.square.left());
    QToolTip::showText(help->globalPos(),
                       tr("%1 looks at %2: %3")
                           .arg(m_picture.tokens.value(row), m_picture.tokens.value(column),
                                QString::number(static_cast<double>(valueAt(row, column)), 'g', 6))
                           .toHtmlEscaped(),
                       this);
    return true;
}

void AttentionMatrix::mousePressEvent(QMouseEvent* event) {
    const Area where = area();
    if (!m_picture.map || m_style == AttentionStyle::Arcs ||
        !where.square.contains(event->position()))
        return;
    const double offset = event->position().x() - where.square.left();
    Q_EMIT columnClicked(std::clamp(static_cast<int>(offset / where.cell), 0, m_size - 1));
}

void AttentionMatrix::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) m_image = {};
    QWidget::changeEvent(event);
}

}  // namespace driftlens
