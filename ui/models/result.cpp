#include "ui/models/result.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kMostDecimals = 8;

// Vocabulary pieces of byte-level tokenizers are unreadable outside ASCII: the prompt's own
// characters are shown where the token has some.
QString shownToken(const TokenizedInput& input, const Token& token) {
    const QString piece = QString::fromStdString(token.text);
    if (!token.bytes || token.bytes->end > input.text.size() ||
        token.bytes->begin >= token.bytes->end) {
        return piece;
    }
    QString text = QString::fromStdString(
        input.text.substr(token.bytes->begin, token.bytes->end - token.bytes->begin));
    if (text.contains(QChar::ReplacementCharacter)) return piece;
    return shownText(text);
}

const Attribution* attributionOf(const Comparison& comparison, int variant, std::size_t method) {
    if (variant < 0) {
        return method < comparison.referenceExplanations.size()
                   ? &comparison.referenceExplanations[method]
                   : nullptr;
    }
    const auto row = static_cast<std::size_t>(variant);
    if (row >= comparison.variants.size()) return nullptr;
    const std::vector<ExplanationDrift>& drifts = comparison.variants[row].explanations;
    return method < drifts.size() ? &drifts[method].variant : nullptr;
}

}  // namespace

Comparison asComparison(Explanation explanation) {
    Comparison out;
    out.ids = explanation.input.ids();
    out.input = std::move(explanation.input);
    out.reference = std::move(explanation.model);
    out.target = std::move(explanation.target);
    out.referenceTargetValue = explanation.targetValue;
    out.batch = explanation.batch;
    out.runId = std::move(explanation.runId);
    out.warnings = std::move(explanation.warnings);
    for (const Explanation::LeftOut& left : explanation.leftOut)
        out.warnings.push_back(left.method + " is left out: " + left.reason);
    for (const Attribution& each : explanation.results)
        out.warnings.insert(out.warnings.end(), each.warnings.begin(), each.warnings.end());
    out.referenceAnswers = std::move(explanation.answers);
    out.referenceExplanations = std::move(explanation.results);
    return out;
}

std::vector<HeadDrift> headDriftsOf(const Comparison& comparison) {
    std::vector<HeadDrift> out;
    for (const VariantResult& variant : comparison.variants) {
        HeadDrift& drift = out.emplace_back();
        for (const HeadChange& head : variant.structure.heads)
            if (head.js.value) drift[{head.layer, head.head}] = *head.js.value;
    }
    return out;
}

std::vector<std::string> methodsOf(const Comparison& comparison) {
    std::vector<std::string> out;
    for (const Attribution& each : comparison.referenceExplanations) out.push_back(each.method);
    return out;
}

const std::vector<AttentionMap>* mapsOf(const Comparison& comparison, int variant,
                                        std::string_view method) {
    for (std::size_t i = 0; i < comparison.referenceExplanations.size(); ++i) {
        const Attribution* found = attributionOf(comparison, variant, i);
        if (found != nullptr && found->method == method && !found->attention.empty())
            return &found->attention;
    }
    return nullptr;
}

QString shownText(QString text) {
    return text.replace(u' ', QChar(0x2423)).replace(u'\n', QChar(0x21B5)).replace(u'\t', u'⇥');
}

QStringList shownTokens(const TokenizedInput& input) {
    QStringList out;
    for (const Token& token : input.tokens) out.push_back(shownToken(input, token));
    return out;
}

QString nameOf(const ModelIdentity& model) {
    return QString::fromStdString(model.name());
}

QString signedNumber(double value, int decimals) {
    if (std::isnan(value)) return u"–"_s;
    QString digits = QString::number(std::abs(value), 'f', decimals);
    const bool showsAsZero = std::none_of(digits.begin(), digits.end(),
                                          [](QChar c) { return c.isDigit() && c != u'0'; });
    if (showsAsZero) return digits;
    return (value < 0 ? QChar(0x2212) : QChar(u'+')) + digits;
}

QString figure(double value, int digits) {
    if (!std::isfinite(value)) return u"–"_s;
    QString out = QString::number(value, 'g', digits);
    out.replace(u"e-0"_s, u"e-"_s).replace(u"e+0"_s, u"e"_s).replace(u"e+"_s, u"e"_s);
    return out.replace(u'-', QChar(0x2212));
}

int decimalsFor(const std::vector<double>& values) {
    double largest = 0.0;
    for (const double value : values)
        if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    if (largest <= 0.0) return 3;
    return std::clamp(2 - static_cast<int>(std::floor(std::log10(largest))), 0, kMostDecimals);
}

}  // namespace driftlens
