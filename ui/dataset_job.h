// What planning and running a data set do on the worker thread.
#pragma once

#include "ui/models/dataset_setup.h"
#include "ui/models/result.h"

#include <functional>
#include <memory>
#include <vector>

namespace driftlens {

struct DatasetOrder {
    Session session;
    Preferences preferences;
    DatasetSetup setup;
    std::vector<int> excluded;  // rows of models that cannot be loaded
    QStringList classes;        // the reference's, by number; empty: it is no classifier
};

struct ExampleRow {
    ExampleOutcome outcome;
    QString text;
    // Answers as people read them: a class by its name, a token by its text.
    QString label, answer;
    QStringList variantAnswers;
};
using ExampleRows = std::shared_ptr<const std::vector<ExampleRow>>;
struct FinishedDataset : DatasetResult {
    ResultOrigin origin;
};
using DatasetResultPtr = std::shared_ptr<const FinishedDataset>;

// Both throw as the engine does.
DatasetPlan computePlan(const DatasetOrder& order, const RunContext& context);

// `use` gets examples as they finish, in batches that come 20 times a second at most; what was
// finished before a failure, too.
DatasetResultPtr computeDataset(const DatasetOrder& order,
                                const std::function<void(ExampleRows)>& use,
                                const RunContext& context);

}  // namespace driftlens
