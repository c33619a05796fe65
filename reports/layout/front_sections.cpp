// Cover and verdict: the answer, before everything that supports it.
#include "core/base/text.h"
#include "reports/document/limits.h"
#include "reports/document/summary.h"
#include "reports/layout/section_makers.h"

#include <algorithm>

namespace driftlens {
namespace {

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    });
    return text;
}

Callout headlineCallout(const Json& report) {
    const Headline headline = headlineOf(report);
    const Tone tone = headline.outcome == Headline::Outcome::Changed     ? Tone::Bad
                      : headline.outcome == Headline::Outcome::Unchanged ? Tone::Good
                                                                         : Tone::Caution;
    return {tone, headline.label, headline.text};
}

Callout verificationCallout(const Json& evidence) {
    if (evidence.is_null())
        return {Tone::Caution, "NOT LOGGED",
                "This run was not written to an audit log: nothing protects these numbers."};
    const std::string status = textOf(memberOf(evidence, "status"));
    const std::string word = status.substr(0, status.find(','));
    if (word == "ok")
        return {Tone::Good, "LOG VERIFIED",
                "When this report was made, the log was whole and signed (" + status +
                    "). Hold its checkpoint (section “Audit”) to check that yourself."};
    const Tone tone = word == "tampered" || word == "truncated" ? Tone::Bad : Tone::Caution;
    return {tone, "LOG " + upper(word), "What verifying the log gave: " + status + "."};
}

// In plain words, for those who read no further.
void addSummary(const ReportView& view, Blocks& out) {
    for (const Json& line : view.at("/summary")) out.push_back(Paragraph{textOf(line)});
}

std::string quoted(const std::string& text) {
    return "“" + text + "”";
}

FactTable coverFacts(const ReportView& view) {
    const Json& found = view.found();
    FactTable out;
    out.facts.push_back({"reference", modelName(memberOf(found, "reference"))});
    std::string variants;
    for (const Json& variant : memberOf(found, "variants")) {
        const Json& model = view.isDataset() ? variant : memberOf(variant, "model");
        variants += (variants.empty() ? "" : ", ") + modelName(model);
    }
    out.facts.push_back({"variants", variants.empty() ? "–" : variants});
    if (view.isDataset()) {
        out.facts.push_back({"data set", textOf(valueAt(found, "/data/file"))});
    } else {
        const std::string prompt = textOf(memberOf(found, "prompt"));
        out.facts.push_back({"prompt", prompt.empty() ? "(given as token ids)" : prompt});
    }
    const Json& evidence = view.at("/evidence");
    if (!evidence.is_null()) {
        out.facts.push_back({"run", textOf(memberOf(evidence, "run")), true});
        out.facts.push_back({"log", textOf(memberOf(evidence, "log_id")), true});
    }
    out.facts.push_back({"made", textOf(view.at("/created"))});
    out.facts.push_back({"responsible person (name, date, signature)", "________________"});
    return out;
}

// ---- verdicts

Table datasetVerdicts(const ReportView& view) {
    Table out{
        "verdicts",
        "Each variant by the figures that were declared to decide, with their 95 % intervals.",
        {{"variant"},
         {"figure"},
         {"value", ColumnKind::Number},
         {"95 % interval", ColumnKind::Number},
         {"margin", ColumnKind::Number},
         {"verdict"}},
        {}};
    for (const Json& variant : view.at("/dataset/variants")) {
        for (const Json& verdict : memberOf(variant, "verdicts")) {
            const std::string endpoint = textOf(memberOf(verdict, "endpoint"));
            const Json& figure = endpointFigure(variant, endpoint);
            out.rows.push_back({view.variantName(variant), endpoint, view.figure(figure),
                                view.interval(figure), view.number(memberOf(verdict, "margin")),
                                upper(textOf(memberOf(verdict, "verdict")))});
        }
    }
    return out;
}

// A verdict's sentence begins with its word; the table has the numbers itself.
std::string verdictWord(const std::string& sentence) {
    return sentence.substr(0, sentence.find(':'));
}

