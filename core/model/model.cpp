#include "core/model/model.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/modules.h"
#include "core/model/transformer.h"

#include <utility>

namespace driftlens {
namespace {

void addNormOf(std::vector<ParameterShape>& out, const ModelSpec& spec, const std::string& name,
               std::int64_t size) {
    out.push_back({name + ".weight", {size}});
    if (spec.normKind == NormKind::LayerNorm) out.push_back({name + ".bias", {size}});
}

void addNorm(std::vector<ParameterShape>& out, const ModelSpec& spec, const std::string& name) {
    addNormOf(out, spec, name, spec.hiddenSize);
}

void addLinear(std::vector<ParameterShape>& out, const std::string& name, std::int64_t outFeatures,
               std::int64_t inFeatures, bool hasBias) {
    out.push_back({name + ".weight", {outFeatures, inFeatures}, true, false});
    if (hasBias) out.push_back({name + ".bias", {outFeatures}, false, true});
}

void addMlp(std::vector<ParameterShape>& out, const ModelSpec& spec, const BlockSpec& b,
            const std::string& p) {
    if (spec.mlpKind == MlpKind::Gated) {
        addLinear(out, p + "gate_proj", b.mlpSize, spec.hiddenSize, spec.mlpBias);
    }
    addLinear(out, p + "up_proj", b.mlpSize, spec.hiddenSize, spec.mlpBias);
    addLinear(out, p + "down_proj", spec.hiddenSize, b.mlpSize, spec.mlpBias);
}

void addBlock(std::vector<ParameterShape>& out, const ModelSpec& spec, std::size_t index) {
    const BlockSpec& b = spec.blocks[index];
    const std::string p = "blocks." + std::to_string(index) + ".";
    addNorm(out, spec, p + "attn_norm");
    addLinear(out, p + "attn.q_proj", b.heads * b.headDim, spec.hiddenSize, spec.attentionBias);
    addLinear(out, p + "attn.k_proj", b.kvHeads * b.headDim, spec.hiddenSize, spec.attentionBias);
    addLinear(out, p + "attn.v_proj", b.kvHeads * b.headDim, spec.hiddenSize, spec.attentionBias);
    if (spec.hasQkNorm) {
        addNormOf(out, spec, p + "attn.q_norm", b.headDim);
        addNormOf(out, spec, p + "attn.k_norm", b.headDim);
    }
    addLinear(out, p + "attn.out_proj", spec.hiddenSize, b.heads * b.headDim,
              spec.attentionOutputBias);
    const bool hasPostNorms = spec.normPlace == NormPlace::Both;
    if (hasPostNorms) addNorm(out, spec, p + "attn_post_norm");
    if (spec.blockOrder != BlockOrder::ParallelOneNorm) addNorm(out, spec, p + "mlp_norm");
    if (b.experts == 0) {
        addMlp(out, spec, b, p + "mlp.");
    } else {
        addLinear(out, p + "mlp.router", b.experts, spec.hiddenSize, false);
        for (std::int64_t e = 0; e < b.experts; ++e) {
            addMlp(out, spec, b, p + "mlp.experts." + std::to_string(e) + ".");
        }
    }
    if (hasPostNorms) addNorm(out, spec, p + "mlp_post_norm");
}

void addHead(std::vector<ParameterShape>& out, const ModelSpec& spec) {
    if (spec.task == Task::Encoder) return;
    const std::int64_t columns = spec.tokenTableColumns();
    if (spec.embeddingSize > 0) addLinear(out, "project_out", columns, spec.hiddenSize, false);
    if (spec.pooler != PoolerKind::None) {
        addLinear(out, "pooler", spec.hiddenSize, spec.hiddenSize, true);
    }
    if (spec.hasHeadTransform) {
        addLinear(out, "head_transform", spec.hiddenSize, spec.hiddenSize, true);
        addNorm(out, spec, "head_norm");
    }
    if (!spec.tiedHead) {
        addLinear(out, "head", spec.outputSize(), columns, spec.headBias);
    } else if (spec.headBias) {
        out.push_back({"tied_head.bias", {spec.outputSize()}});
    }
}

std::string shapeText(at::IntArrayRef shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return text + "]";
}

[[noreturn]] void throwShape(const ModelSpec& spec, const ParameterShape& parameter,
                             at::IntArrayRef found) {
    throw Error(ErrorKind::InputFile, spec.family + " model: " + parameter.name + " is " +
                                          shapeText(found) + ", the configuration makes it " +
                                          shapeText(parameter.shape));
}

[[noreturn]] void throwMissing(const ModelSpec& spec, const std::string& name) {
    throw Error(ErrorKind::InputFile, spec.family + " model: " + name + " is missing");
}

void checkLinear(const ModelSpec& spec, const ModelWeights& weights,
                 const ParameterShape& parameter) {
    const std::string module = parameter.name.substr(0, parameter.name.rfind('.'));
    const auto found = weights.linears.find(module);
    if (found == weights.linears.end()) throwMissing(spec, parameter.name);
    if (parameter.isLinearBias) {
        const at::Tensor& bias = found->second->bias();
        if (!bias.defined()) throwMissing(spec, parameter.name);
        if (bias.sizes() != at::IntArrayRef(parameter.shape)) {
            throwShape(spec, parameter, bias.sizes());
        }
        return;
    }
    const LinearInfo info = found->second->info();
    const std::vector<std::int64_t> shape = {info.outFeatures, info.inFeatures};
    if (shape != parameter.shape) throwShape(spec, parameter, shape);
}

void checkWeights(const ModelSpec& spec, const ModelWeights& weights) {
    for (const ParameterShape& parameter : parametersOf(spec)) {
        if (parameter.isLinearWeight || parameter.isLinearBias) {
            checkLinear(spec, weights, parameter);
            continue;
        }
        const auto packed = weights.linears.find(parameter.name);
        if (parameter.name == kTokenTable && packed != weights.linears.end()) {
            const LinearInfo info = packed->second->info();
            const std::vector<std::int64_t> shape = {info.outFeatures, info.inFeatures};
            if (shape != parameter.shape) throwShape(spec, parameter, shape);
            continue;
        }
        const auto found = weights.tensors.find(parameter.name);
        if (found == weights.tensors.end()) throwMissing(spec, parameter.name);
        if (found->second.sizes() != at::IntArrayRef(parameter.shape)) {
            throwShape(spec, parameter, found->second.sizes());
        }
    }
}

void checkVirtualTokens(const ModelSpec& spec, const VirtualTokens& tokens) {
    if (tokens.kind == VirtualKind::None) return;
    std::int64_t width = spec.tokenTableColumns();
    if (tokens.kind == VirtualKind::Prefix) {
        if (!spec.isCausal)
            throw Error(ErrorKind::Unsupported,
                        spec.family + " model: a prefix needs a causal model");
        const BlockSpec& first = spec.blocks.front();
        for (const BlockSpec& block : spec.blocks) {
            if (block.kvHeads == first.kvHeads && block.headDim == first.headDim) continue;
            throw Error(ErrorKind::Unsupported,
                        spec.family + " model: a prefix needs blocks of one size");
        }
        width = std::ssize(spec.blocks) * 2 * first.kvHeads * first.headDim;
    }
    if (tokens.values.dim() != 2 || tokens.count() == 0 || tokens.values.size(1) != width) {
        throw Error(ErrorKind::InputFile,
                    spec.family + " model: virtual tokens are " + shapeText(tokens.values.sizes()) +
                        ", the configuration makes them [count, " + std::to_string(width) + "]");
    }
    if (tokens.count() >= spec.maxPositions) {
        throw Error(ErrorKind::InputFile, spec.family +
                                              " model: " + std::to_string(tokens.count()) +
                                              " virtual tokens leave no position for a text; it "
                                              "has " +
                                              std::to_string(spec.maxPositions));
    }
}

}  // namespace

std::vector<ParameterShape> parametersOf(const ModelSpec& spec) {
    std::vector<ParameterShape> out;
    out.push_back({kTokenTable, {spec.vocabularySize, spec.tokenTableColumns()}});
    if (spec.embeddingSize > 0) {
        addLinear(out, "embeddings.project_in", spec.hiddenSize, spec.embeddingSize, false);
    }
    if (spec.positionKind == PositionKind::Learned) {
        out.push_back(
            {"embeddings.positions", {spec.firstPosition + spec.maxPositions, spec.hiddenSize}});
    }
    if (spec.tokenTypes > 0) {
        out.push_back({"embeddings.types", {spec.tokenTypes, spec.hiddenSize}});
    }
    if (spec.hasEmbeddingNorm) addNorm(out, spec, "embeddings.norm");
    for (std::size_t i = 0; i < spec.blocks.size(); ++i) addBlock(out, spec, i);
    if (spec.hasFinalNorm) addNorm(out, spec, "final_norm");
    addHead(out, spec);
    return out;
}

struct Model::State {
    ModelSpec spec;
    ModelWeights weights;
    Modules modules;
};

Model::Model(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Model::~Model() = default;

std::shared_ptr<const Model> Model::make(ModelSpec spec, ModelWeights weights) {
    checkSpec(spec, spec.family + " model");
    checkWeights(spec, weights);
    checkVirtualTokens(spec, weights.virtualTokens);
    auto state = std::make_unique<State>();
    state->modules = resolveModules(spec, weights);
    state->spec = std::move(spec);
    state->weights = std::move(weights);
    return std::shared_ptr<const Model>(new Model(std::move(state)));
}

const ModelSpec& Model::spec() const {
    return m_state->spec;
}
const ModelWeights& Model::weights() const {
    return m_state->weights;
}

std::shared_ptr<const Model> Model::with(const ModelWeights& overrides) const {
    ModelWeights merged = m_state->weights;
    for (const auto& [name, linear] : overrides.linears) {
        const bool isUntiedHead = name == "head" && m_state->spec.tiedHead;
        const bool isTable = name == kTokenTable;
        if (isTable) merged.tensors.erase(name);
        if (!merged.linears.contains(name) && !isUntiedHead && !isTable) {
            throw Error(ErrorKind::Usage, "the model has no module " + inQuotes(name));
        }
        merged.linears[name] = linear;
    }
    for (const auto& [name, tensor] : overrides.tensors) {
        const bool isTable = name == kTokenTable;
        if (isTable) merged.linears.erase(name);
        if (!merged.tensors.contains(name) && !isTable) {
            throw Error(ErrorKind::Usage, "the model has no tensor " + inQuotes(name));
        }
        merged.tensors[name] = tensor;
    }
    if (overrides.virtualTokens.kind != VirtualKind::None)
        merged.virtualTokens = overrides.virtualTokens;
    return make(m_state->spec, std::move(merged));
}

std::vector<std::string> Model::blockLinearNames() const {
    std::vector<std::string> names;
    for (const ParameterShape& parameter : parametersOf(m_state->spec)) {
        const bool isRouter = parameter.name.ends_with("mlp.router.weight");
        if (parameter.isLinearWeight && parameter.name.starts_with("blocks.") && !isRouter) {
            names.push_back(parameter.name.substr(0, parameter.name.rfind('.')));
        }
    }
    return names;
}

std::int64_t Model::parameterCount() const {
    std::int64_t count = 0;
    for (const ParameterShape& parameter : parametersOf(m_state->spec)) {
        std::int64_t product = 1;
        for (const std::int64_t size : parameter.shape) product *= size;
        count += product;
    }
    return count;
}

std::int64_t Model::storedBytes() const {
    std::int64_t bytes = 0;
    for (const auto& [name, linear] : m_state->weights.linears) {
        bytes += linear->info().storedBytes;
        if (linear->bias().defined())
            bytes += linear->bias().numel() * linear->bias().element_size();
    }
    for (const auto& [name, tensor] : m_state->weights.tensors) {
        bytes += tensor.numel() * tensor.element_size();
    }
    const at::Tensor& virtualTokens = m_state->weights.virtualTokens.values;
    if (virtualTokens.defined()) bytes += virtualTokens.numel() * virtualTokens.element_size();
    return bytes;
}

std::int64_t Model::textPositions() const {
    return m_state->spec.maxPositions - m_state->weights.virtualTokens.count();
}

const Linear& Model::tokenTable() const {
    return *m_state->modules.tokenTable;
}

at::Tensor Model::embedTokens(const at::Tensor& ids, at::ScalarType compute) const {
    const std::int64_t vocabulary = m_state->spec.vocabularySize;
    const std::int64_t lowest = ids.min().item<std::int64_t>();
    const std::int64_t highest = ids.max().item<std::int64_t>();
    if (lowest < 0 || highest >= vocabulary) {
        throw Error(ErrorKind::Usage, "token id " + std::to_string(lowest < 0 ? lowest : highest) +
                                          " is out of range; the model has ids 0 to " +
                                          std::to_string(vocabulary - 1));
    }
    const at::Tensor rows = tokenTable().rows(ids, compute);
    const double scale = m_state->spec.embeddingScale;
    return scale == 1.0 ? rows : rows * scale;
}

ForwardCapture Model::forward(const ForwardInput& input, const ForwardRequest& request,
                              const Hooks& hooks, const RunContext& context) const {
    const c10::AutoGradMode gradMode(request.keepGraph);
    return runTransformer({*this, m_state->modules}, input, request, hooks, context);
}

}  // namespace driftlens
