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

std::string figuresText(const Part& part) {
    std::string out;
    for (const auto& [name, value] : part.figures)
        out += "  " + name + " " + formatNumber(value, 3);
    return out;
}

std::string partTable(const Attribution& a, bool isColoured) {
    const ScoreFormat format(scaleOf(a.scores), isColoured);
    const std::vector<std::size_t> shown = largestIndices(a.scores, kMostParts);
    std::size_t nameColumns = 0;
    for (const std::size_t i : shown)
        nameColumns = std::max(nameColumns, displayColumns(displayText(a.parts[i].name)));
    nameColumns = std::min(nameColumns, kNameColumns);
    std::ostringstream out;
    for (const std::size_t i : shown) {
        const Part& part = a.parts[i];
        std::string row = "  " + format.value(a.scores[i]) + "  " + format.bar(a.scores[i]) +
                          padded(displayText(part.name), nameColumns) + figuresText(part);
        if (!part.answers.empty()) row += "  " + answersText(part.answers, kMostAnswers);
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

std::string scoresText(const Attribution& a, const std::vector<Token>& tokens, bool isColoured) {
    const std::string rule = a.groupRule.empty() ? "" : "groups: " + a.groupRule + "\n";
    if (!a.parts.empty()) return rule + partTable(a, isColoured);
    if (!a.groups.empty()) return rule + groupTable(a, isColoured);
    return tokenTable(a, tokens, isColoured);
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

std::string cardRow(const std::string& name, const std::string& text) {
    constexpr std::size_t kColumns = 16;
    return text.empty() ? "" : padded(name, kColumns) + wrapped(text, kColumns);
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
        out << "\n" << scoresText(a, e.input.tokens, isColoured);
        for (const std::string& warning : a.warnings)
            out << "warning: " << displayText(warning) << "\n";
    }
    return out.str();
}

std::string methodCardText(const MethodCard& card) {
    std::string out = card.title + " (--method " + card.id + ")\n\n";
    out += cardRow("definition", card.definition) + cardRow("paper", card.paper);
    for (const MethodCard::Claim& claim : card.claims) out += cardRow(claim.name, claim.value);
    out += cardRow("caveats", card.caveats);
    out += card.settings.empty() ? "\nsettings: none\n" : "\nsettings\n";
    for (const MethodCard::Setting& each : card.settings)
        out += cardRow("  " + each.name + "=" + each.fallback, each.meaning + ": " + each.allowed);
    return out;
}

}  // namespace driftlens
