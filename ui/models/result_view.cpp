#include "ui/models/result_view.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kMostDecimals = 8;

double largestMagnitude(const std::vector<double>& values) {
    double largest = 0.0;
    for (const double value : values) largest = std::max(largest, std::abs(value));
    return largest;
}

// Virtual tokens first, then gaps where another model has more of them, then the text's.
StripView stripOf(const QString& title, const std::vector<double>& virtualScores,
                  const std::vector<double>& scores, std::size_t virtualColumns) {
    StripView out{title, virtualScores, {}};
    out.scores.resize(virtualColumns, std::numeric_limits<double>::quiet_NaN());
    out.scores.insert(out.scores.end(), scores.begin(), scores.end());
    const int decimals = decimalsFor(out.scores);
    for (const double score : out.scores)
        out.values.push_back(std::isnan(score) ? QString() : signedNumber(score, decimals));
    return out;
}

QStringList columnsOf(const QStringList& tokens, std::size_t virtualColumns) {
    QStringList out;
    for (std::size_t i = 0; i < virtualColumns; ++i) out.push_back(u"[virtual %1]"_s.arg(i + 1));
    return out + tokens;
}

std::size_t virtualColumnsOf(const Comparison& comparison) {
    std::size_t most = 0;
    for (const VariantResult& result : comparison.variants) {
        for (const ExplanationDrift& drift : result.explanations) {
            most = std::max(
                {most, drift.reference.virtualScores.size(), drift.variant.virtualScores.size()});
        }
    }
    return most;
}

// The prompt's own characters where the token has some (vocabulary pieces of byte-level tokenizers
// are unreadable outside ASCII); spaces and line ends are made visible.
QString shownToken(const TokenizedInput& input, const Token& token) {
    const QString piece = QString::fromStdString(token.text);
    if (!token.bytes || token.bytes->end > input.text.size() ||
        token.bytes->begin >= token.bytes->end) {
        return piece;
    }
    QString text = QString::fromStdString(
        input.text.substr(token.bytes->begin, token.bytes->end - token.bytes->begin));
    if (text.contains(QChar::ReplacementCharacter)) return piece;
    return text.replace(u' ', QChar(0x2423)).replace(u'\n', QChar(0x21B5)).replace(u'\t', u'⇥');
}

QStringList shownTokens(const TokenizedInput& input) {
    QStringList out;
    for (const Token& token : input.tokens) out.push_back(shownToken(input, token));
    return out;
}

QString quoted(const std::string& text) {
    return u"“%1”"_s.arg(QString::fromStdString(text));
}

QString figure(double value) {
    return QString::number(value, 'g', 3).replace(u'-', QChar(0x2212));
}

QString targetText(const Target& target, double value) {
    // Values of the enumeration in its order.
    static const QString kQuantities[] = {u"logit"_s, u"probability"_s, u"log probability"_s};
    return u"%1 of %2 = %3"_s.arg(kQuantities[static_cast<std::size_t>(target.quantity)],
                                  quoted(target.text), figure(value));
}

QString fidelityText(const Fidelity& fidelity) {
    const QString flip = fidelity.flip
                             ? u"Flip: yes, %1 → %2"_s.arg(quoted(fidelity.referenceTopText),
                                                           quoted(fidelity.variantTopText))
                             : u"Flip: no, %1"_s.arg(quoted(fidelity.referenceTopText));
    return u"%1  ·  KL(reference ‖ variant) %2 nats  ·  probability of %3: %4 → %5 (%6)"_s.arg(
        flip, figure(fidelity.kl), quoted(fidelity.referenceTopText),
        QString::number(fidelity.referenceProbability, 'f', 4),
        QString::number(fidelity.variantProbability, 'f', 4),
        signedNumber(fidelity.probabilityChange, 4));
}

QString nameOf(const ModelIdentity& model) {
    return QString::fromStdString(model.name());
}

// Where a method explains by parts of the network, those are what strips show.
void showParts(QStringList& columns, const Attribution& attribution) {
    if (attribution.parts.empty()) return;
    columns.clear();
    for (const Part& part : attribution.parts) columns.push_back(QString::fromStdString(part.name));
}

QString headlineOf(const Target& target, double value, const std::string& method) {
    return u"%1, explained by %2"_s.arg(targetText(target, value), QString::fromStdString(method));
}

QString footnoteOf(const std::string& runId) {
    return runId.empty() ? u"Not logged"_s
                         : u"Logged as run %1"_s.arg(QString::fromStdString(runId));
}

void addWarnings(QStringList& out, const QString& where, const std::vector<std::string>& warnings) {
    for (const std::string& warning : warnings) {
        const QString text = QString::fromStdString(warning);
        const QString line = where.isEmpty() ? text : u"%1: %2"_s.arg(where, text);
        if (!out.contains(line)) out.push_back(line);
    }
}

