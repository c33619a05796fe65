// What a run over a data set puts on record beside its examples.
#pragma once

#include "engine/audit/log.h"
#include "engine/dataset/dataset.h"

#include <string>
#include <vector>

namespace driftlens {

// Of run_started: all that was asked and declared. `digest` is the data file's.
Json datasetSettings(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                     const DatasetRequest& request, const std::string& digest);

// Bytes that the run is planned with where nobody asked for a size; else 0. One plan for the whole
// run, and for one that goes on with another, that one's: how rows are put into micro-batches is in
// the last bits of every result.
std::uint64_t plannedMemory(const DatasetRequest& request, const AuditLog* log);

// The aggregate as a record holds it for ever: verdicts and gates. Figures, which name slices, and
// notable examples are in its payloads.
Json aggregateRecord(const DatasetResult& result);

}  // namespace driftlens
