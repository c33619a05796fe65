// How good one model is on a data set, before anything is compared.
#pragma once

#include "core/base/figure.h"
#include "engine/compare/explain.h"
#include "engine/dataset/rows.h"

#include <map>
#include <string>
#include <vector>

namespace driftlens {

struct EvaluateRequest {
    RowsRequest rows;
    ComputeOptions compute;
};

struct EvaluatedFigure {
    Figure value;
    Interval interval;  // 95 %
    std::uint64_t examples = 0;
};

// "accuracy", "calibration_error", "label_log_probability"; of causal language models "perplexity"
// and "next_token_accuracy" too, over the tokens of the texts.
using EvaluatedFigures = std::map<std::string, EvaluatedFigure>;

struct Evaluation {
    ModelIdentity model;
    std::string dataFile, dataDigest;
    std::uint64_t examples = 0, failed = 0;
    EvaluatedFigures figures;
    std::map<std::string, EvaluatedFigures> slices;
    std::vector<std::string> notes, warnings;
    double seconds = 0.0;
};

// Throws what the model and the file throw; a row that fails is counted.
Evaluation evaluateDataset(const VariantSpec& model, const EvaluateRequest& request,
                           const RunContext& context);

Json toJson(const Evaluation& evaluation);  // "driftlens/evaluate/1"

}  // namespace driftlens
