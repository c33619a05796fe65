#include "core/model/adapter.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/linears/overlay_linear.h"
#include "core/model/loader.h"
#include "core/model/parameter_index.h"
#include "core/quantized/packed_matrix.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::string_view kPrefix = "base_model.model.";
constexpr std::string_view kPlainPrefix = "base_model.";  // beside virtual tokens
constexpr std::string_view kVirtualTokens = "prompt_embeddings";

// What a tensor of an adapter is to its module.
enum class Role { Down, Up, UpBias, TableUp, TableDown, Diagonal, Magnitude, Scale, Weight, Bias };

enum KindMask : unsigned { kLora = 1U, kAdaLora = 2U, kIa3 = 4U, kVirtual = 8U, kAny = 15U };

struct RoleRow {
    std::string_view ending;
    Role role;
    unsigned kinds;
};

// The first ending that a name has counts.
constexpr RoleRow kRoles[] = {{".lora_A.weight", Role::Down, kLora},
                              {".lora_B.weight", Role::Up, kLora},
                              {".lora_B.bias", Role::UpBias, kLora},
                              {".lora_embedding_A", Role::TableUp, kLora},
                              {".lora_embedding_B", Role::TableDown, kLora},
                              {".lora_magnitude_vector", Role::Magnitude, kLora},
                              {".lora_A", Role::Down, kAdaLora},
                              {".lora_B", Role::Up, kAdaLora},
                              {".lora_E", Role::Diagonal, kAdaLora},
                              {".ia3_l", Role::Scale, kIa3},
                              {".base_layer.weight", Role::Weight, kAny},
                              {".base_layer.bias", Role::Bias, kAny},
                              {".weight", Role::Weight, kAny},
                              {".bias", Role::Bias, kAny}};

unsigned maskOf(AdapterKind kind) {
    switch (kind) {
        case AdapterKind::Lora:
            return kLora;
        case AdapterKind::AdaLora:
            return kAdaLora;
        case AdapterKind::Ia3:
            return kIa3;
        case AdapterKind::Prompt:
        case AdapterKind::Prefix:
            break;
    }
    return kVirtual;
}

std::string moduleOf(const std::string& parameter) {
    return parameter.substr(0, parameter.rfind('.'));
}

// The tensors of one module of the base model.
using Parts = std::map<Role, const StoredTensor*>;

// A low-rank pair as a product up · down, scaled; rows are those of the whole stored module.
struct LowRank {
    at::Tensor down, up, upBias, magnitude;
    std::string name;
};

class Applier {
public:
    Applier(const Model& model, const AdapterFolder& adapter)
        : m_model(model), m_adapter(adapter), m_index(model.spec()) {}

    AdaptedModel apply() {
        sortTensors();
        for (const auto& [module, parts] : m_modules) replaceParameters(module, parts);
        for (const auto& [module, parts] : m_modules) lay(module, parts);
        keepTiedHead();
        placeVirtualTokens();
        return {m_model.with(m_overrides), std::move(m_unused)};
    }

private:
    [[noreturn]] void fail(const std::string& tensor, const std::string& message) const {
        throw Error(ErrorKind::InputFile,
                    m_adapter.weightsFile() + ": tensor " + inQuotes(tensor, 160) + " " + message);
    }

    // Every tensor to its module; those without one are refused together.
    void sortTensors() {
        std::vector<std::string> strangers;
        for (const auto& [name, tensor] : m_adapter.tensors()) {
            if (!sort(name, tensor)) strangers.push_back(name);
        }
        if (strangers.empty()) return;
        fail(strangers.front(),
             (strangers.size() == 1
                  ? std::string("matches")
                  : "and " + std::to_string(strangers.size() - 1) + " others match") +
                 " no module of the " + m_model.spec().family + " model");
    }

    bool sort(const std::string& name, const StoredTensor& tensor) {
        const unsigned kind = maskOf(m_adapter.config().kind);
        if (kind == kVirtual && name == kVirtualTokens) return true;
        const std::string_view prefix = kind == kVirtual ? kPlainPrefix : kPrefix;
        if (!name.starts_with(prefix)) return false;
        const std::string inner = name.substr(prefix.size());
        for (const RoleRow& row : kRoles) {
            if (!inner.ends_with(row.ending) || (row.kinds & kind) == 0) continue;
            const std::string module = inner.substr(0, inner.size() - row.ending.size());
            const bool isBias = row.role == Role::Bias;
            const std::string parameter = module + (isBias ? ".bias" : ".weight");
            if (m_index.find(parameter).empty()) {
                const bool isIgnored = m_index.isIgnored(parameter);
                if (isIgnored) m_unused.push_back(name);
                return isIgnored;
            }
            if (!m_modules[module].emplace(row.role, &tensor).second)
                fail(name, "is given twice for one module");
            return true;
        }
        return false;
    }

