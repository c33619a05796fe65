// How the PDF looks: page, type and colours, in points.
#pragma once

#include "reports/layout/layout.h"

namespace driftlens::pdf {

inline constexpr double kPageWidth = 595.28;  // A4
inline constexpr double kPageHeight = 841.89;
inline constexpr double kMarginSide = 56.0;
inline constexpr double kMarginTop = 74.0;
inline constexpr double kMarginBottom = 66.0;

struct Colour {
    double red, green, blue;
};
constexpr Colour rgb(unsigned hex) {
    return {static_cast<double>(hex >> 16 & 255U) / 255.0,
            static_cast<double>(hex >> 8 & 255U) / 255.0, static_cast<double>(hex & 255U) / 255.0};
}
inline constexpr Colour kInk = rgb(0x1d2733);
inline constexpr Colour kMuted = rgb(0x5a6675);
inline constexpr Colour kFaint = rgb(0xd5dbe3);
inline constexpr Colour kPaper = rgb(0xf4f6f9);
inline constexpr Colour kWhite = rgb(0xffffff);
inline constexpr Colour kDeep = rgb(0x14304f);
inline constexpr Colour kAccent = rgb(0x2c7bb6);
inline constexpr Colour kLightOnDeep = rgb(0xbfd3e6);

// A tone's colours: of the bar and the word, and of the card. Dark enough on the card to read.
struct ToneColours {
    Colour strong, card;
};
constexpr ToneColours coloursOf(Tone tone) {
    switch (tone) {
        case Tone::Good:
            return {rgb(0x1b6e4f), rgb(0xebf6f1)};
        case Tone::Caution:
            return {rgb(0x8a5a00), rgb(0xfdf5e3)};
        case Tone::Bad:
            return {rgb(0xa8321e), rgb(0xfcefec)};
        case Tone::Neutral:
            break;
    }
    return {rgb(0x2b5d8c), rgb(0xeef4fa)};
}

enum class Face { Sans, Mono };
enum class Align { Start, End };

struct TextStyle {
    Face face = Face::Sans;
    double size = 9.5;
    bool isBold = false;
    Colour colour = kInk;
    Align align = Align::Start;
    int maxLines = 0;       // 0: all; else the rest is cut, with …
    double leading = 1.12;  // of the font's own line height
};

inline constexpr TextStyle kBody = {};
inline constexpr TextStyle kSmall = {.size = 8.2, .colour = kMuted};
inline constexpr TextStyle kCode = {.face = Face::Mono, .size = 7.8};
inline constexpr TextStyle kHeading = {.size = 16.0, .isBold = true, .colour = kDeep};
inline constexpr TextStyle kSubheading = {.size = 11.5, .isBold = true, .colour = kDeep};
inline constexpr TextStyle kCaption = {.size = 9.0, .isBold = true};

inline constexpr double kBlockGap = 9.0;

}  // namespace driftlens::pdf