VariantView variantViewOf(const VariantResult& result, std::size_t virtualColumns) {
    VariantView out;
    out.name = nameOf(result.model);
    out.fidelity = fidelityText(result.fidelity);
    const ExplanationDrift& drift = result.explanations.front();
    out.verdict = QString::fromStdString(drift.verdict);
    out.scores =
        stripOf(out.name, drift.variant.virtualScores, drift.variant.scores, virtualColumns);
    std::vector<double> difference(drift.variant.scores.size());
    std::transform(drift.variant.scores.begin(), drift.variant.scores.end(),
                   drift.reference.scores.begin(), difference.begin(), std::minus<>());
    out.difference = stripOf(u"Difference, variant − reference"_s, {}, difference, virtualColumns);
    for (const ExplanationDrift& each : result.explanations) {
        if (!each.variant.attention.empty()) out.maps = each.variant.attention;
    }
    return out;
}

}  // namespace

ResultView viewOf(const Comparison& comparison) {
    ResultView out;
    out.tokens = shownTokens(comparison.input);
    const std::size_t virtualColumns = virtualColumnsOf(comparison);
    out.columns = columnsOf(out.tokens, virtualColumns);
    if (!comparison.variants.empty() && !comparison.variants.front().explanations.empty())
        showParts(out.columns, comparison.variants.front().explanations.front().reference);
    out.footnote = u"%1  ·  %2 s"_s.arg(footnoteOf(comparison.runId),
                                        QString::number(comparison.seconds, 'f', 2));
    addWarnings(out.warnings, {}, comparison.warnings);
    for (const VariantResult& result : comparison.variants) {
        if (result.explanations.empty()) continue;
        const ExplanationDrift& first = result.explanations.front();
        if (out.reference.scores.empty()) {
            out.headline =
                headlineOf(comparison.target, comparison.referenceTargetValue, first.method);
            out.reference =
                stripOf(u"Reference, %1"_s.arg(nameOf(comparison.reference)),
                        first.reference.virtualScores, first.reference.scores, virtualColumns);
            for (const ExplanationDrift& each : result.explanations) {
                if (!each.reference.attention.empty()) out.referenceMaps = each.reference.attention;
            }
        }
        addWarnings(out.warnings, nameOf(result.model), result.warnings);
        out.variants.push_back(variantViewOf(result, virtualColumns));
    }
    out.scale = largestMagnitude(out.reference.scores);
    for (const VariantView& variant : out.variants) {
        out.scale = std::max({out.scale, largestMagnitude(variant.scores.scores),
                              largestMagnitude(variant.difference.scores)});
    }
    return out;
}

ResultView viewOf(const Explanation& explanation) {
    ResultView out;
    out.tokens = shownTokens(explanation.input);
    out.footnote = footnoteOf(explanation.runId);
    addWarnings(out.warnings, {}, explanation.warnings);
    if (explanation.results.empty()) return out;
    const Attribution& first = explanation.results.front();
    out.headline = headlineOf(explanation.target, explanation.targetValue, first.method);
    const std::size_t virtualColumns = first.virtualScores.size();
    out.columns = columnsOf(out.tokens, virtualColumns);
    showParts(out.columns, first);
    out.reference = stripOf(u"Reference, %1"_s.arg(nameOf(explanation.model)), first.virtualScores,
                            first.scores, virtualColumns);
    addWarnings(out.warnings, {}, first.warnings);
    for (const Attribution& each : explanation.results) {
        if (!each.attention.empty()) out.referenceMaps = each.attention;
    }
    out.scale = largestMagnitude(out.reference.scores);
    return out;
}

const AttentionMap* findMap(const AttentionMaps& maps, std::int64_t layer, std::int64_t head) {
    const auto found = std::find_if(maps.begin(), maps.end(), [&](const AttentionMap& map) {
        return map.layer == layer && map.head == head;
    });
    return found == maps.end() ? nullptr : &*found;
}

AttentionMap differenceOf(const AttentionMap& reference, const AttentionMap& variant) {
    const std::int64_t size = std::min(reference.size, variant.size);
    AttentionMap out{variant.layer, variant.head, size, {}};
    const auto at = [&](const AttentionMap& map, std::int64_t query, std::int64_t key) {
        const std::int64_t first = map.size - size;
        return map.values[static_cast<std::size_t>((first + query) * map.size + first + key)];
    };
    for (std::int64_t query = 0; query < size; ++query) {
        for (std::int64_t key = 0; key < size; ++key)
            out.values.push_back(at(variant, query, key) - at(reference, query, key));
    }
    return out;
}

QString signedNumber(double value, int decimals) {
    QString digits = QString::number(std::abs(value), 'f', decimals);
    const bool showsAsZero = std::none_of(digits.begin(), digits.end(),
                                          [](QChar c) { return c.isDigit() && c != u'0'; });
    if (showsAsZero) return digits;
    return (value < 0 ? QChar(0x2212) : QChar(u'+')) + digits;
}

int decimalsFor(const std::vector<double>& values) {
    const double largest = largestMagnitude(values);
    if (largest <= 0.0 || !std::isfinite(largest)) return 3;
    return std::clamp(2 - static_cast<int>(std::floor(std::log10(largest))), 0, kMostDecimals);
}

}  // namespace driftlens
