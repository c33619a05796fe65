// compare --data: its options, and what it prints.
#pragma once

#include "app/options.h"
#include "engine/dataset/dataset.h"

namespace driftlens {

// Which rows: of compare and evaluate. --data is given.
void addRowsOptions(VerbOptions& options);
RowsRequest readRowsRequest(const VerbOptions& options);

void addDatasetOptions(VerbOptions& options);

// Throws Error(Usage) where options of a data set are given without --data.
void checkDatasetOptions(const VerbOptions& options);

// --insides and --timeline, which runCompare declares.
void readComparisonOptions(const VerbOptions& options, PromptRequest& request);

// `command` is what the report calls the run.
int runCompareDataset(const VerbOptions& options, const VariantSpec& reference,
                      const std::vector<VariantSpec>& variants, const std::string& command);

// The aggregate as a person reads it.
std::string datasetText(const DatasetResult& result);

}  // namespace driftlens
