// What the colours of scores mean.
#pragma once

#include <QWidget>

namespace driftlens {

// A bar of the diverging scale from −largest to +largest with its numbers. GUI thread only.
class ScaleLegend : public QWidget {
    Q_OBJECT
public:
    explicit ScaleLegend(QWidget* parent);
    void setLargest(double largest);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    double m_largest = 0.0;
};

}  // namespace driftlens
