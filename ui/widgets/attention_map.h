// A square of attention probabilities, or of their differences, with its tokens.
#pragma once

#include "xai/attribution.h"

#include <QImage>
#include <QStringList>
#include <QWidget>

namespace driftlens {

// One heat map: rows are queries, columns are keys. Values are printed into cells that are large
// enough, and shown in the tool tip of every cell. GUI thread only; owns a copy of the map.
class AttentionMapWidget : public QWidget {
    Q_OBJECT
public:
    explicit AttentionMapWidget(QString title, QWidget* parent);

    // `largest` gets the full colour. isDifference takes the diverging scale. A map without values
    // shows `whyEmpty`.
    void show(AttentionMap map, const QStringList& tokens, double largest, bool isDifference,
              const QString& whyEmpty);

    QSize sizeHint() const override { return {360, 360}; }
    QSize minimumSizeHint() const override { return {220, 260}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Area {
        QRectF square;
        double cell = 0.0;
        bool hasLabels = false;
    };
    Area area() const;
    void paintLabels(QPainter& painter, const Area& where) const;
    void paintValues(QPainter& painter, const Area& where) const;
    QString valueText(float value) const;

    QString m_title;
    AttentionMap m_map;
    QStringList m_tokens;
    QImage m_image;  // one pixel per cell
    bool m_isDifference = false;
    QString m_whyEmpty;
};

}  // namespace driftlens
