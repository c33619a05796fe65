#include "ui/widgets/attention_map.h"

#include "ui/models/result_view.h"
#include "ui/widgets/colour_scale.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kLabelWidth = 64;
constexpr int kSmallFont = 8;  // points, of labels and of values in cells

QColor colourOf(float value, double largest, bool isDifference) {
    const double share = largest > 0.0 ? static_cast<double>(value) / largest : 0.0;
    return isDifference ? divergingColour(share) : sequentialColour(share);
}

QFont smallFont(QFont font) {
    font.setPointSize(kSmallFont);
    return font;
}

}  // namespace

AttentionMapWidget::AttentionMapWidget(QString title, QWidget* parent)
    : QWidget(parent), m_title(std::move(title)) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    setAccessibleName(m_title);
}

void AttentionMapWidget::show(AttentionMap map, const QStringList& tokens, double largest,
                              bool isDifference, const QString& whyEmpty) {
    m_map = std::move(map);
    m_tokens = tokens;
    while (m_tokens.size() < m_map.size)
        m_tokens.push_front(u"[virtual %1]"_s.arg(m_map.size - m_tokens.size()));
    m_isDifference = isDifference;
    m_whyEmpty = whyEmpty;
    const auto size = static_cast<int>(m_map.values.empty() ? 0 : m_map.size);
    m_image = size > 0 ? QImage(size, size, QImage::Format_RGB32) : QImage();
    for (int row = 0; row < size; ++row) {
        for (int column = 0; column < size; ++column) {
            const float value =
                m_map.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(size) +
                             static_cast<std::size_t>(column)];
            m_image.setPixel(column, row, colourOf(value, largest, isDifference).rgb());
        }
    }
    update();
}

AttentionMapWidget::Area AttentionMapWidget::area() const {
    const int title = fontMetrics().height() + 4;
    const int count = std::max(m_image.width(), 1);
    const int room = std::min(width() - kLabelWidth, height() - title - kLabelWidth);
    Area out;
    out.hasLabels = room / count >= QFontMetrics(smallFont(font())).height() - 3;
    const int labels = out.hasLabels ? kLabelWidth : 0;
    const double side = std::max(1, std::min(width() - labels, height() - title - labels) - 2);
    out.square = QRectF(labels + 1, title + labels + 1, side, side);
    out.cell = side / count;
    return out;
}

QString AttentionMapWidget::valueText(float value) const {
    const auto number = static_cast<double>(value);
    QString text = m_isDifference ? signedNumber(number, 2) : QString::number(number, 'f', 2);
    // Shorter without the zero before the point, so that smaller cells have room for it.
    const qsizetype zero = text.indexOf(u"0."_s);
    const bool leads = zero == 0 || (zero == 1 && !text[0].isDigit());
    return leads ? text.remove(zero, 1) : text;
}

void AttentionMapWidget::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(palette().color(QPalette::WindowText));
    const QRect titleLine(0, 0, width(), fontMetrics().height());
    painter.drawText(titleLine, Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(m_title, Qt::ElideMiddle, width()));
    const Area where = area();
    if (m_image.isNull()) {
        painter.drawText(rect().adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap,
                         m_whyEmpty);
        return;
    }
    painter.drawImage(where.square, m_image, QRectF(m_image.rect()));
    painter.setPen(QColor(160, 160, 160));
    painter.drawRect(where.square);
    painter.setFont(smallFont(font()));
    if (where.hasLabels) paintLabels(painter, where);
    paintValues(painter, where);
}

void AttentionMapWidget::paintLabels(QPainter& painter, const Area& where) const {
    painter.setPen(palette().color(QPalette::WindowText));
    const QFontMetrics metrics(painter.font());
    for (int i = 0; i < m_image.width(); ++i) {
        const QString label =
            metrics.elidedText(m_tokens.value(i), Qt::ElideRight, kLabelWidth - 6);
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

void AttentionMapWidget::paintValues(QPainter& painter, const Area& where) const {
    const QFontMetrics metrics(painter.font());
    if (where.cell < metrics.horizontalAdvance(u"+.00"_s) || where.cell < metrics.height()) return;
    const int size = m_image.width();
    for (int i = 0; i < size * size; ++i) {
        const QRectF cell(where.square.left() + (i % size) * where.cell,
                          where.square.top() + (i / size) * where.cell, where.cell, where.cell);
        painter.setPen(inkOn(m_image.pixelColor(i % size, i / size)));
        painter.drawText(cell, Qt::AlignCenter,
                         valueText(m_map.values[static_cast<std::size_t>(i)]));
    }
}

bool AttentionMapWidget::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip || m_image.isNull()) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const Area where = area();
    if (!where.square.contains(help->pos())) {
        QToolTip::hideText();
        return true;
    }
    const int last = m_image.width() - 1;
    const int row =
        std::min(static_cast<int>((help->pos().y() - where.square.top()) / where.cell), last);
    const int column =
        std::min(static_cast<int>((help->pos().x() - where.square.left()) / where.cell), last);
    const float value =
        m_map.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(last + 1) +
                     static_cast<std::size_t>(column)];
    QToolTip::showText(
        help->globalPos(),
        u"from %1 (token %2) to %3 (token %4): %5"_s
            .arg(m_tokens.value(row), QString::number(row), m_tokens.value(column),
                 QString::number(column), QString::number(static_cast<double>(value), 'g', 6))
            .toHtmlEscaped(),
        this);
    return true;
}

}  // namespace driftlens
