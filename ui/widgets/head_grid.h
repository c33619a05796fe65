// All heads of a model at a glance: a row per layer, a cell per head.
#pragma once

#include <QString>
#include <QWidget>

#include <cstdint>
#include <vector>

namespace driftlens {

// A head and how strongly it is coloured.
struct HeadCell {
    std::int64_t layer = 0, head = 0;
    double share = 0.0;      // of full colour; NaN: absent, which is hatched
    QString value, meaning;  // printed in the cell; said where the pointer rests
};

// A click, or arrow keys, choose a head. GUI thread only.
class HeadGrid : public QWidget {
    Q_OBJECT
public:
    explicit HeadGrid(QWidget* parent);
    void setHeads(std::vector<HeadCell> heads);
    void setChosen(std::int64_t layer, std::int64_t head);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void headChosen(std::int64_t layer, std::int64_t head);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRect cellOf(const HeadCell& head) const;
    const HeadCell* headAt(const QPoint& place) const;

    std::vector<HeadCell> m_heads;
    std::int64_t m_layers = 0, m_width = 0;
    std::int64_t m_layer = 0, m_head = 0;
};

}  // namespace driftlens
