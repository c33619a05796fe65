// Named places in the network: stable names, the same for all families.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Stored by name; append only. Shapes: B batch, T tokens, D hidden, H heads, d head_dim.
enum class SiteKind {
    Embeddings,       // [B, T, D] input of the first block
    ResidIn,          // [B, T, D] residual stream before the block
    ResidMid,         // [B, T, D] between attention and MLP (post-norm: after the first norm)
    ResidOut,         // [B, T, D] after the block (post-norm: after the second norm)
    AttentionQ,       // [B, H, T, d] after rotary
    AttentionK,       // [B, Hkv, T, d] after rotary
    AttentionV,       // [B, Hkv, T, d]
    AttentionScores,  // [B, H, T, T] scaled and masked, before softmax
    AttentionProbabilities,  // [B, H, T, T]
    HeadOutput,              // [B, H, T, d] probabilities × v
    AttentionOut,            // [B, T, D] what attention adds to the stream
    MlpIn,                   // [B, T, D]
    MlpHidden,               // [B, T, inner] input of down_proj; not where there are experts
    MlpOut,                  // [B, T, D] what the MLP adds to the stream
    FinalNorm,               // [B, P, D] what the head reads
    Logits,                  // [B, P, vocabulary] or [B, classes]
    RouterLogits,            // [B, T, experts] before softmax; only where there are experts
};

// A kind and, for the kinds inside a block, its index (0 elsewhere).
struct SiteId {
    SiteKind kind = SiteKind::Logits;
    std::int64_t block = 0;
    auto operator<=>(const SiteId&) const = default;
};

struct SiteKindInfo {
    SiteKind kind;
    std::string_view name;  // "embeddings", or the part after "blocks.N."
    bool isInBlock;
    std::string_view shape;  // for people
};

// The table of all kinds, in the order of the forward pass.
const std::vector<SiteKindInfo>& siteKinds();

std::string siteName(SiteId site);  // "blocks.3.attn.head_output"

// Throws Error(Usage), naming the known sites, if the name is none or the block does not exist.
SiteId parseSite(std::string_view name, std::int64_t blockCount);

}  // namespace driftlens