    at::Tensor read(const StoredTensor& stored) const {
        at::Tensor tensor = viewOf(stored);
        if (!tensor.is_floating_point())
            fail(stored.name,
                 "is stored as " + std::string(elementTypeName(stored.type)) + ", not as floats");
        if (elementBytes(stored.type) == 1) tensor = tensor.to(at::kFloat);
        if (!tensor.isfinite().all().item<bool>()) fail(stored.name, "holds values not finite");
        return tensor;
    }

    at::Tensor readShaped(const StoredTensor& stored, const std::vector<std::int64_t>& shape,
                          const std::string& why) const {
        if (stored.shape != shape)
            fail(stored.name,
                 "is " + shapeText(stored.shape) + "; " + why + " make it " + shapeText(shape));
        return read(stored).to(at::kFloat);
    }

    const StoredTensor& need(const std::string& module, const Parts& parts, Role role) const {
        const auto found = parts.find(role);
        if (found != parts.end()) return *found->second;
        const unsigned kind = maskOf(m_adapter.config().kind);
        for (const RoleRow& row : kRoles) {
            if (row.role == role && (row.kinds & kind) != 0)
                fail(std::string(kPrefix) + module + std::string(row.ending), "is missing");
        }
        throw Error(ErrorKind::Internal, "adapter: a role is not in the table");
    }

    // The module as it stands: a later step sees what an earlier one put there.
    LinearPtr linearOf(const std::string& name) const {
        for (const ModelWeights* weights : {&m_overrides, &m_model.weights()}) {
            if (const auto found = weights->linears.find(name); found != weights->linears.end())
                return found->second;
            const auto table = weights->tensors.find(name);
            if (table != weights->tensors.end()) return makeDenseLinear(table->second, {});
        }
        if (name == "head") return tiedHead();
        throw Error(ErrorKind::Internal, "adapter: the model has no " + name);
    }

    // The table as it was: PEFT leaves a tied head as it is, whatever becomes of the table.
    LinearPtr tiedHead() const {
        const LinearPtr table = m_model.tokenTable().shared_from_this();
        for (const ModelWeights* weights : {&m_overrides, &m_model.weights()}) {
            const auto bias = weights->tensors.find("tied_head.bias");
            if (bias != weights->tensors.end())
                return makeOverlayLinear(table, {.name = "bias"}, bias->second);
        }
        return table;
    }

    void keepTiedHead() {
        const bool hasNewTable =
            m_overrides.linears.contains(kTokenTable) || m_overrides.tensors.contains(kTokenTable);
        if (!m_model.spec().tiedHead || m_model.weights().linears.contains("head")) return;
        if (hasNewTable && !m_overrides.linears.contains("head"))
            m_overrides.linears["head"] = tiedHead();
    }

    void placeVirtualTokens() {
        const AdapterConfig& config = m_adapter.config();
        if (maskOf(config.kind) != kVirtual) return;
        const auto found = m_adapter.tensors().find(kVirtualTokens);
        if (found == m_adapter.tensors().end()) fail(std::string(kVirtualTokens), "is missing");
        const StoredTensor& stored = found->second;
        if (stored.shape.size() != 2 || stored.shape[0] != config.virtualTokens) {
            fail(stored.name, "is " + shapeText(stored.shape) + "; num_virtual_tokens makes it [" +
                                  std::to_string(config.virtualTokens) + ", width]");
        }
        if (m_model.weights().virtualTokens.kind != VirtualKind::None) {
            throw Error(ErrorKind::Unsupported,
                        m_adapter.weightsFile() + ": the model has virtual tokens already");
        }
        m_overrides.virtualTokens = {
            config.kind == AdapterKind::Prompt ? VirtualKind::Prompt : VirtualKind::Prefix,
            read(stored)};
    }

    void replaceParameters(const std::string& module, const Parts& parts) {
        for (const auto& [role, ending] :
             {std::pair(Role::Weight, ".weight"), std::pair(Role::Bias, ".bias")}) {
            const auto found = parts.find(role);
            if (found == parts.end()) continue;
            for (const StoredPart& part : m_index.find(module + ending))
                replace(part, *found->second);
        }
    }

