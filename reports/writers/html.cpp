#include "reports/writers/html.h"

#include "core/base/text.h"
#include "reports/figures/token_strip.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:2em auto;padding:0 "
    "1em;color:#222}"
    "h1{font-size:1.5em}h2{font-size:1.2em;margin-top:2em;border-bottom:1px solid #ddd}"
    "table{border-collapse:collapse;margin:.7em 0}td,th{border:1px solid "
    "#ccc;padding:.25em "
    ".6em;text-align:left}"
    "th{background:#f4f4f4}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "section{overflow-x:auto}.box{border-left:4px solid #2c7bb6;background:#f3f8fc;padding:.6em "
    "1em}"
    ".flip{border-color:#e66101;background:#fdf3ea}code{word-break:break-all}"
    "svg{max-width:100%;height:auto}svg .token{font:13px sans-serif}svg .value{font:11px "
    "monospace;fill:#444}"
    "@media print{body{margin:0}h2{break-after:avoid}svg{break-inside:avoid}}";

std::string cell(const std::string& text) {
    return "<td>" + escapeXml(text) + "</td>";
}
std::string number(double value) {
    return "<td class=\"n\">" + formatNumber(value, 4) + "</td>";
}

std::string figure(const Figure& f) {
    return f.value ? number(*f.value)
                   : "<td class=\"n\" title=\"" + escapeXml(f.reason) + "\">n/a</td>";
}

std::string figureAt(const std::map<int, Figure>& figures, int k) {
    const auto found = figures.find(k);
    return found == figures.end() ? "<td class=\"n\">n/a</td>" : figure(found->second);
}

std::string section(const std::string& title, const std::string& body) {
    return "<section><h2>" + escapeXml(title) + "</h2>" + body + "</section>";
}

std::string verdict(const Comparison& c) {
    std::string out;
    for (const std::string& warning : c.warnings)
        out += "<p class=\"box\">Warning: " + escapeXml(warning) + ".</p>";
    for (const VariantResult& v : c.variants) {
        const Fidelity& f = v.fidelity;
        out += "<p class=\"box" + std::string(f.flip ? " flip" : "") + "\"><strong>" +
               escapeXml(v.model.name()) + "</strong>: ";
        out += f.flip ? "the answer flips from “" + escapeXml(f.referenceTopText) + "” to “" +
                            escapeXml(f.variantTopText) + "”."
                      : "the answer stays “" + escapeXml(f.referenceTopText) + "”.";
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
    return "<tr>" + cell(role) + cell(m.name()) + cell(m.family) + cell(m.storedForm) +
           cell(m.compute) + cell(formatBytes(static_cast<unsigned long long>(m.storedBytes))) +
           "<td><code>" + m.digest + "</code></td></tr>";
}

std::string models(const Comparison& c) {
    std::string rows = modelRow("reference", c.reference);
    for (const VariantResult& v : c.variants) rows += modelRow("variant", v.model);
    return "<table><tr><th>role</th><th>model</th><th>family</th><th>stored as</th><th>computed "
           "in</th><th>weights</th>"
           "<th>digest (SHA-256)</th></tr>" +
           rows + "</table>";
}

std::string fidelity(const Comparison& c) {
    std::string rows;
    for (const VariantResult& v : c.variants) {
        const Fidelity& f = v.fidelity;
        rows += "<tr>" + cell(v.model.name()) + number(f.kl) + number(f.reverseKl) + number(f.js) +
                cell(f.flip ? "yes" : "no") + number(f.probabilityChange) + "</tr>";
    }
    return "<table><tr><th>variant</th><th>KL (nats)</th><th>reverse KL</th><th>JS "
           "(bits)</th><th>flip</th>"
           "<th>probability change</th></tr>" +
           rows + "</table>";
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
        strip("difference, variant − reference, " + v.model.name(), {tokens, difference});
    }
    return out;
}

std::string agreement(const Comparison& c) {
    std::string rows;
    for (const VariantResult& v : c.variants) {
        for (const ExplanationDrift& d : v.explanations) {
            rows += "<tr>" + cell(v.model.name()) + cell(d.method) + figure(d.agreement.spearman) +
                    figure(d.agreement.kendall) + figure(d.agreement.cosine) +
                    figureAt(d.agreement.jaccard, 3) + figureAt(d.agreement.signAgreement, 3) +
                    number(d.largestDifference) + number(d.repeatability.float64Difference) +
                    number(d.repeatability.batchShapeDifference) + "</tr>";
        }
    }
    return "<table><tr><th>variant</th><th>method</th><th>Spearman</th><th>Kendall "
           "τ-b</th><th>cosine</th>"
           "<th>Jaccard@3</th><th>sign agreement@3</th><th>largest change</th><th>float64 "
           "floor</th>"
           "<th>batch-shape floor</th></tr>" +
           rows +
           "</table><p>The two floors are the reference against itself: "
           "computed in float64, and in another batch shape (repeatability).</p>";
}

std::string evidence(const ReportDocument& d) {
    if (!d.evidence) return "<p>This run was not written to an audit log.</p>";
    const LogEvidence& e = *d.evidence;
    return "<table><tr><th>log</th>" + cell(e.logFile) + "</tr><tr><th>log id</th>" +
           cell(e.logId) + "</tr><tr><th>run</th>" + cell(e.runId) + "</tr><tr><th>records</th>" +
           cell(std::to_string(e.firstRecord) + " to " + std::to_string(e.lastRecord)) +
           "</tr><tr><th>last record's hash</th><td><code>" + e.head +
           "</code></td></tr><tr><th>verification</th>" + cell(e.status) + "</tr></table>";
}

std::string list(const std::vector<std::string>& items) {
    std::string out = "<ul>";
    for (const std::string& item : items) out += "<li>" + escapeXml(item) + "</li>";
    return out + "</ul>";
}

}  // namespace

std::string toHtml(const ReportDocument& document) {
    const Comparison& c = document.comparison;
    std::string figures;
    for (std::size_t m = 0; m < c.variants.front().explanations.size(); ++m)
        figures += strips(c, m);
    const std::string subject = c.input.text.empty() ? "(given as token ids)" : c.input.text;
    return "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
           "content=\"width=device-width\"><title>" +
           escapeXml(document.title) + "</title><style>" + kStyle + "</style></head><body><h1>" +
           escapeXml(document.title) + "</h1><p>Prompt: <strong>" + escapeXml(subject) +
           "</strong><br>Explained: the " +
           escapeXml(std::string(quantityName(c.target.quantity))) + " of “" +
           escapeXml(c.target.text) + "”, in every model. Made " + document.createdUtc + ".</p>" +
           section("Verdict", verdict(c)) +
           section("What this does not establish", list(document.limits)) +
           section("Models", models(c)) + section("Change of outputs", fidelity(c)) +
           section("Explanations side by side", figures) +
           section("Agreement, and what it is measured against", agreement(c)) +
           section("Audit", evidence(document)) +
           section("How it was made", "<p>Command: <code>" + escapeXml(document.command) +
                                          "</code></p><p>Environment: <code>" +
                                          escapeXml(document.environment.dump()) + "</code></p>") +
           "</body></html>\n";
}

}  // namespace driftlens
