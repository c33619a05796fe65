#include "core/model/transformer.h"

#include "core/base/error.h"
#include "core/model/attention.h"
#include "core/model/experts.h"
#include "core/model/rope.h"
#include "core/model/virtual_tokens.h"

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
        m_text = placeVirtualTokens(m_model, m_input, m_request.compute, m_prefix);
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
        if (m_spec.task == Task::Encoder && m_request.wantLogits) {
            throw Error(ErrorKind::Usage,
                        "the model has no head, so it has no answer to explain; "
                        "its hidden states and attentions can be captured");
        }
        for (const SiteId site : m_request.capture) checkSite(site);
        for (const auto& [site, hook] : m_hooks) checkSite(site);
    }

    // A block has either a router or one MLP's hidden layer.
    void checkSite(SiteId site) const {
        if (site.kind != SiteKind::RouterLogits && site.kind != SiteKind::MlpHidden) return;
        const auto block = static_cast<std::size_t>(site.block);
        const bool hasExperts = block < m_spec.blocks.size() && m_spec.blocks[block].experts > 0;
        if (hasExperts == (site.kind == SiteKind::RouterLogits)) return;
        throw Error(ErrorKind::Usage, "the model has no site " + siteName(site) + ": block " +
                                          std::to_string(site.block) +
                                          (hasExperts ? " has experts" : " has no experts"));
    }

    std::int64_t seen() const { return m_text.cache == nullptr ? 0 : m_text.cache->seen(); }

    // Positions, rotary table, and which rows the last block computes.
    void preparePositions() {
        const std::int64_t batch = m_input.batch();
        m_positions = m_text.positions;
        if (!m_positions.defined()) m_positions = defaultPositions(batch, m_text.tokens);
        m_length = m_positions.max().item<std::int64_t>() + 1 - m_spec.firstPosition;
        if (m_length > m_spec.maxPositions) {
            throw Error(ErrorKind::Usage, "the input has " + std::to_string(m_length) +
                                              " tokens, the model takes at most " +
                                              std::to_string(m_spec.maxPositions));
        }
        if (m_spec.positionKind == PositionKind::Rotary) {
            m_rope = ropeTable(m_spec.rope, m_positions);
            if (m_spec.windowRope) m_windowRope = ropeTable(*m_spec.windowRope, m_positions);
        }
        if (m_spec.task == Task::Classification) {
            m_readColumns = at::zeros({batch, 1}, at::kLong);
        } else {
            m_readColumns = m_request.logitPositions;
        }
        if (m_text.prompt.defined() && m_spec.task != Task::Classification) readBehindPrompt(batch);
    }

    void readBehindPrompt(std::int64_t batch) {
        const std::int64_t first = m_text.promptColumns();
        m_readColumns = m_readColumns.defined()
                            ? m_readColumns + first
                            : at::arange(first, m_text.tokens, at::kLong).expand({batch, -1});
    }

    RopeTable ropeTable(const RopeSpec& rope, const at::Tensor& positions) const {
        return makeRopeTable(rope, positions, m_length, m_request.compute);
    }

    // Encoders count columns, pads too; causal models, and those with a row for pads, the tokens.
    at::Tensor defaultPositions(std::int64_t batch, std::int64_t tokens) const {
        const bool hasPadRow = m_spec.firstPosition > 0;
        at::Tensor positions = at::arange(tokens, at::kLong).unsqueeze(0).expand({batch, tokens});
        if (m_text.mask.defined() && (m_spec.isCausal || hasPadRow)) {
            const at::Tensor mask = m_text.mask.to(at::kLong);
            positions = hasPadRow ? mask.cumsum(1) * mask - 1 : mask.cumsum(1) - 1;
        }
        if (m_text.cache != nullptr && m_text.cache->positions.defined()) {
            positions = positions + m_text.cache->positions.unsqueeze(1);
        }
        if (!hasPadRow) positions = positions.clamp_min(0);  // left pads
        return positions + m_spec.firstPosition;
    }

    at::Tensor embed() {
        at::Tensor x = m_input.embeddings.defined()
                           ? m_input.embeddings.to(m_request.compute)
                           : m_model.embedTokens(m_input.ids, m_request.compute);
        if (m_text.prompt.defined()) x = at::cat({m_text.prompt, x}, 1);
        if (m_modules.projectIn != nullptr) x = m_modules.projectIn->forward(x, m_context);
        if (m_modules.positionTable.defined()) {
            x = x + at::embedding(m_modules.positionTable, m_positions).to(m_request.compute);
        }
        if (m_modules.typeTable.defined()) {
            at::Tensor types = at::zeros_like(m_positions);
            if (m_input.tokenTypes.defined())
                types = at::constant_pad_nd(m_input.tokenTypes, {m_text.promptColumns(), 0});
            x = x + at::embedding(m_modules.typeTable, types).to(m_request.compute);
        }
        return m_modules.embeddingNorm.exists() ? m_modules.embeddingNorm(x) : x;
    }

    // Whether somebody watches a site of the block with a row per query, from that kind on.
    bool watchesRows(std::size_t block, SiteKind from) const {
        bool isBehind = false;
        for (const SiteKindInfo& kind : siteKinds()) {
            isBehind = isBehind || kind.kind == from;
            const bool hasAllKeys =
                kind.kind == SiteKind::AttentionK || kind.kind == SiteKind::AttentionV;
            if (isBehind && kind.isInBlock && !hasAllKeys &&
                isWatched({kind.kind, static_cast<std::int64_t>(block)})) {
                return true;
            }
        }
        return false;
    }

    // The last block is needed at the read-out columns only: its queries too, or, where somebody
    // watches its attention, what comes behind the heads.
    bool canNarrow(std::size_t block, SiteKind from) const {
        if (block + 1 != m_modules.blocks.size() || !m_readColumns.defined()) return false;
        if (m_isNarrowed || !m_request.wantLogits || watchesRows(block, from)) return false;
        return m_spec.task != Task::Classification || !isWatched({SiteKind::FinalNorm, 0});
    }

    at::Tensor runBlock(std::size_t index, const at::Tensor& stream) {
        const BlockModules& block = m_modules.blocks[index];
        const auto n = static_cast<std::int64_t>(index);
        const bool isPre = m_spec.normPlace != NormPlace::Post;
        at::Tensor x = visit({SiteKind::ResidIn, n}, stream);
        const at::Tensor attentionInput = isPre ? block.attentionNorm(x) : x;
        at::Tensor queryInput = attentionInput;
        const auto narrow = [&] {
            queryInput = rowsAt(queryInput, m_readColumns);
            x = rowsAt(x, m_readColumns);
            m_isNarrowed = true;
        };
        if (canNarrow(index, SiteKind::AttentionQ)) narrow();
        at::Tensor heads = attend(block, n, attentionInput, queryInput);
        if (canNarrow(index, SiteKind::AttentionOut)) {
            narrow();
            heads = rowsAt(heads, m_readColumns);
        }
        const at::Tensor blockInput = x;  // at the rows that the block still computes
        at::Tensor attended = block.out->forward(heads, m_context);
        if (block.attentionPostNorm.exists()) attended = block.attentionPostNorm(attended);
        x = x + visit({SiteKind::AttentionOut, n}, attended);
        if (!isPre) x = block.attentionNorm(x);
        x = visit({SiteKind::ResidMid, n}, x);
        const at::Tensor mlpInput =
            visit({SiteKind::MlpIn, n}, mlpInputOf(block, x, blockInput, queryInput));
        at::Tensor added = mlp(block, n, mlpInput);
        if (block.mlpPostNorm.exists()) added = block.mlpPostNorm(added);
        x = x + visit({SiteKind::MlpOut, n}, added);
        if (!isPre) x = block.mlpNorm(x);
        return visit({SiteKind::ResidOut, n}, x);
    }

    at::Tensor mlpInputOf(const BlockModules& block, const at::Tensor& stream,
                          const at::Tensor& blockInput, const at::Tensor& normedInput) const {
        switch (m_spec.blockOrder) {
            case BlockOrder::Parallel:
                return block.mlpNorm(blockInput);
            case BlockOrder::ParallelOneNorm:
                return normedInput;
            case BlockOrder::Sequential:
                break;
        }
        return m_spec.normPlace == NormPlace::Post ? stream : block.mlpNorm(stream);
    }

    // [B, Q, H·d], what the block's output projection reads.
    at::Tensor attend(const BlockModules& block, std::int64_t n, const at::Tensor& x,
                      const at::Tensor& queryInput) {
        const BlockSpec& size = block.spec;
        at::Tensor q = splitHeads(block.q->forward(queryInput, m_context), size.heads);
        at::Tensor k = splitHeads(block.k->forward(x, m_context), size.kvHeads);
        at::Tensor v = splitHeads(block.v->forward(x, m_context), size.kvHeads);
        if (block.qNorm.exists()) q = block.qNorm(q);
        if (block.kNorm.exists()) k = block.kNorm(k);
        if (m_rope.exists()) {
            const bool isLocal = m_windowRope.exists() && size.window > 0;
            const RopeTable& rope = isLocal ? m_windowRope : m_rope;
            const RopeSpec& spec = isLocal ? *m_spec.windowRope : m_spec.rope;
            q = applyRope(m_isNarrowed ? narrowedRope(spec) : rope, q);
            k = applyRope(rope, k);
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
            attention(q, k, v, {attentionScale(size, n), m_spec.attentionSoftcap},
                      attentionMask(size.window), sites);
        const at::Tensor output = visit({SiteKind::HeadOutput, n}, heads);  // [B, H, Q, d]
        return mergeHeads(output);
    }

    double attentionScale(const BlockSpec& size, std::int64_t n) const {
        double scale = m_spec.attentionScale > 0.0
                           ? m_spec.attentionScale
                           : 1.0 / std::sqrt(static_cast<double>(size.headDim));
        if (m_spec.scaleByInverseLayer) scale /= static_cast<double>(n + 1);
        return scale;
    }

    RopeTable narrowedRope(const RopeSpec& rope) const {
        return ropeTable(rope, m_positions.gather(1, m_readColumns));
    }

    // The mask is the same for every block of one window but a narrowed one.
    const AttentionMask& attentionMask(std::int64_t window) {
        std::optional<AttentionMask>& mask = m_masks[{m_isNarrowed, window}];
        if (!mask) {
            MaskRequest wanted;
            wanted.isCausal = m_spec.isCausal;
            wanted.window = window;
            wanted.seen = seen();
            wanted.tokens = m_text.tokens;
            wanted.keyMask = m_text.mask;
            if (m_text.cache != nullptr) wanted.seenMask = m_text.cache->mask;
            if (m_isNarrowed) wanted.queryColumns = m_readColumns;
            wanted.batch = m_input.batch();
            mask = makeAttentionMask(wanted);
        }
        return *mask;
    }

    void extendCache(std::int64_t n, at::Tensor& k, at::Tensor& v) const {
        if (m_text.cache == nullptr) return;
        auto& blocks = m_text.cache->blocks;
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
        if (m_text.cache == nullptr) return;
        KvCache& cache = *m_text.cache;
        const at::Tensor mask = m_text.mask.defined()
                                    ? m_text.mask.to(at::kBool)
                                    : at::ones({m_input.batch(), m_text.tokens}, at::kBool);
        cache.mask = cache.mask.defined() ? at::cat({cache.mask, mask}, 1) : mask;
        cache.positions = m_positions.select(1, m_text.tokens - 1) + 1 - m_spec.firstPosition;
    }

    at::Tensor mlp(const BlockModules& block, std::int64_t n, const at::Tensor& x) {
        const auto visitor = [&](SiteKind kind) {
            return [this, kind, n](at::Tensor value) { return visit({kind, n}, std::move(value)); };
        };
        if (block.router != nullptr) {
            return runExperts(block, m_spec.activation, x, visitor(SiteKind::RouterLogits),
                              m_context);
        }
        return runMlp(block.mlp, m_spec.activation, x, visitor(SiteKind::MlpHidden), m_context);
    }

    at::Tensor readOut(at::Tensor x) {
        const bool isClassifier = m_spec.task == Task::Classification;
        const bool normEverywhere = isClassifier && isWatched({SiteKind::FinalNorm, 0});
        if (m_readColumns.defined() && !m_isNarrowed && !normEverywhere) {
            x = rowsAt(x, m_readColumns);
        }
        x = visit({SiteKind::FinalNorm, 0}, normedForHead(m_modules, x, m_context));  // [B, P, D]
        if (normEverywhere) x = rowsAt(x, m_readColumns);
        at::Tensor logits = headLogits(m_spec, m_modules, x, m_context);
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

    PlacedText m_text;
    KvCache m_prefix;  // where the caller has no cache

    ForwardCapture m_capture;
    at::Tensor m_positions;     // int64 [batch, tokens]
    at::Tensor m_readColumns;   // int64 [batch, positions], undefined: all
    std::int64_t m_length = 0;  // of the longest text, the cached part included
    RopeTable m_rope, m_windowRope;
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
