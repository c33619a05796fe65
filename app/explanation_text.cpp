#include "app/explanation_text.h"

#include "core/base/display_text.h"
#include "core/base/parameters.h"
#include "core/base/text.h"
#include "reports/document/explanation.h"
#include "reports/figures/token_strip.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace driftlens {
namespace {

constexpr double kBarWidth = 24.0;
constexpr std::size_t kMostParts = 60;    // rows; files have all
constexpr std::size_t kTextColumns = 72;  // of a row's text; sentences are cut
constexpr std::size_t kNameColumns = 40;  // of a part's name, behind which its figures stand
constexpr std::size_t kMostAnswers = 3;
constexpr std::size_t kMostPairs = 5;
constexpr std::size_t kMostAnswerTokens = 8;
constexpr std::size_t kCardWidth = 88;
// Scores below this share of the norms are what is left after large numbers cancel.
constexpr double kSmallAgainstNorms = 0.1;

// Scores of one table, all printed in one way: fixed, or with exponents where all are small.
class ScoreFormat {
public:
    ScoreFormat(double scale, bool isColoured) : m_scale(scale), m_isColoured(isColoured) {}

    std::string value(double score) const {
        const bool isSmall = m_scale > 0.0 && m_scale < 0.01;
        std::array<char, 48> out{};
        std::snprintf(out.data(), out.size(), isSmall ? "%+11.3e" : "%+11.4f", score);
        return out.data();
    }

