// Whether what Driftlens computes is what the deployed program computes: its answers, as it printed
// them, beside ours.
#pragma once

#include "engine/drift/behaviour.h"
#include "engine/variants/variant.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace driftlens {

struct ObservedRequest {
    std::string variant;  // its name; empty: the only one there is
    std::filesystem::path file;
};

struct ObservedAgreement {
    std::string variant;           // its name
    std::string file, fileDigest;  // hex SHA-256
    std::uint64_t prompts = 0;     // that could be compared
    std::uint64_t failed = 0;      // prompts that could not
    Proportion sameAnswer;         // the most probable answer is the same
    // KL(deployed ‖ Driftlens) in nats, over the answers that the file lists and one for all others
    // together: at most the divergence of the whole prediction. Mean and largest.
    Figure kl, largestKl;
    std::uint64_t withProbabilities = 0;
    std::vector<std::string> warnings;
};

// Each line of the file is a JSON object with "prompt" (or "ids"), "argmax" (a class or token, as
// text or id) and, if known, "top": [{"token" or "id", "logprob"}]. Throws Error(InputFile) for
// another shape, naming the line; a prompt that the model cannot take is counted as failed.
ObservedAgreement compareObserved(const LoadedVariant& variant, const std::filesystem::path& file,
                                  const ComputeOptions& compute, const RunContext& context);

Json toJson(const ObservedAgreement& agreement);

}  // namespace driftlens
