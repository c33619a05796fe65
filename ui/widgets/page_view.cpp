#include "ui/widgets/page_view.h"

#include "ui/theme.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <vector>

namespace driftlens {
namespace {

constexpr double kGap = 16.0;  // between pages and around them
constexpr double kSmallest = 0.1, kLargest = 8.0;
constexpr double kStep = 1.2;  // of the zoom
constexpr double kPointsPerInch = 72.0;
constexpr int kKeptAround = 3;  // pages whose pictures are kept beside those seen

}  // namespace

PageView::PageView(QWidget* parent) : QAbstractScrollArea(parent) {
    setAccessibleName(tr("Pages"));
    setFrameShape(QFrame::NoFrame);
    viewport()->setBackgroundRole(QPalette::Mid);
}

void PageView::setPages(int count, QSizeF size) {
    const bool isSame = count == m_count && size == m_size;
    m_count = count;
    m_size = size;
    forgetPictures();
    m_current = -1;
    layOut();
    if (!isSame) verticalScrollBar()->setValue(0);
    viewport()->update();
    Q_EMIT zoomChanged(zoom());
    scrollContentsBy(0, 0);
}

void PageView::setPicture(int page, const QImage& picture) {
    m_pictures[page] = picture;
    m_pictures[page].setDevicePixelRatio(devicePixelRatioF());
    m_asked.erase(page);
    viewport()->update(placeOf(page).toAlignedRect());
}

bool PageView::hasPicture(int page) const {
    const auto found = m_pictures.find(page);
    return found != m_pictures.end() &&
           found->second.width() ==
               static_cast<int>(std::lround(m_size.width() * pixelsPerPoint()));
}

void PageView::forgetPictures() {
    m_pictures.clear();
    m_asked.clear();
}

double PageView::scale() const {
    if (m_zoom > 0.0) return m_zoom * logicalDpiX() / kPointsPerInch;
    const double width = viewport()->width() - 2.0 * kGap;
    return std::max(kSmallest, width / m_size.width());
}

double PageView::zoom() const {
    if (m_count == 0) return m_zoom > 0.0 ? m_zoom : 1.0;
    return scale() * kPointsPerInch / logicalDpiX();
}

double PageView::pixelsPerPoint() const {
    return scale() * devicePixelRatioF();
}

QRectF PageView::placeOf(int page) const {
    const QSizeF size = m_size * scale();
    const double left = std::max(kGap, (viewport()->width() - size.width()) / 2.0);
    const double ratio = devicePixelRatioF();
    const auto onPixel = [ratio](double place) { return std::round(place * ratio) / ratio; };
    return {QPointF(onPixel(left - horizontalScrollBar()->value()),
                    onPixel(kGap + page * (size.height() + kGap) - verticalScrollBar()->value())),
            size};
}

void PageView::layOut() {
    const QSizeF size = m_size * scale();
    const double whole = m_count * (size.height() + kGap) + kGap;
    verticalScrollBar()->setRange(
        0, m_count == 0 ? 0 : std::max(0, static_cast<int>(whole) - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(static_cast<int>(size.height() / 20.0));
    const double across = size.width() + 2.0 * kGap;
    horizontalScrollBar()->setRange(
        0, m_zoom > 0.0 ? std::max(0, static_cast<int>(across) - viewport()->width()) : 0);
    horizontalScrollBar()->setPageStep(viewport()->width());
}

// The page that the middle of the window shows.
int PageView::currentPage() const {
    const double step = m_size.height() * scale() + kGap;
    const double middle = verticalScrollBar()->value() + viewport()->height() / 2.0 - kGap;
    return std::clamp(static_cast<int>(middle / step), 0, std::max(0, m_count - 1));
}

void PageView::goTo(int page) {
    const double step = m_size.height() * scale() + kGap;
    verticalScrollBar()->setValue(static_cast<int>(std::clamp(page, 0, m_count) * step));
}

void PageView::setZoom(double zoom) {
    const double place =
        verticalScrollBar()->maximum() > 0
            ? static_cast<double>(verticalScrollBar()->value()) / verticalScrollBar()->maximum()
            : 0.0;
    m_zoom = zoom <= 0.0 ? 0.0 : std::clamp(zoom, kSmallest, kLargest);
    m_asked.clear();
    layOut();
    verticalScrollBar()->setValue(static_cast<int>(place * verticalScrollBar()->maximum()));
    viewport()->update();
    Q_EMIT zoomChanged(this->zoom());
}

void PageView::fitWidth() {
    setZoom(0.0);
}

void PageView::zoomBy(int steps) {
    setZoom(zoom() * std::pow(kStep, steps));
}

void PageView::resizeEvent(QResizeEvent*) {
    if (m_zoom > 0.0)
        layOut();
    else
        setZoom(0.0);
}

void PageView::scrollContentsBy(int, int) {
    viewport()->update();
    const int page = m_count == 0 ? -1 : currentPage();
    if (page == m_current) return;
    m_current = page;
    Q_EMIT currentPageChanged(page);
}

void PageView::wheelEvent(QWheelEvent* event) {
    if (!event->modifiers().testFlag(Qt::ControlModifier)) {
        QAbstractScrollArea::wheelEvent(event);
        return;
    }
    zoomBy(event->angleDelta().y() > 0 ? 1 : -1);
    event->accept();
}

void PageView::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Home)
        goTo(0);
    else if (event->key() == Qt::Key_End)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    else
        QAbstractScrollArea::keyPressEvent(event);
}

void PageView::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    const Colours colours(palette());
    painter.fillRect(event->rect(), colours.isDark() ? QColor(22, 23, 26) : QColor(214, 217, 222));
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    std::vector<int> wanted;
    int first = m_count, last = -1;
    for (int page = 0; page < m_count; ++page) {
        const QRectF place = placeOf(page);
        if (!place.intersects(QRectF(viewport()->rect()))) continue;
        first = std::min(first, page);
        last = page;
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor(0, 0, 0, 40));
        painter.drawRect(place.translated(1.5, 2.0));
        painter.fillRect(place, Qt::white);
        const auto found = m_pictures.find(page);
        if (hasPicture(page))
            painter.drawImage(place.topLeft(), found->second);  // pixel by pixel
        else if (found != m_pictures.end())
            painter.drawImage(place, found->second);
        if (!hasPicture(page) && m_asked.insert(page).second) wanted.push_back(page);
    }
    std::erase_if(m_pictures, [&](const auto& each) {
        return each.first < first - kKeptAround || each.first > last + kKeptAround;
    });
    for (const int page : wanted) Q_EMIT pictureWanted(page);
}

}  // namespace driftlens
