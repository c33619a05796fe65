#include "xai/targets/place.h"

#include "core/base/error.h"
#include "core/capture/gradient.h"

namespace driftlens {
namespace {

enum class SiteLayout { None, ColumnsFirst, HeadsFirst };

SiteLayout layoutOf(SiteKind kind) {
    switch (kind) {
        case SiteKind::Embeddings:
        case SiteKind::ResidIn:
        case SiteKind::ResidMid:
        case SiteKind::ResidOut:
        case SiteKind::AttentionOut:
        case SiteKind::MlpIn:
        case SiteKind::MlpHidden:
        case SiteKind::MlpOut:
            return SiteLayout::ColumnsFirst;
        case SiteKind::AttentionQ:
        case SiteKind::AttentionK:
        case SiteKind::AttentionV:
        case SiteKind::HeadOutput:
            return SiteLayout::HeadsFirst;
        case SiteKind::AttentionScores:
        case SiteKind::AttentionProbabilities:
        case SiteKind::FinalNorm:
        case SiteKind::Logits:
        case SiteKind::RouterLogits:
            break;
    }
    return SiteLayout::None;
}

at::Tensor reduced(const at::Tensor& vectors, Place::Reduction reduction) {
    switch (reduction) {
        case Place::Reduction::L2:
            return vectors.square().sum(-1).sqrt();
        case Place::Reduction::L1:
            return vectors.abs().sum(-1);
        case Place::Reduction::Sum:
            break;
    }
    return vectors.sum(-1);
}

at::Tensor siteValue(Scorer& scorer, SiteId site, const EmbeddedInput& embedded) {
    at::Tensor value;
    const Hooks hooks = {{site, [&](const at::Tensor& seen) {
                              value = seen;
                              return std::optional<at::Tensor>();
                          }}};
    scorer.valuesOf(embedded, false, hooks);
    return value;
}

// Gradients of every column's values [rows] with respect to the leaf.
at::Tensor visitColumns(Scorer& scorer, const std::vector<at::Tensor>& columns,
                        const at::Tensor& leaf, const Place::UseGradients& use) {
    std::vector<at::Tensor> scalars;
    for (const at::Tensor& values : columns) scalars.push_back(values.sum());
    gradientsOfEach(scalars, {leaf}, scorer.context(),
                    [&](std::size_t column, const std::vector<at::Tensor>& found) {
                        const c10::AutoGradMode noGrad(false);
                        use(static_cast<std::int64_t>(column), found[0]);
                    });
    const at::Tensor values = at::stack(columns, 1).detach();
    scorer.countBackwardPasses(values.numel());
    return values.to(at::kDouble);
}

}  // namespace

std::vector<double> doublesOf(const at::Tensor& values) {
    const at::Tensor flat = values.to(at::kDouble).contiguous();
    const auto* data = flat.const_data_ptr<double>();
    return {data, data + flat.numel()};
}

bool hasVectorPerToken(SiteKind kind) {
    return layoutOf(kind) != SiteLayout::None;
}

Place Place::embeddings(Scorer& scorer, const at::Tensor& ids) {
    Place out(scorer);
    out.m_text = scorer.embed(ids);
    out.m_here = out.m_text.flat();
    return out;
}

Place Place::site(Scorer& scorer, SiteId site, const at::Tensor& ids) {
    const SiteLayout layout = layoutOf(site.kind);
    if (layout == SiteLayout::None) {
        throw Error(ErrorKind::Usage,
                    "site " + siteName(site) + " has no vector per token to explain");
    }
    Place out(scorer);
    out.m_text = scorer.embed(ids);
    out.m_site = site;
    out.m_headsFirst = layout == SiteLayout::HeadsFirst;
    const at::Tensor value = siteValue(scorer, site, out.m_text);
    out.m_siteShape = value.sizes().vec();
    out.m_here = value.flatten(1);
    return out;
}

at::Tensor Place::at(const EmbeddedInput& embedded) const {
    if (!m_site) return embedded.flat();
    return siteValue(*m_scorer, *m_site, embedded).flatten(1);
}

std::vector<at::Tensor> Place::run(const at::Tensor& points, bool keepGraph) const {
    if (!m_site) return m_scorer->columnsOf(m_text.like(points), keepGraph);
    std::vector<std::int64_t> shape = m_siteShape;
    shape.front() = points.size(0);
    const Hooks hooks = {{*m_site, [&](const at::Tensor&) {
                              return std::optional<at::Tensor>(points.view(shape));
                          }}};
    EmbeddedInput text = m_text;
    text.tokens = text.tokens.expand({points.size(0), -1, -1});
    if (text.virtualTokens.defined())
        text.virtualTokens = text.virtualTokens.expand({points.size(0), -1, -1});
    return m_scorer->columnsOf(text, keepGraph, hooks);
}

at::Tensor Place::columnValues(const at::Tensor& points) const {
    return at::stack(run(points, false), 1).to(at::kDouble);
}

at::Tensor Place::values(const at::Tensor& points) const {
    return columnValues(points).select(1, 0);
}

PointGradients Place::gradientsAt(const at::Tensor& points) const {
    const at::Tensor leaf = points.detach().requires_grad_(true);
    const c10::AutoGradMode grad(true);
    const at::Tensor values = run(leaf, true).front();
    PointGradients out;
    out.gradients = gradients(values.sum(), {leaf}, m_scorer->context())[0];
    out.values = values.detach().to(at::kDouble);
    m_scorer->countBackwardPasses(points.size(0));
    return out;
}

at::Tensor Place::visitGradients(const at::Tensor& points, const UseGradients& use) const {
    const at::Tensor leaf = points.detach().requires_grad_(true);
    const c10::AutoGradMode grad(true);
    return visitColumns(*m_scorer, run(leaf, true), leaf, use);
}

at::Tensor Place::visitGradientsFor(const EmbeddedInput& embedded, const UseSite& use) const {
    at::Tensor leaf;
    const Hooks hooks = {{*m_site, [&](const at::Tensor& seen) {
                              leaf = seen.detach().requires_grad_(true);
                              return std::optional<at::Tensor>(leaf);
                          }}};
    const c10::AutoGradMode grad(true);
    const std::vector<at::Tensor> values = m_scorer->columnsOf(embedded, true, hooks);
    const at::Tensor here = leaf.detach().flatten(1);
    return visitColumns(*m_scorer, values, leaf,
                        [&](std::int64_t column, const at::Tensor& gradients) {
                            use(column, here, gradients.flatten(1));
                        });
}

Place::Columns Place::columnsOf(const at::Tensor& parts, Reduction reduction) const {
    Columns out;
    if (!m_site) {
        const EmbeddedInput shaped = m_text.like(parts);
        out.tokens = doublesOf(reduced(shaped.tokens[0], reduction));
        if (shaped.virtualTokens.defined())
            out.virtualTokens = doublesOf(reduced(shaped.virtualTokens[0], reduction));
        return out;
    }
    return columnsOf(reduced(byColumn(parts), reduction));
}

at::Tensor Place::byColumn(const at::Tensor& point) const {
    const at::Tensor shaped = point.view(m_siteShape)[0];
    return m_headsFirst ? shaped.transpose(0, 1).flatten(1) : shaped;
}

Place::Columns Place::columnsOf(const at::Tensor& perColumn) const {
    Columns out;
    const VirtualTokens& own = m_scorer->model().weights().virtualTokens;
    const std::int64_t before = own.kind == VirtualKind::Prompt ? own.count() : 0;
    const std::int64_t tokens = m_text.tokens.size(1);
    out.virtualTokens = doublesOf(perColumn.narrow(0, 0, before));
    out.tokens = doublesOf(perColumn.narrow(0, before, tokens));
    const std::int64_t rest = perColumn.size(0) - before - tokens;
    out.rest = perColumn.narrow(0, before + tokens, rest).sum().item<double>();
    return out;
}

}  // namespace driftlens
