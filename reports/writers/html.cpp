#include "reports/writers/html.h"

#include "core/base/display_text.h"
#include "core/base/text.h"
#include "reports/figures/token_strip.h"
#include "reports/writers/method_card_html.h"
#include "reports/writers/page.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

std::string figure(const Figure& f) {
    return f.value ? htmlNumber(*f.value)
                   : "<td class=\"n\" title=\"" + escapeXml(f.reason) + "\">n/a</td>";
}

std::string figureAt(const std::map<int, Figure>& figures, int k) {
    const auto found = figures.find(k);
    return found == figures.end() ? "<td class=\"n\">n/a</td>" : figure(found->second);
}

std::string verdict(const Comparison& c) {
    std::string out;
    for (const std::string& warning : c.warnings)
        out += "<p class=\"box\">Warning: " + escapeXml(warning) + ".</p>";
    for (const VariantResult& v : c.variants) {
        const Fidelity& f = v.fidelity;
        out += "<p class=\"box" + std::string(f.flip ? " flip" : "") + "\"><strong>" +
               escapeXml(v.model.name()) + "</strong>: ";
        out += f.flip ? "the answer flips from “" + escapeXml(displayText(f.referenceTopText)) +
                            "” to “" + escapeXml(displayText(f.variantTopText)) + "”."
                      : "the answer stays “" + escapeXml(displayText(f.referenceTopText)) + "”.";
        out += " Its probability goes from " + formatNumber(f.referenceProbability, 4) + " to " +
               formatNumber(f.variantProbability, 4) + ".";
        for (const ExplanationDrift& d : v.explanations) {
            out += " <em>" + escapeXml(d.method) + "</em>: " + escapeXml(d.verdict) + ".";
        }
        for (const std::string& warning : v.warnings)
            out += "<br>Warning: " + escapeXml(warning) + ".";
        out += "</p>";
    }
    return out;
}

std::string modelRow(const std::string& role, const ModelIdentity& m) {
    return "<tr>" + htmlCell(role) + htmlCell(m.name()) + htmlCell(m.family) +
           htmlCell(m.storedForm) + htmlCell(m.compute) +
           htmlCell(formatBytes(static_cast<unsigned long long>(m.storedBytes))) + "<td><code>" +
           m.digest + "</code></td></tr>";
}

std::string models(const Comparison& c) {
    std::string rows = modelRow("reference", c.reference);
    for (const VariantResult& v : c.variants) rows += modelRow("variant", v.model);
    return htmlTable(
        {"role", "model", "family", "stored as", "computed in", "weights", "digest (SHA-256)"},
        rows);
}

std::string fidelity(const Comparison& c) {
    std::string rows;
    for (const VariantResult& v : c.variants) {
        const Fidelity& f = v.fidelity;
        rows += "<tr>" + htmlCell(v.model.name()) + htmlNumber(f.kl) + htmlNumber(f.reverseKl) +
                htmlNumber(f.js) + htmlCell(f.flip ? "yes" : "no") +
                htmlNumber(f.probabilityChange) + "</tr>";
    }
    return htmlTable(
        {"variant", "KL (nats)", "reverse KL", "JS (bits)", "flip", "probability change"}, rows);
}

double sharedScale(const Comparison& c, std::size_t method) {
    double scale = 0.0;
    for (const VariantResult& v : c.variants) {
        const ExplanationDrift& drift = v.explanations[method];
        for (const Attribution* attribution : {&drift.reference, &drift.variant}) {
            for (const double s : columnsOf(*attribution, {}).scores)
                scale = std::max(scale, std::abs(s));
        }
    }
    return scale;
}

