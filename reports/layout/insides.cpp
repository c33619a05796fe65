#include "reports/layout/insides.h"

#include "core/base/text.h"
#include "engine/dataset/outcome.h"
#include "reports/figures/site_curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace driftlens {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// By layer.
using Curve = std::map<std::int64_t, double>;

double numberOrNone(const Json& value) {
    return value.is_number() ? value.get<double>() : kNone;
}

// Of one prompt: a value per site; heads are averaged.
Curve promptCurve(const Json& structure, bool isAttention) {
    Curve sums, counts;
    for (const Json& each : memberOf(structure, isAttention ? "heads" : "sites")) {
        if (!isAttention && textOf(memberOf(each, "module")) != "block") continue;
        const double value =
            numberOrNone(memberOf(each, isAttention ? "js" : "relative_frobenius"));
        if (std::isnan(value)) continue;
        const auto layer = memberOf(each, "layer").get<std::int64_t>();
        sums[layer] += value;
        counts[layer] += 1.0;
    }
    for (auto& [layer, sum] : sums) sum /= counts[layer];
    return sums;
}

// Of a data set: the means over its examples, "attention_js@blocks.3".
Curve datasetCurve(const Json& variant, bool isAttention) {
    Curve out;
    const std::string begin = isAttention ? "attention_js@blocks." : "relative_frobenius@blocks.";
    const std::string end = isAttention ? "" : ".resid_out";
    const char* group = kInsideGroups[isAttention ? 0 : 1];
    for (const auto& [name, figure] : memberOf(memberOf(variant, "figures"), group).items()) {
        if (!name.starts_with(begin) || !name.ends_with(end)) continue;
        const std::string layer =
            name.substr(begin.size(), name.size() - begin.size() - end.size());
        if (layer.empty() || layer.find_first_not_of("0123456789") != std::string::npos) continue;
        out[std::stoll(layer)] = numberOrNone(memberOf(figure, "value"));
    }
    return out;
}

struct Curves {
    std::vector<std::int64_t> layers;
    std::vector<NamedValues> rows;
};

Curves curvesOf(const ReportView& view, bool isAttention) {
    const Json& variants = view.at(view.isDataset() ? "/dataset/variants" : "/comparison/variants");
    std::vector<Curve> curves;
    Curves out;
    for (const Json& variant : variants) {
        curves.push_back(view.isDataset()
                             ? datasetCurve(variant, isAttention)
                             : promptCurve(memberOf(variant, "structure"), isAttention));
        for (const auto& [layer, value] : curves.back()) out.layers.push_back(layer);
    }
    std::sort(out.layers.begin(), out.layers.end());
    out.layers.erase(std::unique(out.layers.begin(), out.layers.end()), out.layers.end());
    for (std::size_t i = 0; i < curves.size(); ++i) {
        NamedValues row;
        row.name =
            view.variantName(view.isDataset() ? variants[i] : memberOf(variants[i], "model"));
        for (const std::int64_t layer : out.layers) {
            const auto found = curves[i].find(layer);
            row.values.push_back(found == curves[i].end() ? kNone : found->second);
        }
        out.rows.push_back(std::move(row));
    }
    return out;
}

Table tableOf(const ReportView& view, const Curves& curves, const std::string& id,
              const std::string& caption) {
    Table out{id, caption, {{"variant"}}, {}};
    for (const std::int64_t layer : curves.layers)
        out.columns.push_back({"layer " + std::to_string(layer), ColumnKind::Number});
    for (const NamedValues& row : curves.rows) {
        std::vector<std::string>& cells = out.rows.emplace_back(1, row.name);
        for (const double value : row.values)
            cells.push_back(view.number(std::isnan(value) ? Json() : Json(value), "absent"));
    }
    return out;
}

void addCurves(const ReportView& view, bool isAttention, Blocks& out) {
    constexpr std::size_t kMostColumns = 16;  // of a table on a page; the figure has them all
    const Curves curves = curvesOf(view, isAttention);
    if (curves.layers.empty()) return;
    const std::string title = isAttention
                                  ? "Where attention moved: Jensen-Shannon divergence by layer"
                                  : "Where activations moved: relative error behind each layer";
    std::vector<std::string> names;
    for (const std::int64_t layer : curves.layers) names.push_back(std::to_string(layer));
    if (!view.isExact())
        out.push_back(FigureBlock{
            siteCurvesSvg(names, curves.rows, isAttention ? "bits" : "relative error", title),
            title, "A line per variant over the layers of the network; the table has its values."});
    if (view.isExact() || curves.layers.size() <= kMostColumns)
        out.push_back(tableOf(view, curves, isAttention ? "attention_drift" : "activation_drift",
                              title + "."));
}

}  // namespace

bool isInsideGroup(std::string_view method) {
    return std::find(kInsideGroups.begin(), kInsideGroups.end(), method) != kInsideGroups.end();
}

Blocks insideBlocks(const ReportView& view) {
    Blocks out;
    addCurves(view, true, out);
    addAttentionHeads(view, out);
    addCurves(view, false, out);
    if (!out.empty()) {
        out.insert(out.begin(), Subheading{"Inside the network"});
        return out;
    }
    std::string reason;
    if (!view.isDataset())
        for (const Json& variant : view.at("/comparison/variants"))
            reason = textOf(valueAt(variant, "/structure/reason"), reason);
    out.push_back(Paragraph{"Attention and activations were not compared" +
                            (reason.empty() ? "." : ": " + reason + ".")});
    return out;
}

}  // namespace driftlens
