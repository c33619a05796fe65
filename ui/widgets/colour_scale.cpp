#include "ui/widgets/colour_scale.h"

#include "ui/models/result_view.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

const QColor kNegative(33, 102, 172);
const QColor kNeutral(247, 247, 247);
const QColor kPositive(178, 24, 43);
const QColor kDense(84, 39, 136);

QColor mixed(const QColor& from, const QColor& to, double share) {
    const double t = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
    const auto channel = [&](int a, int b) {
        return static_cast<int>(std::lround(a + (b - a) * t));
    };
    return {channel(from.red(), to.red()), channel(from.green(), to.green()),
            channel(from.blue(), to.blue())};
}

}  // namespace

QColor divergingColour(double value) {
    return value < 0 ? mixed(kNeutral, kNegative, -value) : mixed(kNeutral, kPositive, value);
}

QColor sequentialColour(double value) {
    return mixed(kNeutral, kDense, value);
}

QColor inkOn(const QColor& background) {
    // Weights of the luma of ITU-R BT.601.
    const double luma =
        0.299 * background.redF() + 0.587 * background.greenF() + 0.114 * background.blueF();
    return luma > 0.5 ? QColor(Qt::black) : QColor(Qt::white);
}

ScaleLegend::ScaleLegend(double largest, QWidget* parent) : QWidget(parent), m_largest(largest) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QSize ScaleLegend::sizeHint() const {
    return {340, fontMetrics().height() * 2 + 4};
}

void ScaleLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const int line = fontMetrics().height();
    const QRect bar(0, 0, width() - 1, line);
    for (int x = bar.left(); x <= bar.right(); ++x) {
        painter.setPen(divergingColour(2.0 * x / bar.right() - 1.0));
        painter.drawLine(x, bar.top(), x, bar.bottom());
    }
    painter.setPen(palette().color(QPalette::WindowText));
    const int decimals = decimalsFor({m_largest});
    const QRect below(0, line + 2, width(), line);
    painter.drawText(below, Qt::AlignLeft, signedNumber(-m_largest, decimals));
    painter.drawText(below, Qt::AlignHCenter, QStringLiteral("0"));
    painter.drawText(below, Qt::AlignRight, signedNumber(m_largest, decimals));
}

}  // namespace driftlens
