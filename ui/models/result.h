// What the panels show: the newest outcome of a preview or a run.
#pragma once

#include "core/base/json.h"
#include "engine/compare/comparison.h"
#include "engine/compare/explain.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace driftlens {

// Drift per head of one variant, by layer and head; empty where it was not measured.
using HeadDrift = std::map<std::pair<std::int64_t, std::int64_t>, double>;

// Where a result comes from: what its report says of it.
struct ResultOrigin {
    std::string log;      // file that it is on record in; empty: in none
    std::string command;  // that computes the same
    Json environment = nullptr;
};

// A comparison; of one model alone, one without variants. Immutable once shown.
struct Result {
    Comparison comparison;
    bool isClassifier = false;          // answers are classes
    bool isPreview = false;             // not logged, and a better one may follow
    std::vector<HeadDrift> headDrifts;  // per variant; empty where not measured
    ResultOrigin origin;
};

using ResultPtr = std::shared_ptr<const Result>;

// Of every variant, from what the engine measured.
std::vector<HeadDrift> headDriftsOf(const Comparison& comparison);

// The explanation of one model in the shape of a comparison.
Comparison asComparison(Explanation explanation);

// The methods of the result, in the order asked.
std::vector<std::string> methodsOf(const Comparison& comparison);

// The maps of one model by a method that gave some; null if it gave none. `variant` -1 is the
// reference.
const std::vector<AttentionMap>* mapsOf(const Comparison& comparison, int variant,
                                        std::string_view method);

QString shownText(QString text);  // white space made visible
// Rows of the text as people read it: the prompt's own characters, white space made visible.
QStringList shownTokens(const TokenizedInput& input);

QString nameOf(const ModelIdentity& model);

// "+0.312", "−0.050", "0.000": always so many decimals, with a sign unless it shows as zero.
QString signedNumber(double value, int decimals);

// So many significant digits with a true minus sign: "0.0414", "2.9e−6".
QString figure(double value, int digits = 3);

// Decimals that show the largest of the values with three significant digits, 8 at most.
int decimalsFor(const std::vector<double>& values);

}  // namespace driftlens
