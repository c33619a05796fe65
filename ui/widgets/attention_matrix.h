// One attention map as a square of colours, or as arcs between tokens.
#pragma once

#include "xai/attribution.h"

#include <QImage>
#include <QStringList>
#include <QWidget>

#include <optional>

namespace driftlens {

// What is painted. `map` absent: the model has no such head, which is hatched.
struct AttentionPicture {
    QString title;
    std::optional<AttentionMap> map;
    QStringList tokens;         // one per column, virtual ones first
    double largest = 1.0;       // the value of full colour
    bool isDifference = false;  // signed
};

enum class AttentionStyle { Matrix, Arcs };

// Rows look at columns. The colours are kept as an image until the map or the theme changes. GUI
// thread only; owns what it shows.
class AttentionMatrix : public QWidget {
    Q_OBJECT
public:
    explicit AttentionMatrix(QWidget* parent);

    void show(AttentionPicture picture);
    void setStyle(AttentionStyle style);
    void setPinned(int column);  // -1: none
    QSize minimumSizeHint() const override { return {160, 180}; }
    QSize sizeHint() const override { return {340, 360}; }

Q_SIGNALS:
    void columnClicked(int column);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Area {
        QRectF square;
        double cell = 1.0;
        bool hasLabels = false;
    };
    Area area() const;
    void makeImage();
    float valueAt(int row, int column) const;
    void paintAbsent(QPainter& painter) const;
    void paintLabels(QPainter& painter, const Area& where) const;
    void paintArcs(QPainter& painter) const;

    AttentionPicture m_picture;
    AttentionStyle m_style = AttentionStyle::Matrix;
    QImage m_image;  // null: to be made
    int m_size = 0;
    int m_pinned = -1;
};

}  // namespace driftlens
