// What was compared, and on what.
#include "core/base/text.h"
#include "reports/figures/pareto.h"
#include "reports/layout/section_makers.h"
#include "reports/layout/storage.h"

namespace driftlens {
namespace {

std::vector<std::string> modelRow(const ReportView& view, const char* role, const Json& model) {
    return {role,
            modelName(model),
            textOf(memberOf(model, "family"), "–"),
            textOf(memberOf(model, "scheme"), "–"),
            textOf(memberOf(model, "stored_form"), "–"),
            textOf(memberOf(model, "compute"), "–"),
            sizeText(model),
            bitsText(view, model)};
}

// Size against the change of the answers, where sizes are known.
void addPareto(const ReportView& view, Blocks& out) {
    std::vector<ParetoPoint> points;
    for (const Json& variant : memberOf(view.found(), "variants")) {
        const Json& model = variantModel(view, variant);
        const std::optional<double> bytes = numberOf(memberOf(model, "stored_bytes"));
        const Json& aggregate = valueAt(variant, "/figures/kl");
        const std::optional<double> kl = view.isDataset()
                                             ? numberOf(memberOf(aggregate, "value"))
                                             : numberOf(valueAt(variant, "/fidelity/kl"));
        if (!bytes || !kl) continue;
        points.push_back({view.variantName(model), *bytes, *kl,
                          numberOf(memberOf(aggregate, "low")),
                          numberOf(memberOf(aggregate, "high"))});
    }
    if (points.size() < 2 || view.isExact()) return;
    const std::string title = "Size and change of the answers";
    out.push_back(FigureBlock{paretoSvg(points, "KL divergence (nats)", title), title,
                              "The size of each variant's weights against the KL divergence of its "
                              "answers from the reference's; lower left is better."});
}

}  // namespace

Blocks systemsBlocks(const ReportView& view) {
    Table table{"models",
                "The reference and its variants. A scheme says how a model was compressed.",
                {{"role"},
                 {"model"},
                 {"family"},
                 {"scheme"},
                 {"stored as"},
                 {"computed in"},
                 {"weights", ColumnKind::Number},
                 {"bits per weight", ColumnKind::Number}},
                {modelRow(view, "reference", memberOf(view.found(), "reference"))}};
    Table digests{"digests",
                  "What identifies each model: its path as given, and the SHA-256 over its files "
                  "(and scheme).",
                  {{"model"}, {"path", ColumnKind::Code}, {"SHA-256", ColumnKind::Code}},
                  {}};
    const auto addDigest = [&](const Json& model) {
        digests.rows.push_back({modelName(model), textOf(memberOf(model, "path"), "–"),
                                textOf(memberOf(model, "digest"), "–")});
    };
    addDigest(memberOf(view.found(), "reference"));
    for (const Json& variant : memberOf(view.found(), "variants")) {
        table.rows.push_back(modelRow(view, "variant", variantModel(view, variant)));
        addDigest(variantModel(view, variant));
    }
    Blocks out = {table};
    addLineage(view, out);
    addStorage(view, out);
    addPareto(view, out);
    out.push_back(digests);
    return out;
}

Blocks dataBlocks(const ReportView& view) {
    const Json& found = view.found();
    FactTable facts;
    if (!view.isDataset()) {
        const std::string prompt = textOf(memberOf(found, "prompt"));
        facts.facts = {
            {"prompt", prompt.empty() ? "(given as token ids)" : prompt},
            {"tokens", std::to_string(memberOf(found, "tokens").size())},
            {"explained", "the " + textOf(valueAt(found, "/target/quantity")) + " of “" +
                              textOf(valueAt(found, "/target/text")) + "”, in every model"}};
        return {facts};
    }
    facts.facts = {{"file", textOf(valueAt(found, "/data/file")), true},
                   {"SHA-256", textOf(valueAt(found, "/data/digest"), "–"), true},
                   {"examples", view.number(memberOf(found, "examples"))},
                   {"failed in the reference", view.number(memberOf(found, "failed_examples"))}};
    Blocks out = {facts};
    BulletList notes;
    for (const Json& note : memberOf(found, "notes")) notes.items.push_back(textOf(note));
    if (!notes.items.empty()) out.push_back(notes);
    out.push_back(
        Paragraph{"How the examples were chosen, in what language they are and whether "
                  "they hold personal or health data is not known to this tool; the "
                  "person responsible must say so.",
                  true});
    return out;
}

}  // namespace driftlens
