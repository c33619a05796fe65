#include "engine/rerun/rerun_check.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

namespace driftlens {
namespace {

// Two computations of one number in one type differ by the sum of their rounding errors. One of the
// two was measured, the other may be some times larger: the order of its sums was another.
constexpr double kMeasuredTimes = 4.0;
// What a measured error may miss, since a number can be exact by chance: last places of the largest
// number of its kind.
constexpr double kLastPlaces = 8.0;
// Where nothing can be measured: the roundings of a long sum, one after the other.
constexpr double kUnmeasuredPlaces = 1024.0;

// For people or of the clock; the batch is part of the environment, not of the result.
// sqnr_db is relative_frobenius said otherwise: of nearly equal activations the logarithm of noise.
// Which head changed most can turn on rounding, too; the figures of every head are compared.
constexpr std::array<std::string_view, 6> kNotCompared = {
    "seconds", "verdict", "warnings", "batch", "sqnr_db", "most_changed_head"};

// The unit roundoff: half the distance from 1 to the next number.
double roundoffOf(ComputeType compute) {
    switch (compute) {
        case ComputeType::Float32:
            return 0x1p-24;
        case ComputeType::BFloat16:
            return 0x1p-8;
        case ComputeType::Float16:
            return 0x1p-11;
        case ComputeType::Float64:
            return 0x1p-53;
    }
    return 0x1p-24;
}

std::string_view lastPart(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// Numbers of one unit share a scale and a rounding error: those of the target, and each kind of
// figure by itself.
std::string unitOf(const std::string& path) {
    constexpr std::array<std::string_view, 10> kOfTheTarget = {"scores",
                                                               "virtual_scores",
                                                               "norms",
                                                               "target_value",
                                                               "baseline_value",
                                                               "completeness_gap",
                                                               "standard_error",
                                                               "reference_target_value",
                                                               "reference_other_batch",
                                                               "largest_difference"};
    const std::string_view last = lastPart(path);
    if (std::find(kOfTheTarget.begin(), kOfTheTarget.end(), last) != kOfTheTarget.end())
        return "target";
    if (path.find("answer_tokens/") != std::string::npos && last == "value") return "target";
    if (path.starts_with("fidelity/")) return "fidelity";
    if (path.starts_with("structure/")) return "structure";
    return path;
}

bool isWide(const std::string& path) {
    return lastPart(path) == "reference_float64";
}

std::optional<double> numberIn(const std::string& text) {
    const bool mayBe = !text.empty() && (text[0] == '-' || text[0] == 'N' || text[0] == 'I' ||
                                         (text[0] >= '0' && text[0] <= '9'));
    if (!mayBe) return std::nullopt;
    try {
        return readExactNumber(text, "number");
    } catch (const Error&) {
        return std::nullopt;
    }
}

class LeafCollector {
public:
    explicit LeafCollector(const BlobReader& readBlob) : m_readBlob(readBlob) {}

    void add(const Json& value, const std::string& path) {
        if (value.is_object() && value.contains("blob_commitment")) {
            out.numbers[path] = m_readBlob(value);
        } else if (value.is_object()) {
            for (const auto& [key, member] : value.items())
                if (!isLeftOut(key)) add(member, path.empty() ? key : path + "/" + key);
        } else if (value.is_array()) {
            for (std::size_t i = 0; i < value.size(); ++i)
                add(value[i], path + "/" + std::to_string(i));
            // Records of before a method gave them have none.
            if (!value.empty() || lastPart(path) != "answer_tokens")
                out.others[path + "/count"] = std::to_string(value.size());
        } else if (value.is_number()) {
            out.numbers[path] = {value.get<double>()};
        } else if (const auto number = value.is_string()
                                           ? numberIn(value.get_ref<const std::string&>())
                                           : std::nullopt) {
            out.numbers[path] = {*number};
        } else {
            out.others[path] = value.dump();
        }
    }

    ResultLeaves out;

private:
    static bool isLeftOut(const std::string& key) {
        return std::find(kNotCompared.begin(), kNotCompared.end(), key) != kNotCompared.end();
    }

    const BlobReader& m_readBlob;
};

bool sameBits(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

bool sameBits(const std::vector<double>& a, const std::vector<double>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](double x, double y) { return sameBits(x, y); });
}

double distance(double a, double b) {
    if (sameBits(a, b)) return 0.0;
    const double difference = std::abs(a - b);
    return std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity();
}

// How large the numbers of a unit are, and how much rounding changed them.
struct Scale {
    double largest = 0.0;
    double rounding = 0.0;
};

std::map<std::string, Scale> scalesOf(const ResultLeaves& now, const ResultLeaves* wide) {
    std::map<std::string, Scale> out;
    for (const auto& [path, values] : now.numbers) {
        Scale& scale = out[unitOf(path)];
        for (const double value : values)
            if (std::isfinite(value)) scale.largest = std::max(scale.largest, std::abs(value));
        if (wide == nullptr) continue;
        const auto found = wide->numbers.find(path);
        if (found == wide->numbers.end() || found->second.size() != values.size()) continue;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double rounding = distance(values[i], found->second[i]);
            if (std::isfinite(rounding)) scale.rounding = std::max(scale.rounding, rounding);
        }
    }
    return out;
}

double toleranceOf(const Scale& scale, bool isMeasured, ComputeType compute) {
    const double place = roundoffOf(compute) * scale.largest;
    return isMeasured ? kMeasuredTimes * scale.rounding + kLastPlaces * place
                      : kUnmeasuredPlaces * place;
}

// Keeps the difference that says most.
class Judge {
public:
    explicit Judge(RerunResult& out) : m_out(out) {}

