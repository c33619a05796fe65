#include "core/model/stored_forms.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/quantized/awq.h"
#include "core/quantized/bitsandbytes.h"
#include "core/quantized/compressed_tensors.h"
#include "core/quantized/gptq.h"
#include "core/quantized/sparse_bitmask.h"
#include "core/tokenizer/regex.h"

#include <algorithm>
#include <memory>

namespace driftlens {
namespace {

std::int64_t groupSizeOf(const JsonObject& settings, std::string_view key) {
    return settings.has(key) ? settings.integer(key, -1, std::int64_t{1} << 24) : -1;
}

// Bits and group size, which GPTQ and AWQ tools write under two names each.
template <typename Settings>
void readGrouping(const JsonObject& quantization, Settings& settings) {
    const auto present = [&](std::string_view key, std::string_view synonym) {
        return quantization.has(key) ? key : synonym;
    };
    settings.bits = static_cast<int>(quantization.integer(present("bits", "w_bit"), 1, 16));
    settings.groupSize = groupSizeOf(quantization, present("group_size", "q_group_size"));
}

// A group of compressed-tensors' configuration: which modules it means, and how they are stored.
struct TensorGroup {
    std::vector<std::string> targets;  // class names ("Linear"), names, or "re:" and a pattern
    CompressedTensorsSettings settings;
};

bool matchesTarget(const std::string& target, const std::string& module) {
    if (target == "Linear" || target == module) return true;
    constexpr std::string_view kPattern = "re:";
    if (!target.starts_with(kPattern)) return module.ends_with("." + target);
    std::vector<Match> matches;
    Regex(std::string_view(target).substr(kPattern.size()), "quantization_config: targets")
        .findAll(module, matches);
    return !matches.empty() && matches.front().begin == 0;
}

TensorGroup readGroup(const JsonObject& group, const std::string& fallbackFormat) {
    TensorGroup out;
    if (const Json* targets = group.find("targets"); targets != nullptr && targets->is_array()) {
        for (const Json& target : *targets) {
            if (target.is_string()) out.targets.push_back(target.get<std::string>());
        }
    }
    const JsonObject weights = group.object("weights");
    CompressedTensorsSettings& settings = out.settings;
    try {
        settings.format = compressedTensorsFormat(group.string("format", fallbackFormat));
    } catch (const Error& error) {
        throw error.withContext(group.what());
    }
    settings.bits = static_cast<int>(weights.integer("num_bits", 1, 16));
    settings.symmetric = weights.boolean("symmetric", true);
    settings.groupSize = groupSizeOf(weights, "group_size");
    const std::string strategy = weights.string("strategy", "channel");
    if (strategy == "block") {
        throw Error(ErrorKind::Unsupported,
                    weights.what() + ": strategy \"block\" is not supported");
    }
    return out;
}

}  // namespace

StoredForms::StoredForms(const Checkpoint& checkpoint) : m_checkpoint(checkpoint) {
    const std::filesystem::path folder = checkpoint.folder();
    const JsonObject config(checkpoint.config(), (folder / "config.json").string());
    if (config.has("quantization_config")) {
        add(config.object("quantization_config"));
        return;
    }
    // Compressed-tensors' first name of it.
    if (config.has("compression_config")) {
        add(config.object("compression_config"));
        return;
    }
    const std::filesystem::path beside = folder / "quantize_config.json";
    std::error_code status;
    if (!std::filesystem::exists(beside, status)) return;
    const Json json = readJsonFile(beside);
    addGptq(JsonObject(json, beside.string()));
}

void StoredForms::add(const JsonObject& quantization) {
    struct MethodRow {
        std::string_view name;
        void (StoredForms::*add)(const JsonObject& quantization);
    };
    static constexpr MethodRow kMethods[] = {
        {"awq", &StoredForms::addAwq},
        {"bitsandbytes", &StoredForms::addBitsandbytes},
        {"compressed-tensors", &StoredForms::addCompressedTensors},
        {"fp8", nullptr},  // tensors of 8-bit floats with their scales: the loader reads them
        {"gptq", &StoredForms::addGptq}};
    const std::string method = quantization.string("quant_method", "");
    std::string known;
    for (const MethodRow& row : kMethods) {
        if (row.name == method) {
            if (row.add != nullptr) (this->*row.add)(quantization);
            if (quantization.has("activation_scheme")) {
                m_warnings.push_back(
                    "activations are rounded to 8-bit floats by the model's own "
                    "kernels, but not here");
            }
            return;
        }
        known += (known.empty() ? "" : ", ") + std::string(row.name);
    }
    throw Error(ErrorKind::Unsupported, quantization.what() + ": quant_method " + inQuotes(method) +
                                            " is not supported; supported: " + known);
}

void StoredForms::addGptq(const JsonObject& quantization) {
    const std::string format =
        quantization.string("checkpoint_format", quantization.string("format", "gptq"));
    if (format != "gptq" && format != "gptq_v2") {
        throw Error(ErrorKind::Unsupported, quantization.what() + ": checkpoint_format " +
                                                inQuotes(format) +
                                                " is not supported; supported: gptq, gptq_v2");
    }
    if (const Json* dynamic = quantization.find("dynamic");
        dynamic != nullptr && dynamic->is_object() && !dynamic->empty()) {
        throw Error(ErrorKind::Unsupported,
                    quantization.what() + ": dynamic (settings per module) is not supported");
    }
    GptqSettings settings;
    readGrouping(quantization, settings);
    settings.zeros = format == "gptq" ? GptqZeros::PlusOneWithCarry : GptqZeros::AsStored;
    m_readers.emplace_back([settings](const PackedSource& source) {
        return source.find("qweight") == nullptr ? nullptr : makeGptqMatrix(source, settings);
    });
    if (format != "gptq" || quantization.boolean("sym", true)) return;
    const auto isAmbiguous = [&](const StoredTensor& codes) {
        constexpr std::string_view kSuffix = ".qweight";
        const std::string module = codes.name.substr(0, codes.name.size() - kSuffix.size());
        const std::int64_t columns = codes.shape.at(0) * 32 / settings.bits;
        try {
            return hasAmbiguousZeros({m_checkpoint.tensors(), module, {codes.shape.at(1), columns}},
                                     settings);
        } catch (const Error& error) {  // names the tensor alone
            throw error.withContext(m_checkpoint.folder().string());
        }
    };
    for (const auto& [name, tensor] : m_checkpoint.tensors()) {
        if (!name.ends_with(".qweight") || tensor.shape.size() != 2 || !isAmbiguous(tensor))
            continue;
        m_warnings.push_back(name.substr(0, name.rfind('.')) +
                             " and perhaps others have zero points of 0, which format \"gptq\" "
                             "cannot store: tools read them differently; here words are "
                             "incremented whole, as GPTQModel does");
        break;
    }
}

void StoredForms::addAwq(const JsonObject& quantization) {
    const std::string version = quantization.string("version", "gemm");
    if (version != "gemm" && version != "gemv") {
        throw Error(ErrorKind::Unsupported, quantization.what() + ": version " + inQuotes(version) +
                                                " is not supported; supported: gemm, gemv");
    }
    AwqSettings settings;
    readGrouping(quantization, settings);
    settings.layout = version == "gemm" ? AwqLayout::Gemm : AwqLayout::Gemv;
    m_readers.emplace_back([settings](const PackedSource& source) {
        return source.find("qweight") == nullptr ? nullptr : makeAwqMatrix(source, settings);
    });
}

void StoredForms::addBitsandbytes(const JsonObject& quantization) {
    m_readers.emplace_back([](const PackedSource& source) {
        return source.find("weight.absmax") == nullptr ? nullptr : makeBitsandbytes4Matrix(source);
    });
    m_readers.emplace_back([](const PackedSource& source) {
        return source.find("SCB") == nullptr ? nullptr : makeBitsandbytes8Matrix(source);
    });
    if (quantization.boolean("load_in_8bit", false)) {
        m_warnings.push_back(
            "LLM.int8 treats columns of large activations apart at run time; here "
            "every activation meets the stored 8-bit weights");
    }
}

void StoredForms::addCompressedTensors(const JsonObject& quantization) {
    if (quantization.has("sparsity_config")) addSparse(quantization.object("sparsity_config"));
    if (!quantization.has("config_groups")) return;
    const JsonObject groups = quantization.object("config_groups");
    auto read = std::make_shared<std::vector<TensorGroup>>();
    bool roundsActivations = false;
    for (const auto& [name, value] : groups.value().items()) {
        const JsonObject group = groups.object(name);
        roundsActivations = roundsActivations || group.has("input_activations");
        read->push_back(readGroup(group, quantization.string("format", "")));
    }
    if (roundsActivations) {
        m_warnings.push_back(
            "activations are quantised by the model's own kernels, but not here: "
            "the weights are exactly what is stored");
    }
    m_readers.emplace_back([read](const PackedSource& source) -> PackedMatrixPtr {
        if (source.find("weight_scale") == nullptr) return nullptr;
        for (const TensorGroup& group : *read) {
            const bool isMeant = std::any_of(
                group.targets.begin(), group.targets.end(),
                [&](const auto& target) { return matchesTarget(target, source.module); });
            if (isMeant || read->size() == 1)
                return makeCompressedTensorsMatrix(source, group.settings);
        }
        source.refuse("no group of quantization_config targets this module");
    });
}

void StoredForms::addSparse(const JsonObject& sparsity) {
    const std::string format = sparsity.string("format", "dense");
    if (format == "dense") return;
    if (format != "sparse-bitmask" && format != "sparse-24-bitmask") {
        throw Error(ErrorKind::Unsupported,
                    sparsity.what() + ": format " + inQuotes(format) +
                        " is not supported; supported: sparse-bitmask, sparse-24-bitmask");
    }
    const bool isBitmask = format == "sparse-bitmask";
    m_readers.emplace_back([isBitmask](const PackedSource& source) {
        const bool isSparse = source.find(isBitmask ? "weight.bitmask" : "bitmask") != nullptr;
        return isSparse ? makeSparseMatrix(
                              source, isBitmask ? SparseFormat::Bitmask : SparseFormat::Bitmask24)
                        : nullptr;
    });
}

PackedMatrixPtr StoredForms::matrixOf(const std::string& module, MatrixSize size) const {
    const PackedSource source{m_checkpoint.tensors(), module, size};
    try {
        for (const Reader& reader : m_readers) {
            if (PackedMatrixPtr matrix = reader(source)) return matrix;
        }
    } catch (const Error& error) {  // names the tensor alone
        throw error.withContext(m_checkpoint.folder().string());
    }
    return nullptr;
}

}  // namespace driftlens
