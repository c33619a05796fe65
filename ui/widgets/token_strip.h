// Tokens side by side, coloured by a signed value that is also printed under each of them.
#pragma once

#include "ui/models/result_view.h"

#include <QWidget>

#include <vector>

namespace driftlens {

// One strip of tokens, wrapped to the width. Strips given the same widths wrap alike, so that the
// same token stands in the same column of each. GUI thread only; owns copies of what it shows.
class TokenStrip : public QWidget {
    Q_OBJECT
public:
    // `scale` is the |value| that gets the full colour. One width in pixels per token.
    TokenStrip(QStringList tokens, StripView strip, double scale, std::vector<int> widths,
               QWidget* parent);

    // Widths that fit every token and every value of every strip of the result.
    static std::vector<int> widthsFor(const ResultView& view, const QFontMetrics& metrics);

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    std::vector<QRect> cells(int width) const;
    int cellHeight() const;

    QStringList m_tokens;
    StripView m_strip;
    double m_scale;
    std::vector<int> m_widths;
};

}  // namespace driftlens