    std::string bar(double score) const {
        const double share = m_scale > 0.0 ? std::abs(score) / m_scale : 0.0;
        const auto length = static_cast<std::size_t>(std::lround(share * kBarWidth));
        const std::string bar(length, score >= 0.0 ? '+' : '-');
        const std::string rest(static_cast<std::size_t>(kBarWidth) + 1 - length, ' ');
        if (!m_isColoured || length == 0) return bar + rest;
        return (score >= 0.0 ? "\033[33m" : "\033[34m") + bar + "\033[0m" + rest;
    }

private:
    double m_scale;
    bool m_isColoured;
};

std::string padded(const std::string& text, std::size_t columns) {
    const std::size_t width = displayColumns(text);
    return text + std::string(columns > width ? columns - width : 0, ' ');
}

std::string rightAligned(const std::string& text, std::size_t columns) {
    const std::size_t width = displayColumns(text);
    return std::string(columns > width ? columns - width : 0, ' ') + text;
}

bool showsNorms(const Attribution& a) {
    return !a.norms.empty() && scaleOf(a.scores) < kSmallAgainstNorms * scaleOf(a.norms);
}

std::string tokenTable(const Attribution& a, const std::vector<Token>& tokens, bool isColoured) {
    const ScoredColumns columns = columnsOf(a, tokens);
    const ScoreFormat format(scaleOf(columns.scores), isColoured);
    const bool withNorms = showsNorms(a);
    const bool withErrors = !a.standardError.empty();
    std::ostringstream out;
    if (withNorms || withErrors)
        out << rightAligned("score", 13) << (withErrors ? rightAligned("± error", 12) : "")
            << (withNorms ? rightAligned("norm", 11) : "") << "\n";
    for (std::size_t i = 0; i < columns.scores.size(); ++i) {
        const std::size_t before = a.virtualScores.size();
        const bool isToken = i >= before;  // virtual ones have neither error nor norm
        const auto figure = [&](const std::vector<double>& values) {
            return isToken ? formatNumber(values.at(i - before), 3) : std::string();
        };
        out << "  " << format.value(columns.scores[i]);
        if (withErrors) out << rightAligned(figure(a.standardError), 12);
        if (withNorms) out << rightAligned(figure(a.norms), 11);
        out << "  " << format.bar(columns.scores[i]) << readableToken(columns.tokens[i]) << "\n";
    }
    if (withNorms) out << "  the scores are small against the norms: parts of each token cancel\n";
    return out.str();
}

// The parts' names, figures and best answers as columns of text; a row per part, after a header.
std::vector<std::vector<std::string>> partColumns(const Attribution& a,
                                                  const std::vector<std::size_t>& shown) {
    const std::vector<std::string> names = figureNames(a);
    std::vector<std::vector<std::string>> rows = {{"part"}};
    rows.front().insert(rows.front().end(), names.begin(), names.end());
    rows.front().emplace_back(hasAnswers(a) ? "best answers, log-probability" : "");
    for (const std::size_t i : shown) {
        const Part& part = a.parts[i];
        rows.push_back({cutText(displayText(part.name), kNameColumns)});
        for (const std::string& name : names) {
            const auto found = part.figures.find(name);
            rows.back().push_back(found == part.figures.end() ? ""
                                                              : formatNumber(found->second, 3));
        }
        rows.back().push_back(answersText(part.answers, kMostAnswers));
    }
    return rows;
}

std::vector<std::size_t> widthsOf(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> out(rows.front().size(), 0);
    for (const std::vector<std::string>& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            out[i] = std::max(out[i], displayColumns(row[i]));
    return out;
}

std::string partTable(const Attribution& a, bool isColoured) {
    const ScoreFormat format(scaleOf(a.scores), isColoured);
    const std::vector<std::size_t> shown = largestIndices(a.scores, kMostParts);
    const std::vector<std::vector<std::string>> rows = partColumns(a, shown);
    const std::vector<std::size_t> widths = widthsOf(rows);
    std::ostringstream out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::string row = i == 0 ? rightAligned("score", 13) + std::string(27, ' ')
                                 : "  " + format.value(a.scores[shown[i - 1]]) + "  " +
                                       format.bar(a.scores[shown[i - 1]]);
        row += padded(rows[i].front(), widths.front());
        for (std::size_t c = 1; c + 1 < rows[i].size(); ++c)
            row += "  " + rightAligned(rows[i][c], widths[c]);
        row += "  " + rows[i].back();
        out << row.substr(0, row.find_last_not_of(' ') + 1) << "\n";
    }
    if (shown.size() < a.parts.size())
        out << "  the " << shown.size() << " largest of " << a.parts.size()
            << " parts; --json and --out FILE.csv give all\n";
    return out.str();
}

std::string groupTable(const Attribution& a, bool isColoured) {
    const ScoredColumns columns = columnsOfGroups(a);
    const ScoreFormat format(scaleOf(columns.scores), isColoured);
    std::string out;
    for (std::size_t i = 0; i < columns.scores.size(); ++i) {
        out += "  " + format.value(columns.scores[i]) + "  " + format.bar(columns.scores[i]) +
               cutText(readableToken(columns.tokens[i]), kTextColumns) + "\n";
    }
    return out;
}

// Breaks at spaces; later lines are indented.
std::string wrapped(const std::string& text, std::size_t indent) {
    std::string out;
    std::size_t column = indent;
    for (const std::string& word : splitText(text, ' ')) {
        const std::size_t width = displayColumns(word);
        if (column > indent && column + 1 + width > kCardWidth) {
            out += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (column > indent) {
            out += " ";
            ++column;
        }
        out += word;
        column += width;
    }
    return out + "\n";
}

std::string scoresText(const Attribution& a, const std::vector<Token>& tokens, bool isColoured) {
    const std::string rule = a.groupRule.empty() ? "" : wrapped("groups: " + a.groupRule, 0);
    if (!a.parts.empty()) return rule + partTable(a, isColoured);
    if (!a.groups.empty()) return rule + groupTable(a, isColoured);
    return tokenTable(a, tokens, isColoured);
}

std::string figuresText(const std::map<std::string, double>& figures) {
    std::string out;
    for (const auto& [name, value] : figures)
        out += (out.empty() ? "" : "; ") + name + " " + formatNumber(value, 4);
    return out.empty() ? "" : out + "\n";
}

std::string editsText(const std::vector<Edit>& edits) {
    std::string out;
    for (const Edit& edit : edits)
        out += "edit: “" + displayText(edit.from) + "” → “" + displayText(edit.to) + "”\n";
    return out;
}

std::string metricsText(const Attribution& a) {
    if (a.metrics.empty()) return "";
    std::string out = "metrics:\n";
    for (const MetricInfo& info : explanationMetrics()) {
        const auto found = a.metrics.find(info.id);
        if (found == a.metrics.end() || !found->second.value) continue;
        const std::string better = info.better.empty() ? "" : " (" + info.better + " is better)";
        out += "  " + rightAligned(formatNumber(*found->second.value, 4), 11) + "  " + info.title +
               better + "\n";
    }
    for (const auto& [id, figure] : a.metrics)
        if (!figure.value)
            out += "  " + rightAligned("–", 11) + "  " + id + ": " + figure.reason + "\n";
    return out;
}

std::string interactionsText(const Attribution& a, const std::vector<Token>& tokens) {
    if (!a.interactions) return "";
    std::string out = "pairs with the largest interaction:\n";
    for (const UnitPair& pair : strongestPairs(*a.interactions, tokens, kMostPairs))
        out += "  " + rightAligned(formatNumber(pair.value, 3), 11) + "  " + pair.first + " × " +
               pair.second + "\n";
    return out;
}

// A row per token of the prompt, a column per token of the answer.
std::string answerTokensText(const Attribution& a, const std::vector<Token>& tokens) {
    if (a.answerTokens.empty()) return "";
    const std::size_t shown = std::min(a.answerTokens.size(), kMostAnswerTokens);
    constexpr std::size_t kWidth = 10;
    std::string out = "by token of the answer";
    if (shown < a.answerTokens.size())
        out += " (the first " + std::to_string(shown) + " of " +
               std::to_string(a.answerTokens.size()) + "; --json gives all)";
    out += ":\n";
    for (std::size_t c = 0; c < shown; ++c)
        out += rightAligned(cutText(displayText(readablePiece(a.answerTokens[c].text)), kWidth - 1),
                            kWidth);
    out += "\n";
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        for (std::size_t c = 0; c < shown; ++c)
            out += rightAligned(formatNumber(a.answerTokens[c].scores[i], 2), kWidth);
        out += "  " + readableToken(tokens[i]) + "\n";
    }
    return out;
}

std::string cardRow(const std::string& name, const std::string& text, std::size_t columns) {
    return text.empty() ? "" : padded(name, columns) + wrapped(text, columns);
}

// "a|b" of a choice, so that it can be wrapped.
std::string spacedChoices(const std::string& allowed) {
    std::string out;
    for (const std::string& choice : splitText(allowed, '|'))
        out += (out.empty() ? "" : ", ") + choice;
    return out;
}

}  // namespace

