// Activation patching (Meng et al. 2022; Zhang and Nanda 2024) and its gradient approximation,
// attribution patching (Nanda 2023; Syed et al. 2023): values of the prompt's pass, put into the
// pass over a corrupted prompt.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/capture/gradient.h"
#include "core/model/model.h"
#include "xai/methods/corrupted_prompt.h"
#include "xai/methods/methods.h"
#include "xai/methods/token_vectors.h"

#include <array>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 5> kTable = {{
    {"corrupted", ParameterKind::Text, "mask", 0, 0,
     "mask, pad, unknown or token:ID in the place of every token that is not special; rotate; "
     "text:OTHER PROMPT; ids:5 17 2",
     "the prompt that values are patched into, as many tokens long"},
    {"site", ParameterKind::Text, "resid_in", 0, 0,
     "a site of a block (resid_in, attn.out, mlp.out, attn.head_output, …)", "what is patched"},
    {"layers", ParameterKind::Text, "all", 0, 0, "all or a block's number", "where"},
    {"position", ParameterKind::Choice, "each", 0, 0, "each|all|read",
     "every token by itself, all together, or the one that the answer is read from; heads are "
     "patched at all or read"},
    {"normalise", ParameterKind::Choice, "yes", 0, 0, "yes|no",
     "yes: share of the change that comes back, (patched − corrupted) / (prompt − corrupted)"},
}};

// What one patch replaces. -1: all of them.
struct Patch {
    std::int64_t layer = 0, head = -1, column = -1;
};

SiteKind blockSite(const std::string& name) {
    const SiteId site = parseSite("blocks.0." + name, 1);
    if (!hasVectorPerToken(site.kind))
        throw Error(ErrorKind::Usage, "site " + name + " has no vector per token to patch");
    return site.kind;
}

class Patcher {
public:
    Patcher(const MethodInput& in, const ParameterSet& settings, const RunContext& context)
        : m_in(in),
          m_settings(settings),
          m_context(context),
          m_scorer(scorerOf(in, context)),
          m_kind(blockSite(settings.text("site"))),
          m_byHead(siteHasHeads(m_kind)),
          m_clean(m_scorer.embed(idsOf(in.input))),
          m_corrupted(m_scorer.embed(
              at::tensor(corruptedIds(in, settings.text("corrupted")), at::kLong).unsqueeze(0))) {
        planPatches();
    }

    // One forward pass per patch.
    Attribution byPatching() {
        observe(m_clean);
        std::vector<double> values;
        for (std::size_t first = 0; first < m_patches.size();
             first += static_cast<std::size_t>(m_in.batch)) {
            const std::size_t last =
                std::min(first + static_cast<std::size_t>(m_in.batch), m_patches.size());
            runPatches(std::span(m_patches).subspan(first, last - first), values);
            m_context.checkpoint(static_cast<double>(last) / static_cast<double>(m_patches.size()),
                                 "activation_patching");
        }
        return result(std::move(values), GradientKind::None);
    }

    // One backward pass for all of them: corrupted value + (clean − corrupted) · gradient.
    Attribution byGradient() {
        observe(m_clean);
        std::map<std::int64_t, at::Tensor> corrupted;
        Hooks hooks;
        for (const std::int64_t layer : m_layers) {
            hooks[{m_kind, layer}] = [&corrupted, layer](const at::Tensor& value) {
                corrupted[layer] = value;
                return std::optional<at::Tensor>();
            };
        }
        const c10::AutoGradMode grad(true);
        EmbeddedInput leaf = m_corrupted;
        leaf.tokens = leaf.tokens.detach().requires_grad_(true);
        const at::Tensor value = m_scorer.valuesOf(leaf, true, hooks);
        m_corruptedValue = value.detach().item<double>();
        std::vector<at::Tensor> sites;
        for (const std::int64_t layer : m_layers) sites.push_back(corrupted.at(layer));
        const std::vector<at::Tensor> found = gradients(value.sum(), sites, m_context);
        std::map<std::int64_t, at::Tensor> effects;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const at::Tensor difference =
                (m_values.at(m_layers[i]) - sites[i].detach()).to(at::kDouble);
            effects[m_layers[i]] = difference * found[i].to(at::kDouble);
        }
        std::vector<double> values;
        for (const Patch& patch : m_patches) {
            const at::Tensor effect = slice(effects.at(patch.layer)[0], patch).sum();
            values.push_back(*m_corruptedValue + effect.item<double>());
        }
        return result(std::move(values), gradientKindOf(m_in.model));
    }

