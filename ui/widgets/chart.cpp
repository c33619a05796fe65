#include "ui/widgets/chart.h"

#include "ui/models/result.h"
#include "ui/theme.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <cmath>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr double kReach = 14.0;  // pixels from a point within which the pointer is at it
constexpr double kMark = 4.0;    // half a point's size
constexpr int kTicks = 5;
constexpr std::size_t kShapes = 5;

// A step of 1, 2 or 5 times a power of ten.
double stepOf(double span, bool isWhole) {
    const double raw = span / kTicks;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    const double share = raw / power;
    const double step = power * (share <= 1.0   ? 1.0
                                 : share <= 2.0 ? 2.0
                                 : share <= 5.0 ? 5.0
                                                : 10.0);
    return isWhole ? std::max(1.0, std::round(step)) : step;
}

QString tickText(double value, double step) {
    return figure(std::abs(value) < step * 1e-6 ? 0.0 : value);
}

QPolygonF shapeAt(std::size_t series, const QPointF& at) {
    const double r = kMark;
    switch (series % kShapes) {
        case 1:
            return QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r);
        case 2:
            return QPolygonF(
                {at + QPointF(0, -r * 1.3), at + QPointF(r * 1.2, r), at + QPointF(-r * 1.2, r)});
        case 3:
            return QPolygonF({at + QPointF(0, -r * 1.4), at + QPointF(r * 1.4, 0),
                              at + QPointF(0, r * 1.4), at + QPointF(-r * 1.4, 0)});
        case 4:
            return QPolygonF(
                {at + QPointF(0, r * 1.3), at + QPointF(r * 1.2, -r), at + QPointF(-r * 1.2, -r)});
        default: {
            QPolygonF out;
            for (int i = 0; i < 16; ++i)
                out << at + QPointF(r * std::cos(i * M_PI / 8), r * std::sin(i * M_PI / 8));
            return out;
        }
    }
}

}  // namespace

Chart::Chart(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
}

void Chart::show(ChartView view) {
    m_view = std::move(view);
    setAccessibleName(m_view.title.isEmpty() ? m_view.yTitle : m_view.title);
    QStringList names;
    for (const ChartSeries& each : m_view.series)
        names.push_back(tr("%1: %2 points").arg(each.name).arg(each.points.size()));
    setAccessibleDescription(
        tr("%1 over %2. %3").arg(m_view.yTitle, m_view.xTitle, names.join(u"; "_s)));
    findRange();
    update();
}

void Chart::findRange() {
    double left = INFINITY, right = -INFINITY, bottom = INFINITY, top = -INFINITY;
    const auto takeY = [&](double y) {
        bottom = std::min(bottom, y);
        top = std::max(top, y);
    };
    const auto takeX = [&](double x) {
        left = std::min(left, x);
        right = std::max(right, x);
    };
    for (const ChartSeries& each : m_view.series) {
        for (const ChartPoint& point : each.points) {
            takeX(point.x);
            takeY(point.y);
            if (point.low < point.high) {
                takeY(point.low);
                takeY(point.high);
            }
            if (each.isBars) takeY(0.0);
        }
    }
    if (m_view.across) takeY(*m_view.across);
    if (m_view.along) takeX(*m_view.along);
    if (!(left <= right) || !(bottom <= top)) left = bottom = 0.0, right = top = 1.0;
    // Drift starts at none: the axis does, too, unless the values are far from it.
    if (bottom > 0.0 && bottom < 0.6 * top) bottom = 0.0;
    const auto widen = [](double& low, double& high) {
        const double span = high - low > 1e-12 ? high - low : std::max(1e-6, std::abs(high) * 0.2);
        if (low != 0.0) low -= span * 0.06;
        high += span * 0.06;
    };
    widen(bottom, top);
    widen(left, right);
    m_left = left;
    m_right = right;
    m_bottom = bottom;
    m_top = top;
}

QRectF Chart::plot() const {
    const int line = fontMetrics().height();
    const double head = line * (m_view.title.isEmpty() ? 1.4 : 2.6);
    return {line * 4.2, head, std::max(20.0, width() - line * 4.2 - line * 1.0),
            std::max(20.0, height() - head - line * 2.8)};
}

