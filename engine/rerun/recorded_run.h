// A run as it was asked, read back from its records: what computing it again needs.
#pragma once

#include "engine/audit/log.h"
#include "engine/compare/explain.h"
#include "engine/dataset/dataset.h"

#include <filesystem>
#include <string>
#include <vector>

namespace driftlens {

// A model of a run, and the files that it was made of then.
struct RecordedModel {
    VariantSpec spec;
    std::vector<FileDigest> files;
};

// A result of a run: the body of its record, and what its erasable payload holds.
struct RecordedResult {
    Json body;
    Json example;  // null in records of earlier versions
};

// A file that was read beside the models: texts of a concept, a data set, observed answers.
struct RecordedTextFile {
    std::filesystem::path file;
    std::string sha256;
};

struct RecordedRun {
    std::string runId;
    std::string verb;                   // "explain" or "compare"
    std::vector<RecordedModel> models;  // of a comparison: the reference first
    PromptRequest request;              // with the threads and micro-batches that were used
    // Of a comparison over a data set; `request` is that of each row then, and there are no results
    // here: readDatasetOutcomes() has them.
    std::optional<DatasetRequest> dataset;
    std::vector<RecordedTextFile> texts;
    std::vector<RecordedResult> results;
    Json environment;
    std::int64_t payloads = 0, blobs = 0;  // that its records commit to
};

// Relative paths start from here, or, where nothing is there, from the folder that the run was
// started in. Throws Error(Usage) for a run that is no finished explanation or comparison,
// Error(Erased) if its prompt is gone, Error(Tampered) for a payload that does not fit its
// commitment, Error(InputFile) for records of another shape.
RecordedRun readRecordedRun(const AuditLog& log, const std::string& runId);

// Throws Error(InputFile) for the first file of the run that is missing or was changed, before
// anything is loaded.
void checkRecordedFiles(const RecordedRun& run);

// What a model was made of now that it is loaded: throws Error(InputFile) if that is not what the
// run used.
void checkLoadedFiles(const RecordedModel& recorded, const ModelIdentity& loaded);

}  // namespace driftlens
