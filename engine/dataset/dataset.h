// A reference and its variants over a data set: what the command line calls.
#pragma once

#include "engine/compare/explain.h"
#include "engine/dataset/aggregate.h"
#include "engine/dataset/checks.h"
#include "engine/dataset/notable.h"
#include "engine/dataset/observed.h"
#include "engine/dataset/rows.h"
#include "engine/drift/gate.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

struct DatasetRequest {
    PromptRequest prompt;  // prompt and ids are those of each row
    RowsRequest rows;
    bool truncates = false;  // texts that are too long are cut, and counted; else they fail
    bool withYardsticks = true;
    // Of causal language models: predictions of every token of a text are compared. Not said: of
    // rows without a label.
    std::optional<bool> comparesTokens;
    std::map<std::string, double> margins;  // of drift, by metric, in the place of the default's
    std::string primary;                    // the drift metric that is judged beside flip_rate
    std::vector<Gate> gates;
    std::uint64_t allowedFailures = 0;
    std::vector<ObservedRequest> observed;  // what deployed programs printed, by variant
    std::string resumes;  // a run of the log whose finished examples are not computed again
};

// What a run would cost, printed instead of running.
struct DatasetPlan {
    std::uint64_t examples = 0, longest = 0;  // rows, and tokens of the longest
    double explanations = 0.0;                // of examples, in all models
    double yardstickExplanations = 0.0;
    double seconds = 0.0;  // from one example that was timed
    std::string memory;
    std::vector<std::string> notes;  // what the gates and margins need
};

struct DatasetResult {
    ModelIdentity reference;
    std::vector<ModelIdentity> variants;
    std::string dataFile, dataDigest;       // hex SHA-256 of the file
    std::map<std::string, double> margins;  // as asked, in the place of the default's
    std::vector<std::string> notes, warnings;
    Aggregate aggregate;
    std::vector<ExampleOutcome> outcomes;  // in the order of the file
    std::vector<NotableExample> notable;
    std::vector<ObservedAgreement> observed;
    std::vector<GateResult> gates;
    std::vector<MethodChecks> checks;  // with the yardsticks
    std::string runId;
    double seconds = 0.0;
};

// An example as it is finished, for streaming: what it gave and, unless it was resumed, the whole
// comparison.
using ExampleSink = std::function<void(const ExampleOutcome& outcome, const std::string& text,
                                       const Comparison* comparison)>;

// Throws Error(Usage) for gates that name nothing, and what models and the file throw. An example
// that fails is counted, not thrown.
DatasetResult compareDataset(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                             const DatasetRequest& request, AuditLog* log, const ExampleSink& sink,
                             const RunContext& context);

DatasetPlan planDataset(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                        const DatasetRequest& request, const RunContext& context);

// One line of the stream, and the last one ("driftlens/compare/1").
Json exampleJson(const ExampleOutcome& outcome, const std::string& text,
                 const Comparison* comparison, const std::vector<ModelIdentity>& variants);
Json toJson(const DatasetResult& result);

// What a report of a data set is made of, beside toJson(): the figures of every example, and the
// notable examples in full.
Json outcomesJson(const std::vector<ExampleOutcome>& outcomes);
Json notableJson(const std::vector<NotableExample>& notable);

struct RecordedDataset {
    Json dataset, outcomes, notable;
};

RecordedDataset recordedOf(const DatasetResult& result);
// The same of a finished run of the log. Throws Error(Usage) for a run that is none,
// Error(Unsupported) for one of an earlier version, which kept no aggregate, Error(Erased) if
// payloads were erased.
RecordedDataset readDataset(const AuditLog& log, const std::string& runId);

// Of it the aggregate, and the examples that it is of, in the order of the file. Throws as
// readDataset().
struct RecordedOutcomes {
    Json dataset;
    std::vector<ExampleOutcome> outcomes;
};

RecordedOutcomes readDatasetOutcomes(const AuditLog& log, const std::string& runId);

}  // namespace driftlens
