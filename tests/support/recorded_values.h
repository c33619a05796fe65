// Recorded values of other libraries: read, compared with ours by name, and counted.
#pragma once

#include "core/base/figure.h"
#include "core/base/json.h"
#include "core/files/safetensors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace driftlens {

using Figures = std::map<std::string, Figure>;  // "pearson.p", "holm.0", …
using Tensors = std::map<std::string, StoredTensor>;

// What is no number there ("nan", null) is NaN.
inline std::vector<double> numbers(const Json& list) {
    std::vector<double> out;
    for (const Json& value : list) {
        out.push_back(value.is_number() ? value.get<double>()
                                        : std::numeric_limits<double>::quiet_NaN());
    }
    return out;
}

inline Tensors tensorsOf(const std::filesystem::path& file) {
    Tensors out;
    for (const StoredTensor& tensor : readSafetensors(MappedFile::open(file)).tensors)
        out.emplace(tensor.name, tensor);
    return out;
}

template <typename Stored, typename Wanted>
std::vector<Wanted> elements(const StoredTensor& tensor) {
    std::vector<Stored> stored(tensor.bytes.size() / sizeof(Stored));
    std::memcpy(stored.data(), tensor.bytes.data(), tensor.bytes.size());
    return {stored.begin(), stored.end()};
}

inline Figure known(double value) {
    return {value, ""};
}

inline void addList(Figures& out, const std::string& name, std::span<const double> values) {
    for (std::size_t i = 0; i < values.size(); ++i)
        out[name + "." + std::to_string(i)] = known(values[i]);
}

// The members of a fixture's object as Figures names them.
inline void flatten(const std::string& name, const Json& value, std::map<std::string, Json>& out) {
    if (!value.is_structured()) {
        out[name] = value;
        return;
    }
    for (const auto& [key, member] : value.items())
        flatten(name.empty() ? key : name + "." + key, member, out);
}

// Compares and counts.
class RecordedComparison {
public:
    RecordedComparison(std::string what, double tolerance)
        : m_what(std::move(what)), m_tolerance(tolerance) {}

    void compare(const std::string& name, const Figure& ours, const Json& expected) {
        SCOPED_TRACE(m_what + " " + name);
        ++m_count;
        if (!expected.is_number()) {  // "nan", null, "raises ValueError"
            EXPECT_FALSE(ours.value) << *ours.value;
            EXPECT_FALSE(ours.reason.empty());
            return;
        }
        ASSERT_TRUE(ours.value) << ours.reason;
        EXPECT_TRUE(std::isfinite(*ours.value) && ours.reason.empty());
        const double difference = std::abs(*ours.value - expected.get<double>());
        EXPECT_LE(difference, m_tolerance);
        m_largest = std::max(m_largest, difference);
    }

    // Every member of the fixture but the named inputs has to be among ours.
    void compareAll(const Figures& ours, const Json& fixture, const std::set<std::string>& inputs) {
        std::map<std::string, Json> expected;
        for (const auto& [key, value] : fixture.items()) {
            if (!inputs.contains(key)) flatten(key, value, expected);
        }
        for (const auto& [name, value] : expected) {
            ASSERT_TRUE(ours.contains(name)) << m_what << ": " << name << " is not handled";
            compare(name, ours.at(name), value);
        }
    }

    void report() const {
        EXPECT_GT(m_count, 0) << m_what;
        std::printf("             %s: %d values, largest difference %.2g (allowed %.2g)\n",
                    m_what.c_str(), m_count, m_largest, m_tolerance);
    }

private:
    std::string m_what;
    double m_tolerance;
    double m_largest = 0.0;
    int m_count = 0;
};

}  // namespace driftlens
