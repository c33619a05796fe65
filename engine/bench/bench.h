// What the engine costs on this machine: loading, and each method, against the machine's own limit.
// Plain values, no LibTorch.
#pragma once

#include "core/base/json.h"
#include "engine/compare/explain.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

struct LoadedVariant;

struct BenchRequest {
    VariantSpec model;
    std::int64_t tokens = 50;  // length of the input, special tokens included
    // Instead of made-up ids of that length: what a method that stops by itself takes depends on
    // it.
    std::optional<std::string> prompt;
    std::vector<MethodRequest> methods;
    int repeat = 3;  // timed runs after one that is not; the median is given
    ComputeOptions compute;
};

// Memory is resident memory of the process (VmRSS).
struct LoadCost {
    double seconds = 0.0;          // opening, mapping and checking the folder; tokenizer included
    double forwardSeconds = 0.0;   // the first forward pass: reads every weight
    std::int64_t fileBytes = 0;    // of the weight files
    std::int64_t growthBytes = 0;  // by loading
    std::int64_t forwardGrowthBytes = 0;  // by loading and that forward pass, its kernels included
};

struct MethodCost {
    std::string method;  // with its settings
    std::int64_t tokens = 0, batch = 0, evaluations = 0;
    double seconds = 0.0;
    std::optional<double> completenessGap;  // of complete methods
    // Multiply-adds of the blocks' Linears, forward and backward, against `matrixFlops`: 1 is a
    // program that does nothing but multiply matrices.
    double shareOfLimit = 0.0;
};

struct TokenizerCost {
    double openSeconds = 0.0;    // reading the tokenizer's files
    double encodeSeconds = 0.0;  // the whole text at once, on one core
    std::int64_t textBytes = 0, tokens = 0;
};

struct BenchResult {
    ModelIdentity model;
    int threads = 0;
    double matrixFlops =
        0.0;  // measured float32 matrix product, floating-point operations a second
    LoadCost load;
    std::vector<MethodCost> methods;
    std::int64_t peakBytes = 0;  // most resident memory (VmHWM) of the process, all of the above in
};

// Opens a model's tokenizer and encodes a text with it; medians of `repeat` runs after one that is
// not counted.
TokenizerCost benchTokenizer(const std::filesystem::path& model, const std::filesystem::path& text,
                             int repeat);
Json toJson(const TokenizerCost& cost);

// Throws Error(Usage) for a length that the model does not take.
BenchResult runBench(const BenchRequest& request, const RunContext& context);

Json toJson(const BenchResult& result);  // "driftlens/bench/1"

// The tokens that everything here is timed on. Throws as runBench(), for a prompt as an explanation
// of it.
std::vector<std::int64_t> benchIds(const LoadedVariant& variant, const BenchRequest& request);

}  // namespace driftlens