private:
    static bool siteHasHeads(SiteKind kind) {
        return kind == SiteKind::AttentionQ || kind == SiteKind::AttentionK ||
               kind == SiteKind::AttentionV || kind == SiteKind::HeadOutput;
    }

    std::int64_t headsOf(std::int64_t layer) const {
        const BlockSpec& block = m_in.model.spec().blocks[static_cast<std::size_t>(layer)];
        const bool isQuery = m_kind == SiteKind::AttentionQ || m_kind == SiteKind::HeadOutput;
        return isQuery ? block.heads : block.kvHeads;
    }

    void planPatches() {
        const auto blocks = static_cast<std::int64_t>(m_in.model.spec().blocks.size());
        const std::string& wanted = m_settings.text("layers");
        if (wanted == "all") {
            for (std::int64_t n = 0; n < blocks; ++n) m_layers.push_back(n);
        } else {
            m_layers = {parseSite("blocks." + wanted + ".resid_in", blocks).block};
        }
        const VirtualTokens& own = m_in.model.weights().virtualTokens;
        m_before = own.kind == VirtualKind::Prompt ? own.count() : 0;
        const std::string& position = m_settings.text("position");
        const std::int64_t read = readColumns(m_in).front();
        const auto tokens = static_cast<std::int64_t>(m_in.input.tokens.size());
        for (const std::int64_t layer : m_layers) {
            if (m_byHead) {
                for (std::int64_t h = 0; h < headsOf(layer); ++h)
                    m_patches.push_back({layer, h, position == "read" ? read : -1});
            } else if (position == "each") {
                for (std::int64_t i = 0; i < tokens; ++i)
                    m_patches.push_back({layer, -1, m_before + i});
            } else {
                m_patches.push_back({layer, -1, position == "read" ? read : -1});
            }
        }
    }

    void observe(const EmbeddedInput& text) {
        Hooks hooks;
        for (const std::int64_t layer : m_layers) {
            hooks[{m_kind, layer}] = [this, layer](const at::Tensor& value) {
                m_values[layer] = value.detach();
                return std::optional<at::Tensor>();
            };
        }
        m_cleanValue = m_scorer.valuesOf(text, false, hooks).item<double>();
    }

    // A view of one row's value at the site ([columns, width] or [heads, columns, head_dim]).
    at::Tensor slice(const at::Tensor& row, const Patch& patch) const {
        at::Tensor out = row;
        if (patch.head >= 0) out = out.select(0, patch.head);  // [columns, head_dim]
        if (patch.column >= 0) out = out.select(0, patch.column);
        return out;
    }

    void runPatches(std::span<const Patch> patches, std::vector<double>& values) {
        const auto rows = static_cast<std::int64_t>(patches.size());
        Hooks hooks;
        for (const std::int64_t layer : m_layers) {
            const auto isHere = [layer](const Patch& patch) { return patch.layer == layer; };
            if (std::none_of(patches.begin(), patches.end(), isHere)) continue;
            hooks[{m_kind, layer}] = [this, patches, layer](const at::Tensor& value) {
                at::Tensor patched = value.clone();
                for (std::size_t i = 0; i < patches.size(); ++i) {
                    if (patches[i].layer != layer) continue;
                    slice(patched[static_cast<std::int64_t>(i)], patches[i])
                        .copy_(slice(m_values.at(layer)[0], patches[i]));
                }
                return std::optional<at::Tensor>(patched);
            };
        }
        EmbeddedInput text = m_corrupted;
        text.tokens = text.tokens.expand({rows, -1, -1});
        if (text.virtualTokens.defined())
            text.virtualTokens = text.virtualTokens.expand({rows, -1, -1});
        const at::Tensor found = m_scorer.valuesOf(text, false, hooks).to(at::kDouble).contiguous();
        const auto* data = found.const_data_ptr<double>();
        values.insert(values.end(), data, data + rows);
    }

    Part partOf(const Patch& patch) const {
        Part part;
        part.layer = patch.layer;
        part.head = patch.head;
        part.name = siteName({m_kind, patch.layer});
        if (patch.head >= 0) part.name += "." + std::to_string(patch.head);
        if (patch.column >= 0) {
            part.position = patch.column - m_before;
            part.name += "@" + std::to_string(part.position);
        }
        return part;
    }

    // The kind alone of a prompt that was given: records quote no text that cannot be erased.
    static std::string saidOf(const std::string& setting) {
        const bool isGiven = setting.starts_with("text:") || setting.starts_with("ids:");
        return isGiven ? "given" : setting;
    }

    // Patches of one block at every token are scores of tokens; else they are parts.
    bool isPerToken() const {
        return m_layers.size() == 1 && !m_byHead && m_settings.text("position") == "each";
    }

    Attribution result(std::vector<double> values, GradientKind gradient) {
        if (!m_corruptedValue)
            m_corruptedValue = m_scorer.valuesOf(m_corrupted, false).item<double>();
        Attribution out;
        out.gradient = gradient;
        if (gradient == GradientKind::StraightThrough)
            out.warnings.push_back(std::string(kStraightThroughWarning));
        out.targetValue = m_cleanValue;
        out.baselineValue = *m_corruptedValue;
        out.baseline = "corrupted prompt (" + saidOf(m_settings.text("corrupted")) + ")";
        const double change = m_cleanValue - *m_corruptedValue;
        // Below it the quotient is float32 rounding of the values.
        const double floor = 1e-5 * std::max(std::abs(m_cleanValue), std::abs(*m_corruptedValue));
        const bool isWanted = m_settings.text("normalise") == "yes";
        const bool normalises = isWanted && std::abs(change) > floor;
        if (isWanted && !normalises) {
            out.warnings.push_back("the corrupted prompt has the prompt's own target value (" +
                                   formatNumber(m_cleanValue, 6) +
                                   "): scores are changes, not shares");
        }
        for (std::size_t i = 0; i < m_patches.size(); ++i) {
            const double moved = values[i] - *m_corruptedValue;
            out.scores.push_back(normalises ? moved / change : moved);
            if (isPerToken()) continue;
            out.parts.push_back(partOf(m_patches[i]));
            out.parts.back().figures["value"] = values[i];
        }
        out.evaluations = m_scorer.evaluations();
        return out;
    }

    const MethodInput& m_in;
    const ParameterSet& m_settings;
    const RunContext& m_context;
    Scorer m_scorer;
    SiteKind m_kind;
    bool m_byHead;
    EmbeddedInput m_clean, m_corrupted;
    std::vector<std::int64_t> m_layers;
    std::vector<Patch> m_patches;
    std::int64_t m_before = 0;                    // columns of virtual tokens
    std::map<std::int64_t, at::Tensor> m_values;  // of the prompt, per layer
    double m_cleanValue = 0.0;
    std::optional<double> m_corruptedValue;
};

}  // namespace

const std::span<const ParameterInfo> kPatchingParameters = kTable;

Attribution explainByActivationPatching(const MethodInput& in, const ParameterSet& settings,
                                        const RunContext& context) {
    return Patcher(in, settings, context).byPatching();
}

Attribution explainByAttributionPatching(const MethodInput& in, const ParameterSet& settings,
                                         const RunContext& context) {
    return Patcher(in, settings, context).byGradient();
}

}  // namespace driftlens
