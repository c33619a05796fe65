// Can the explanations be trusted? What they miss, what happens without what they name, and whether
// they depend on the weights at all.
#include "core/base/display_text.h"
#include "core/base/text.h"
#include "reports/figures/dot_rows.h"
#include "reports/figures/removal_curves.h"
#include "reports/layout/section_makers.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace driftlens {
namespace {

// Where an explanation of drawn weights is still like that of the trained ones; the engine's rule.
constexpr double kUnchanged = 0.5;

// NaN where there is no number.
std::vector<double> valuesOf(const Json& list) {
    std::vector<double> out;
    for (const Json& value : list) out.push_back(numberOf(value).value_or(NAN));
    return out;
}

std::string shownName(const std::string& name) {
    return displayText(name);
}

// ---- completeness and gradients

Table gapsTable(const ReportView& view) {
    Table table{"validity",
                "How far each explanation's scores miss the change that they should add up to, and "
                "what its gradient was.",
                {{"example"},
                 {"variant"},
                 {"method"},
                 {"gap, reference", ColumnKind::Number},
                 {"gap, variant", ColumnKind::Number},
                 {"gradient, reference"},
                 {"gradient, variant"}},
                {}};
    const auto add = [&](const std::string& example, const Json& comparison) {
        for (const Json& variant : memberOf(comparison, "variants"))
            for (const Json& drift : memberOf(variant, "explanations"))
                table.rows.push_back({example, view.variantName(memberOf(variant, "model")),
                                      textOf(memberOf(drift, "method")),
                                      view.number(memberOf(drift, "reference_gap"), "not defined"),
                                      view.number(memberOf(drift, "variant_gap"), "not defined"),
                                      textOf(memberOf(drift, "reference_gradient"), "–"),
                                      textOf(memberOf(drift, "variant_gradient"), "–")});
    };
    if (!view.isDataset()) add("the prompt", view.at("/comparison"));
    for (const Json& each : view.at("/notable"))
        add(std::to_string(memberOf(each, "example").get<std::int64_t>()),
            memberOf(each, "comparison"));
    return table;
}

// ---- removal

struct MethodCurves {
    std::string method;
    std::vector<RemovalRow> rows;
    std::vector<std::string> notes;  // examples, or why there is no curve; a note per row
};

RemovalRow rowOf(const std::string& name, const Json& curves) {
    return {shownName(name), valuesOf(memberOf(curves, "deletion")),
            valuesOf(memberOf(curves, "insertion"))};
}

// Of one prompt: the reference's curves stand with every variant, alike.
std::vector<MethodCurves> promptCurves(const ReportView& view) {
    std::vector<MethodCurves> out;
    for (const Json& variant : view.at("/comparison/variants")) {
        for (const Json& drift : memberOf(variant, "explanations")) {
            const Json& checks = memberOf(drift, "checks");
            if (checks.is_null()) continue;
            const std::string method = textOf(memberOf(drift, "method"));
            auto own = std::find_if(out.begin(), out.end(), [&](const MethodCurves& each) {
                return each.method == method;
            });
            if (own == out.end()) {
                out.push_back(
                    {method, {rowOf("reference", memberOf(checks, "reference"))}, {"the prompt"}});
                own = out.end() - 1;
            }
            own->rows.push_back(
                rowOf(view.variantName(memberOf(variant, "model")), memberOf(checks, "variant")));
            own->notes.emplace_back("the prompt");
        }
    }
    return out;
}

std::vector<MethodCurves> datasetCurves(const ReportView& view) {
    std::vector<MethodCurves> out;
    const Json& variants = view.at("/dataset/variants");
    for (const Json& check : view.at("/dataset/checks")) {
        MethodCurves own{textOf(memberOf(check, "method")), {}, {}};
        const Json& curves = memberOf(check, "curves");
        for (std::size_t i = 0; i < curves.size(); ++i) {
            std::string name = textOf(memberOf(curves[i], "model"));
            if (i == 0)
                name = "reference";
            else if (i <= variants.size())
                name = view.variantName(variants[i - 1]);
            own.rows.push_back(rowOf(name, curves[i]));
            const auto examples =
                static_cast<std::size_t>(numberOf(memberOf(curves[i], "examples")).value_or(0.0));
            own.notes.push_back(examples > 0 ? counted(examples, "example")
                                             : textOf(memberOf(curves[i], "reason"), "–"));
        }
        out.push_back(std::move(own));
    }
    return out;
}

// A margin and a contrast are no probabilities: they stay what they are.
const char* removedQuantity(const ReportView& view) {
    const Json& target = view.isDataset() ? view.at("/notable/0/comparison/target/kind")
                                          : view.at("/comparison/target/kind");
    const std::string kind = textOf(target);
    return kind == "contrast" || kind == "margin" ? "the explained quantity"
                                                  : "probability of the explained answer";
}

void addRemoval(const ReportView& view, const std::vector<MethodCurves>& all, Blocks& out) {
    Table table{
        "removal",
        "Areas under the curves of removal. Removing what an explanation names first should "
        "take the answer away early (a small area), keeping it should bring the answer back "
        "early (a large one).",
        {{"method"},
         {"model"},
         {"removing", ColumnKind::Number},
         {"keeping", ColumnKind::Number},
         {"measured on"}},
        {}};
    for (const MethodCurves& each : all) {
        for (std::size_t i = 0; i < each.rows.size(); ++i) {
            const auto area = [&](const std::vector<double>& curve) {
                const double value = areaUnderCurve(curve);
                return std::isfinite(value) ? view.number(value) : view.number(Json());
            };
            table.rows.push_back({each.method, each.rows[i].name, area(each.rows[i].deletion),
                                  area(each.rows[i].insertion), each.notes[i]});
        }
        const std::string title = "The answer while words are removed, by " + each.method;
        const std::string svg =
            view.isExact() ? ""
                           : removalCurvesSvg(each.rows, removedQuantity(view), shownName(title));
        if (!svg.empty())
            out.push_back(FigureBlock{svg, title,
                                      "Each model in the order of its own explanation. Where a "
                                      "word was removed stands the mask token, or what the model "
                                      "has for it."});
    }
    out.push_back(std::move(table));
}

// ---- randomised weights

struct Randomised {
    std::vector<DotRow> rows;
    std::vector<std::string> kinds;
    Table table;
};

Table randomisedTable(const char* of) {
    return {"randomised_weights",
            "Rank correlation of the reference's scores with those of the same network whose "
            "weights were drawn anew: near 0, the explanation depends on what was learned.",
            {{"method"},
             {of},
             {"of magnitudes", ColumnKind::Number},
             {"of scores", ColumnKind::Number}},
            {}};
}

// Weights are drawn anew block by block, from the output down; a step is named after one of its
// matrices.
std::string layerTitle(const std::string& layer) {
    constexpr std::string_view kBlocks = "blocks.";
    if (!layer.starts_with(kBlocks)) return layer;
    return "block " +
           layer.substr(kBlocks.size(), layer.find('.', kBlocks.size()) - kBlocks.size());
}

Randomised promptRandomised(const ReportView& view) {
    Randomised out{{}, {"of magnitudes", "of scores"}, randomisedTable("drawn anew, down to")};
    std::set<std::string> done;
    for (const Json& variant : view.at("/comparison/variants")) {
        for (const Json& drift : memberOf(variant, "explanations")) {
            const std::string method = textOf(memberOf(drift, "method"));
            const Json& steps = valueAt(drift, "/checks/randomised_weights");
            if (steps.empty() || !done.insert(method).second) continue;
            for (const Json& step : steps) {
                const std::string layer = layerTitle(textOf(memberOf(step, "layer")));
                const Json& magnitudes = memberOf(step, "magnitudes");
                const Json& scores = memberOf(step, "signed");
                out.rows.push_back(
                    {shownName(method + ", " + layer),
                     {valuesOf(Json::array({magnitudes})), valuesOf(Json::array({scores}))},
                     view.number(magnitudes, "undefined") + " and " +
                         view.number(scores, "undefined")});
                out.table.rows.push_back(
                    {method, layer, view.number(magnitudes), view.number(scores)});
            }
        }
    }
    return out;
}

std::string meanText(const std::vector<double>& values) {
    double sum = 0.0;
    for (const double value : values) sum += value;
    return "mean " + formatNumber(sum / static_cast<double>(values.size()), 3) + " (" +
           counted(values.size(), "example") + ")";
}

// The larger of both correlations on each example, with all weights drawn anew.
Randomised datasetRandomised(const ReportView& view) {
    Randomised out{{}, {"an example"}, {}};
    out.table = {
        "randomised_weights",
        "Rank correlation of the reference's scores with those of the same network whose "
        "weights were all drawn anew: near 0, the explanation depends on what was learned. "
        "Above 0.5 on average, a method is not judged.",
        {{"method"}, {"correlation, an example each"}, {"AOPC above random, an example each"}},
        {}};
    const auto listed = [&](const std::vector<double>& values) {
        std::string text;
        for (const double value : values)
            text += (text.empty() ? "" : ", ") +
                    (view.isExact() ? view.number(value) : formatNumber(value, 2));
        return text.empty() ? std::string("–") : text;
    };
    for (const Json& check : view.at("/dataset/checks")) {
        const std::string method = textOf(memberOf(check, "method"));
        const std::vector<double> values = valuesOf(memberOf(check, "randomised_weights"));
        out.table.rows.push_back(
            {method, listed(values), listed(valuesOf(memberOf(check, "above_random")))});
        if (!values.empty()) out.rows.push_back({shownName(method), {values}, meanText(values)});
    }
    return out;
}

void addRandomised(const ReportView& view, Randomised found, Blocks& out) {
    if (found.table.rows.empty()) return;
    const std::string title = "Reasons under weights drawn anew";
    const std::string svg =
        view.isExact() ? ""
                       : dotRowsSvg(found.rows, found.kinds, kUnchanged, "hardly changed from here",
                                    "rank correlation with the reference's scores", title);
    if (!svg.empty())
        out.push_back(FigureBlock{svg, title,
                                  "A row per method and step. An explanation that stays the same "
                                  "when the network has forgotten what it learned explains the "
                                  "text, not the network."});
    out.push_back(std::move(found.table));
}

// ---- what was not measured

bool hasYardsticks(const ReportView& view) {
    for (const Json& variant : view.at("/dataset/variants"))
        for (const Json& verdict : memberOf(variant, "verdicts"))
            if (!memberOf(memberOf(endpointFigure(variant, textOf(memberOf(verdict, "endpoint"))),
                                   "yardsticks"),
                          "examples")
                     .is_null())
                return true;
    return false;
}

// Of a data set with yardsticks a method that fails these checks is not judged.
std::string checkedSentence(const ReportView& view, bool hasCurves, bool hasRandomised) {
    if (!view.isDataset()) {
        if (hasCurves && hasRandomised) return "Counterfactual texts are not part of this report.";
        if (hasCurves)
            return "Randomised weights are not part of this report: driftlens compare "
                   "--metrics=all measures them, too.";
        return "Removal of the named words and randomised weights are not part of this report: "
               "driftlens compare --metrics=all measures them.";
    }
    if (hasCurves)
        return "On a few examples, removing the words that an explanation names was held against "
               "removing others, and the reference's scores against those of randomised weights. A "
               "method that does no better is not judged, and its verdict says why.";
    if (!hasYardsticks(view))
        return "The run measured no yardsticks: whether removing the named words matters, and "
               "whether the explanations depend on the weights, was not checked. Without "
               "--yardsticks none it is.";
    return "On a few examples of the reference, removing the words that an explanation names was "
           "held against removing others, and its scores against those of randomised weights. A "
           "method that does no better is not judged, and its verdict says why; the figures "
           "themselves were not kept by this version of the program.";
}

}  // namespace

Blocks validityBlocks(const ReportView& view) {
    Blocks out;
    if (Table gaps = gapsTable(view); !gaps.rows.empty()) out.push_back(std::move(gaps));
    const std::vector<MethodCurves> curves =
        view.isDataset() ? datasetCurves(view) : promptCurves(view);
    Randomised randomised = view.isDataset() ? datasetRandomised(view) : promptRandomised(view);
    out.push_back(
        Paragraph{checkedSentence(view, !curves.empty(), !randomised.table.rows.empty())});
    if (!curves.empty()) addRemoval(view, curves, out);
    addRandomised(view, std::move(randomised), out);
    for (const Json& method : view.at("/methods")) {
        out.push_back(Subheading{textOf(memberOf(method, "title"))});
        FactTable facts;
        for (const Json& fact : memberOf(method, "facts"))
            facts.facts.push_back({textOf(memberOf(fact, "name")), textOf(memberOf(fact, "text"))});
        out.push_back(facts);
    }
    return out;
}

}  // namespace driftlens
