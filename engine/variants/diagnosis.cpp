#include "engine/variants/diagnosis.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/files/gguf.h"
#include "core/model/loader.h"

#include <algorithm>
#include <array>
#include <set>

namespace driftlens {
namespace {

using Lines = std::vector<std::string>;

// general.file_type of mixtures of K-quants (llama.cpp, llama_ftype).
constexpr std::int64_t kFirstKType = 10, kLastKType = 18;

void checkFileType(const GgufFile& file, Lines& out) {
    const std::int64_t type = file.metadata().integerOr("general.file_type", -1, -1);
    if (type < kFirstKType || type > kLastKType) return;
    std::set<std::string_view> formats;
    bool hasKBlocks = false;
    for (const GgufTensor& tensor : file.tensors()) {
        if (tensor.shape.size() < 2) continue;
        formats.insert(tensor.format->name);
        hasKBlocks = hasKBlocks || tensor.format->name.ends_with("_K");
    }
    if (hasKBlocks) return;
    std::string names;
    for (const std::string_view name : formats)
        names += (names.empty() ? "" : ", ") + std::string(name);
    out.push_back("general.file_type " + std::to_string(type) +
                  " is a mixture of K-quants, but no tensor is one: rows are no multiple of 256, "
                  "so the quantiser fell back to " +
                  names);
}

// A Llama vocabulary that was converted without its SentencePiece model.
void checkScores(const GgufFile& file, Lines& out) {
    constexpr std::string_view kScores = "tokenizer.ggml.scores";
    if (file.metadata().textOr("tokenizer.ggml.model", "") != "llama") return;
    if (!file.metadata().contains(kScores)) return;
    const std::vector<float> scores = file.metadata().floats(kScores);
    const bool areEqual =
        std::adjacent_find(scores.begin(), scores.end(), std::not_equal_to<>()) == scores.end();
    if (!areEqual || scores.size() < 2) return;
    out.push_back("tokenizer.ggml.scores are all " + formatNumber(scores.front()) +
                  ": the vocabulary was converted without its SentencePiece model; merges or the "
                  "order of the vocabulary decide, and texts may be cut otherwise than meant");
}

// Gemma's converter adds 1 to every norm; without it they lie around 0.
void checkNormOffset(const GgufFile& file, Lines& out) {
    const std::string_view architecture = file.metadata().textOr("general.architecture", "");
    if (!architecture.starts_with("gemma")) return;
    for (const GgufTensor& tensor : file.tensors()) {
        if (tensor.name != "output_norm.weight" || !tensor.format->isSupported()) continue;
        std::vector<float> values(static_cast<std::size_t>(tensor.elementCount()));
        tensor.dequantize(0, tensor.rowCount(), values);
        std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
        const double median = static_cast<double>(values[values.size() / 2]);
        if (median > 0.5) continue;
        out.push_back("output_norm.weight has the median " + formatNumber(median) +
                      ": GGUF files of this family hold 1 + weight, this one seems to lack the 1");
    }
}

void checkBlocks(const GgufFile& file, Lines& out) {
    for (const GgufTensor& tensor : file.tensors()) {
        if (!tensor.format->isSupported()) continue;
        try {
            tensor.checkIsFinite();
        } catch (const Error& error) {
            out.emplace_back(error.what());
        }
    }
}

std::int64_t notFinite(const at::Tensor& values) {
    std::int64_t bad = 0;
    for (const at::Tensor& some : values.flatten().split(std::int64_t{1} << 20))
        bad += some.isfinite().logical_not().sum().item<std::int64_t>();
    return bad;
}

// By some rows at a time: a matrix is never unpacked whole.
std::int64_t notFinite(const Linear& linear) {
    constexpr std::int64_t kRows = 1024;
    std::int64_t bad = 0;
    const std::int64_t count = linear.info().outFeatures;
    for (std::int64_t first = 0; first < count; first += kRows) {
        const at::Tensor some = at::arange(first, std::min(first + kRows, count), at::kLong);
        bad += notFinite(linear.rows(some, at::kFloat));
    }
    return bad;
}

}  // namespace

std::vector<std::string> diagnoseGguf(const GgufFile& file) {
    Lines out;
    checkFileType(file, out);
    checkScores(file, out);
    checkNormOffset(file, out);
    checkBlocks(file, out);
    return out;
}

std::vector<std::string> diagnose(const LoadedModel& model) {
    Lines out;
    const auto report = [&](const std::string& name, std::int64_t bad, std::int64_t all) {
        if (bad == 0) return;
        out.push_back(name + " has " + std::to_string(bad) + " values that are not finite of " +
                      std::to_string(all));
    };
    for (const auto& [name, linear] : model.model->weights().linears) {
        const LinearInfo info = linear->info();
        report(name + ".weight", notFinite(*linear), info.outFeatures * info.inFeatures);
        const at::Tensor& bias = linear->bias();
        if (bias.defined()) report(name + ".bias", notFinite(bias), bias.numel());
    }
    for (const auto& [name, tensor] : model.model->weights().tensors)
        report(name, notFinite(tensor), tensor.numel());
    return out;
}

}  // namespace driftlens
