#include "core/model/compute.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <string>
#include <sys/sysinfo.h>

namespace driftlens {
namespace {

struct TypeRow {
    ComputeType type;
    std::string_view name;  // stored in records: append only
};

constexpr std::array<TypeRow, 4> kTypes = {{{ComputeType::Float32, "float32"},
                                            {ComputeType::BFloat16, "bfloat16"},
                                            {ComputeType::Float16, "float16"},
                                            {ComputeType::Float64, "float64"}}};

// Beyond these a step gains little on a CPU, while its activations take memory and it delays a
// cancel. Integrated Gradients of gpt2 (52 rows of 56 tokens, two cores) takes 3.1 s in steps of
// 336 tokens, as planned, 2.9 s in steps of 896 and of 2912.
constexpr std::int64_t kTokensPerThread = 192;
constexpr std::int64_t kMostRows = 256;

// Bytes that one row keeps alive: activations of every block with a graph, of one block without.
double rowBytes(const ModelSpec& spec, std::int64_t tokens, bool keepsGraph, std::int64_t answers) {
    constexpr double kBytes = 4.0;
    constexpr double kTensorsPerBlock = 16.0;  // of hidden size, norms and residuals included
    const double t = static_cast<double>(tokens);
    double sum = 0.0;
    double largest = 0.0;
    for (const BlockSpec& block : spec.blocks) {
        const double perToken = kTensorsPerBlock * static_cast<double>(spec.hiddenSize) +
                                4.0 * static_cast<double>(block.mlpSize);
        const double scores = 2.0 * static_cast<double>(block.heads) * t * t;
        const double bytes = kBytes * (perToken * t + scores);
        sum += bytes;
        largest = std::max(largest, bytes);
    }
    // Logits of several answers have their log-probabilities and a gradient beside them.
    const double tables = answers > 1 ? 3.0 * static_cast<double>(answers) : 1.0;
    return (keepsGraph ? sum : largest) + tables * kBytes * static_cast<double>(spec.outputSize());
}

// What sums of each answer's gradients take beside all rows: two of them in float64.
double sumBytes(const ModelSpec& spec, std::int64_t tokens, std::int64_t answers) {
    if (answers < 2) return 0.0;
    return 16.0 * static_cast<double>(answers) * static_cast<double>(tokens) *
           static_cast<double>(spec.hiddenSize);
}

}  // namespace

ComputeType parseComputeType(std::string_view name) {
    std::string known;
    for (const TypeRow& row : kTypes) {
        if (row.name == name) return row.type;
        known += (known.empty() ? "" : ", ") + std::string(row.name);
    }
    throw Error(ErrorKind::Usage, "unknown compute type " + inQuotes(name) + "; known: " + known);
}

std::string_view computeTypeName(ComputeType type) {
    for (const TypeRow& row : kTypes) {
        if (row.type == type) return row.name;
    }
    throw Error(ErrorKind::Internal, "compute type is not in the table");
}

std::int64_t planBatchRows(const ModelSpec& spec, std::int64_t tokens, bool keepsGraph,
                           std::uint64_t memoryBytes, std::int64_t answers) {
    const double fit = (static_cast<double>(memoryBytes) - sumBytes(spec, tokens, answers)) /
                       rowBytes(spec, tokens, keepsGraph, answers);
    const std::int64_t byMemory = fit < 1.0 ? 1 : static_cast<std::int64_t>(std::min(fit, 1e6));
    const std::int64_t tokensPerStep = kTokensPerThread * std::max(2, at::get_num_threads());
    const std::int64_t byStep =
        std::max<std::int64_t>(1, tokensPerStep / std::max<std::int64_t>(1, tokens));
    return std::min({byMemory, byStep, kMostRows});
}

std::uint64_t defaultMemoryBytes() {
    struct sysinfo info = {};
    if (sysinfo(&info) != 0) return std::uint64_t{1} << 30;
    return (static_cast<std::uint64_t>(info.freeram) + info.bufferram) * info.mem_unit / 2;
}

}  // namespace driftlens
