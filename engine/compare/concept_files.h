// The texts that concept methods (tcav) compare, from files.
#pragma once

#include "core/base/json.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

struct LoadedVariant;
struct ConceptQuestion;

// A text file, one text per line; blank lines count for nothing.
struct ConceptFile {
    std::string name;
    std::filesystem::path file;

    // "NAME=FILE". Throws Error(Usage).
    static ConceptFile parse(std::string_view argument);
};

struct ConceptRequest {
    std::vector<ConceptFile> concepts, randomSets;
    std::optional<std::filesystem::path> examples;

    // As an option of the command line does, by its name: "concept", "random", "examples" (row
    // `files` of the table of methods). Throws Error(Usage).
    void add(std::string_view option, std::string_view argument);

    bool isAsked() const { return !concepts.empty() || !randomSets.empty() || examples; }
};

// Reads and tokenizes. Throws Error(InputFile) for a file that cannot be read, holds no text or one
// that is longer than the model's positions.
ConceptQuestion readConcepts(const ConceptRequest& request, const LoadedVariant& variant);

// Names, paths and digests, for the log: no text.
Json conceptsJson(const ConceptRequest& request);

}  // namespace driftlens
