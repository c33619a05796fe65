// What the Explain tab shows, as texts and numbers. Plain values; no widget behind them.
#pragma once

#include "ui/models/card_text.h"
#include "ui/models/result.h"
#include "xai/groups.h"

#include <QString>
#include <QStringList>

#include <cstddef>
#include <vector>

namespace driftlens {

// One signed value per unit; NaN where the model has no such unit.
struct StripView {
    QString title;
    std::vector<double> scores;
    std::vector<bool> isMuted;  // per unit: too small to mean anything; empty: none is
};

struct AnswerView {
    QString text;
    double probability = 0.0;
    QString target;  // what explains it: "class:1", "token:17"
    bool isTarget = false;
};

struct FigureView {
    QString name, value, meaning;
};

// A model: the reference, or a variant with its difference.
struct ColumnView {
    QString name;
    QString role;  // "Reference", "Variant"
    QString note;  // why a variant has no scores; empty: it has
    std::vector<AnswerView> answers;
    StripView scores;
    StripView difference;  // no scores: the reference has none
    std::vector<FigureView> figures;
    std::vector<CardText> cards;  // of a variant: its answer, its reasons
    QStringList warnings;
};

struct ExplainView {
    QString headline;  // what was explained, in what
    QString footnote;  // run, time, log
    QStringList warnings;
    QStringList units;  // tokens, words, sentences or parts of the network
    std::vector<std::vector<std::size_t>> tokensOf;  // per unit
    std::vector<ColumnView> columns;
    bool showsStrips = true;  // else its figure and its table are what to look at
    double scale = 0.0;       // largest |value| of all strips: one colour scale
    double floor = 0.0;       // a difference up to this is what the reference itself varies by
};

// `method` is an index into methodsOf(); grouping by token where groups make no sense.
ExplainView explainView(const Result& result, std::size_t method, GroupUnit unit);

// A table of the view with tabs between its fields, for other programs.
QString explainText(const ExplainView& view);

}  // namespace driftlens
