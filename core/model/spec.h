// One struct describes any supported transformer; families differ by data, not by code.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

enum class Task { CausalLm, Classification, MaskedLm, Encoder };  // Encoder: no head, no logits
std::string_view taskName(Task task);  // "causal_lm", "classification", …; stored
enum class NormKind { LayerNorm, RmsNorm };
// Pre: norm before attention and before the MLP. Post: norm after each residual sum (BERT). Both:
// pre, and what attention and the MLP give is normed before it joins the stream (Gemma 2).
enum class NormPlace { Pre, Post, Both };
// Parallel: the MLP reads the block's input, not attention's result. ParallelOneNorm: through
// attention's norm (Phi); Parallel: through its own (GPT-NeoX). Both need NormPlace::Pre.
enum class BlockOrder { Sequential, Parallel, ParallelOneNorm };
enum class PositionKind { Learned, Rotary };
enum class Activation { GeluErf, GeluTanh, Silu, Relu };
enum class MlpKind { Plain, Gated };  // down(act(up x)); down(act(gate x) · up x)
enum class PoolerKind { None, Tanh, Relu };

// How rotary frequencies are changed for texts longer than the training's. Linear: Chen et al.
// 2023; Dynamic: NTK-aware by the length of the text; Yarn: Peng et al. 2023; Llama3: Grattafiori
// et al. 2024; LongRope: Ding et al. 2024.
enum class RopeScaling { None, Linear, Dynamic, Yarn, Llama3, LongRope };

// Rotary embedding (Su et al. 2021), halves rotated as in GPT-NeoX and Llama.
struct RopeSpec {
    double theta = 10000.0;
    std::int64_t dimensions = 0;  // of each head that are rotated
    RopeScaling scaling = RopeScaling::None;
    double factor = 1.0;
    double originalContext = 8192.0;   // tokens of the training; all but Linear
    double lowFrequencyFactor = 1.0;   // Llama3
    double highFrequencyFactor = 4.0;  // Llama3
    double fastRotations = 32.0;       // Yarn: dimensions that turn more often are kept
    double slowRotations = 1.0;        // Yarn: those that turn less often are stretched
    bool roundsRamp = true;            // Yarn: the ramp between them has whole ends
    double attentionFactor = 1.0;      // Yarn, LongRope: of cosine and sine
    // LongRope: divisors [dimensions / 2] of the frequencies, up to originalContext and beyond.
    std::vector<double> shortFactors, longFactors;
};

// Sizes of one block: they may differ between blocks (structured pruning, students).
struct BlockSpec {
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;  // divides heads
    std::int64_t headDim = 0;
    std::int64_t mlpSize = 0;
    // A query sees its own key and the window − 1 before it (Beltagy et al. 2020); 0: all of them.
    std::int64_t window = 0;
    // Mixture of experts (Jiang et al. 2024): MLPs of mlpSize of which each token uses the best
    // expertsPerToken; 0: one MLP.
    std::int64_t experts = 0;
    std::int64_t expertsPerToken = 0;
};

// Everything the forward pass needs to know. Made by a family from config.json; checked by
// checkSpec before anything is allocated.
struct ModelSpec {
    std::string family;
    Task task = Task::CausalLm;
    bool isCausal = true;

    std::int64_t vocabularySize = 0;
    std::int64_t hiddenSize = 0;
    // Columns of the token table where they are not hiddenSize: projections without bias lie
    // between (OPT 350M). 0: hiddenSize.
    std::int64_t embeddingSize = 0;
    std::int64_t maxPositions = 0;  // longest input
    std::int64_t tokenTypes = 0;    // 0: none
    std::vector<BlockSpec> blocks;

    NormKind normKind = NormKind::LayerNorm;
    NormPlace normPlace = NormPlace::Pre;
    BlockOrder blockOrder = BlockOrder::Sequential;
    double normEpsilon = 1e-5;
    bool normAddsOne = false;     // norms multiply by 1 + weight (Gemma)
    double embeddingScale = 1.0;  // of the token table's rows
    bool hasEmbeddingNorm = false;
    bool hasFinalNorm = true;

    PositionKind positionKind = PositionKind::Learned;
    // Row of the position table for the first token; pads have the row before it (RoBERTa).
    std::int64_t firstPosition = 0;
    RopeSpec rope;
    std::optional<RopeSpec> windowRope;  // of the blocks with a window (Gemma 3)

    bool attentionBias = true;  // of q, k, v
    bool attentionOutputBias = true;
    bool hasQkNorm = false;            // q and k of each head are normed before rotary (Qwen3)
    double attentionScale = 0.0;       // 0: 1/sqrt(headDim)
    double attentionSoftcap = 0.0;     // c: scores become c·tanh(score/c) (Gemma 2); 0: none
    bool scaleByInverseLayer = false;  // GPT-2's scale_attn_by_inverse_layer_idx

    MlpKind mlpKind = MlpKind::Plain;
    Activation activation = Activation::GeluErf;
    bool mlpBias = true;

    PoolerKind pooler = PoolerKind::None;  // classification: applied to the first token
    std::int64_t classes = 0;
    std::vector<std::string> classLabels;
    bool headBias = false;
    bool tiedHead = false;          // the head is the token embedding table
    bool hasHeadTransform = false;  // masked LM: a dense layer and a norm before the head
    double logitSoftcap = 0.0;      // as attentionSoftcap

    std::optional<std::int64_t> bosToken, padToken;
    std::vector<std::int64_t> endTokens;  // each ends a text (Llama 3 has several)

    // Family driftlens: canonical name → name in the checkpoint, as its config.json gives them.
    std::map<std::string, std::string> tensorNames;

    std::int64_t outputSize() const {
        return task == Task::Classification ? classes : vocabularySize;
    }
    // True if something lies between the last block and the head, so that the last hidden state is
    // not the last block's output.
    bool hasFinalStep() const { return hasFinalNorm || embeddingSize > 0; }
    std::int64_t tokenTableColumns() const {
        return embeddingSize > 0 ? embeddingSize : hiddenSize;
    }
};

// Throws Error(InputFile), naming `what` and the value, if sizes are not positive, heads do not
// divide, or anything exceeds what an index can address.
void checkSpec(const ModelSpec& spec, const std::string& what);

}  // namespace driftlens
