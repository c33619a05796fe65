#include "core/model/transformer.h"

#include "core/base/error.h"
#include "core/model/attention.h"
#include "core/model/rope.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace driftlens {
namespace {

// Rows of x [batch, tokens, …] at columns [batch, chosen] → [batch, chosen, …].
at::Tensor rowsAt(const at::Tensor& x, const at::Tensor& columns) {
    const at::Tensor index = columns.unsqueeze(-1).expand({-1, -1, x.size(-1)});
    return x.gather(1, index);
}

// One forward pass. Lives for the length of a call; the steps are in the order of the network.
class ForwardPass {
public:
    ForwardPass(const TransformerView& view, const ForwardInput& input,
                const ForwardRequest& request, const Hooks& hooks, const RunContext& context)
        : m_spec(view.model.spec()),
          m_model(view.model),
          m_modules(view.modules),
          m_input(input),
          m_request(request),
          m_hooks(hooks),
          m_context(context) {}

    ForwardCapture run() {
        checkInput();
        preparePositions();
        at::Tensor x = visit({SiteKind::Embeddings, 0}, embed());  // [B, T, D]
        for (std::size_t i = 0; i < m_modules.blocks.size(); ++i) {
            m_context.throwIfStopped();
            x = runBlock(i, x);
        }
        updateCacheMask();
        if (m_request.wantLogits) m_capture.logits = readOut(x);
        return std::move(m_capture);
    }

private:
    at::Tensor visit(SiteId site, at::Tensor value) {
        if (const auto hook = m_hooks.find(site); hook != m_hooks.end()) {
            if (std::optional<at::Tensor> replacement = hook->second(value)) {
                if (replacement->sizes() != value.sizes()) {
                    throw Error(ErrorKind::Internal,
                                "hook at " + siteName(site) + " returned another shape");
                }
                value = std::move(*replacement);
            }
        }
        if (m_request.capture.contains(site)) m_capture.sites[site] = value;
        return value;
    }

    bool isWatched(SiteId site) const {
        return m_request.capture.contains(site) || m_hooks.contains(site);
    }

    void checkInput() const {
        if (m_input.batch() <= 0 || m_input.tokens() <= 0) {
            throw Error(ErrorKind::Usage, "the input has no tokens");
        }
        if (m_input.cache != nullptr && !m_spec.isCausal) {
            throw Error(ErrorKind::Usage, "a key/value cache needs a causal model");
        }
        const std::int64_t length = m_input.tokens() + seen();
        if (length > m_spec.maxPositions) {
            throw Error(ErrorKind::Usage, "the input has " + std::to_string(length) +
                                              " tokens, the model takes at most " +
                                              std::to_string(m_spec.maxPositions));
        }
    }

    std::int64_t seen() const { return m_input.cache == nullptr ? 0 : m_input.cache->seen(); }

    // Positions, rotary table, and which rows the last block computes.
    void preparePositions() {
        const std::int64_t batch = m_input.batch();
        const std::int64_t tokens = m_input.tokens();
        m_positions = m_input.positions;
        if (!m_positions.defined()) m_positions = defaultPositions(batch, tokens);
        if (m_spec.positionKind == PositionKind::Rotary) {
            m_rope = makeRopeTable(m_spec.rope, m_positions, m_request.compute);
        }
        if (m_spec.task == Task::Classification) {
            m_readColumns = at::zeros({batch, 1}, at::kLong);
        } else {
            m_readColumns = m_request.logitPositions;
        }
    }

    // Encoders count columns, pads too; causal models, and those with a row for pads, the tokens.
    at::Tensor defaultPositions(std::int64_t batch, std::int64_t tokens) const {
        const bool hasPadRow = m_spec.firstPosition > 0;
        at::Tensor positions = at::arange(tokens, at::kLong).unsqueeze(0).expand({batch, tokens});
        if (m_input.mask.defined() && (m_spec.isCausal || hasPadRow)) {
            const at::Tensor mask = m_input.mask.to(at::kLong);
            positions = hasPadRow ? mask.cumsum(1) * mask - 1 : (mask.cumsum(1) - 1).clamp_min(0);
        }
        if (m_input.cache != nullptr && m_input.cache->positions.defined()) {
            positions = positions + m_input.cache->positions.unsqueeze(1);
        }
        return positions + m_spec.firstPosition;
    }

