// In which type a model computes, and how large a micro-batch may be. No LibTorch here.
#pragma once

#include "core/model/spec.h"

#include <cstdint>
#include <string_view>

namespace driftlens {

enum class ComputeType { Float32, BFloat16, Float16, Float64 };

ComputeType parseComputeType(std::string_view name);  // throws Error(Usage)
std::string_view computeTypeName(ComputeType type);   // "float32", …

// Rows of a micro-batch for inputs of that many tokens, whose answers are read at so many of them:
// what fits the memory, and no more than keeps a step short enough to be cancelled. Depends on its
// arguments alone, so that a recorded plan can be made again. At least 1.
std::int64_t planBatchRows(const ModelSpec& spec, std::int64_t tokens, bool keepsGraph,
                           std::uint64_t memoryBytes, std::int64_t answers = 1);

// Half of the memory that is free now, in bytes.
std::uint64_t defaultMemoryBytes();

}  // namespace driftlens
