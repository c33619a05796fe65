// What the result panel shows, as texts and numbers: a comparison or an explanation without the
// parts nobody looks at. Plain values; no widget and no computation behind them.
#pragma once

#include "engine/compare/comparison.h"
#include "engine/compare/explain.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace driftlens {

// One signed value per column, with the text that is printed under it; NaN and no text where the
// model has no such column.
struct StripView {
    QString title;
    std::vector<double> scores;
    QStringList values;
};

// One model's attention maps; empty if its method gave none.
using AttentionMaps = std::vector<AttentionMap>;

struct VariantView {
    QString name;
    QString fidelity;
    QString verdict;
    StripView scores;
    StripView difference;  // variant − reference
    AttentionMaps maps;
};

struct ResultView {
    QString headline;  // what was explained, in what
    QString footnote;  // run, time, log
    QStringList warnings;
    QStringList tokens;   // of the text
    QStringList columns;  // of the strips: the virtual tokens of any model, then the text's
    StripView reference;
    AttentionMaps referenceMaps;
    std::vector<VariantView> variants;
    double scale = 0.0;  // largest |value| of all strips, differences included: one colour scale
};

// The first method asked gives the strips, the method "attention" the maps. A comparison without
// variants has no scores: explain the reference instead.
ResultView viewOf(const Comparison& comparison);
ResultView viewOf(const Explanation& explanation);

// The map of that layer and head (-1: mean over heads), or null.
const AttentionMap* findMap(const AttentionMaps& maps, std::int64_t layer, std::int64_t head);

// variant − reference over the tokens of the text; empty values if the variant or the reference has
// no such map. Virtual tokens, which come first, are left out unless both have as many.
AttentionMap differenceOf(const AttentionMap& reference, const AttentionMap& variant);

// "+0.312", "−0.050", "0.000": always so many decimals, with a sign unless it shows as zero.
QString signedNumber(double value, int decimals);

// Decimals that show the largest of the values with three significant digits, 8 at most.
int decimalsFor(const std::vector<double>& values);

}  // namespace driftlens
