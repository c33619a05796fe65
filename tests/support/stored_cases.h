// Models in compressed forms beside the logits that were recorded for them: what the tests assert
// and ./dev parity prints.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace driftlens {

struct StoredResult {
    std::string refusal;  // what was said of a form that is not supported; else empty
    int compared = 0;     // recorded prompts
    double difference = 0.0, tolerance = 0.0;

    bool passes() const { return compared == 5 && difference <= tolerance; }
};

// "awq/llama-gemm", "gguf/llama-small/Q4_0", "peft/gpt2-lora", …: every golden under the folder
// data/compressed, sorted. One row "absent" where the fixtures are absent.
std::vector<std::string> storedCases();

// Loads the case and compares its logits (of an encoder: its last hidden states).
StoredResult compareStored(const std::filesystem::path& compressed, const std::string& name);

}  // namespace driftlens
