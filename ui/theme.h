// Light and dark: the window's palette, and the colours that mean something.
#pragma once

#include "ui/models/preferences.h"
#include "ui/models/weight.h"

#include <QColor>
#include <QPalette>

namespace driftlens {

// Sets the application's style and palette. System: what the desktop gave at the start.
void applyTheme(Theme theme);

// Colours of scores and shares that suit a palette. Orange and blue of that kind stay apart for the
// common kinds of colour blindness.
class Colours {
public:
    explicit Colours(const QPalette& palette);

    bool isDark() const { return m_isDark; }
    QColor diverging(double value) const;   // [-1, 1]: blue, neutral, orange; cut off outside
    QColor sequential(double value) const;  // [0, 1]: neutral to violet; cut off outside
    QColor neutral() const;
    QColor line() const;   // thin borders
    QColor faint() const;  // text of less weight
    QColor mark() const;   // what is pinned
    QColor warning() const;
    QColor strong(Weight weight) const;  // of a card's bar and word; readable on the card
    QColor card(Weight weight) const;    // behind them

    // Black or white, whichever stands out on the colour.
    static QColor inkOn(const QColor& background);

private:
    bool m_isDark;
};

}  // namespace driftlens