QPointF Chart::placeOf(const ChartPoint& point) const {
    return placeAt(point.x, point.y);
}

QPointF Chart::placeAt(double x, double y) const {
    const QRectF area = plot();
    return {area.left() + (x - m_left) / (m_right - m_left) * area.width(),
            area.bottom() - (y - m_bottom) / (m_top - m_bottom) * area.height()};
}

QColor Chart::colourOf(std::size_t series) const {
    static constexpr std::array<QRgb, 5> kLight = {0xff0072b2, 0xffb84a00, 0xff00785a, 0xff9c4f86,
                                                   0xff7a6200};
    static constexpr std::array<QRgb, 5> kDark = {0xff56b4e9, 0xffff9d45, 0xff2fcf9f, 0xffe79bc6,
                                                  0xfff0e442};
    const bool isDark = Colours(palette()).isDark();
    return QColor::fromRgb(isDark ? kDark[series % kDark.size()] : kLight[series % kLight.size()]);
}

void Chart::paintAxes(QPainter& painter) const {
    const Colours colours(palette());
    const QRectF area = plot();
    const int line = fontMetrics().height();
    QColor grid = colours.line();
    grid.setAlpha(110);
    const double xStep = stepOf(m_right - m_left, m_view.hasWholeX);
    const double yStep = stepOf(m_top - m_bottom, false);
    for (double y = std::ceil(m_bottom / yStep) * yStep; y <= m_top; y += yStep) {
        const double at = placeAt(m_left, y).y();
        painter.setPen(grid);
        painter.drawLine(QPointF(area.left(), at), QPointF(area.right(), at));
        painter.setPen(colours.faint());
        painter.drawText(QRectF(line * 1.3, at - line / 2.0, area.left() - line * 1.3 - 6, line),
                         Qt::AlignRight | Qt::AlignVCenter, tickText(y, yStep));
    }
    for (double x = std::ceil(m_left / xStep) * xStep; x <= m_right; x += xStep) {
        const double at = placeAt(x, m_bottom).x();
        painter.setPen(colours.line());
        painter.drawLine(QPointF(at, area.bottom()), QPointF(at, area.bottom() + 4));
        painter.setPen(colours.faint());
        painter.drawText(QRectF(at - 50, area.bottom() + 5, 100, line),
                         Qt::AlignHCenter | Qt::AlignTop, tickText(x, xStep));
    }
    painter.setPen(colours.line());
    painter.drawLine(area.bottomLeft(), area.bottomRight());
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRectF(area.left(), height() - line * 1.2, area.width(), line),
                     Qt::AlignHCenter, m_view.xTitle);
    painter.save();
    painter.translate(line * 0.2, area.center().y());
    painter.rotate(-90);
    painter.drawText(QRectF(-area.height() / 2 - line, 0, area.height() + 2 * line, line),
                     Qt::AlignHCenter, m_view.yTitle);
    painter.restore();
}

void Chart::paintGuides(QPainter& painter) const {
    const QRectF area = plot();
    painter.setPen(QPen(Colours(palette()).warning(), 1.2, Qt::DashLine));
    if (m_view.across) {
        const double at = placeAt(m_left, *m_view.across).y();
        painter.drawLine(QPointF(area.left(), at), QPointF(area.right(), at));
        painter.drawText(QRectF(area.left(), at - fontMetrics().height(), area.width() - 4,
                                fontMetrics().height()),
                         Qt::AlignRight, tr("margin %1").arg(figure(*m_view.across)));
    }
    if (m_view.along) {
        const double at = placeAt(*m_view.along, m_bottom).x();
        painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()));
    }
}

