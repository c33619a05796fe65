// Two results of one run, number by number. No LibTorch.
#pragma once

#include "core/base/json.h"
#include "core/model/compute.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Stored by name in records: append only. In order of severity.
enum class RerunVerdict { BitwiseEqual, WithinTolerance, Differing };
std::string_view rerunVerdictName(RerunVerdict verdict);  // "bitwise_equal", …

// What became of one result.
struct RerunResult {
    std::string name;
    RerunVerdict verdict = RerunVerdict::BitwiseEqual;
    std::int64_t numbers = 0;  // compared
    // The largest difference, of those beyond their tolerance if there are any. Infinite where the
    // two differ in more than numbers. No difference: 0, and no field.
    double difference = 0.0;
    double tolerance = 0.0;  // of that number
    std::string field;       // "result/scores"
    std::int64_t index = 0;  // in that field
};

// The leaves of a tree: numbers by their path (floats are exact strings there, blobs are read), and
// what is no number.
struct ResultLeaves {
    std::map<std::string, std::vector<double>> numbers;
    std::map<std::string, std::string> others;
};

// One result, to be judged by itself.
struct NamedLeaves {
    std::string name;
    ResultLeaves leaves;
    bool isAggregate = false;  // of other results here
};

using BlobReader = std::function<std::vector<double>(const Json& reference)>;
// Without what is told for people or depends on the clock.
ResultLeaves leavesOf(const Json& tree, const BlobReader& readBlob);

bool areBitwiseEqual(const ResultLeaves& recorded, const ResultLeaves& now);

// Compares what is recorded with what was computed now. What the record lacks, because an earlier
// version wrote it, is not compared. `wide` is the same computed in float64, or null: numbers may
// differ by what rounding alone can do, as toleranceText says.
RerunResult compareLeaves(std::string name, const ResultLeaves& recorded, const ResultLeaves& now,
                          const ResultLeaves* wide, ComputeType compute);

// How the tolerance is made, in a sentence.
std::string toleranceText(ComputeType compute, bool isMeasured);

}  // namespace driftlens
