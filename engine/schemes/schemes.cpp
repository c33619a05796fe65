// Round-to-nearest quantisation, magnitude pruning and casts, over the blocks' Linears.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/linears/grouped_int.h"
#include "core/linears/rounded_activations.h"
#include "core/model/model.h"
#include "core/quantized/bitsandbytes.h"
#include "engine/schemes/adapter.h"
#include "engine/schemes/scheme.h"

#include <array>
#include <cmath>
#include <functional>

namespace driftlens {
namespace {

using ModelPtr = std::shared_ptr<const Model>;

// Replaces each Linear of the blocks; everything else (embeddings, norms, pooler, head) stays.
ModelPtr replaceLinears(const Model& model, const RunContext& context,
                        const std::function<LinearPtr(const Linear&)>& replace) {
    ModelWeights overrides;
    const std::vector<std::string> names = model.blockLinearNames();
    for (std::size_t i = 0; i < names.size(); ++i) {
        context.checkpoint(static_cast<double>(i) / static_cast<double>(names.size()), "compress");
        const LinearPtr& linear = model.weights().linears.at(names[i]);
        try {
            overrides.linears[names[i]] = replace(*linear);
        } catch (const Error& error) {
            throw error.withContext(names[i]);
        }
    }
    return model.with(overrides);
}

ModelPtr cast(const Model& model, at::ScalarType type, const RunContext& context) {
    return replaceLinears(model, context, [&](const Linear& linear) {
        return makeDenseLinear(linear.dense(at::kFloat).to(type), linear.bias());
    });
}

ModelPtr toFp16(const Model& model, const ParameterSet&, const RunContext& context) {
    return cast(model, at::kHalf, context);
}

ModelPtr toBf16(const Model& model, const ParameterSet&, const RunContext& context) {
    return cast(model, at::kBFloat16, context);
}

template <int kBits>
ModelPtr quantize(const Model& model, const ParameterSet& settings, const RunContext& context) {
    const std::int64_t group = settings.integer("group");
    const bool isSymmetric = settings.text("symmetric") == "true";
    return replaceLinears(model, context, [&](const Linear& linear) {
        return makeGroupedIntLinear(
            quantizeGrouped(linear.dense(at::kFloat), kBits, group, isSymmetric), linear.bias());
    });
}

// Weights in 8 bits per row, as bitsandbytes stores them; those that are so already stay.
ModelPtr toLlmInt8(const Model& model, const ParameterSet& settings, const RunContext& context) {
    const double threshold = settings.number("threshold");
    return replaceLinears(model, context, [&](const Linear& linear) {
        const bool isStoredSo = linear.info().form == kLlmInt8Form;
        const LinearPtr base =
            isStoredSo ? linear.shared_from_this()
                       : makeGroupedIntLinear(quantizeGrouped(linear.dense(at::kFloat), 8, 0, true),
                                              linear.bias());
        return makeRoundingLinear(base, threshold);
    });
}

// Sets the floor(sparsity · n) entries of least |w| of each matrix to zero; of equals the earlier
// in row-major order first (Han et al. 2015).
ModelPtr pruneMagnitude(const Model& model, const ParameterSet& settings,
                        const RunContext& context) {
    const double sparsity = settings.number("sparsity");
    return replaceLinears(model, context, [&](const Linear& linear) {
        at::Tensor w = linear.dense(at::kFloat).contiguous().clone();
        const auto count =
            static_cast<std::int64_t>(std::floor(sparsity * static_cast<double>(w.numel())));
        at::Tensor flat = w.view({-1});
        const at::Tensor order =
            std::get<1>(flat.abs().sort(/*stable=*/true, /*dim=*/0, /*descending=*/false));
        flat.index_fill_(0, order.narrow(0, 0, count), 0.0);
        // Zeros are exact in every type: a half-precision matrix stays one.
        const std::string form = linear.info().form;
        const at::ScalarType type = form == "F16"    ? at::kHalf
                                    : form == "BF16" ? at::kBFloat16
                                                     : at::kFloat;
        return makeDenseLinear(w.to(type), linear.bias());
    });
}

constexpr ParameterInfo groupOf(std::string_view fallback) {
    return {"group",
            ParameterKind::Integer,
            fallback,
            0,
            1 << 20,
            "",
            "inputs per scale; 0: one scale per row"};
}
constexpr ParameterInfo kSymmetric = {"symmetric",
                                      ParameterKind::Choice,
                                      "true",
                                      0,
                                      0,
                                      "true|false",
                                      "whether codes are centred on zero"};
constexpr std::array<ParameterInfo, 2> kRowTable = {groupOf("0"), kSymmetric};
constexpr std::array<ParameterInfo, 2> kGroupTable = {groupOf("32"), kSymmetric};
constexpr std::array<ParameterInfo, 1> kPruneTable = {
    {{"sparsity", ParameterKind::Number, "0.5", 0.0, 1.0, "",
      "share of each matrix that becomes zero"}}};

constexpr std::array<ParameterInfo, 1> kLlmInt8Table = {
    {{"threshold", ParameterKind::Number, "6", 0.0, 1e6, "",
      "magnitude from which an input is not rounded; 0: all are"}}};

constexpr std::array<SchemeEntry, 9> kSchemes = {{
    {"adapter", "Adapter", "a PEFT folder over the model: LoRA, DoRA, AdaLoRA or IA3",
     kAdapterTable, &addAdapter, "path", &adapterFiles},
    {"fp16", "FP16", "half precision", {}, &toFp16},
    {"bf16", "BF16", "brain floating point, 8 bits of mantissa", {}, &toBf16},
    {"int8", "INT8", "round to nearest, 8 bits, one scale per row", kRowTable, &quantize<8>},
    {"int4", "INT4", "round to nearest, 4 bits, one scale per group", kGroupTable, &quantize<4>},
    {"int3", "INT3", "round to nearest, 3 bits, one scale per group", kGroupTable, &quantize<3>},
    {"int2", "INT2", "round to nearest, 2 bits, one scale per group", kGroupTable, &quantize<2>},
    {"prune_magnitude", "Magnitude pruning", "the smallest weights become zero", kPruneTable,
     &pruneMagnitude},
    {"llm_int8", "LLM.int8",
     "8 bits per row; activations rounded to 8 bits but where they are outliers; straight-through "
     "gradients",
     kLlmInt8Table, &toLlmInt8},
}};

}  // namespace

std::span<const SchemeEntry> schemes() {
    return kSchemes;
}

const SchemeEntry& schemeNamed(std::string_view id) {
    std::string known;
    for (const SchemeEntry& scheme : kSchemes) {
        if (scheme.id == id) return scheme;
        known += (known.empty() ? "" : ", ") + std::string(scheme.id);
    }
    throw Error(ErrorKind::Usage, "unknown scheme " + inQuotes(id) + "; known: " + known);
}

}  // namespace driftlens