// The rest of it, beside a label that says the word.
std::string afterWord(const std::string& sentence) {
    const std::size_t colon = sentence.find(": ");
    return colon == std::string::npos ? sentence : sentence.substr(colon + 2);
}

Table promptVerdicts(const ReportView& view) {
    Table out{"verdicts",
              "Each variant on this prompt. No margin was declared, so none is judged by size.",
              {{"variant"},
               {"answer"},
               {"change of its probability", ColumnKind::Number},
               {"KL (nats)", ColumnKind::Number},
               {"method"},
               {"rank agreement (Spearman)", ColumnKind::Number},
               {"largest change of a score", ColumnKind::Number},
               {"verdict on the reasons"}},
              {}};
    for (const Json& variant : view.at("/comparison/variants")) {
        const Json& fidelity = memberOf(variant, "fidelity");
        const bool isFlip = isTrue(memberOf(fidelity, "flip"));
        const std::string answer =
            isFlip ? "CHANGED: " + quoted(textOf(valueAt(fidelity, "/reference_top/text"))) +
                         " → " + quoted(textOf(valueAt(fidelity, "/variant_top/text")))
                   : "KEPT: " + quoted(textOf(valueAt(fidelity, "/reference_top/text")));
        const auto row = [&](const Json& drift) {
            out.rows.push_back(
                {view.variantName(memberOf(variant, "model")), answer,
                 view.number(memberOf(fidelity, "probability_change")),
                 view.number(memberOf(fidelity, "kl")), textOf(memberOf(drift, "method"), "–"),
                 view.number(valueAt(drift, "/agreement/spearman"),
                             textOf(valueAt(drift, "/agreement/undefined/spearman"))),
                 view.number(memberOf(drift, "largest_difference")),
                 upper(verdictWord(textOf(memberOf(drift, "verdict"), "not judged")))});
        };
        const Json& explanations = memberOf(variant, "explanations");
        if (explanations.empty()) row(Json());
        for (const Json& drift : explanations) row(drift);
    }
    return out;
}

void addSentences(const ReportView& view, Blocks& out) {
    for (const Json& variant : view.at("/dataset/variants")) {
        for (const Json& verdict : memberOf(variant, "verdicts")) {
            const std::string word = textOf(memberOf(verdict, "verdict"));
            out.push_back(Callout{verdictTone(word), upper(word),
                                  view.variantName(variant) + ": " +
                                      afterWord(textOf(memberOf(verdict, "sentence"))) + "."});
        }
    }
}

void addGates(const ReportView& view, Blocks& out) {
    const Json& gates = view.at("/dataset/gates");
    if (gates.empty()) return;
    Table table{"gates",
                "Limits that were declared with the run.",
                {{"limit", ColumnKind::Code}, {"outcome"}, {"why"}},
                {}};
    for (const Json& gate : gates)
        table.rows.push_back({textOf(memberOf(gate, "gate")),
                              upper(textOf(memberOf(gate, "outcome"))),
                              textOf(memberOf(gate, "explanation"))});
    out.push_back(table);
}

}  // namespace

Blocks coverBlocks(const ReportView& view) {
    Blocks out = {headlineCallout(view.report())};
    addSummary(view, out);
    out.push_back(verificationCallout(view.at("/evidence")));
    out.push_back(coverFacts(view));
    out.push_back(Subheading{"What this does not establish"});
    BulletList limits;
    for (const Json& each : view.at("/limits")) limits.items.push_back(textOf(each));
    out.push_back(limits);
    return out;
}

Blocks verdictBlocks(const ReportView& view) {
    Blocks out;
    const Json& chosen = view.at("/sections");
    const auto isCover = [](const Json& section) { return section == "cover"; };
    if (!chosen.is_null() && std::none_of(chosen.begin(), chosen.end(), isCover))
        addSummary(view, out);
    out.push_back(view.isDataset() ? datasetVerdicts(view) : promptVerdicts(view));
    if (view.isDataset()) {
        addSentences(view, out);
        addGates(view, out);
    }
    out.push_back(Paragraph{computeSentence(view.report()), true});
    return out;
}

}  // namespace driftlens