    void replace(const StoredPart& part, const StoredTensor& stored) {
        const ParameterShape& parameter = part.parameter;
        std::vector<std::int64_t> whole = parameter.shape;
        whole[0] = part.wholeRows();
        if (part.source.isTransposed) std::swap(whole[0], whole.back());
        if (stored.shape != whole)
            fail(stored.name,
                 "is " + shapeText(stored.shape) + "; the base model makes it " + shapeText(whole));
        at::Tensor value = read(stored);
        value = part.rowsOf(part.source.isTransposed ? value.t() : value);
        const std::string module = moduleOf(parameter.name);
        if (parameter.isLinearWeight) {
            m_overrides.linears[module] = makeDenseLinear(value, linearOf(module)->bias());
        } else if (parameter.isLinearBias) {
            m_overrides.linears[module] =
                makeOverlayLinear(linearOf(module), {.name = "bias"}, value);
        } else {
            m_overrides.tensors[parameter.name] = value;
        }
    }

    void lay(const std::string& module, const Parts& parts) {
        const bool isPlain = std::all_of(parts.begin(), parts.end(), [](const auto& part) {
            return part.first == Role::Weight || part.first == Role::Bias;
        });
        if (isPlain) return;
        const std::span<const StoredPart> targets = m_index.find(module + ".weight");
        if (m_adapter.config().kind == AdapterKind::Ia3) {
            const StoredTensor& scale = need(module, parts, Role::Scale);
            for (const StoredPart& part : targets) layIa3(part, scale);
        } else if (parts.contains(Role::TableUp) || parts.contains(Role::TableDown)) {
            layTable(module, parts, targets.front());
        } else {
            const LowRank whole = readLowRank(module, parts, targets.front());
            for (const StoredPart& part : targets) layLora(part, whole);
        }
    }

    double scaleOf(const std::string& module, std::int64_t rank) const {
        const AdapterConfig& config = m_adapter.config();
        const auto r = static_cast<double>(rank);
        const double alpha = config.alphaOf(module, m_adapter.configFile());
        // PEFT's AdaLoRA guards against a rank of zero.
        if (config.kind == AdapterKind::AdaLora) return (alpha > 0.0 ? alpha : r) / (r + 1e-5);
        return alpha / (config.isRankStabilized ? std::sqrt(r) : r);
    }

    // As adapter_config.json says; AdaLoRA's are in the tensors alone.
    std::int64_t rankOf(const std::string& module, const StoredTensor& down) const {
        const AdapterConfig& config = m_adapter.config();
        if (config.kind == AdapterKind::Lora) return config.rankOf(module, m_adapter.configFile());
        return down.shape.empty() ? 0 : down.shape[0];
    }

    LowRank readLowRank(const std::string& module, const Parts& parts, const StoredPart& target) {
        const StoredTensor& down = need(module, parts, Role::Down);
        if (!target.parameter.isLinearWeight)
            fail(down.name, "is for a matrix; its module is none");
        const StoredTensor& up = need(module, parts, Role::Up);
        const std::int64_t rank = rankOf(module, down);
        const std::string why = "rank " + std::to_string(rank) + " and the base model";
        LowRank out;
        out.down = readShaped(down, {rank, target.parameter.shape[1]}, why);
        out.up = readShaped(up, {target.wholeRows(), rank}, why);
        if (m_adapter.config().kind == AdapterKind::AdaLora) {
            const StoredTensor& diagonal = need(module, parts, Role::Diagonal);
            out.down = out.down * readShaped(diagonal, {rank, 1}, why);
        }
        const double scale = scaleOf(module, rank);
        out.up = out.up * scale;
        if (const auto bias = parts.find(Role::UpBias); bias != parts.end())
            out.upBias = readShaped(*bias->second, {target.wholeRows()}, why) * scale;
        if (m_adapter.config().isDora) {
            out.magnitude =
                readShaped(need(module, parts, Role::Magnitude), {target.wholeRows()}, why);
        } else if (const auto extra = parts.find(Role::Magnitude); extra != parts.end()) {
            fail(extra->second->name, "is of DoRA, but use_dora is false");
        }
        const char* name = m_adapter.config().isDora                         ? "DoRA rank "
                           : m_adapter.config().kind == AdapterKind::AdaLora ? "AdaLoRA rank "
                                                                             : "LoRA rank ";
        out.name = name + std::to_string(rank);
        return out;
    }

