// Which heads attend to other tokens than before, and the one that changed most.
#include "reports/figures/attention_matrix.h"
#include "reports/layout/insides.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace driftlens {
namespace {

constexpr std::size_t kMostHeads = 3;  // of each variant, tabled on a page; CSV has all

// In bits: rows of maps that differ by less look the same (by Pinsker's inequality the
// probabilities of a row that moved by so much differ by less than 4 percent points in all).
constexpr double kVisible = 1e-3;

std::string headName(const Json& head) {
    const auto number = [&](const char* key) {
        return std::to_string(memberOf(head, key).get<std::int64_t>());
    };
    return "layer " + number("layer") + ", head " + number("head");
}

double divergence(const Json& head) {
    return numberOf(memberOf(head, "js")).value_or(-1.0);
}

// Those with a figure, most changed first.
std::vector<Json> changedHeads(const Json& structure) {
    std::vector<Json> out;
    for (const Json& head : memberOf(structure, "heads"))
        if (memberOf(head, "js").is_number()) out.push_back(head);
    std::stable_sort(out.begin(), out.end(),
                     [](const Json& a, const Json& b) { return divergence(a) > divergence(b); });
    return out;
}

Table headsTable(const ReportView& view) {
    Table out{"attention_heads",
              view.isExact() ? "Attention of every head, from the reference to each variant."
                             : "The " + std::to_string(kMostHeads) +
                                   " heads of each variant whose attention moved most; all are in "
                                   "attention_heads.csv. The sink is the first token, which heads "
                                   "attend to for want of anything else.",
              {{"variant"},
               {"head"},
               {"JS (bits)", ColumnKind::Number},
               {"without the sink", ColumnKind::Number},
               {"change of entropy (bits)", ColumnKind::Number}},
              {}};
    for (const Json& variant : view.at("/comparison/variants")) {
        const Json& structure = memberOf(variant, "structure");
        std::vector<Json> heads = changedHeads(structure);
        if (view.isExact())
            heads.assign(memberOf(structure, "heads").begin(), memberOf(structure, "heads").end());
        else
            heads.resize(std::min(heads.size(), kMostHeads));
        for (const Json& head : heads)
            out.rows.push_back({view.variantName(memberOf(variant, "model")), headName(head),
                                view.number(memberOf(head, "js"), "absent"),
                                view.number(memberOf(head, "js_without_sink"), "absent"),
                                view.number(memberOf(head, "entropy_change"), "absent")});
    }
    return out;
}

// Heads without a figure: the variant has them no more.
std::string absentHeads(const Json& structure) {
    std::map<std::int64_t, std::string> byLayer;
    for (const Json& head : memberOf(structure, "heads")) {
        if (memberOf(head, "js").is_number()) continue;
        std::string& list = byLayer[memberOf(head, "layer").get<std::int64_t>()];
        list +=
            (list.empty() ? "" : ", ") + std::to_string(memberOf(head, "head").get<std::int64_t>());
    }
    std::string out;
    for (const auto& [layer, heads] : byLayer)
        out += (out.empty() ? "layer " : "; layer ") + std::to_string(layer) + ": " + heads;
    return out;
}

AttentionMap mapOf(const Json& kept, const char* side) {
    AttentionMap out;
    out.layer = memberOf(kept, "layer").get<std::int64_t>();
    out.head = memberOf(kept, "head").get<std::int64_t>();
    out.size = static_cast<std::int64_t>(memberOf(kept, "positions").size());
    for (const Json& row : memberOf(kept, side))
        for (const double value : numbersOf(row)) out.values.push_back(static_cast<float>(value));
    return out;
}

std::vector<Token> labelsOf(const Json& comparison, const Json& kept) {
    const Json& tokens = memberOf(comparison, "tokens");
    const std::int64_t keys = memberOf(kept, "keys").get<std::int64_t>();
    const std::int64_t hidden = keys - static_cast<std::int64_t>(tokens.size());
    std::vector<Token> out;
    for (const Json& each : memberOf(kept, "positions")) {
        const std::int64_t position = each.get<std::int64_t>();
        Token& token = out.emplace_back();
        token.text =
            position < hidden
                ? virtualTokenText(static_cast<std::size_t>(position))
                : textOf(memberOf(tokens[static_cast<std::size_t>(position - hidden)], "text"));
    }
    return out;
}

void addMaps(const ReportView& view, const Json& variant, Blocks& out) {
    const Json& kept = valueAt(variant, "/structure/most_changed_head");
    if (kept.is_null()) return;
    const std::string name = view.variantName(memberOf(variant, "model"));
    const std::vector<Json> heads = changedHeads(memberOf(variant, "structure"));
    if (!heads.empty() && divergence(heads.front()) < kVisible) {
        out.push_back(Paragraph{name + ": no head's attention moved by more than " +
                                    view.number(divergence(heads.front())) +
                                    " bits, too little to see; its maps are in the JSON.",
                                true});
        return;
    }
    const Json& comparison = view.at("/comparison");
    const std::string title = "Attention of " + headName(kept) + ", which moved most in " + name;
    const std::int64_t leftOut = memberOf(kept, "keys").get<std::int64_t>() -
                                 static_cast<std::int64_t>(memberOf(kept, "positions").size());
    const std::string svg =
        attentionPairSvg({"reference", mapOf(kept, "reference")}, {name, mapOf(kept, "variant")},
                         labelsOf(comparison, kept), title);
    std::string said =
        "Each row is a token and what it looks at, in percent where the cells have room; both "
        "matrices on one scale of colour.";
    if (leftOut > 0)
        said += " Of the text's tokens " + std::to_string(leftOut) +
                " in the middle are left out: rows need not add up to 100.";
    out.push_back(FigureBlock{svg, title, said});
}

}  // namespace

void addAttentionHeads(const ReportView& view, Blocks& out) {
    if (view.isDataset()) return;
    Table heads = headsTable(view);
    if (heads.rows.empty()) return;
    out.push_back(std::move(heads));
    for (const Json& variant : view.at("/comparison/variants")) {
        const std::string absent = absentHeads(memberOf(variant, "structure"));
        if (!absent.empty())
            out.push_back(Paragraph{view.variantName(memberOf(variant, "model")) +
                                    " has these heads no more, or in another form: " + absent +
                                    ". They are absent, which is not the same as unchanged."});
        if (!view.isExact()) addMaps(view, variant, out);
    }
}

}  // namespace driftlens