void Chart::paintSeries(QPainter& painter, std::size_t index) const {
    const ChartSeries& series = m_view.series[index];
    const QColor colour = colourOf(index);
    const double base = placeAt(m_left, std::clamp(0.0, m_bottom, m_top)).y();
    const double barWidth = std::max(
        2.0, plot().width() / std::max<double>(1.0, static_cast<double>(series.points.size() + 1)) /
                     static_cast<double>(m_view.series.size()) -
                 2.0);
    QPolygonF line;
    for (const ChartPoint& point : series.points) line << placeOf(point);
    painter.setPen(QPen(colour, 1.8));
    if (series.isLine) painter.drawPolyline(line);
    for (qsizetype i = 0; i < line.size(); ++i) {
        const ChartPoint& point = series.points[static_cast<std::size_t>(i)];
        if (point.low < point.high)
            painter.drawLine(placeAt(point.x, point.low), placeAt(point.x, point.high));
        painter.setBrush(colour);
        if (series.isBars) {
            const double shift = barWidth * (static_cast<double>(index) -
                                             static_cast<double>(m_view.series.size()) / 2.0);
            painter.fillRect(
                QRectF(line[i].x() + shift, line[i].y(), barWidth - 1, base - line[i].y()), colour);
        } else {
            painter.drawPolygon(shapeAt(index, line[i]));
        }
    }
}

// Names above the plot, each behind its shape: beside lines that end together they would overlap.
void Chart::paintLegend(QPainter& painter) const {
    const QRectF area = plot();
    const int line = fontMetrics().height();
    double x = area.left();
    const double y = area.top() - line * 0.8;
    for (std::size_t i = 0; i < m_view.series.size(); ++i) {
        if (m_view.series[i].name.isEmpty()) continue;
        painter.setPen(colourOf(i));
        painter.setBrush(colourOf(i));
        painter.drawPolygon(shapeAt(i, {x + kMark, y}));
        painter.setPen(palette().color(QPalette::WindowText));
        // Each gets an equal share of what the ones before it left.
        const auto rest = static_cast<double>(m_view.series.size() - i);
        const double room = std::max(0.0, (area.right() - x) / rest - 32);
        const QString name = fontMetrics().elidedText(m_view.series[i].name, Qt::ElideMiddle,
                                                      static_cast<int>(room));
        painter.drawText(QRectF(x + 14, y - line / 2.0, room, line), Qt::AlignVCenter, name);
        x += 14 + fontMetrics().horizontalAdvance(name) + 18;
    }
}

void Chart::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!m_view.title.isEmpty()) {
        QFont bold = font();
        bold.setBold(true);
        painter.setFont(bold);
        painter.drawText(QRectF(plot().left(), 0, plot().width(), fontMetrics().height() * 1.2),
                         Qt::AlignLeft | Qt::AlignVCenter,
                         fontMetrics().elidedText(m_view.title, Qt::ElideRight,
                                                  static_cast<int>(plot().width())));
        painter.setFont(font());
    }
    const bool hasPoints = std::any_of(m_view.series.begin(), m_view.series.end(),
                                       [](const ChartSeries& s) { return !s.points.empty(); });
    if (!hasPoints) {
        painter.setPen(Colours(palette()).faint());
        painter.drawText(rect().adjusted(16, 24, -16, -8), Qt::AlignCenter | Qt::TextWordWrap,
                         m_view.why);
        return;
    }
    paintAxes(painter);
    for (std::size_t i = 0; i < m_view.series.size(); ++i) paintSeries(painter, i);
    paintGuides(painter);
    paintLegend(painter);
}

const ChartPoint* Chart::pointAt(const QPointF& place) const {
    const ChartPoint* best = nullptr;
    double nearest = kReach * kReach;
    for (const ChartSeries& series : m_view.series) {
        for (const ChartPoint& point : series.points) {
            const QPointF off = placeOf(point) - place;
            // A bar is hit anywhere below its top.
            const double dy = series.isBars && off.y() < 0.0 ? 0.0 : off.y();
            const double distance = off.x() * off.x() + dy * dy;
            if (distance > nearest) continue;
            nearest = distance;
            best = &point;
        }
    }
    return best;
}

void Chart::mousePressEvent(QMouseEvent* event) {
    const ChartPoint* point = pointAt(event->position());
    if (point != nullptr && point->tag >= 0) Q_EMIT clicked(point->tag);
}

bool Chart::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const ChartPoint* point = pointAt(help->pos());
    if (point == nullptr)
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), point->meaning.toHtmlEscaped(), this);
    return true;
}

}  // namespace driftlens
