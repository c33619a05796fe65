// What the Data set tab asks, as plain values, and the engine's request made of it.
#pragma once

#include "engine/dataset/dataset.h"
#include "ui/models/preferences.h"
#include "ui/models/session.h"

#include <QString>
#include <QStringList>

#include <map>
#include <optional>
#include <string>

namespace driftlens {

struct DatasetSetup {
    QString text, label, slice, cluster;  // columns; empty: guessed, or none
    QString method;                       // empty: those of the session
    QString primary = QStringLiteral("spearman");
    int most = 0;  // rows from the beginning; 0: all
    bool withYardsticks = true, truncates = false;
    QString gates, margins;  // one a line
    QString resumes;         // a run of the log
};

// Where an editor's line is wrong, from 0.
struct LineProblem {
    int line = 0;
    QString message;
};
std::optional<LineProblem> gateProblem(const QString& gates);
std::optional<LineProblem> marginProblem(const QString& margins);

// By metric. Throws Error(Usage) for the first line that is wrong.
std::map<std::string, double> marginsOf(const QString& margins);
// The drift that matters of the metric that verdicts are about: declared, or the default.
double primaryMargin(const DatasetSetup& setup);

// The metrics of explanations that verdicts can be about, as --primary takes them.
QStringList primaryMetrics();

// Throws Error(Usage) as the command line does.
DatasetRequest datasetRequest(const DatasetSetup& setup, const Session& session,
                              const Preferences& preferences);

// The columns of a file; none of a text file. Reads its beginning; throws as DataFile does.
QStringList columnsOf(const QString& file);

}  // namespace driftlens
