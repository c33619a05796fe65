// The two colour scales of the desktop, and the legend that says what they mean.
#pragma once

#include <QColor>
#include <QWidget>

namespace driftlens {

// Blue below zero, near white at zero, red above; `value` in [-1, 1], cut off outside. Blue and red
// of that kind stay apart for the common kinds of colour blindness.
QColor divergingColour(double value);

// Near white to dark violet; `value` in [0, 1], cut off outside.
QColor sequentialColour(double value);

// Black or white, whichever stands out on the colour.
QColor inkOn(const QColor& background);

// A bar of the diverging scale from -largest to +largest with its numbers.
class ScaleLegend : public QWidget {
    Q_OBJECT
public:
    ScaleLegend(double largest, QWidget* parent);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    double m_largest;
};

}  // namespace driftlens
