// Which rows of which file are used, and what of each row is kept.
#pragma once

#include "core/files/data_file.h"
#include "engine/variants/variant.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

struct RowsRequest {
    std::filesystem::path file;
    std::optional<std::string> textColumn, labelColumn, sliceColumn, clusterColumn;
    std::uint64_t most = 0;  // rows from the beginning of the file; 0: all
};

struct SourceRow {
    DataRow row;
    std::string slice, cluster;  // empty where there is no such column
};

// Calls `use` with each row, in the order of the file; returns what the columns are, for people.
// Throws what the file throws, and Error(InputFile) for one without rows.
std::vector<std::string> forEachRow(const RowsRequest& request,
                                    const std::function<void(const SourceRow&)>& use);

// A label as an answer of the model: a class by name or number; for language models the first token
// of the text, as it follows a prompt. Absent for what is no answer of the model.
std::optional<std::int64_t> answerOf(const LoadedVariant& model, const std::string& label);

std::string fileSha256(const std::filesystem::path& file);  // hex

}  // namespace driftlens
