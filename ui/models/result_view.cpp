#include "ui/models/result_view.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kMostDecimals = 8;

double largestMagnitude(const std::vector<double>& values) {
    double largest = 0.0;
    for (const double value : values) largest = std::max(largest, std::abs(value));
    return largest;
}

StripView stripOf(const QString& title, const std::vector<double>& scores) {
    StripView out{title, scores, {}};
    const int decimals = decimalsFor(scores);
    for (const double score : scores) out.values.push_back(signedNumber(score, decimals));
    return out;
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

VariantView variantViewOf(const VariantResult& result) {
    VariantView out;
    out.name = nameOf(result.model);
    out.fidelity = fidelityText(result.fidelity);
    const ExplanationDrift& drift = result.explanations.front();
    out.verdict = QString::fromStdString(drift.verdict);
    out.scores = stripOf(out.name, drift.variant.scores);
    std::vector<double> difference(drift.variant.scores.size());
    std::transform(drift.variant.scores.begin(), drift.variant.scores.end(),
                   drift.reference.scores.begin(), difference.begin(), std::minus<>());
    out.difference = stripOf(u"Difference, variant − reference"_s, difference);
    for (const ExplanationDrift& each : result.explanations) {
        if (!each.variant.attention.empty()) out.maps = each.variant.attention;
    }
    return out;
}

// Columns that the strips, which models share, have no place for.
void addVirtualTokens(QStringList& out, const QString& where, const Attribution& attribution) {
    QStringList scores;
    for (const double score : attribution.virtualScores) scores.push_back(signedNumber(score, 4));
    if (!scores.isEmpty())
        out.push_back(u"%1: virtual tokens before the text %2"_s.arg(where, scores.join(u"  "_s)));
}

}  // namespace

ResultView viewOf(const Comparison& comparison) {
    ResultView out;
    out.tokens = shownTokens(comparison.input);
    out.footnote = u"%1  ·  %2 s"_s.arg(footnoteOf(comparison.runId),
                                        QString::number(comparison.seconds, 'f', 2));
    addWarnings(out.warnings, {}, comparison.warnings);
    for (const VariantResult& result : comparison.variants) {
        if (result.explanations.empty()) continue;
        const ExplanationDrift& first = result.explanations.front();
        if (out.reference.scores.empty()) {
            out.headline =
                headlineOf(comparison.target, comparison.referenceTargetValue, first.method);
            out.reference = stripOf(u"Reference, %1"_s.arg(nameOf(comparison.reference)),
                                    first.reference.scores);
            for (const ExplanationDrift& each : result.explanations) {
                if (!each.reference.attention.empty()) out.referenceMaps = each.reference.attention;
            }
        }
        addWarnings(out.warnings, nameOf(result.model), result.warnings);
        addVirtualTokens(out.warnings, nameOf(comparison.reference), first.reference);
        addVirtualTokens(out.warnings, nameOf(result.model), first.variant);
        out.variants.push_back(variantViewOf(result));
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
    out.reference = stripOf(u"Reference, %1"_s.arg(nameOf(explanation.model)), first.scores);
    addWarnings(out.warnings, {}, first.warnings);
    addVirtualTokens(out.warnings, nameOf(explanation.model), first);
    for (const Attribution& each : explanation.results) {
        if (!each.attention.empty()) out.referenceMaps = each.attention;
    }
    out.scale = largestMagnitude(first.scores);
    return out;
}

const AttentionMap* findMap(const AttentionMaps& maps, std::int64_t layer, std::int64_t head) {
    const auto found = std::find_if(maps.begin(), maps.end(), [&](const AttentionMap& map) {
        return map.layer == layer && map.head == head;
    });
    return found == maps.end() ? nullptr : &*found;
}

AttentionMap differenceOf(const AttentionMap& reference, const AttentionMap& variant) {
    AttentionMap out{variant.layer, variant.head, variant.size, {}};
    if (reference.values.size() != variant.values.size())
        return {variant.layer, variant.head, 0, {}};
    out.values.resize(variant.values.size());
    std::transform(variant.values.begin(), variant.values.end(), reference.values.begin(),
                   out.values.begin(), std::minus<>());
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
