// The fixture data/sst2-encoder as a model of the family driftlens: what its config.json would be.
#pragma once

#include "core/base/json.h"

namespace driftlens {

inline Json sst2EncoderConfig() {
    return {{"model_type", "driftlens"},
            {"task", "classification"},
            {"id2label", {{"0", "negative"}, {"1", "positive"}}},
            {"vocab_size", 4998},
            {"hidden_size", 128},
            {"max_positions", 64},
            {"layers", 2},
            {"heads", 2},
            {"head_dim", 64},
            {"mlp_size", 256},
            {"final_norm", false},
            {"pooler", "tanh"},
            {"names",
             {{"embeddings.tokens", "token_embedding.weight"},
              {"embeddings.positions", "position_embedding.weight"},
              {"blocks.N.attn_norm", "encoder.layers.N.norm1"},
              {"blocks.N.attn.q_proj.weight", "encoder.layers.N.self_attn.in_proj_weight[qkv]"},
              {"blocks.N.attn.q_proj.bias", "encoder.layers.N.self_attn.in_proj_bias[qkv]"},
              {"blocks.N.attn.k_proj.weight", "encoder.layers.N.self_attn.in_proj_weight[qkv]"},
              {"blocks.N.attn.k_proj.bias", "encoder.layers.N.self_attn.in_proj_bias[qkv]"},
              {"blocks.N.attn.v_proj.weight", "encoder.layers.N.self_attn.in_proj_weight[qkv]"},
              {"blocks.N.attn.v_proj.bias", "encoder.layers.N.self_attn.in_proj_bias[qkv]"},
              {"blocks.N.attn.out_proj", "encoder.layers.N.self_attn.out_proj"},
              {"blocks.N.mlp_norm", "encoder.layers.N.norm2"},
              {"blocks.N.mlp.up_proj", "encoder.layers.N.linear1"},
              {"blocks.N.mlp.down_proj", "encoder.layers.N.linear2"},
              {"head", "classifier"}}}};
}

}  // namespace driftlens
