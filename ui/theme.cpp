#include "ui/theme.h"

#include <QApplication>
#include <QPainter>
#include <QProxyStyle>
#include <QStyle>
#include <QStyleFactory>
#include <QStyleOption>

#include <algorithm>
#include <cmath>
#include <map>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

QColor mixed(const QColor& from, const QColor& to, double share) {
    const double t = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
    const auto channel = [&](int a, int b) {
        return static_cast<int>(std::lround(a + (b - a) * t));
    };
    return {channel(from.red(), to.red()), channel(from.green(), to.green()),
            channel(from.blue(), to.blue())};
}

QPalette paletteOf(const QColor& window, const QColor& base, const QColor& text,
                   const QColor& faint, const QColor& accent) {
    QPalette out(text, window);
    out.setColor(QPalette::Window, window);
    out.setColor(QPalette::Base, base);
    out.setColor(QPalette::AlternateBase, mixed(base, window, 0.6));
    out.setColor(QPalette::WindowText, text);
    out.setColor(QPalette::Text, text);
    out.setColor(QPalette::Button, mixed(window, text, 0.04));
    out.setColor(QPalette::ButtonText, text);
    out.setColor(QPalette::BrightText, accent);
    out.setColor(QPalette::ToolTipBase, base);
    out.setColor(QPalette::ToolTipText, text);
    out.setColor(QPalette::PlaceholderText, faint);
    out.setColor(QPalette::Highlight, accent);
    out.setColor(QPalette::HighlightedText, Colours::inkOn(accent));
    out.setColor(QPalette::Link, accent);
    out.setColor(QPalette::Mid, mixed(window, text, 0.25));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        out.setColor(QPalette::Disabled, role, mixed(window, text, 0.45));
    return out;
}

QPalette lightPalette() {
    return paletteOf(QColor(245, 246, 248), QColor(255, 255, 255), QColor(28, 30, 34),
                     QColor(118, 122, 130), QColor(42, 96, 176));
}

QPalette darkPalette() {
    return paletteOf(QColor(36, 38, 42), QColor(28, 30, 33), QColor(228, 230, 234),
                     QColor(140, 145, 153), QColor(104, 160, 240));
}

// Fusion draws outlines darker than the window: on a dark one a box that is not ticked, and the
// frame of a field, cannot be seen.
class OutlinedStyle : public QProxyStyle {
public:
    OutlinedStyle() : QProxyStyle(u"Fusion"_s) {}

    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override {
        QProxyStyle::drawPrimitive(element, option, painter, widget);
        const bool isBox = element == PE_IndicatorCheckBox ||
                           element == PE_IndicatorItemViewItemCheck || element == PE_FrameLineEdit;
        if (!isBox || option->state.testFlag(State_HasFocus)) return;
        const Colours colours(option->palette);
        if (!colours.isDark()) return;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(colours.line());
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), 2.0, 2.0);
        painter->restore();
    }
};

// How a verdict's edge and word, and the card behind them, are coloured.
struct Shades {
    QColor strong, strongInDark, card, cardInDark;
};

const Shades& shadesOf(Weight weight) {
    static const std::map<Weight, Shades> kShades = {
        {Weight::Neutral, {{43, 93, 140}, {140, 185, 240}, {234, 242, 250}, {40, 50, 63}}},
        {Weight::Good, {{27, 110, 79}, {110, 205, 155}, {232, 245, 239}, {32, 54, 45}}},
        {Weight::Caution, {{138, 90, 0}, {240, 190, 90}, {253, 244, 224}, {58, 49, 32}}},
        {Weight::Bad, {{168, 50, 30}, {255, 140, 120}, {252, 236, 232}, {64, 40, 38}}}};
    return kShades.at(weight);
}

}  // namespace

void applyTheme(Theme theme) {
    static const QString kSystemStyle = QApplication::style()->name();
    static const QPalette kSystemPalette = QApplication::palette();
    // Other styles than Fusion take some colours from the desktop, whatever the palette says.
    if (theme == Theme::System && kSystemStyle.compare(u"Fusion"_s, Qt::CaseInsensitive) != 0)
        QApplication::setStyle(kSystemStyle);
    else
        QApplication::setStyle(new OutlinedStyle);  // which the application owns
    QApplication::setPalette(theme == Theme::System  ? kSystemPalette
                             : theme == Theme::Light ? lightPalette()
                                                     : darkPalette());
}

Colours::Colours(const QPalette& palette)
    : m_isDark(palette.color(QPalette::Window).lightnessF() < 0.5F) {}

QColor Colours::neutral() const {
    return m_isDark ? QColor(52, 55, 60) : QColor(247, 247, 247);
}

QColor Colours::diverging(double value) const {
    const QColor negative = m_isDark ? QColor(84, 160, 240) : QColor(33, 102, 172);
    const QColor positive = m_isDark ? QColor(245, 150, 60) : QColor(196, 88, 6);
    return mixed(neutral(), value < 0 ? negative : positive, std::abs(value));
}

QColor Colours::sequential(double value) const {
    return mixed(neutral(), m_isDark ? QColor(206, 166, 255) : QColor(84, 39, 136), value);
}

QColor Colours::line() const {
    return m_isDark ? QColor(92, 96, 104) : QColor(196, 199, 205);
}

QColor Colours::faint() const {
    return m_isDark ? QColor(158, 163, 171) : QColor(98, 103, 112);
}

QColor Colours::mark() const {
    return m_isDark ? QColor(240, 240, 245) : QColor(20, 20, 24);
}

QColor Colours::warning() const {
    return m_isDark ? QColor(255, 190, 110) : QColor(150, 80, 0);
}

QColor Colours::strong(Weight weight) const {
    const Shades& shades = shadesOf(weight);
    return m_isDark ? shades.strongInDark : shades.strong;
}

QColor Colours::card(Weight weight) const {
    const Shades& shades = shadesOf(weight);
    return m_isDark ? shades.cardInDark : shades.card;
}

QColor Colours::inkOn(const QColor& background) {
    // Weights of the luma of ITU-R BT.601.
    const double luma =
        0.299 * background.redF() + 0.587 * background.greenF() + 0.114 * background.blueF();
    return luma > 0.5 ? QColor(Qt::black) : QColor(Qt::white);
}

}  // namespace driftlens
