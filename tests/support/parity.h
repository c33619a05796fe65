// A checkpoint against the reference outputs beside it (golden.json, golden.safetensors, as
// ../shared/data/hf-tiny describes them): every quantity of every prompt.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace driftlens {

// The largest difference of one tensor of one prompt, at tokens that are no pads.
struct ParityResult {
    std::string prompt;    // "p0"; "b0" is a padded batch
    std::string quantity;  // "hidden_states.1", "logits", "logits, narrowed", "greedy ids"
    double difference = 0.0;
    double tolerance = 0.0;  // the fixture's: 16 × its float32-float64 difference, or 32 roundings
    bool passes() const { return difference <= tolerance; }
};

// Every tensor that the golden file has; the logits once more with only the target's row computed;
// and the greedy continuation with and without the key/value cache (difference: tokens that
// differ).
std::vector<ParityResult> compareWithGolden(const std::filesystem::path& folder);

// The folders of hf-tiny that are text models, by name.
std::vector<std::string> tinyTextModels();

}  // namespace driftlens
