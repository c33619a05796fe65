#include "tests/xai/method_goldens.h"

#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "core/tensor.h"
#include "tests/support/program.h"
#include "tests/support/sst2_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>

namespace driftlens {
namespace {

double numberOf(const Json& value) {
    if (value.is_number()) return value.get<double>();
    const auto text = value.get<std::string>();
    if (text == "inf") return std::numeric_limits<double>::infinity();
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
    return std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> numbersOf(const Json& list) {
    std::vector<double> out;
    for (const Json& value : list) out.push_back(numberOf(value));
    return out;
}

std::shared_ptr<const Model> loadSst2Encoder(const std::filesystem::path& fixture) {
    const ScratchFolder scratch;
    std::ofstream(scratch / "config.json") << sst2EncoderConfig().dump();
    std::filesystem::copy_file(fixture / "model.safetensors", scratch / "model.safetensors");
    return loadModel(Checkpoint::open(scratch.path())).model;
}

}  // namespace

GoldenValue GoldenValue::row(std::int64_t r) const {
    GoldenValue out;
    out.shape.assign(shape.begin() + 1, shape.end());
    out.tolerance = tolerance;
    const std::size_t size = values.size() / static_cast<std::size_t>(shape.front());
    const auto first = static_cast<std::ptrdiff_t>(size) * r;
    const auto last = first + static_cast<std::ptrdiff_t>(size);
    out.values.assign(values.begin() + first, values.begin() + last);
    if (!wide.empty()) out.wide.assign(wide.begin() + first, wide.begin() + last);
    return out;
}

GoldenValue GoldenValue::columns(const std::vector<std::size_t>& chosen) const {
    GoldenValue out;
    out.tolerance = tolerance;
    const std::size_t width = values.size() / static_cast<std::size_t>(shape.front());
    for (const std::size_t column : chosen) {
        for (std::size_t i = 0; i < width; ++i) {
            out.values.push_back(values.at(column * width + i));
            if (!wide.empty()) out.wide.push_back(wide.at(column * width + i));
        }
    }
    return out;
}

MethodGoldens::MethodGoldens(const std::filesystem::path& folder, const std::string& name)
    : m_document(readJsonFile(folder / "methods" / (name + ".json"))) {
    const auto tensors = folder / "methods" / (name + ".safetensors");
    if (std::filesystem::exists(tensors)) m_tensors = readSafetensors(MappedFile::open(tensors));
}

GoldenValue MethodGoldens::tensor(const std::string& name) const {
    for (const StoredTensor& stored : m_tensors.value().tensors) {
        if (stored.name != name) continue;
        GoldenValue out;
        out.shape = stored.shape;
        std::vector<float> values(stored.bytes.size() / sizeof(float));
        std::memcpy(values.data(), stored.bytes.data(), stored.bytes.size());
        out.values.assign(values.begin(), values.end());
        return out;
    }
    throw std::runtime_error("no tensor " + name);
}

GoldenValue MethodGoldens::value(const Json& node) const {
    GoldenValue out;
    if (node.contains("tensor")) {
        out = tensor(node.at("tensor").get<std::string>());
    } else {
        out.values = numbersOf(node.at("v"));
        if (node.contains("v64")) out.wide = numbersOf(node.at("v64"));
        out.shape = node.at("shape").get<std::vector<std::int64_t>>();
    }
    out.tolerance = node.value("atol", 0.0);
    return out;
}

Target GoldenInput::targetOf(const std::string& fn) const {
    Target out;
    out.id = target;
    out.quantity = fn == "prob"       ? Quantity::Probability
                   : fn == "log_prob" ? Quantity::LogProbability
                                      : Quantity::Logit;
    if (fn == "logit_diff") {
        out.kind = TargetKind::Contrast;
        out.contrastId = contrast;
    }
    return out;
}

MethodInput GoldenInput::methodInput(const Target& what, ComputeType compute) const {
    return {*model, *tokenizer, input, what, compute, 7, 0, nullptr};
}

GoldenModels::GoldenModels(const std::filesystem::path& folder)
    : m_folder(folder),
      m_inputs(readJsonFile(folder / "models" / "inputs.json")),
      m_tokenizer(Tokenizer::fromJson(
          R"({"version":"1.0","model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}})",
          "one word")) {}

std::shared_ptr<const Model> GoldenModels::model(const std::string& name) {
    std::shared_ptr<const Model>& slot = m_models[name];
    if (slot == nullptr) {
        slot = name == "sst2-encoder"
                   ? loadSst2Encoder(m_folder.parent_path() / name)
                   : loadModel(Checkpoint::open(m_folder / "models" / name)).model;
    }
    return slot;
}

