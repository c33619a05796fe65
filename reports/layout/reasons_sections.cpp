// The reasons: token by token, as figures, and whether they can be trusted.
#include "core/base/text.h"
#include "reports/figures/distribution.h"
#include "reports/figures/paired_strips.h"
#include "reports/figures/token_strip.h"
#include "reports/layout/insides.h"
#include "reports/layout/section_makers.h"
#include "xai/attribution.h"

#include <algorithm>
#include <array>
#include <set>

namespace driftlens {
namespace {

constexpr std::size_t kMostTokens = 120;  // with a box of their own; the rest is added up

Token tokenOf(std::string text) {
    Token out;
    out.text = std::move(text);
    return out;
}

// What stands above the scores: virtual tokens, then tokens of the text or parts of the network.
std::vector<Token> columnsOf(const Json& comparison, const Json& drift, std::size_t scores) {
    const std::size_t hidden = memberOf(drift, "reference_virtual_tokens").size();
    std::vector<Token> out;
    for (std::size_t i = 0; i < hidden; ++i) out.push_back(tokenOf(virtualTokenText(i)));
    const Json& parts = memberOf(drift, "parts");
    const Json& tokens = memberOf(comparison, "tokens");
    for (std::size_t i = 0; i + hidden < scores; ++i) {
        if (parts.size() + hidden == scores)
            out.push_back(tokenOf(textOf(parts[i])));
        else if (tokens.size() + hidden == scores)
            out.push_back(tokenOf(textOf(memberOf(tokens[i], "text"))));
        else
            out.push_back(tokenOf("part " + std::to_string(i + 1)));
    }
    return out;
}

// Virtual tokens of the side before its scores; without them where the sides differ in number.
std::vector<double> scoresOf(const Json& drift, const char* side) {
    const std::string name(side);
    std::vector<double> out;
    if (memberOf(drift, "reference_virtual_tokens").size() ==
        memberOf(drift, "variant_virtual_tokens").size())
        out = numbersOf(memberOf(drift, name + "_virtual_tokens"));
    const std::vector<double> own = numbersOf(memberOf(drift, name + "_scores"));
    out.insert(out.end(), own.begin(), own.end());
    return out;
}

std::string settingsText(const Json& drift) {
    std::string out;
    for (const auto& [key, value] : memberOf(drift, "settings").items())
        out += (out.empty() ? "" : ", ") + key + "=" +
               (value.is_string() ? textOf(value) : value.dump());
    return out.empty() ? "defaults" : out;
}

const Json& driftOfMethod(const Json& variant, const std::string& method, std::size_t scores) {
    static const Json kAbsent;
    for (const Json& drift : memberOf(variant, "explanations"))
        if (textOf(memberOf(drift, "method")) == method &&
            scoresOf(drift, "reference").size() == scores)
            return drift;
    return kAbsent;
}

void addScoresTable(const ReportView& view, const std::string& id, const std::vector<Token>& tokens,
                    const std::vector<StripRow>& rows, const std::string& caption, Blocks& out) {
    Table table{id, caption, {{"place", ColumnKind::Number}, {"token"}}, {}};
    for (const StripRow& row : rows) table.columns.push_back({row.label, ColumnKind::Number});
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        std::vector<std::string> cells = {std::to_string(i), readableToken(tokens[i])};
        for (const StripRow& row : rows) cells.push_back(view.number(row.scores[i]));
        table.rows.push_back(std::move(cells));
    }
    out.push_back(std::move(table));
}

// One method in all models, on one scale.
void addMethod(const ReportView& view, const Json& comparison, const Json& first,
               const std::string& place, Blocks& out) {
    const std::string method = textOf(memberOf(first, "method"));
    const std::vector<double> reference = scoresOf(first, "reference");
    if (reference.empty()) return;
    std::vector<StripRow> rows = {
        {"reference " + modelName(memberOf(comparison, "reference")), reference}};
    for (const Json& variant : memberOf(comparison, "variants")) {
        const Json& drift = driftOfMethod(variant, method, reference.size());
        if (drift.is_null()) continue;
        const std::string name = view.variantName(memberOf(variant, "model"));
        const std::vector<double> own = scoresOf(drift, "variant");
        std::vector<double> difference;
        for (std::size_t i = 0; i < own.size(); ++i)
            difference.push_back(own[i] - scoresOf(drift, "reference")[i]);
        rows.push_back({name, own});
        rows.push_back({"change: " + name + " − reference", difference});
    }
    const std::vector<Token> tokens = columnsOf(comparison, first, reference.size());
    if (view.isExact()) {
        addScoresTable(view, "scores_" + place + method, tokens, rows,
                       "Scores of " + method + " by token.", out);
        return;
    }
    double scale = 0.0;
    for (const StripRow& row : rows) scale = std::max(scale, scaleOf(row.scores));
    const StripContent content = shortened(tokens, rows, kMostTokens);
    out.push_back(Paragraph{method + " (" + settingsText(first) + "; baseline " +
                                textOf(memberOf(first, "baseline"), "–") +
                                "). One scale for all rows; orange speaks for the answer, blue "
                                "against it, full colour is ±" +
                                formatNumber(scale, 3) + ".",
                            true});
    if (content.leftOut > 0)
        out.push_back(Paragraph{"Of " + std::to_string(tokens.size()) + " tokens those with the " +
                                    "largest scores have a box of their own; the scores between "
                                    "them are added up in boxes that say of how many.",
                                true});
    const std::string title = "Scores by " + method + ", reference and variants";
    for (const std::string& svg : pairedStripsSvg(content, scale, title, evenWidth(content.tokens)))
        out.push_back(FigureBlock{svg, title,
                                  "Tokens with their scores in each model and what changed; the "
                                  "number under each token is its score."});
}

void addComparison(const ReportView& view, const Json& comparison, const std::string& place,
                   Blocks& out) {
    std::set<std::string> done;
    for (const Json& variant : memberOf(comparison, "variants"))
        for (const Json& drift : memberOf(variant, "explanations"))
            if (done.insert(textOf(memberOf(drift, "method"))).second)
                addMethod(view, comparison, drift, place, out);
    if (done.empty()) out.push_back(Paragraph{"No explanation was asked for."});
}

// ---- drift

Table promptAgreement(const ReportView& view) {
    Table out{"agreement",
              "Agreement of each variant's reasons with the reference's, and the floors: the "
              "reference against itself in float64 and in another batch shape.",
              {{"variant"},
               {"method"},
               {"Spearman", ColumnKind::Number},
               {"Kendall τ-b", ColumnKind::Number},
               {"cosine", ColumnKind::Number},
               {"Jaccard@3", ColumnKind::Number},
               {"sign agreement@3", ColumnKind::Number},
               {"largest change", ColumnKind::Number},
               {"float64 floor", ColumnKind::Number},
               {"batch-shape floor", ColumnKind::Number}},
              {}};
    for (const Json& variant : view.at("/comparison/variants")) {
        for (const Json& drift : memberOf(variant, "explanations")) {
            const Json& a = memberOf(drift, "agreement");
            const auto of = [&](const char* name) {
                return view.number(memberOf(a, name),
                                   textOf(memberOf(memberOf(a, "undefined"), name)));
            };
            const auto at3 = [&](const char* name) {
                return view.number(memberOf(memberOf(a, name), "3"),
                                   textOf(valueAt(a, "/undefined/at_3")));
            };
            const auto floor = [&](const char* kind) {
                return view.number(valueAt(drift, "/yardsticks/repeatability/" + std::string(kind) +
                                                      "/largest_difference"),
                                   "not measured");
            };
            out.rows.push_back({view.variantName(memberOf(variant, "model")),
                                textOf(memberOf(drift, "method")), of("spearman"), of("kendall"),
                                of("cosine"), at3("jaccard"), at3("sign_agreement"),
                                view.number(memberOf(drift, "largest_difference")),
                                floor("float64"), floor("batch_shape")});
        }
    }
    return out;
}

// Each verdict as its sentence, with the yardsticks that it rests on.
void addPromptVerdicts(const ReportView& view, Blocks& out) {
    BulletList verdicts;
    for (const Json& variant : view.at("/comparison/variants"))
        for (const Json& drift : memberOf(variant, "explanations"))
            verdicts.items.push_back(view.variantName(memberOf(variant, "model")) + ", " +
                                     textOf(memberOf(drift, "method")) + ": " +
                                     textOf(memberOf(drift, "verdict"), "not judged") + ".");
    if (!verdicts.items.empty()) out.push_back(verdicts);
}

// Of the many figures of agreement those that say most, and those that were declared to decide.
bool isOnPage(const Json& variant, const std::string& method, const std::string& metric) {
    constexpr std::array<std::string_view, 12> kShown = {
        "spearman",          "kendall",      "cosine",
        "jaccard@3",         "jaccard@5",    "sign_agreement@5",
        "mass_moved",        "attention_js", "attention_js_without_sink",
        "activation_cosine", "linear_cka",   "relative_frobenius"};
    if (std::find(kShown.begin(), kShown.end(), metric) != kShown.end()) return true;
    for (const Json& verdict : memberOf(variant, "verdicts"))
        if (textOf(memberOf(verdict, "endpoint")) == method + "." + metric) return true;
    return false;
}

Table datasetDrift(const ReportView& view) {
    const std::string shown = view.isExact() ? ""
                                             : " These are the figures that say most and those "
                                               "that decide; all are in drift.csv.";
    Table out{"drift",
              "Agreement of the reasons over all examples. “By chance” is what shuffled scores "
              "give; “corrected” takes that out." +
                  shown,
              {{"variant"},
               {"method"},
               {"figure"},
               {"value", ColumnKind::Number},
               {"95 % interval", ColumnKind::Number},
               {"by chance", ColumnKind::Number},
               {"corrected", ColumnKind::Number},
               {"p", ColumnKind::Number},
               {"examples", ColumnKind::Number}},
              {}};
    for (const Json& variant : view.at("/dataset/variants")) {
        for (const auto& [method, metrics] : memberOf(variant, "figures").items()) {
            if (metrics.contains("value")) continue;
            for (const auto& [metric, figure] : metrics.items()) {
                if (!view.isExact() && !isOnPage(variant, method, metric)) continue;
                out.rows.push_back(
                    {view.variantName(variant), method, metric, view.figure(figure),
                     view.interval(figure), view.number(memberOf(figure, "by_chance")),
                     view.number(memberOf(figure, "corrected")), view.number(memberOf(figure, "p")),
                     view.number(memberOf(figure, "examples"))});
            }
        }
    }
    return out;
}

// Noise on the weights, as large as the compression's error: the range of its draws.
void addNoise(const ReportView& view, const std::string& variant, const std::string& endpoint,
              const Json& noise, Table& out) {
    const Json& drifts = memberOf(noise, "drifts");
    if (!drifts.empty()) {
        const auto [low, high] = std::minmax_element(
            drifts.begin(), drifts.end(),
            [](const Json& a, const Json& b) { return a.get<double>() < b.get<double>(); });
        out.rows.push_back({variant, endpoint, "noise",
                            "equal noise, " + std::to_string(drifts.size()) + " draws",
                            view.number(*low) + " to " + view.number(*high)});
    } else if (const std::string why = textOf(memberOf(noise, "not_applicable")); !why.empty()) {
        out.rows.push_back({variant, endpoint, "noise", why, "–"});
    }
}

// What the drift is read against, of the endpoints that decide.
Table yardsticksTable(const ReportView& view) {
    Table out{"yardsticks",
              "What the drift of the deciding figures is read against.",
              {{"variant"}, {"figure"}, {"yardstick"}, {"kind"}, {"drift", ColumnKind::Number}},
              {}};
    for (const Json& variant : view.at("/dataset/variants")) {
        for (const Json& verdict : memberOf(variant, "verdicts")) {
            const std::string endpoint = textOf(memberOf(verdict, "endpoint"));
            const Json& yard = memberOf(endpointFigure(variant, endpoint), "yardsticks");
            for (const char* group : {"repeatability", "estimation", "disagreement", "precision"})
                for (const auto& [kind, value] : memberOf(yard, group).items())
                    out.rows.push_back(
                        {view.variantName(variant), endpoint, group, kind, view.number(value)});
            addNoise(view, view.variantName(variant), endpoint, memberOf(yard, "noise"), out);
        }
    }
    return out;
}

void addDriftFigure(const ReportView& view, Blocks& out) {
    std::vector<NamedValues> rows;
    const Json& variants = view.at("/dataset/variants");
    std::string endpoint;
    for (std::size_t v = 0; v < variants.size(); ++v) {
        if (endpoint.empty()) endpoint = reasonsEndpoint(variants[v]);
        rows.push_back(
            {view.variantName(variants[v]), driftValues(view, v, reasonsEndpoint(variants[v]))});
    }
    const std::string title = "How the drift of the reasons is spread over the examples";
    if (const std::string svg = distributionSvg(rows, "drift of " + endpoint, title); !svg.empty())
        out.push_back(FigureBlock{svg, title,
                                  "Counts of examples by drift of " + endpoint +
                                      ", per variant, and the share at or below each value."});
}

void append(Blocks more, Blocks& out) {
    for (Block& block : more) out.push_back(std::move(block));
}

}  // namespace

