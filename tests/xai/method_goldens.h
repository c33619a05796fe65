// The recorded values of ../shared/data/xai-goldens/methods (README there), and how ours are held
// against them.
#pragma once

#include "core/base/json.h"
#include "core/files/safetensors.h"
#include "core/model/model.h"
#include "xai/methods/method.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

// What every record is held against.
inline constexpr auto kBothTypes = {ComputeType::Float32, ComputeType::Float64};

// Outlives the scorers of a test, which borrow it.
inline const RunContext kContext;

// A recorded array: of a float32 run, and of a float64 run of the same code where it is small.
struct GoldenValue {
    std::vector<std::int64_t> shape;
    std::vector<double> values;  // float32 run
    std::vector<double> wide;    // float64 run, or empty
    double tolerance = 0.0;      // absolute, for a float32 implementation
    double at(std::size_t i) const { return values.at(i); }
    // Row r of [rows, …].
    GoldenValue row(std::int64_t r) const;
    // Columns of a row that are real tokens.
    GoldenValue columns(const std::vector<std::size_t>& chosen) const;
};

// One file of cases.
class MethodGoldens {
public:
    // Folder xai-goldens; name "gradients".
    MethodGoldens(const std::filesystem::path& folder, const std::string& name);

    const Json& document() const { return m_document; }
    const Json& cases() const { return m_document.at("cases"); }
    GoldenValue value(const Json& node) const;  // {"shape", "v" or "tensor", "atol", …}
    GoldenValue tensor(const std::string& name) const;

private:
    Json m_document;
    std::optional<SafetensorsFile> m_tensors;
};

// Everything of one row of a recorded input that a method needs; the padding is left out.
struct GoldenInput {
    std::shared_ptr<const Model> model;
    std::shared_ptr<const Tokenizer> tokenizer;  // a stand-in: replacements are given as ids
    TokenizedInput input;
    std::vector<std::size_t> realColumns;  // of the recorded row that has padding
    std::int64_t target = 0, contrast = 0, replacement = 0, pad = 0;

    // "logit", "prob", "log_prob", "logit_diff"
    Target targetOf(const std::string& fn) const;
    MethodInput methodInput(const Target& what, ComputeType compute) const;
};

// Models and inputs by name; models are loaded once.
class GoldenModels {
public:
    explicit GoldenModels(const std::filesystem::path& folder);

    // All rows of an input ("short", "long", "padded") of a model.
    std::vector<GoldenInput> rows(const std::string& model, const std::string& input);
    // Given ids; which are not special is told by content positions.
    GoldenInput row(const std::string& model, const std::vector<std::int64_t>& ids,
                    const std::vector<std::size_t>& content);

private:
    std::shared_ptr<const Model> model(const std::string& name);

    std::filesystem::path m_folder;
    Json m_inputs;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::map<std::string, std::shared_ptr<const Model>> m_models;
};

// Counts comparisons by kind and keeps the largest difference; prints a table when it dies.
class GoldenTally {
public:
    ~GoldenTally();

    // A result of either type against its record: compare or compareWide.
    void compare(ComputeType compute, const std::string& kind, const std::string& where,
                 const std::vector<double>& found, const GoldenValue& golden, double scale = 0.0);

    // Expects |found − golden| within the tolerance; NaN fails.
    void compare(const std::string& kind, const std::string& where,
                 const std::vector<double>& found, const GoldenValue& golden);
    // The same for a float64 run: 1e-5 of the largest value, as the README says, or of `scale`
    // where the value is a difference of numbers of that size.
    void compareWide(const std::string& kind, const std::string& where,
                     const std::vector<double>& found, const GoldenValue& golden,
                     double scale = 0.0);
    // Recorded values of something that is no method of ours.
    void leaveOut(const std::string& kind) { ++m_leftOut[kind]; }
    std::size_t compared(const std::string& kind) const;

private:
    struct Row {
        std::size_t values = 0, cases = 0;
        double largest = 0.0;       // |difference|
        double largestShare = 0.0;  // of the tolerance
    };
    void check(const std::string& kind, const std::string& where, const std::vector<double>& found,
               const std::vector<double>& expected, double tolerance);

    std::map<std::string, Row> m_rows;
    std::map<std::string, std::size_t> m_leftOut;
};

std::vector<double> listOf(const at::Tensor& values);

}  // namespace driftlens
