#include "reports/writers/explanation_html.h"

#include "core/base/display_text.h"
#include "core/base/text.h"
#include "engine/compare/method_card.h"
#include "reports/document/explanation.h"
#include "reports/figures/attention_matrix.h"
#include "reports/figures/attention_overview.h"
#include "reports/figures/part_grid.h"
#include "reports/figures/token_strip.h"
#include "reports/writers/method_card_html.h"
#include "reports/writers/page.h"

namespace driftlens {
namespace {

constexpr std::size_t kMostStripColumns = 64;  // parts of the network beyond these: the table alone
constexpr std::size_t kMostMatrixCells = 12000;  // of the matrices of single layers
constexpr std::size_t kMostAnswers = 5;
constexpr std::size_t kMostPairs = 20;

std::string textCell(std::string_view text) {
    return "<td class=\"t\">" + escapeXml(displayText(text)) + "</td>";
}

std::string optionalNumber(const std::vector<double>& values, std::size_t i) {
    return i < values.size() ? htmlNumber(values[i]) : "<td class=\"n\"></td>";
}

std::string warningsHtml(const std::vector<std::string>& warnings) {
    std::string out;
    for (const std::string& warning : warnings)
        out += "<p class=\"box flip\">Warning: " + escapeXml(displayText(warning)) + ".</p>";
    return out;
}

// ---- facts

std::string gradientText(GradientKind gradient) {
    switch (gradient) {
        case GradientKind::None:
            return "not used";
        case GradientKind::Exact:
            return "exact, through the stored weights";
        case GradientKind::StraightThrough:
            return "straight through the rounding of activations: those of a surrogate";
    }
    return "";
}

std::string factsHtml(const Attribution& a) {
    std::string settings;
    for (const auto& [key, value] : a.settings)
        settings += (settings.empty() ? "" : ", ") + key + "=" + value;
    std::vector<HtmlFact> facts = {{"settings", settings.empty() ? "none" : htmlCode(settings)},
                                   {"baseline", escapeXml(displayText(a.baseline))},
                                   {"value at the input", formatNumber(a.targetValue, 6)}};
    if (a.baselineValue)
        facts.push_back({"value at the baseline", formatNumber(*a.baselineValue, 6)});
    facts.push_back({"completeness gap", a.completenessGap
                                             ? formatNumber(*a.completenessGap, 3)
                                             : "none stated: scores need not add up to the value"});
    facts.push_back({"gradient", gradientText(a.gradient)});
    facts.push_back({"evaluations",
                     std::to_string(a.evaluations) + " in " + formatNumber(a.seconds, 3) + " s"});
    return htmlFacts(facts);
}

// ---- scores

std::string stripHtml(const std::string& title, const ScoredColumns& columns) {
    if (columns.scores.size() > kMostStripColumns) return "";
    const double scale = scaleOf(columns.scores);
    return "<p>Orange is positive, blue negative; full colour is ±" + formatNumber(scale, 3) +
           ".</p>" + tokenStripSvg(columns.tokens, columns.scores, scale, title);
}

std::string tokenRows(const Attribution& a, const std::vector<Token>& tokens) {
    std::string rows;
    for (std::size_t i = 0; i < a.virtualScores.size(); ++i) {
        rows += htmlRow("<td></td><td></td>" + htmlCell(virtualTokenText(i)) + "<td></td>" +
                        htmlNumber(a.virtualScores[i]) + (a.norms.empty() ? "" : "<td></td>") +
                        (a.standardError.empty() ? "" : "<td></td>"));
    }
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        rows +=
            htmlRow("<td class=\"n\">" + std::to_string(i) + "</td><td class=\"n\">" +
                    std::to_string(token.id) + "</td>" + textCell(readableToken(token)) +
                    htmlCell(token.bytes ? std::to_string(token.bytes->begin) + "–" +
                                               std::to_string(token.bytes->end)
                                         : "") +
                    htmlNumber(a.scores[i]) + (a.norms.empty() ? "" : optionalNumber(a.norms, i)) +
                    (a.standardError.empty() ? "" : optionalNumber(a.standardError, i)));
    }
    return rows;
}

std::string tokenTable(const Attribution& a, const std::vector<Token>& tokens) {
    std::vector<std::string> headers = {"index", "id", "token", "bytes", "score"};
    if (!a.norms.empty()) headers.emplace_back("norm");
    if (!a.standardError.empty()) headers.emplace_back("standard error");
    return htmlDetails("Scores as a table", htmlTable(headers, tokenRows(a, tokens)));
}

std::string partTable(const Attribution& a) {
    std::vector<std::string> headers = {"part", "score"};
    const bool withAnswers = hasAnswers(a);
    const std::vector<std::string> figures = figureNames(a);
    if (!a.standardError.empty()) headers.emplace_back("standard error");
    headers.insert(headers.end(), figures.begin(), figures.end());
    if (withAnswers) headers.emplace_back("top answers, log-probability");
    std::string rows;
    for (std::size_t i = 0; i < a.parts.size(); ++i) {
        const Part& part = a.parts[i];
        std::string cells = textCell(part.name) + htmlNumber(a.scores[i]);
        if (!a.standardError.empty()) cells += optionalNumber(a.standardError, i);
        for (const std::string& name : figures) {
            const auto found = part.figures.find(name);
            cells += found == part.figures.end() ? "<td></td>" : htmlNumber(found->second);
        }
        if (withAnswers) cells += htmlCell(answersText(part.answers, kMostAnswers));
        rows += htmlRow(cells);
    }
    return htmlDetails("Parts as a table", htmlTable(headers, rows),
                       withAnswers || a.parts.size() > kMostStripColumns);
}

std::string groupsHtml(const Attribution& a) {
    if (a.groupRule.empty()) return "";
    const std::string rule = "<p>" + escapeXml(a.groupRule) + ".</p>";
    if (a.groups.empty()) return "<h3>Groups</h3>" + rule;
    std::string rows;
    for (const ScoreGroup& group : a.groups) {
        rows += htmlRow(textCell(group.text) + htmlCell(std::to_string(group.tokens.size())) +
                        htmlNumber(group.score));
    }
    return "<h3>Groups</h3>" + rule + stripHtml(a.method + ", groups", columnsOfGroups(a)) +
           htmlDetails("Groups as a table", htmlTable({"group", "tokens", "score"}, rows));
}

// ---- what some methods have besides

std::string editsHtml(const std::vector<Edit>& edits) {
    std::string rows;
    for (const Edit& edit : edits) rows += htmlRow(textCell(edit.from) + textCell(edit.to));
    return rows.empty() ? "" : "<h3>Edits</h3>" + htmlTable({"word", "becomes"}, rows);
}

std::string figuresHtml(const Attribution& a) {
    std::string rows;
    for (const auto& [name, value] : a.figures) rows += htmlRow(htmlCell(name) + htmlNumber(value));
    return rows.empty() ? "" : "<h3>Figures</h3>" + htmlTable({"figure", "value"}, rows);
}

std::string metricsHtml(const Attribution& a) {
    std::string rows;
    for (const MetricInfo& info : explanationMetrics()) {
        const auto found = a.metrics.find(info.id);
        if (found == a.metrics.end()) continue;
        const Figure& figure = found->second;
        rows += htmlRow(htmlCell(info.title) +
                        (figure.value ? htmlNumber(*figure.value) : "<td class=\"n\">–</td>") +
                        htmlCell(info.better) +
                        htmlCell(figure.value ? info.definition : figure.reason));
    }
    return rows.empty() ? ""
                        : "<h3>How good is this explanation?</h3>" +
                              htmlTable({"metric", "value", "better", "definition"}, rows);
}

std::string interactionsHtml(const Attribution& a, const std::vector<Token>& tokens) {
    if (!a.interactions) return "";
    std::string rows;
    for (const UnitPair& pair : strongestPairs(*a.interactions, tokens, kMostPairs))
        rows += htmlRow(textCell(pair.first) + textCell(pair.second) + htmlNumber(pair.value));
    return "<h3>Interactions</h3><p>" + escapeXml(a.interactions->meaning) + "; the " +
           std::to_string(kMostPairs) + " strongest pairs.</p>" +
           htmlTable({"unit", "and unit", "interaction"}, rows);
}

std::string answerTokensHtml(const Attribution& a, const std::vector<Token>& tokens) {
    if (a.answerTokens.empty()) return "";
    std::vector<std::string> headers = {"token of the prompt"};
    for (const AnswerTokenScores& token : a.answerTokens)
        headers.push_back(displayText(readablePiece(token.text)));
    std::string rows;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        std::string cells = textCell(readableToken(tokens[i]));
        for (const AnswerTokenScores& token : a.answerTokens) cells += htmlNumber(token.scores[i]);
        rows += htmlRow(cells);
    }
    return htmlDetails("Scores for each token of the answer", htmlTable(headers, rows));
}

