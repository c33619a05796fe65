// What an explanation says besides a score per token: parts of the network, figures, pairs, edits,
// how good it is, how it was made. Plain values; no widget behind them.
#pragma once

#include "ui/models/result.h"

#include <QString>
#include <QStringList>

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace driftlens {

struct DetailTable {
    QString title;
    QStringList head;
    std::vector<QStringList> rows;
    std::set<int> texts;  // columns of words; the others are numbers
    QString note;         // what is not here; empty: all is
};

struct DetailFigure {
    QString title;
    std::string svg;
};

struct ExplanationDetails {
    std::vector<DetailFigure> figures;
    std::vector<DetailTable> tables;
    bool isEmpty() const { return figures.empty() && tables.empty(); }
};

// Of the reference (variant -1) or a variant. `withFacts`: its settings, baseline, cost and errors,
// too.
ExplanationDetails explanationDetails(const Comparison& comparison, std::size_t method, int variant,
                                      bool withFacts);

// False for parts of the network that a grid or a table shows better than a strip of their names.
bool suitsStrips(const Attribution& attribution, const std::vector<Token>& tokens);

QString detailsText(const ExplanationDetails& details);  // tables with tabs between their fields

}  // namespace driftlens
