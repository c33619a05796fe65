// A figure of the reports on the screen: as it is drawn there, on paper of its own.
#pragma once

#include <QRectF>
#include <QString>
#include <QWidget>

#include <string>
#include <utility>
#include <vector>

class QSvgRenderer;

namespace driftlens {

// As large as it was drawn, or as narrow as there is room. Says where the pointer rests what the
// figure says of that place. GUI thread only.
class SvgFigure : public QWidget {
    Q_OBJECT
public:
    SvgFigure(const QString& title, const std::string& svg, QWidget* parent);

    const std::string& svg() const { return m_svg; }
    QString meaningAt(const QPointF& place) const;  // of the figure's own coordinates

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    double scaleFor(int width) const;
    void readMeanings();

    std::string m_svg;
    QSvgRenderer* m_renderer = nullptr;
    QSizeF m_size;
    std::vector<std::pair<QRectF, QString>> m_meanings;
};

}  // namespace driftlens
