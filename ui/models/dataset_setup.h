// What the Data set tab asks, as plain values, and the engine's request made of it.
#pragma once

#include "engine/dataset/dataset.h"
#include "ui/models/preferences.h"
#include "ui/models/session.h"

#include <QString>
#include <QStringList>

#include <optional>

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

// The metrics of explanations that verdicts can be about, as --primary takes them.
QStringList primaryMetrics();

// Throws Error(Usage) as the command line does.
DatasetRequest datasetRequest(const DatasetSetup& setup, const Session& session,
                              const Preferences& preferences);

// The columns that a file names in its first line; empty for a text file. Reads the file.
QStringList columnsOf(const QString& file);

}  // namespace driftlens