    void take(const std::string& field, std::int64_t index, double difference, double tolerance) {
        const bool isBeyond = !(difference <= tolerance);
        const RerunVerdict verdict =
            isBeyond ? RerunVerdict::Differing : RerunVerdict::WithinTolerance;
        if (verdict < m_out.verdict) return;
        const bool isWorse = verdict > m_out.verdict || difference > m_out.difference;
        m_out.verdict = verdict;
        if (!isWorse) return;
        m_out.difference = difference;
        m_out.tolerance = tolerance;
        m_out.field = field;
        m_out.index = index;
    }

private:
    RerunResult& m_out;
};

constexpr double kInfinite = std::numeric_limits<double>::infinity();

}  // namespace

std::string_view rerunVerdictName(RerunVerdict verdict) {
    switch (verdict) {
        case RerunVerdict::BitwiseEqual:
            return "bitwise_equal";
        case RerunVerdict::WithinTolerance:
            return "within_tolerance";
        case RerunVerdict::Differing:
            return "differing";
    }
    return "differing";
}

ResultLeaves leavesOf(const Json& tree, const BlobReader& readBlob) {
    LeafCollector collector(readBlob);
    collector.add(tree, "");
    return std::move(collector.out);
}

bool areBitwiseEqual(const ResultLeaves& recorded, const ResultLeaves& now) {
    return compareLeaves("", recorded, now, nullptr, ComputeType::Float32).verdict ==
           RerunVerdict::BitwiseEqual;
}

RerunResult compareLeaves(std::string name, const ResultLeaves& recorded, const ResultLeaves& now,
                          const ResultLeaves* wide, ComputeType compute) {
    RerunResult out;
    out.name = std::move(name);
    Judge judge(out);
    // What is no number is the same, unless rounding decides it: then float64 gives what is on
    // record, and float32 does not.
    for (const auto& [path, value] : recorded.others) {
        const auto found = now.others.find(path);
        if (found != now.others.end() && found->second == value) continue;
        const bool isRounding =
            wide != nullptr && wide->others.contains(path) && wide->others.at(path) == value;
        judge.take(path, 0, isRounding ? 0.0 : kInfinite, 0.0);
    }
    const std::map<std::string, Scale> scales = scalesOf(now, wide);
    for (const auto& [path, values] : recorded.numbers) {
        out.numbers += static_cast<std::int64_t>(values.size());
        const auto found = now.numbers.find(path);
        if (found == now.numbers.end() || found->second.size() != values.size()) {
            judge.take(path, 0, kInfinite, 0.0);
            continue;
        }
        if (sameBits(values, found->second)) continue;
        // A result in float64 has nothing wider beside it.
        const ComputeType type = isWide(path) ? ComputeType::Float64 : compute;
        const bool isMeasured = wide != nullptr && type != ComputeType::Float64;
        const double tolerance = toleranceOf(scales.at(unitOf(path)), isMeasured, type);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (sameBits(values[i], found->second[i])) continue;
            judge.take(path, static_cast<std::int64_t>(i), distance(values[i], found->second[i]),
                       tolerance);
        }
    }
    return out;
}

std::string toleranceText(ComputeType compute, bool isMeasured) {
    const std::string type(computeTypeName(compute));
    const std::string roundoff =
        "2^" + std::to_string(static_cast<int>(std::log2(roundoffOf(compute))));
    if (isMeasured) {
        return "4 times the rounding error of " + type +
               ", measured by computing once more in float64 (the largest |" + type +
               " - float64| among numbers of the same unit in the result), plus 8 times " +
               roundoff + " of the largest of them";
    }
    return "1024 times the unit roundoff of " + type + ", " + roundoff +
           ", of the largest number of the same unit in the result";
}

}  // namespace driftlens
