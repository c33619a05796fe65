// What compression did to the answers.
#include "core/base/text.h"
#include "reports/figures/distribution.h"
#include "reports/figures/quadrant_scatter.h"
#include "reports/layout/section_makers.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace driftlens {
namespace {

constexpr std::size_t kMostExamples = 50;  // tabled on a page; all are in CSV and JSON

Table promptFidelity(const ReportView& view) {
    Table out{"fidelity",
              "Change of the output, from the reference to each variant.",
              {{"variant"},
               {"KL (nats)", ColumnKind::Number},
               {"reverse KL (nats)", ColumnKind::Number},
               {"JS (bits)", ColumnKind::Number},
               {"flip"},
               {"probability change", ColumnKind::Number},
               {"own answer"}},
              {}};
    for (const Json& variant : view.at("/comparison/variants")) {
        const Json& f = memberOf(variant, "fidelity");
        out.rows.push_back({view.variantName(memberOf(variant, "model")),
                            view.number(memberOf(f, "kl")), view.number(memberOf(f, "reverse_kl")),
                            view.number(memberOf(f, "js")),
                            isTrue(memberOf(f, "flip")) ? "yes" : "no",
                            view.number(memberOf(f, "probability_change")),
                            textOf(valueAt(f, "/variant_top/text"), "–")});
    }
    return out;
}

Table datasetFigures(const ReportView& view) {
    Table out{"output_figures",
              "Figures of the output over all examples.",
              {{"variant"},
               {"figure"},
               {"value", ColumnKind::Number},
               {"95 % interval", ColumnKind::Number},
               {"p", ColumnKind::Number},
               {"examples", ColumnKind::Number}},
              {}};
    for (const Json& variant : view.at("/dataset/variants")) {
        for (const auto& [name, figure] : memberOf(variant, "figures").items()) {
            if (!figure.contains("value")) continue;
            out.rows.push_back({view.variantName(variant), name, view.figure(figure),
                                view.interval(figure), view.number(memberOf(figure, "p")),
                                view.number(memberOf(figure, "examples"))});
        }
    }
    return out;
}

Table slicesTable(const ReportView& view) {
    Table out{"slices",
              "The deciding figures in each slice of the data.",
              {{"variant"},
               {"slice"},
               {"examples", ColumnKind::Number},
               {"figure"},
               {"value", ColumnKind::Number},
               {"95 % interval", ColumnKind::Number}},
              {}};
    for (const Json& variant : view.at("/dataset/variants"))
        for (const Json& slice : memberOf(variant, "slices"))
            for (const auto& [name, figure] : memberOf(slice, "figures").items())
                out.rows.push_back({view.variantName(variant), textOf(memberOf(slice, "slice")),
                                    view.number(memberOf(slice, "examples")), name,
                                    view.figure(figure), view.interval(figure)});
    return out;
}

// An example of one variant, for the table of the worst.
struct Example {
    std::size_t outcome = 0, variant = 0;
    double kl = 0.0;
    bool isFlip = false;
};

std::vector<Example> worstFirst(const ReportView& view) {
    std::vector<Example> out;
    for (std::size_t v = 0; v < view.at("/dataset/variants").size(); ++v) {
        const std::vector<double> kl = outputValues(view, v, "kl");
        const std::vector<double> flips = outputValues(view, v, "flip_rate");
        for (std::size_t i = 0; i < kl.size(); ++i)
            out.push_back({i, v, std::isfinite(kl[i]) ? kl[i] : -1.0, flips[i] > 0.5});
    }
    std::stable_sort(out.begin(), out.end(), [](const Example& a, const Example& b) {
        return a.isFlip != b.isFlip ? a.isFlip : a.kl > b.kl;
    });
    return out;
}

// What no row has needs no column on a page.
void dropEmptyColumns(Table& table) {
    for (std::size_t i = table.columns.size(); i-- > 0;) {
        const auto has = [&](const std::vector<std::string>& row) { return !row[i].empty(); };
        if (std::any_of(table.rows.begin(), table.rows.end(), has)) continue;
        const auto at = static_cast<std::ptrdiff_t>(i);
        table.columns.erase(table.columns.begin() + at);
        for (std::vector<std::string>& row : table.rows) row.erase(row.begin() + at);
    }
}

Table examplesTable(const ReportView& view) {
    std::vector<Example> examples = worstFirst(view);
    const std::size_t all = examples.size();
    if (!view.isExact()) examples.resize(std::min(all, kMostExamples));
    Table out{"examples",
              view.isExact() || all <= kMostExamples
                  ? "Every example in every variant, changed answers first, then by KL divergence."
                  : "The " + std::to_string(kMostExamples) + " of " + std::to_string(all) +
                        " results that changed most; all are in the JSON and in examples.csv.",
              {{"example", ColumnKind::Number},
               {"line", ColumnKind::Number},
               {"variant"},
               {"flip"},
               {"KL (nats)", ColumnKind::Number},
               {"probability change", ColumnKind::Number},
               {"drift of reasons", ColumnKind::Number},
               {"slice"},
               {"failed"}},
              {}};
    std::vector<std::vector<double>> drifts;
    const Json& variants = view.at("/dataset/variants");
    for (std::size_t v = 0; v < variants.size(); ++v)
        drifts.push_back(driftValues(view, v, reasonsEndpoint(variants[v])));
    for (const Example& each : examples) {
        const Json& outcome = view.at("/outcomes")[each.outcome];
        const Json& list = memberOf(outcome, "variants");
        const Json own = each.variant < list.size() ? list[each.variant] : Json();
        const Json& fidelity = memberOf(own, "fidelity");
        const double drift = drifts[each.variant][each.outcome];
        const std::string failed = textOf(memberOf(outcome, "failed"));
        out.rows.push_back({std::to_string(memberOf(outcome, "example").get<std::int64_t>()),
                            view.number(memberOf(outcome, "line")),
                            view.variantName(variants[each.variant]), each.isFlip ? "yes" : "no",
                            view.number(memberOf(fidelity, "kl")),
                            view.number(memberOf(fidelity, "probability_change")),
                            std::isfinite(drift) ? view.number(drift) : view.number(Json()),
                            textOf(memberOf(outcome, "slice")),
                            failed.empty() ? textOf(memberOf(own, "failed")) : failed});
    }
    if (!view.isExact()) dropEmptyColumns(out);
    return out;
}

void addFigures(const ReportView& view, Blocks& out) {
    std::vector<NamedValues> rows;
    const Json& variants = view.at("/dataset/variants");
    for (std::size_t v = 0; v < variants.size(); ++v)
        rows.push_back({view.variantName(variants[v]), outputValues(view, v, "kl")});
    const std::string title = "How the change of the output is spread over the examples";
    if (const std::string svg = distributionSvg(rows, "KL divergence (nats)", title); !svg.empty())
        out.push_back(FigureBlock{svg, title,
                                  "Counts of examples by KL divergence, per variant, and the share "
                                  "of examples at or below each value."});
    for (std::size_t v = 0; v < variants.size(); ++v) {
        const std::string endpoint = reasonsEndpoint(variants[v]);
        const std::vector<double> drifts = driftValues(view, v, endpoint);
        const std::vector<double> flips = outputValues(view, v, "flip_rate");
        std::vector<ScatterPoint> points;
        for (std::size_t i = 0; i < drifts.size(); ++i)
            points.push_back({rows[v].values[i], drifts[i], flips[i] > 0.5});
        const std::string name = "Answers and reasons of " + rows[v].name;
        const std::string svg =
            quadrantScatterSvg(points, endpointMargin(variants[v], endpoint),
                               "KL divergence (nats)", "drift of " + endpoint, name);
        if (!svg.empty())
            out.push_back(FigureBlock{svg, name,
                                      "A point per example: how far its answer moved, and how far "
                                      "its reasons moved."});
    }
}

// What deployed programs printed, beside the computation that is explained.
Table deployedTable(const ReportView& view) {
    Table out{"deployed",
              "Answers of the deployed runtime and those computed here. The divergence is over the "
              "answers that the runtime listed, with one for all others.",
              {{"variant"},
               {"prompts", ColumnKind::Number},
               {"failed", ColumnKind::Number},
               {"same answer", ColumnKind::Number},
               {"95 % interval", ColumnKind::Number},
               {"mean KL (nats)", ColumnKind::Number},
               {"largest KL", ColumnKind::Number}},
              {}};
    for (const Json& each : view.at("/dataset/observed")) {
        const std::string none = "no probabilities were printed";
        out.rows.push_back(
            {textOf(memberOf(each, "variant")), view.number(memberOf(each, "prompts")),
             view.number(memberOf(each, "failed")),
             view.number(valueAt(each, "/same_answer/value")),
             view.interval(memberOf(each, "same_answer")), view.number(memberOf(each, "kl"), none),
             view.number(memberOf(each, "largest_kl"), none)});
    }
    return out;
}

}  // namespace

Blocks outputBlocks(const ReportView& view) {
    if (!view.isDataset()) return {promptFidelity(view)};
    Blocks out;
    if (const Table deployed = deployedTable(view); !deployed.rows.empty()) out.push_back(deployed);
    out.push_back(datasetFigures(view));
    if (const Table slices = slicesTable(view); !slices.rows.empty()) out.push_back(slices);
    if (view.at("/outcomes").empty()) {
        out.push_back(Paragraph{"The results of single examples are not in this report."});
        return out;
    }
    if (!view.isExact()) addFigures(view, out);
    out.push_back(examplesTable(view));
    return out;
}

}  // namespace driftlens
