// Pages under one another, to be scrolled and enlarged. Knows how large they are, not what is on
// them: it asks for the pictures of those that are seen.
#pragma once

#include <QAbstractScrollArea>
#include <QImage>
#include <QSizeF>

#include <map>
#include <set>

namespace driftlens {

class PageView : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit PageView(QWidget* parent);

    // So many pages of that size in points. Keeps the place if the number is the same.
    void setPages(int count, QSizeF size);
    void setPicture(int page, const QImage& picture);  // of pixelsPerPoint()
    bool hasPicture(int page) const;                   // of the present size

    int count() const { return m_count; }
    int currentPage() const;
    void goTo(int page);

    double zoom() const;        // 1: as large as on paper
    void setZoom(double zoom);  // held within a tenth and eight
    void fitWidth();            // and stay so when the window grows
    void zoomBy(int steps);
    double pixelsPerPoint() const;  // of the screen's own pixels

Q_SIGNALS:
    void pictureWanted(int page);
    void currentPageChanged(int page);
    void zoomChanged(double zoom);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    void layOut();
    void forgetPictures();
    QRectF placeOf(int page) const;  // in the viewport
    double scale() const;            // widget's pixels per point

    QSizeF m_size{1.0, 1.0};
    int m_count = 0;
    int m_current = -1;
    double m_zoom = 0.0;  // 0: as wide as the window
    std::map<int, QImage> m_pictures;
    std::set<int> m_asked;
};

}  // namespace driftlens
