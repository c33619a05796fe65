#include "core/model/block_sizes.h"

#include <algorithm>

namespace driftlens {
namespace {

// Fits one block; true if it changed.
class BlockFitter {
public:
    BlockFitter(ModelSpec& spec, std::size_t index, const ShapeOfWeight& shapeOf)
        : m_spec(spec),
          m_block(spec.blocks[index]),
          m_prefix("blocks." + std::to_string(index) + "."),
          m_shapeOf(shapeOf) {}

    bool fit() {
        const bool hasOtherHeads = fitHeads();
        return fitMlp() || hasOtherHeads;
    }

private:
    std::vector<std::int64_t> shape(const std::string& module) const {
        return m_shapeOf(m_prefix + module + ".weight");
    }

    // Outputs of a projection of the stream, 0 if it is none.
    std::int64_t outputs(const std::string& module) const {
        const std::vector<std::int64_t> found = shape(module);
        return found.size() == 2 && found[1] == m_spec.hiddenSize ? found[0] : 0;
    }

    // Inputs of a projection onto the stream, 0 if it is none.
    std::int64_t inputs(const std::string& module) const {
        const std::vector<std::int64_t> found = shape(module);
        return found.size() == 2 && found[0] == m_spec.hiddenSize ? found[1] : 0;
    }

    bool fitHeads() {
        const std::int64_t q = outputs("attn.q_proj"), k = outputs("attn.k_proj");
        const std::int64_t size = m_block.headDim;
        const bool agrees = q > 0 && k > 0 && k == outputs("attn.v_proj") &&
                            q == inputs("attn.out_proj") && q % size == 0 && k % size == 0 &&
                            q % k == 0;
        if (!agrees || (q == m_block.heads * size && k == m_block.kvHeads * size)) return false;
        m_block.heads = q / size;
        m_block.kvHeads = k / size;
        return true;
    }

    bool fitMlp() {
        const std::int64_t up = outputs("mlp.up_proj");
        const bool isGated = m_spec.mlpKind == MlpKind::Gated;
        const bool agrees =
            up > 0 && up == inputs("mlp.down_proj") && (!isGated || up == outputs("mlp.gate_proj"));
        if (!agrees || up == m_block.mlpSize) return false;
        m_block.mlpSize = up;
        return true;
    }

    ModelSpec& m_spec;
    BlockSpec& m_block;
    std::string m_prefix;
    const ShapeOfWeight& m_shapeOf;
};

}  // namespace

std::string fitBlocksToTensors(ModelSpec& spec, const ShapeOfWeight& shapeOf) {
    ModelSpec fitted = spec;
    std::string changed;
    for (std::size_t i = 0; i < fitted.blocks.size(); ++i) {
        if (BlockFitter(fitted, i, shapeOf).fit())
            changed += (changed.empty() ? "" : ", ") + std::to_string(i);
    }
    const auto isLikeFirst = [&](const BlockSpec& block) {
        const BlockSpec& first = fitted.blocks.front();
        return block.heads == first.heads && block.kvHeads == first.kvHeads &&
               block.mlpSize == first.mlpSize;
    };
    if (changed.empty() || std::all_of(fitted.blocks.begin(), fitted.blocks.end(), isLikeFirst)) {
        return "";
    }
    spec.blocks = fitted.blocks;
    return "sizes of blocks " + changed +
           " are those of their tensors, not of config.json: a model that was pruned by heads or "
           "channels";
}

}  // namespace driftlens
