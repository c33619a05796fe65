#include "engine/compare/structure_drift.h"

#include "core/base/text.h"
#include "core/model/model.h"
#include "xai/metrics/activation_drift.h"
#include "xai/metrics/attention_drift.h"
#include "xai/targets/scorer.h"

#include <array>
#include <functional>
#include <map>
#include <optional>

namespace driftlens {
namespace {

// What a module adds to the residual stream, and the stream behind each block.
constexpr std::array<std::pair<SiteKind, const char*>, 3> kBlockSites = {{
    {SiteKind::AttentionOut, "attention"},
    {SiteKind::MlpOut, "mlp"},
    {SiteKind::ResidOut, "block"},
}};

at::Tensor asDouble(const at::Tensor& value) {
    return value.detach().to(at::kDouble).contiguous();
}

MatrixView viewOf(const at::Tensor& matrix) {
    return {{matrix.const_data_ptr<double>(), static_cast<std::size_t>(matrix.numel())},
            static_cast<std::size_t>(matrix.size(0)),
            static_cast<std::size_t>(matrix.size(1))};
}

using Use = std::function<void(SiteId, const at::Tensor& value)>;  // of the text's one row

std::vector<SiteId> sitesOf(const Model& model) {
    std::vector<SiteId> out = {{SiteKind::Embeddings, 0}};
    const auto blocks = static_cast<std::int64_t>(model.spec().blocks.size());
    for (std::int64_t block = 0; block < blocks; ++block) {
        out.push_back({SiteKind::AttentionProbabilities, block});
        for (const auto& [kind, module] : kBlockSites) out.push_back({kind, block});
    }
    return out;
}

void visit(const Model& model, const TokenizedInput& input, ComputeType compute, const Use& use,
           const RunContext& context) {
    ForwardInput batch;
    batch.ids = at::tensor(input.ids(), at::kLong).unsqueeze(0);
    ForwardRequest request;
    request.compute = scalarTypeOf(compute);
    request.wantLogits = false;
    Hooks hooks;
    for (const SiteId site : sitesOf(model)) {
        hooks[site] = [&use, site](const at::Tensor& value) {
            use(site, value[0]);
            return std::optional<at::Tensor>();
        };
    }
    model.forward(batch, request, hooks, context);
}

std::uint64_t bytesNeeded(const Model& model, std::size_t tokens, at::ScalarType type) {
    const double count = static_cast<double>(tokens);
    double floats = count * static_cast<double>(model.spec().hiddenSize);
    for (const BlockSpec& block : model.spec().blocks)
        floats += count * (3.0 * static_cast<double>(model.spec().hiddenSize) +
                           count * static_cast<double>(block.heads));
    return static_cast<std::uint64_t>(floats * static_cast<double>(c10::elementSize(type)));
}

// The mean attention of a layer's heads, with the residual stream beside it, over those before it
// (Abnar and Zuidema 2020).
void rollOn(at::Tensor& rollout, const at::Tensor& probabilities) {
    const std::int64_t keys = probabilities.size(2);
    at::Tensor map = asDouble(probabilities).mean(0);
    if (map.size(0) < keys)  // a prefix's keys have no queries
        map = at::constant_pad_nd(map, {0, 0, keys - map.size(0), 0});
    const at::Tensor sum = map + at::eye(keys, at::kDouble);
    const at::Tensor mixed = sum / sum.sum(1, /*keepdim=*/true);
    rollout = rollout.defined() ? at::matmul(mixed, rollout) : mixed;
}

Figure similarity(const at::Tensor& a, const at::Tensor& b) {
    if (!a.defined() || !b.defined() || a.sizes() != b.sizes()) return undefinedFigure(kAbsent);
    const MatrixView left = viewOf(a), right = viewOf(b);
    return activationDrift(left, right).cosine;
}

std::int64_t sinkOf(const Model& model) {
    return model.weights().virtualTokens.count();
}

}  // namespace

struct ReferenceInsides::State {
    const LoadedVariant& reference;
    std::vector<std::int64_t> ids;
    ComputeType compute;
    std::string reason;  // why nothing is held
    std::map<SiteId, at::Tensor> sites;
    at::Tensor rollout;
};

ReferenceInsides::ReferenceInsides(const LoadedVariant& reference, const TokenizedInput& input,
                                   ComputeType compute, std::uint64_t memoryBytes,
                                   const RunContext& context)
    : m_state(new State{reference, input.ids(), compute, {}, {}, {}}) {
    const std::uint64_t bytes =
        bytesNeeded(*reference.model, m_state->ids.size(), scalarTypeOf(compute));
    if (bytes > memoryBytes) {
        m_state->reason = "attention and activations of this text take " +
                          formatBytes(static_cast<unsigned long long>(bytes)) + ", more than " +
                          formatBytes(static_cast<unsigned long long>(memoryBytes));
        return;
    }
    visit(
        *reference.model, input, compute,
        [this](SiteId site, const at::Tensor& value) {
            m_state->sites[site] = value.detach().clone();
            if (site.kind == SiteKind::AttentionProbabilities) rollOn(m_state->rollout, value);
        },
        context);
}

ReferenceInsides::~ReferenceInsides() = default;

namespace {

// Of a long text: as many as the page of a report shows.
constexpr std::int64_t kFirstKeys = 16;
constexpr std::int64_t kLastKeys = 32;

std::vector<std::int64_t> keptKeys(std::int64_t keys) {
    std::vector<std::int64_t> out;
    for (std::int64_t key = 0; key < keys; ++key)
        if (keys <= kFirstKeys + kLastKeys || key < kFirstKeys || key >= keys - kLastKeys)
            out.push_back(key);
    return out;
}

// A prefix's keys have no queries: their rows are 0.
std::vector<float> keptMap(const at::Tensor& map, const std::vector<std::int64_t>& positions) {
    const std::int64_t hidden = map.size(1) - map.size(0);
    const auto values = map.accessor<double, 2>();
    std::vector<float> out;
    for (const std::int64_t query : positions)
        for (const std::int64_t key : positions)
            out.push_back(query < hidden ? 0.0F : static_cast<float>(values[query - hidden][key]));
    return out;
}

void keepMaps(StructureDrift& out, const HeadChange& head, const at::Tensor& before,
              const at::Tensor& after) {
    HeadMaps maps{head.layer, head.head, before.size(1), keptKeys(before.size(1)), {}, {}};
    maps.reference = keptMap(before, maps.positions);
    maps.variant = keptMap(after, maps.positions);
    out.mostChanged = std::move(maps);
}

// Returns the largest divergence of all heads so far, of which it keeps the maps.
double addHeads(StructureDrift& out, double largest, std::int64_t layer, const at::Tensor& before,
                const at::Tensor& after, std::size_t sink) {
    const at::Tensor a = asDouble(before);
    const bool isSame = after.defined() && after.sizes() == before.sizes();
    const at::Tensor b = isSame ? asDouble(after) : at::Tensor();
    for (std::int64_t head = 0; head < a.size(0); ++head) {
        const at::Tensor left = a[head];
        const at::Tensor right = isSame ? b[head] : at::Tensor();
        const HeadDrift drift =
            headDrift(viewOf(left), isSame ? std::optional(viewOf(right)) : std::nullopt, sink);
        out.heads.push_back({layer, head, drift.js, drift.jsWithoutSink, drift.entropyChange});
        if (drift.js.value.value_or(0.0) <= largest) continue;
        largest = *drift.js.value;
        keepMaps(out, out.heads.back(), left, right);
    }
    return largest;
}

void addSite(StructureDrift& out, SiteId site, const std::string& module, const at::Tensor& before,
             const at::Tensor& after) {
    const at::Tensor a = asDouble(before);
    const bool isSame = after.defined() && after.size(0) == before.size(0);
    const at::Tensor b = isSame ? asDouble(after) : at::Tensor();
    const ActivationDrift drift =
        activationDrift(viewOf(a), isSame ? std::optional(viewOf(b)) : std::nullopt);
    const std::int64_t layer = site.kind == SiteKind::Embeddings ? -1 : site.block;
    out.sites.push_back({siteName(site), module, layer, drift.cosine, drift.relativeFrobenius,
                         drift.sqnrDecibel, drift.linearCka});
}

std::string moduleOf(SiteKind kind) {
    for (const auto& [known, module] : kBlockSites)
        if (known == kind) return module;
    return "embeddings";
}

}  // namespace

StructureDrift ReferenceInsides::against(const LoadedVariant& variant, const TokenizedInput& input,
                                         const RunContext& context) const {
    StructureDrift out;
    out.reason = m_state->reason;
    if (out.reason.empty() && input.ids() != m_state->ids)
        out.reason = "the variant cuts the text into other tokens";
    const auto blocks = m_state->reference.model->spec().blocks.size();
    const auto left = variant.model->spec().blocks.size();
    if (out.reason.empty() && blocks != left)
        out.reason = "the variant has " + std::to_string(left) + " of " + std::to_string(blocks) +
                     " blocks: which of them is which is not known";
    if (!out.reason.empty()) {
        out.rolloutSimilarity = undefinedFigure(out.reason);
        return out;
    }
    const auto sink = static_cast<std::size_t>(sinkOf(*m_state->reference.model));
    at::Tensor rollout;
    double largest = 0.0;
    visit(
        *variant.model, input, m_state->compute,
        [&](SiteId site, const at::Tensor& after) {
            const at::Tensor& before = m_state->sites.at(site);
            if (site.kind == SiteKind::AttentionProbabilities) {
                largest = addHeads(out, largest, site.block, before, after, sink);
                rollOn(rollout, after);
            } else {
                addSite(out, site, moduleOf(site.kind), before, after);
            }
        },
        context);
    out.rolloutSimilarity = similarity(m_state->rollout, rollout);
    return out;
}

StructureDrift structureShape(const Model& reference) {
    StructureDrift out;
    const Figure zero{0.0, ""};
    for (const SiteId site : sitesOf(reference)) {
        if (site.kind != SiteKind::AttentionProbabilities) {
            const std::int64_t layer = site.kind == SiteKind::Embeddings ? -1 : site.block;
            out.sites.push_back(
                {siteName(site), moduleOf(site.kind), layer, zero, zero, zero, zero});
            continue;
        }
        const auto block = static_cast<std::size_t>(site.block);
        for (std::int64_t head = 0; head < reference.spec().blocks[block].heads; ++head)
            out.heads.push_back({site.block, head, zero, zero, zero});
    }
    out.rolloutSimilarity = zero;
    return out;
}

namespace {

// Adds up what has a value.
class Mean {
public:
    void add(const Figure& figure) {
        if (figure.value) {
            m_sum += *figure.value;
            ++m_count;
        } else if (m_reason.empty()) {
            m_reason = figure.reason;
        }
    }
    Figure figure() const {
        if (m_count == 0) return undefinedFigure(m_reason.empty() ? kAbsent : m_reason);
        return finiteFigure(m_sum / static_cast<double>(m_count));
    }

private:
    double m_sum = 0.0;
    std::size_t m_count = 0;
    std::string m_reason;
};

std::map<std::string, Figure> figuresOf(const std::map<std::string, Mean>& means) {
    std::map<std::string, Figure> out;
    for (const auto& [name, mean] : means) out[name] = mean.figure();
    return out;
}

}  // namespace

std::map<std::string, Figure> attentionFigures(const StructureDrift& drift) {
    std::map<std::string, Mean> means;
    for (const HeadChange& head : drift.heads) {
        means["attention_js"].add(head.js);
        means["attention_js_without_sink"].add(head.jsWithoutSink);
        means["attention_entropy_change"].add(head.entropyChange);
        means["attention_js@blocks." + std::to_string(head.layer)].add(head.js);
    }
    std::map<std::string, Figure> out = figuresOf(means);
    if (!drift.heads.empty()) out["rollout_cosine"] = drift.rolloutSimilarity;
    return out;
}

std::map<std::string, Figure> activationFigures(const StructureDrift& drift) {
    std::map<std::string, Mean> means;
    for (const SiteChange& site : drift.sites) {
        means["activation_cosine"].add(site.cosine);
        means["relative_frobenius"].add(site.relativeFrobenius);
        means["sqnr"].add(site.sqnrDecibel);
        means["linear_cka"].add(site.linearCka);
        means["relative_frobenius@" + site.site].add(site.relativeFrobenius);
        means["linear_cka@" + site.site].add(site.linearCka);
    }
    return figuresOf(means);
}

}  // namespace driftlens
