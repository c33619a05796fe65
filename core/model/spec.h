// One struct describes any supported transformer; families differ by data, not by code.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

enum class Task { CausalLm, Classification };
enum class NormKind { LayerNorm, RmsNorm };
// Pre: norm before attention and before the MLP. Post: norm after each residual sum (BERT).
enum class NormPlace { Pre, Post };
enum class PositionKind { Learned, Rotary };
enum class Activation { GeluErf, GeluTanh, Silu, Relu };
enum class MlpKind { Plain, Gated };  // down(act(up x)); down(act(gate x) · up x)
enum class PoolerKind { None, Tanh, Relu };

// Rotary embedding (Su et al. 2021), halves rotated as in GPT-NeoX and Llama.
struct RopeSpec {
    double theta = 10000.0;
    std::int64_t dimensions = 0;  // of each head that are rotated
    enum class Scaling { None, Linear, Llama3 } scaling = Scaling::None;
    double factor = 1.0;
    double lowFrequencyFactor = 1.0;   // Llama3
    double highFrequencyFactor = 4.0;  // Llama3
    double originalContext = 8192.0;   // Llama3
};

// Sizes of one block: they may differ between blocks (structured pruning, students).
struct BlockSpec {
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;  // divides heads
    std::int64_t headDim = 0;
    std::int64_t mlpSize = 0;
    // A query sees its own key and the window − 1 before it (Beltagy et al. 2020); 0: all of them.
    std::int64_t window = 0;
};

// Everything the forward pass needs to know. Made by a family from config.json; checked by
// checkSpec before anything is allocated.
struct ModelSpec {
    std::string family;
    Task task = Task::CausalLm;
    bool isCausal = true;

    std::int64_t vocabularySize = 0;
    std::int64_t hiddenSize = 0;
    std::int64_t maxPositions = 0;  // longest input
    std::int64_t tokenTypes = 0;    // 0: none
    std::vector<BlockSpec> blocks;

    NormKind normKind = NormKind::LayerNorm;
    NormPlace normPlace = NormPlace::Pre;
    double normEpsilon = 1e-5;
    bool normAddsOne = false;     // norms multiply by 1 + weight (Gemma)
    double embeddingScale = 1.0;  // of the token table's rows
    bool hasEmbeddingNorm = false;
    bool hasFinalNorm = true;

    PositionKind positionKind = PositionKind::Learned;
    // Row of the position table for the first token; pads have the row before it (RoBERTa).
    std::int64_t firstPosition = 0;
    RopeSpec rope;

    bool attentionBias = true;  // of q, k, v
    bool attentionOutputBias = true;
    bool hasQkNorm = false;            // q and k of each head are normed before rotary (Qwen3)
    double attentionScale = 0.0;       // 0: 1/sqrt(headDim)
    bool scaleByInverseLayer = false;  // GPT-2's scale_attn_by_inverse_layer_idx

    MlpKind mlpKind = MlpKind::Plain;
    Activation activation = Activation::GeluErf;
    bool mlpBias = true;

    PoolerKind pooler = PoolerKind::None;  // classification: applied to the first token
    std::int64_t classes = 0;
    std::vector<std::string> classLabels;
    bool headBias = false;
    bool tiedHead = false;  // causal: the head is the token embedding table

    std::optional<std::int64_t> bosToken, eosToken, padToken;

    // Family driftlens: canonical name → name in the checkpoint, as its config.json gives them.
    std::map<std::string, std::string> tensorNames;

    std::int64_t outputSize() const {
        return task == Task::Classification ? classes : vocabularySize;
    }
};

// Throws Error(InputFile), naming `what` and the value, if sizes are not positive, heads do not
// divide, or anything exceeds what an index can address.
void checkSpec(const ModelSpec& spec, const std::string& what);

}  // namespace driftlens
