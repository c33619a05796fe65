// Mixtral (Jiang et al. 2024): Mistral with experts in place of the MLP.
#include "core/base/error.h"
#include "core/families/family.h"

#include <charconv>

namespace driftlens {

ModelSpec readMixtralConfig(const JsonObject& config) {
    ModelSpec spec = readMistralConfig(config);
    spec.family = "mixtral";
    spec.rope = readRope(config, spec.blocks.front().headDim, {.theta = 1e6});
    for (BlockSpec& block : spec.blocks) {
        block.experts = config.integer("num_local_experts", 1, kMaxConfigSize, 8);
        block.expertsPerToken = config.integer("num_experts_per_tok", 1, kMaxConfigSize, 2);
    }
    return spec;
}

namespace {

// "experts.3.gate_proj.weight" as one of a stack of all experts (transformers 5): gate_up_proj
// [experts, 2·inner, hidden] holds the gate and then what it gates.
ParameterSource stackedSource(const std::string& prefix, std::int64_t expert,
                              const std::string& matrix, const ModelSpec& spec,
                              const BlockSpec& block) {
    const bool isDown = matrix == "down_proj";
    const std::int64_t part = isDown ? spec.hiddenSize : block.mlpSize;
    const std::int64_t each = isDown ? part : 2 * part;
    ParameterSource source;
    source.names = {prefix + "mlp.experts." + (isDown ? "down_proj" : "gate_up_proj")};
    source.firstRow = expert * each + (matrix == "up_proj" ? part : 0);
    source.rows = part;
    source.fusedRows = block.experts * each;
    source.stacked = block.experts;
    return source;
}

}  // namespace

ParameterSource mixtralSource(const std::string& canonical, const ModelSpec& spec) {
    const auto [index, rest] = splitCanonical(canonical);
    constexpr std::string_view kExperts = "mlp.experts.";
    const std::string prefix = "layers." + std::to_string(index) + ".";
    if (rest == "mlp.router.weight") {
        return {{prefix + "block_sparse_moe.gate.weight", prefix + "mlp.gate.weight"}};
    }
    if (!rest.starts_with(kExperts)) return llamaSource(canonical, spec);
    std::int64_t expert = 0;
    const char* begin = rest.data() + kExperts.size();
    const char* end = std::from_chars(begin, rest.data() + rest.size(), expert).ptr;
    const std::string matrix =
        rest.substr(static_cast<std::size_t>(end + 1 - rest.data()),
                    rest.rfind('.') - static_cast<std::size_t>(end + 1 - rest.data()));
    const char* old = matrix == "gate_proj" ? "w1" : matrix == "down_proj" ? "w2" : "w3";
    ParameterSource source;
    source.names = {prefix + "block_sparse_moe.experts." + std::to_string(expert) + "." + old +
                    ".weight"};
    source.otherwise.push_back(
        stackedSource(prefix, expert, matrix, spec, spec.blocks[static_cast<std::size_t>(index)]));
    return source;
}

}  // namespace driftlens
