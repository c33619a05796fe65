// Figures with their names, in one or two columns. One widget paints all of them: a window of ten
// models has a hundred.
#pragma once

#include "ui/models/explain_view.h"

#include <QWidget>

#include <vector>

namespace driftlens {

// Says where the pointer rests what a figure means. GUI thread only.
class FigureList : public QWidget {
    Q_OBJECT
public:
    FigureList(std::vector<FigureView> figures, QWidget* parent);

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    int across(int width) const;
    int rowHeight() const;
    QRect placeOf(int figure) const;

    std::vector<FigureView> m_figures;
    int m_nameWidth = 0;
};

}  // namespace driftlens