    at::Tensor embed() {
        at::Tensor x = m_input.embeddings.defined()
                           ? m_input.embeddings.to(m_request.compute)
                           : m_model.embedTokens(m_input.ids, m_request.compute);
        if (m_modules.positionTable.defined()) {
            x = x + at::embedding(m_modules.positionTable, m_positions).to(m_request.compute);
        }
        if (m_modules.typeTable.defined()) {
            const at::Tensor types =
                m_input.tokenTypes.defined() ? m_input.tokenTypes : at::zeros_like(m_positions);
            x = x + at::embedding(m_modules.typeTable, types).to(m_request.compute);
        }
        return m_modules.embeddingNorm.exists() ? m_modules.embeddingNorm(x) : x;
    }

    // The last block's queries and MLP are needed at the read-out columns only, unless somebody
    // watches a site that has a row per token.
    bool canNarrow(std::size_t block) const {
        if (block + 1 != m_modules.blocks.size() || !m_readColumns.defined()) return false;
        if (!m_request.wantLogits) return false;
        for (const SiteKindInfo& kind : siteKinds()) {
            const bool hasAllKeys = kind.kind == SiteKind::ResidIn ||
                                    kind.kind == SiteKind::AttentionK ||
                                    kind.kind == SiteKind::AttentionV;
            if (kind.isInBlock && !hasAllKeys &&
                isWatched({kind.kind, static_cast<std::int64_t>(block)})) {
                return false;
            }
        }
        return m_spec.task != Task::Classification || !isWatched({SiteKind::FinalNorm, 0});
    }

    at::Tensor runBlock(std::size_t index, const at::Tensor& stream) {
        const BlockModules& block = m_modules.blocks[index];
        const auto n = static_cast<std::int64_t>(index);
        const bool isPre = m_spec.normPlace == NormPlace::Pre;
        at::Tensor x = visit({SiteKind::ResidIn, n}, stream);
        const at::Tensor attentionInput = isPre ? block.attentionNorm(x) : x;
        at::Tensor queryInput = attentionInput;
        if (canNarrow(index)) {
            queryInput = rowsAt(attentionInput, m_readColumns);
            x = rowsAt(x, m_readColumns);
            m_isNarrowed = true;
        }
        const at::Tensor attended =
            visit({SiteKind::AttentionOut, n}, attend(block, n, attentionInput, queryInput));
        x = x + attended;
        if (!isPre) x = block.attentionNorm(x);
        x = visit({SiteKind::ResidMid, n}, x);
        const at::Tensor mlpInput = visit({SiteKind::MlpIn, n}, isPre ? block.mlpNorm(x) : x);
        x = x + visit({SiteKind::MlpOut, n}, mlp(block, n, mlpInput));
        if (!isPre) x = block.mlpNorm(x);
        return visit({SiteKind::ResidOut, n}, x);
    }

    at::Tensor attend(const BlockModules& block, std::int64_t n, const at::Tensor& x,
                      const at::Tensor& queryInput) {
        const BlockSpec& size = block.spec;
        at::Tensor q = splitHeads(block.q->forward(queryInput, m_context), size.heads);
        at::Tensor k = splitHeads(block.k->forward(x, m_context), size.kvHeads);
        at::Tensor v = splitHeads(block.v->forward(x, m_context), size.kvHeads);
        if (block.qNorm.exists()) q = block.qNorm(q);
        if (block.kNorm.exists()) k = block.kNorm(k);
        if (m_rope.exists()) {
            q = applyRope(m_isNarrowed ? narrowedRope() : m_rope, q);
            k = applyRope(m_rope, k);
        }
        q = visit({SiteKind::AttentionQ, n}, q);
        k = visit({SiteKind::AttentionK, n}, k);
        v = visit({SiteKind::AttentionV, n}, v);
        extendCache(n, k, v);

        AttentionSites sites;
        if (isWatched({SiteKind::AttentionScores, n}) ||
            isWatched({SiteKind::AttentionProbabilities, n})) {
            sites.materialize = true;
            sites.onScores = [&](at::Tensor s) { return visit({SiteKind::AttentionScores, n}, s); };
            sites.onProbabilities = [&](at::Tensor p) {
                return visit({SiteKind::AttentionProbabilities, n}, p);
            };
        }
        const at::Tensor heads =
            attention(q, k, v, attentionScale(size, n), attentionMask(size.window), sites);
        const at::Tensor output = visit({SiteKind::HeadOutput, n}, heads);  // [B, H, Q, d]
        return block.out->forward(mergeHeads(output), m_context);
    }

    double attentionScale(const BlockSpec& size, std::int64_t n) const {
        double scale = m_spec.attentionScale > 0.0
                           ? m_spec.attentionScale
                           : 1.0 / std::sqrt(static_cast<double>(size.headDim));
        if (m_spec.scaleByInverseLayer) scale /= static_cast<double>(n + 1);
        return scale;
    }

