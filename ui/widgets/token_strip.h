// Tokens side by side, coloured by a signed value that may also be printed under each of them.
#pragma once

#include "ui/models/explain_view.h"

#include <QWidget>

#include <memory>
#include <vector>

namespace driftlens {

// Labels and the width of each cell in pixels, shared by the strips of a result so that they wrap
// alike: the same token stands at the same place of each.
struct StripLayout {
    QStringList labels;
    std::vector<int> widths;
    bool isRightToLeft = false;  // as the text reads

    static StripLayout of(const ExplainView& view, const QFontMetrics& metrics);
};

// One strip, wrapped to its width; paints only the cells that are seen. Cells take the focus: arrow
// keys move, Return pins. GUI thread only; owns what it shows, but for the shared layout.
class TokenStrip : public QWidget {
    Q_OBJECT
public:
    // `scale` is the |value| that gets the full colour.
    TokenStrip(std::shared_ptr<const StripLayout> layout, StripView strip, double scale,
               QWidget* parent);

    void setShowsValues(bool shows);
    void setPinned(int unit);  // -1: none

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void unitClicked(int unit);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    const std::vector<QRect>& cells(int width) const;
    int unitAt(const QPoint& place) const;  // -1: none
    int cellHeight() const;
    void paintCell(QPainter& painter, const QRect& cell, std::size_t unit) const;
    void setCurrent(int unit);
    bool isShown(std::size_t unit) const;

    std::shared_ptr<const StripLayout> m_layout;
    StripView m_strip;
    double m_scale;
    int m_decimals;
    bool m_showsValues = true;
    int m_pinned = -1;
    int m_current = 0;
    mutable std::vector<QRect> m_cells;  // for m_cellsWidth
    mutable int m_cellsWidth = -1;
};

}  // namespace driftlens