Blocks explanationBlocks(const ReportView& view) {
    Blocks out;
    if (!view.isDataset()) {
        addComparison(view, view.at("/comparison"), "", out);
        return out;
    }
    for (const Json& each : view.at("/notable")) {
        const std::string example = std::to_string(memberOf(each, "example").get<std::int64_t>());
        out.push_back(Subheading{"Example " + example + ": " + textOf(memberOf(each, "why"))});
        out.push_back(FactTable{{{"text", textOf(memberOf(each, "text"))}}});
        addComparison(view, memberOf(each, "comparison"), "example_" + example + "_", out);
    }
    if (out.empty())
        out.push_back(
            Paragraph{"No single example was kept in this report; driftlens compare "
                      "--prompt shows one."});
    return out;
}

Blocks driftBlocks(const ReportView& view) {
    if (!view.isDataset()) {
        Blocks out = {promptAgreement(view)};
        addPromptVerdicts(view, out);
        append(insideBlocks(view), out);
        return out;
    }
    Blocks out = {datasetDrift(view)};
    if (const Table yardsticks = yardsticksTable(view); !yardsticks.rows.empty())
        out.push_back(yardsticks);
    if (!view.isExact()) addDriftFigure(view, out);
    for (const Json& variant : view.at("/dataset/variants"))
        if (const std::string said = textOf(valueAt(variant, "/fragility/sentence")); !said.empty())
            out.push_back(Paragraph{view.variantName(variant) + ": " + said + "."});
    append(insideBlocks(view), out);
    return out;
}

}  // namespace driftlens