    RopeTable narrowedRope() const {
        const at::Tensor positions = m_positions.gather(1, m_readColumns);
        return makeRopeTable(m_spec.rope, positions, m_request.compute);
    }

    // The mask is the same for every block of one window but a narrowed one.
    const AttentionMask& attentionMask(std::int64_t window) {
        std::optional<AttentionMask>& mask = m_masks[{m_isNarrowed, window}];
        if (!mask) {
            MaskRequest wanted;
            wanted.isCausal = m_spec.isCausal;
            wanted.window = window;
            wanted.seen = seen();
            wanted.tokens = m_input.tokens();
            wanted.keyMask = m_input.mask;
            if (m_input.cache != nullptr) wanted.seenMask = m_input.cache->mask;
            if (m_isNarrowed) wanted.queryColumns = m_readColumns;
            wanted.batch = m_input.batch();
            mask = makeAttentionMask(wanted);
        }
        return *mask;
    }

    void extendCache(std::int64_t n, at::Tensor& k, at::Tensor& v) const {
        if (m_input.cache == nullptr) return;
        auto& blocks = m_input.cache->blocks;
        blocks.resize(std::max(blocks.size(), m_modules.blocks.size()));
        KvCache::BlockEntry& entry = blocks[static_cast<std::size_t>(n)];
        if (entry.keys.defined()) {
            k = at::cat({entry.keys, k}, 2);
            v = at::cat({entry.values, v}, 2);
        }
        entry.keys = k;
        entry.values = v;
    }

    void updateCacheMask() const {
        if (m_input.cache == nullptr) return;
        KvCache& cache = *m_input.cache;
        const at::Tensor mask = m_input.mask.defined()
                                    ? m_input.mask.to(at::kBool)
                                    : at::ones({m_input.batch(), m_input.tokens()}, at::kBool);
        cache.mask = cache.mask.defined() ? at::cat({cache.mask, mask}, 1) : mask;
        cache.positions = m_positions.select(1, m_input.tokens() - 1) + 1 - m_spec.firstPosition;
    }

    at::Tensor mlp(const BlockModules& block, std::int64_t n, const at::Tensor& x) {
        at::Tensor hidden = block.up->forward(x, m_context);
        if (block.gate != nullptr) {
            hidden = applyActivation(m_spec.activation, block.gate->forward(x, m_context)) * hidden;
        } else {
            hidden = applyActivation(m_spec.activation, hidden);
        }
        return block.down->forward(visit({SiteKind::MlpHidden, n}, hidden), m_context);
    }

    at::Tensor readOut(at::Tensor x) {
        const bool isClassifier = m_spec.task == Task::Classification;
        const bool normEverywhere = isClassifier && isWatched({SiteKind::FinalNorm, 0});
        if (m_readColumns.defined() && !m_isNarrowed && !normEverywhere) {
            x = rowsAt(x, m_readColumns);
        }
        if (m_modules.finalNorm.exists()) x = m_modules.finalNorm(x);
        x = visit({SiteKind::FinalNorm, 0}, x);  // [B, P, D]
        if (normEverywhere) x = rowsAt(x, m_readColumns);
        if (m_modules.pooler != nullptr) {
            x = m_modules.pooler->forward(x, m_context);
            x = m_spec.pooler == PoolerKind::Tanh ? at::tanh(x) : at::relu(x);
        }
        at::Tensor logits = m_modules.head->forward(x, m_context);
        if (isClassifier) logits = logits.squeeze(1);  // [B, classes]
        return visit({SiteKind::Logits, 0}, logits);
    }

    const ModelSpec& m_spec;
    const Model& m_model;
    const Modules& m_modules;
    const ForwardInput& m_input;
    const ForwardRequest& m_request;
    const Hooks& m_hooks;
    const RunContext& m_context;

    ForwardCapture m_capture;
    at::Tensor m_positions;    // int64 [batch, tokens]
    at::Tensor m_readColumns;  // int64 [batch, positions], undefined: all
    RopeTable m_rope;
    bool m_isNarrowed = false;
    std::map<std::pair<bool, std::int64_t>, std::optional<AttentionMask>> m_masks;
};

}  // namespace

ForwardCapture runTransformer(const TransformerView& view, const ForwardInput& input,
                              const ForwardRequest& request, const Hooks& hooks,
                              const RunContext& context) {
    return ForwardPass(view, input, request, hooks, context).run();
}

}  // namespace driftlens