std::string strips(const Comparison& c, std::size_t method) {
    const double scale = sharedScale(c, method);
    const ExplanationDrift& first = c.variants.front().explanations[method];
    std::string settings;
    for (const auto& [key, value] : first.reference.settings) settings += " " + key + "=" + value;
    std::string out = "<h3>" + escapeXml(first.method) + "</h3><p>Settings:" + escapeXml(settings) +
                      "; baseline: " + escapeXml(first.reference.baseline) +
                      ". One scale for all strips; full colour is ±" + formatNumber(scale, 3) +
                      ".</p>";
    const auto strip = [&](const std::string& name, const ScoredColumns& columns) {
        out += "<p><strong>" + escapeXml(name) + "</strong></p>" +
               tokenStripSvg(columns.tokens, columns.scores, scale, first.method + ", " + name);
    };
    const std::vector<Token>& tokens = c.input.tokens;
    strip("reference " + c.reference.name(), columnsOf(first.reference, tokens));
    for (const VariantResult& v : c.variants) {
        const ExplanationDrift& d = v.explanations[method];
        strip("variant " + v.model.name(), columnsOf(d.variant, tokens));
        std::vector<double> difference;
        for (std::size_t i = 0; i < d.variant.scores.size(); ++i) {
            difference.push_back(d.variant.scores[i] - d.reference.scores[i]);
        }
        Attribution changed = d.variant;
        changed.scores = difference;
        changed.virtualScores.clear();
        strip("difference, variant − reference, " + v.model.name(), columnsOf(changed, tokens));
    }
    out += methodCardHtml(first.method);
    return out;
}

std::string agreement(const Comparison& c) {
    std::string rows;
    for (const VariantResult& v : c.variants) {
        for (const ExplanationDrift& d : v.explanations) {
            rows += "<tr>" + htmlCell(v.model.name()) + htmlCell(d.method) +
                    figure(d.agreement.spearman) + figure(d.agreement.kendall) +
                    figure(d.agreement.cosine) + figureAt(d.agreement.jaccard, 3) +
                    figureAt(d.agreement.signAgreement, 3) + htmlNumber(d.largestDifference) +
                    htmlNumber(d.repeatability.float64Difference) +
                    htmlNumber(d.repeatability.batchShapeDifference) + "</tr>";
        }
    }
    return htmlTable({"variant", "method", "Spearman", "Kendall τ-b", "cosine", "Jaccard@3",
                      "sign agreement@3", "largest change", "float64 floor", "batch-shape floor"},
                     rows) +
           "<p>The two floors are the reference against itself: computed in float64, and in "
           "another batch shape (repeatability).</p>";
}

std::string evidence(const ReportDocument& d) {
    if (!d.evidence) return "<p>This run was not written to an audit log.</p>";
    const LogEvidence& e = *d.evidence;
    return htmlFacts(
        {{"log", escapeXml(e.logFile)},
         {"log id", escapeXml(e.logId)},
         {"run", escapeXml(e.runId)},
         {"records", std::to_string(e.firstRecord) + " to " + std::to_string(e.lastRecord)},
         {"last record's hash", htmlCode(e.head)},
         {"verification", escapeXml(e.status)}});
}

}  // namespace

std::string toHtml(const ReportDocument& document) {
    const Comparison& c = document.comparison;
    std::string figures;
    for (std::size_t m = 0; m < c.variants.front().explanations.size(); ++m)
        figures += strips(c, m);
    const std::string subject = c.input.text.empty() ? "(given as token ids)" : c.input.text;
    const std::string header = "<p>Prompt: <strong><bdi>" + escapeXml(displayText(subject)) +
                               "</bdi></strong><br>Explained: the " +
                               escapeXml(std::string(quantityName(c.target.quantity))) + " of “" +
                               escapeXml(displayText(c.target.text)) + "”, in every model. Made " +
                               document.createdUtc + ".</p>";
    return htmlPage(
        document.title, header,
        htmlSection("Verdict", verdict(c)) +
            htmlSection("What this does not establish", htmlList(document.limits)) +
            htmlSection("Models", models(c)) + htmlSection("Change of outputs", fidelity(c)) +
            htmlSection("Explanations side by side", figures) +
            htmlSection("Agreement, and what it is measured against", agreement(c)) +
            htmlSection("Audit", evidence(document)) +
            htmlSection("How it was made", "<p>Command: " + htmlCode(document.command) +
                                               "</p><p>Environment: " +
                                               htmlCode(document.environment.dump()) + "</p>"));
}

}  // namespace driftlens
