#include "core/capture/site.h"

#include "core/base/edit_distance.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <charconv>

namespace driftlens {
namespace {

constexpr std::string_view kBlockPrefix = "blocks.";

const SiteKindInfo& infoOf(SiteKind kind) {
    for (const SiteKindInfo& row : siteKinds()) {
        if (row.kind == kind) return row;
    }
    throw Error(ErrorKind::Internal, "site: kind is not in the table");
}

const SiteKindInfo* findByName(std::string_view name, bool isInBlock) {
    for (const SiteKindInfo& row : siteKinds()) {
        if (row.isInBlock == isInBlock && row.name == name) return &row;
    }
    return nullptr;
}

// With the block of the name, where it has one.
std::string nearestSites(std::string_view name) {
    std::string prefix = std::string(kBlockPrefix) + "N.";
    if (name.starts_with(kBlockPrefix)) {
        const std::size_t dot = name.find('.', kBlockPrefix.size());
        if (dot != std::string_view::npos) prefix = std::string(name.substr(0, dot + 1));
    }
    std::vector<std::string> candidates;
    for (const SiteKindInfo& row : siteKinds())
        candidates.push_back((row.isInBlock ? prefix : "") + std::string(row.name));
    std::string out;
    for (const std::string& near : nearestNames(name, candidates, 3))
        out += (out.empty() ? "" : ", ") + near;
    return out;
}

}  // namespace

const std::vector<SiteKindInfo>& siteKinds() {
    static const std::vector<SiteKindInfo> kinds = {
        {SiteKind::Embeddings, "embeddings", false, "[batch, tokens, hidden]"},
        {SiteKind::ResidIn, "resid_in", true, "[batch, tokens, hidden]"},
        {SiteKind::AttentionQ, "attn.q", true, "[batch, heads, tokens, head_dim]"},
        {SiteKind::AttentionK, "attn.k", true, "[batch, kv_heads, tokens, head_dim]"},
        {SiteKind::AttentionV, "attn.v", true, "[batch, kv_heads, tokens, head_dim]"},
        {SiteKind::AttentionScores, "attn.scores", true, "[batch, heads, queries, keys]"},
        {SiteKind::AttentionProbabilities, "attn.probabilities", true,
         "[batch, heads, queries, keys]"},
        {SiteKind::HeadOutput, "attn.head_output", true, "[batch, heads, tokens, head_dim]"},
        {SiteKind::AttentionOut, "attn.out", true, "[batch, tokens, hidden]"},
        {SiteKind::ResidMid, "resid_mid", true, "[batch, tokens, hidden]"},
        {SiteKind::MlpIn, "mlp.in", true, "[batch, tokens, hidden]"},
        {SiteKind::RouterLogits, "router_logits", true, "[batch, tokens, experts]"},
        {SiteKind::MlpHidden, "mlp.hidden", true, "[batch, tokens, inner]"},
        {SiteKind::MlpOut, "mlp.out", true, "[batch, tokens, hidden]"},
        {SiteKind::ResidOut, "resid_out", true, "[batch, tokens, hidden]"},
        {SiteKind::FinalNorm, "final_norm", false, "[batch, positions, hidden]"},
        {SiteKind::Logits, "logits", false, "[batch, positions, vocabulary] or [batch, classes]"},
    };
    return kinds;
}

std::string siteName(SiteId site) {
    const SiteKindInfo& info = infoOf(site.kind);
    if (!info.isInBlock) return std::string(info.name);
    return std::string(kBlockPrefix) + std::to_string(site.block) + "." + std::string(info.name);
}

SiteId parseSite(std::string_view name, std::int64_t blockCount) {
    if (const SiteKindInfo* info = findByName(name, false)) return {info->kind, 0};
    if (name.starts_with(kBlockPrefix)) {
        const std::string_view rest = name.substr(kBlockPrefix.size());
        std::int64_t block = -1;
        const auto [end, status] = std::from_chars(rest.data(), rest.data() + rest.size(), block);
        const auto used = static_cast<std::size_t>(end - rest.data());
        if (status == std::errc() && used < rest.size() && rest[used] == '.') {
            const SiteKindInfo* info = findByName(rest.substr(used + 1), true);
            if (info != nullptr && block >= 0 && block < blockCount) return {info->kind, block};
            if (info != nullptr) {
                throw Error(ErrorKind::Usage, "site " + inQuotes(name) +
                                                  ": the model has blocks 0 to " +
                                                  std::to_string(blockCount - 1));
            }
        }
    }
    std::string known;
    for (const SiteKindInfo& row : siteKinds()) {
        known += (known.empty() ? "" : ", ") + std::string(row.isInBlock ? "blocks.N." : "") +
                 std::string(row.name);
    }
    throw Error(ErrorKind::Usage, "unknown site " + inQuotes(name) +
                                      "; nearest: " + nearestSites(name) + "; all: " + known);
}

}  // namespace driftlens
