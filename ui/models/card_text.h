// What verdict cards say; no widgets.
#pragma once

#include "ui/models/weight.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace driftlens {

struct CardText {
    Weight weight = Weight::Neutral;
    QString label = {};     // what it is about: "flip_rate"; may be empty
    QString word = {};      // the meaning without the colour: "VERIFIED", "material"
    QString text = {};      // a sentence
    QStringList more = {};  // smaller lines: yardsticks
    QString figure = {};    // beside the word; may be empty
};

// Cards under a title, and plain lines after them.
struct CardGroup {
    QString title;
    std::vector<CardText> cards;
    QStringList lines;
};

// "✔", "▲" or "✘" before the word: what the colour says.
QString marked(Weight weight, const QString& word);

// "LABEL: WORD FIGURE", the sentence and the smaller lines.
QString cardLines(const CardText& card);
QString cardLines(const std::vector<CardGroup>& groups);

}  // namespace driftlens
