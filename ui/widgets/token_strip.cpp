#include "ui/widgets/token_strip.h"

#include "ui/widgets/colour_scale.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kGap = 3;       // between cells
constexpr int kPadding = 5;   // left and right of the text of a cell
constexpr int kWidest = 220;  // a longer token is elided; its tool tip has it in full

}  // namespace

TokenStrip::TokenStrip(QStringList tokens, StripView strip, double scale, std::vector<int> widths,
                       QWidget* parent)
    : QWidget(parent),
      m_tokens(std::move(tokens)),
      m_strip(std::move(strip)),
      m_scale(scale),
      m_widths(std::move(widths)) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    QStringList spoken;
    for (qsizetype i = 0; i < m_strip.values.size(); ++i) {
        if (!m_strip.values[i].isEmpty())
            spoken.push_back(m_tokens.value(i) + u' ' + m_strip.values[i]);
    }
    setAccessibleName(m_strip.title);
    setAccessibleDescription(spoken.join(u", "_s));
}

std::vector<int> TokenStrip::widthsFor(const ResultView& view, const QFontMetrics& metrics) {
    std::vector<int> out;
    for (qsizetype i = 0; i < view.columns.size(); ++i) {
        int widest = metrics.horizontalAdvance(view.columns[i]);
        const auto consider = [&](const StripView& strip) {
            widest = std::max(widest, metrics.horizontalAdvance(strip.values.value(i)));
        };
        consider(view.reference);
        for (const VariantView& variant : view.variants) {
            consider(variant.scores);
            consider(variant.difference);
        }
        out.push_back(std::min(widest + 2 * kPadding, kWidest));
    }
    return out;
}

int TokenStrip::cellHeight() const {
    return 2 * fontMetrics().height() + 8;
}

std::vector<QRect> TokenStrip::cells(int width) const {
    std::vector<QRect> out;
    int x = 0;
    int y = 0;
    for (const int cell : m_widths) {
        if (x > 0 && x + cell > width) {
            x = 0;
            y += cellHeight() + kGap;
        }
        out.emplace_back(x, y, cell, cellHeight());
        x += cell + kGap;
    }
    return out;
}

int TokenStrip::heightForWidth(int width) const {
    const std::vector<QRect> all = cells(width);
    return all.empty() ? cellHeight() : all.back().bottom() + 1;
}

QSize TokenStrip::sizeHint() const {
    return {600, heightForWidth(600)};
}

void TokenStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const std::vector<QRect> all = cells(width());
    for (std::size_t i = 0; i < std::min(all.size(), m_strip.scores.size()); ++i) {
        if (std::isnan(m_strip.scores[i])) continue;  // not a column of this model
        const QRect& cell = all[i];
        const auto index = static_cast<qsizetype>(i);
        const QRect upper(cell.left(), cell.top(), cell.width(), cell.height() / 2);
        const QRect lower(cell.left(), upper.bottom() + 1, cell.width(), cell.height() / 2);
        const QColor colour = divergingColour(m_scale > 0.0 ? m_strip.scores[i] / m_scale : 0.0);
        painter.setPen(QColor(160, 160, 160));
        painter.setBrush(colour);
        painter.drawRoundedRect(QRectF(upper).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
        painter.setPen(inkOn(colour));
        painter.drawText(upper, Qt::AlignCenter,
                         fontMetrics().elidedText(m_tokens.value(index), Qt::ElideMiddle,
                                                  cell.width() - 2 * kPadding + 2));
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(lower, Qt::AlignHCenter | Qt::AlignTop, m_strip.values.value(index));
    }
}

bool TokenStrip::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::vector<QRect> all = cells(width());
    for (std::size_t i = 0; i < std::min(all.size(), m_strip.scores.size()); ++i) {
        if (!all[i].contains(help->pos()) || std::isnan(m_strip.scores[i])) continue;
        QToolTip::showText(help->globalPos(),
                           u"token %1, %2: %3"_s
                               .arg(QString::number(i), m_tokens.value(static_cast<qsizetype>(i)),
                                    QString::number(m_strip.scores[i], 'g', 9))
                               .toHtmlEscaped(),
                           this);
        return true;
    }
    QToolTip::hideText();
    return true;
}

}  // namespace driftlens