GoldenInput GoldenModels::row(const std::string& name, const std::vector<std::int64_t>& ids,
                              const std::vector<std::size_t>& content) {
    GoldenInput out;
    out.model = model(name);
    out.tokenizer = m_tokenizer;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Token token;
        token.id = ids[i];
        token.isSpecial = std::find(content.begin(), content.end(), i) == content.end();
        out.input.tokens.push_back(token);
        out.realColumns.push_back(i);
    }
    return out;
}

std::vector<GoldenInput> GoldenModels::rows(const std::string& name, const std::string& input) {
    const Json& all = m_inputs.at(name);
    std::vector<GoldenInput> out;
    for (const Json& node : all.at("inputs")) {
        if (node.at("name") != input) continue;
        for (std::size_t r = 0; r < node.at("input_ids").size(); ++r) {
            std::vector<std::int64_t> ids;
            std::vector<std::size_t> real, content;
            for (std::size_t i = 0; i < node["input_ids"][r].size(); ++i) {
                if (node["attention_mask"][r][i] == 0) continue;
                const auto& positions = node["content_positions"][r];
                if (std::find(positions.begin(), positions.end(), i) != positions.end())
                    content.push_back(ids.size());
                ids.push_back(node["input_ids"][r][i].get<std::int64_t>());
                real.push_back(i);
            }
            GoldenInput one = row(name, ids, content);
            one.realColumns = real;
            one.target = node["target"][r].get<std::int64_t>();
            one.contrast = node["contrast"][r].get<std::int64_t>();
            one.replacement = all.at("replacement_id").get<std::int64_t>();
            one.pad = all.at("special_ids").at("pad").get<std::int64_t>();
            out.push_back(std::move(one));
        }
    }
    return out;
}

GoldenTally::~GoldenTally() {
    for (const auto& [kind, row] : m_rows) {
        std::printf(
            "golden %-44s %5zu cases %7zu values, largest difference %.2e, %.3f of tolerance\n",
            kind.c_str(), row.cases, row.values, row.largest, row.largestShare);
    }
    for (const auto& [kind, count] : m_leftOut)
        std::printf("golden %-44s %5zu left out\n", kind.c_str(), count);
}

void GoldenTally::check(const std::string& kind, const std::string& where,
                        const std::vector<double>& found, const std::vector<double>& expected,
                        double tolerance) {
    ASSERT_EQ(found.size(), expected.size()) << kind << " " << where;
    Row& row = m_rows[kind];
    ++row.cases;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const double difference = std::abs(found[i] - expected[i]);
        EXPECT_LE(difference, tolerance) << kind << " " << where << " [" << i << "]: " << found[i]
                                         << ", recorded " << expected[i];
        ++row.values;
        row.largest = std::max(row.largest, difference);
        row.largestShare = std::max(row.largestShare, difference / tolerance);
    }
}

void GoldenTally::compare(ComputeType compute, const std::string& kind, const std::string& where,
                          const std::vector<double>& found, const GoldenValue& golden,
                          double scale) {
    if (compute == ComputeType::Float32)
        compare(kind, where, found, golden);
    else
        compareWide(kind, where, found, golden, scale);
}

void GoldenTally::compare(const std::string& kind, const std::string& where,
                          const std::vector<double>& found, const GoldenValue& golden) {
    check(kind, where, found, golden.values, golden.tolerance);
}

void GoldenTally::compareWide(const std::string& kind, const std::string& where,
                              const std::vector<double>& found, const GoldenValue& golden,
                              double scale) {
    if (golden.wide.empty()) return;
    for (const double value : golden.wide) scale = std::max(scale, std::abs(value));
    constexpr double kShare = 1e-5;  // README: ample, quadrature weights are rounded to float32
    constexpr double kFloor = 1e-9;
    check(kind + " (float64)", where, found, golden.wide, kShare * scale + kFloor);
}

std::size_t GoldenTally::compared(const std::string& kind) const {
    const auto found = m_rows.find(kind);
    return found == m_rows.end() ? 0 : found->second.cases;
}

std::vector<double> listOf(const at::Tensor& values) {
    const at::Tensor flat = values.to(at::kDouble).contiguous();
    const auto* data = flat.const_data_ptr<double>();
    return {data, data + flat.numel()};
}

}  // namespace driftlens