std::string explanationText(const Explanation& e, bool isColoured) {
    std::ostringstream out;
    out << e.model.name() << "\nexplained: " << quantityName(e.target.quantity) << " of \""
        << displayText(e.target.text) << "\" = " << formatNumber(e.targetValue, 6) << "\n";
    for (const Attribution& a : e.results) {
        out << "\n"
            << formatNamedSettings(a.method, a.settings)
            << "\nbaseline: " << displayText(a.baseline) << "; " << a.evaluations
            << " evaluations in " << formatNumber(a.seconds, 3) << " s";
        if (a.completenessGap) out << "; completeness gap " << formatNumber(*a.completenessGap, 3);
        out << "\n"
            << scoresText(a, e.input.tokens, isColoured) << editsText(a.edits)
            << figuresText(a.figures) << answerTokensText(a, e.input.tokens)
            << interactionsText(a, e.input.tokens) << metricsText(a);
        for (const std::string& warning : a.warnings)
            out << "warning: " << displayText(warning) << "\n";
    }
    if (!e.leftOut.empty()) out << "\nleft out:\n";
    for (const Explanation::LeftOut& each : e.leftOut)
        out << "  " << displayText(each.reason) << "\n";
    return out.str();
}

std::string methodCardText(const MethodCard& card) {
    std::string out = card.title + " (--method " + card.id + ")\n\n";
    std::size_t columns = 16;
    for (const MethodCard::Fact& fact : card.facts) out += cardRow(fact.name, fact.text, columns);
    out += card.settings.empty() ? "\nsettings: none\n" : "\nsettings\n";
    const auto nameOf = [](const MethodCard::Setting& each) {
        return "  " + each.name + "=" + each.fallback;
    };
    for (const MethodCard::Setting& each : card.settings)
        columns = std::max(columns, displayColumns(nameOf(each)) + 2);
    for (const MethodCard::Setting& each : card.settings)
        out += cardRow(nameOf(each), each.meaning + ": " + spacedChoices(each.allowed), columns);
    return out;
}

}  // namespace driftlens
