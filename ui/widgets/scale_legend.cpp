#include "ui/widgets/scale_legend.h"

#include "ui/models/result.h"
#include "ui/theme.h"

#include <QPainter>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {
constexpr int kBarHeight = 10;
}

ScaleLegend::ScaleLegend(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(tr("Colour scale of the scores"));
}

void ScaleLegend::setLargest(double largest) {
    m_largest = largest;
    const QString number = signedNumber(largest, decimalsFor({largest}));
    setAccessibleDescription(tr("from minus to plus %1").arg(number));
    setToolTip(tr("Orange speaks for the target, blue against it; full colour at ±%1 in all strips")
                   .arg(QString(number).remove(u'+')));
    update();
}

QSize ScaleLegend::sizeHint() const {
    return {260, fontMetrics().height() + kBarHeight + 4};
}

void ScaleLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Colours colours(palette());
    const QRect bar(0, 1, width() - 1, kBarHeight);
    for (int x = bar.left(); x <= bar.right(); ++x) {
        painter.setPen(colours.diverging(2.0 * x / bar.right() - 1.0));
        painter.drawLine(x, bar.top(), x, bar.bottom());
    }
    painter.setPen(colours.line());
    painter.drawRect(bar);
    painter.setPen(palette().color(QPalette::WindowText));
    const int decimals = decimalsFor({m_largest});
    const QRect below(0, kBarHeight + 3, width(), fontMetrics().height());
    painter.drawText(below, Qt::AlignLeft, signedNumber(-m_largest, decimals));
    painter.drawText(below, Qt::AlignHCenter, u"0"_s);
    painter.drawText(below, Qt::AlignRight, signedNumber(m_largest, decimals));
}

}  // namespace driftlens