// ---- attention

// Layer by layer, as many as a page should hold.
std::string layerMatrices(const std::vector<AttentionMap>& maps, const std::vector<Token>& labels) {
    std::string out;
    std::size_t cells = 0;
    std::size_t leftOut = 0;
    for (const AttentionMap& map : maps) {
        if (map.head >= 0) continue;
        const std::size_t shown = std::min<std::size_t>(labels.size(), 48);
        cells += shown * shown;
        if (cells > kMostMatrixCells) {
            ++leftOut;
            continue;
        }
        out += htmlDetails("Layer " + std::to_string(map.layer) + ", mean of heads",
                           attentionMatrixSvg(map, labels));
    }
    if (leftOut > 0)
        out += "<p>The matrices of " + std::to_string(leftOut) +
               " more layers are left out; --json --attention has all.</p>";
    return out;
}

// A method's maps: attention itself has one per head; others weigh it, or follow it through all
// blocks (one map of no layer).
std::string attentionHtml(const Attribution& a, const std::vector<Token>& tokens) {
    const std::vector<AttentionMap> mean = meanOverLayers(a.attention);
    if (mean.empty()) return "";
    const std::vector<Token> labels = attentionLabels(a, tokens);
    if (a.attention.front().layer < 0)
        return "<h3>Through all layers</h3>" + attentionMatrixSvg(mean.front(), labels);
    const bool hasHeads = std::any_of(a.attention.begin(), a.attention.end(),
                                      [](const AttentionMap& map) { return map.head >= 0; });
    return (hasHeads ? "<h3>Attention, layer by head</h3>" + attentionOverviewSvg(a.attention)
                     : "") +
           "<h3>Mean of all layers and heads</h3>" + attentionMatrixSvg(mean.front(), labels) +
           layerMatrices(a.attention, labels);
}

