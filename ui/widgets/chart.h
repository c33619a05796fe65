// Points, lines and bars over two axes: the one chart of the workbench.
#pragma once

#include <QPolygonF>
#include <QString>
#include <QWidget>

#include <optional>
#include <vector>

class QPainter;

namespace driftlens {

struct ChartPoint {
    double x = 0.0, y = 0.0;
    double low = 0.0, high = 0.0;  // of y's interval; equal: none
    QString meaning;               // said where the pointer rests
    int tag = -1;                  // given back when clicked
};

struct ChartSeries {
    QString name;
    std::vector<ChartPoint> points;
    bool isLine = false, isBars = false;
};

struct ChartView {
    QString title, xTitle, yTitle;
    std::vector<ChartSeries> series;
    std::optional<double> across, along;  // a marked y, a marked x: margins
    bool hasWholeX = false;               // x counts something: ticks at whole numbers only
    QString why;                          // said in the place of axes where there are no points
};

// Series differ by colour (Okabe and Ito's, safe for colour-blind eyes) and by the shape of their
// points; a legend stands above them. GUI thread only.
class Chart : public QWidget {
    Q_OBJECT
public:
    explicit Chart(QWidget* parent);
    void show(ChartView view);
    const ChartView& view() const { return m_view; }
    // The point of a series on the widget.
    QPointF placeOf(const ChartPoint& point) const;
    QSize sizeHint() const override { return {460, 300}; }
    QSize minimumSizeHint() const override { return {260, 200}; }

Q_SIGNALS:
    void clicked(int tag);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    QPointF placeAt(double x, double y) const;
    QRectF plot() const;
    QColor colourOf(std::size_t series) const;
    void findRange();
    void paintAxes(QPainter& painter) const;
    void paintGuides(QPainter& painter) const;
    void paintSeries(QPainter& painter, std::size_t index) const;
    void paintLegend(QPainter& painter) const;
    const ChartPoint* pointAt(const QPointF& place) const;

    ChartView m_view;
    double m_left = 0.0, m_right = 1.0, m_bottom = 0.0, m_top = 1.0;
};

}  // namespace driftlens