    void layLora(const StoredPart& part, const LowRank& whole) {
        const std::string module = moduleOf(part.parameter.name);
        const LinearPtr base = linearOf(module);
        Overlay overlay;
        overlay.name = whole.name;
        overlay.down = whole.down;
        overlay.up = part.rowsOf(whole.up).contiguous();
        at::Tensor bias = base->bias();
        if (whole.upBias.defined()) {
            const at::Tensor added = part.rowsOf(whole.upBias);
            bias = bias.defined() ? bias.to(at::kFloat) + added : added;
        }
        if (whole.magnitude.defined()) {
            const at::Tensor sum = base->dense(at::kFloat) + at::matmul(overlay.up, overlay.down);
            const at::Tensor length = sum.square().sum(1).sqrt();
            if (!length.gt(0).all().item<bool>()) {
                throw Error(ErrorKind::InputFile, m_adapter.weightsFile() + ": a row of " +
                                                      part.parameter.name +
                                                      " becomes zero: DoRA cannot scale it");
            }
            overlay.outputScale = part.rowsOf(whole.magnitude) / length;
        }
        m_overrides.linears[module] = makeOverlayLinear(base, std::move(overlay), bias);
    }

    // A table's rows are its inputs: A and B change places.
    void layTable(const std::string& module, const Parts& parts, const StoredPart& target) {
        const StoredTensor& up = need(module, parts, Role::TableUp);
        const StoredTensor& down = need(module, parts, Role::TableDown);
        const ParameterShape& parameter = target.parameter;
        if (parameter.isLinearWeight || parameter.shape.size() != 2)
            fail(up.name, "is for a table; its module is none");
        if (m_adapter.config().isDora) {
            throw Error(ErrorKind::Unsupported, m_adapter.configFile() + ": use_dora true of " +
                                                    module + ", a table, is not supported");
        }
        const std::int64_t rank = rankOf(module, up);
        const std::string why = "rank " + std::to_string(rank) + " and the base model";
        Overlay overlay;
        overlay.name = "LoRA rank " + std::to_string(rank);
        overlay.up = readShaped(up, {rank, parameter.shape[0]}, why).t().contiguous();
        overlay.up = overlay.up * scaleOf(module, rank);
        overlay.down = readShaped(down, {parameter.shape[1], rank}, why).t().contiguous();
        const LinearPtr table = makeOverlayLinear(linearOf(parameter.name), overlay, {});
        if (parameter.name != kTokenTable) {
            m_overrides.tensors[parameter.name] = table->dense(at::kFloat);
            return;
        }
        m_overrides.tensors.erase(kTokenTable);
        m_overrides.linears[kTokenTable] = table;
    }

    // [out, 1] scales what the module gives, its bias included; [1, in] what it takes.
    void layIa3(const StoredPart& part, const StoredTensor& scale) {
        const std::int64_t out = part.wholeRows();
        if (!part.parameter.isLinearWeight) fail(scale.name, "is for a matrix; its module is none");
        const std::int64_t in = part.parameter.shape[1];
        const std::string module = moduleOf(part.parameter.name);
        const LinearPtr base = linearOf(module);
        at::Tensor bias = base->bias();
        Overlay overlay;
        overlay.name = "IA3";
        if (scale.shape == std::vector<std::int64_t>{out, 1}) {
            overlay.outputScale = part.rowsOf(read(scale).to(at::kFloat).flatten());
            if (bias.defined()) bias = bias.to(at::kFloat) * overlay.outputScale;
        } else if (scale.shape == std::vector<std::int64_t>{1, in}) {
            overlay.inputScale = read(scale).to(at::kFloat).flatten();
        } else {
            fail(scale.name, "is " + shapeText(scale.shape) + "; the base model makes it " +
                                 shapeText({out, 1}) + " or " + shapeText({1, in}));
        }
        m_overrides.linears[module] = makeOverlayLinear(base, std::move(overlay), bias);
    }

    const Model& m_model;
    const AdapterFolder& m_adapter;
    ParameterIndex m_index;
    std::map<std::string, Parts> m_modules;  // by name in the base model
    ModelWeights m_overrides;
    std::vector<std::string> m_unused;
};

}  // namespace

AdaptedModel applyAdapter(const Model& model, const AdapterFolder& adapter) {
    return Applier(model, adapter).apply();
}

}  // namespace driftlens