std::string resultHtml(const Attribution& a, const TokenizedInput& input) {
    std::string figure = partGridSvg(a, input.tokens);
    if (figure.empty()) figure = stripHtml(a.method + ", scores", columnsOf(a, input.tokens));
    return warningsHtml(a.warnings) + figure + editsHtml(a.edits) + groupsHtml(a) +
           (a.parts.empty() ? tokenTable(a, input.tokens) : partTable(a)) +
           answerTokensHtml(a, input.tokens) + interactionsHtml(a, input.tokens) + figuresHtml(a) +
           metricsHtml(a) + factsHtml(a) + attentionHtml(a, input.tokens) +
           methodCardHtml(a.method);
}

std::string modelHtml(const ModelIdentity& m) {
    return htmlFacts({{"model", escapeXml(m.path)},
                      {"family", escapeXml(m.family)},
                      {"scheme", escapeXml(m.scheme)},
                      {"stored as", escapeXml(m.storedForm)},
                      {"computed in", escapeXml(m.compute)},
                      {"weights", formatBytes(static_cast<unsigned long long>(m.storedBytes))},
                      {"digest (SHA-256)", htmlCode(m.digest)}});
}

}  // namespace

std::string explanationHtml(const Explanation& e, const Provenance& made) {
    const std::string prompt = e.input.text.empty() ? "(given as token ids)" : e.input.text;
    const std::string header = "<p>Prompt: <strong><bdi>" + escapeXml(displayText(prompt)) +
                               "</bdi></strong><br>Explained: the " +
                               escapeXml(quantityName(e.target.quantity)) + " of “<bdi>" +
                               escapeXml(displayText(e.target.text)) + "</bdi>”, " +
                               formatNumber(e.targetValue, 6) + ".</p>";
    std::string body = warningsHtml(e.warnings);
    for (const Attribution& a : e.results)
        body += htmlSection(methodCard(a.method).title, resultHtml(a, e.input));
    std::string leftOut;
    for (const Explanation::LeftOut& each : e.leftOut)
        leftOut += "<li>" + escapeXml(displayText(each.reason)) + "</li>";
    if (!leftOut.empty()) body += htmlSection("Left out", "<ul>" + leftOut + "</ul>");
    body += htmlSection("Model", modelHtml(e.model));
    const std::string log = e.runId.empty() ? "This run was not written to an audit log."
                                            : "Logged as run " + e.runId + ".";
    body += htmlSection("How it was made",
                        "<p>Made " + escapeXml(made.createdUtc) + ". " + escapeXml(log) +
                            " An explanation describes a model's computation under its method's "
                            "assumptions; it is no proof of a cause in the world.</p><p>Command: " +
                            htmlCode(displayText(made.command)) +
                            "</p><p>Environment: " + htmlCode(made.environment.dump()) + "</p>");
    return htmlPage(explanationTitle(e), header, body);
}

}  // namespace driftlens
