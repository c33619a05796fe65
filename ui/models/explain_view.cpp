#include "ui/models/explain_view.h"

#include "core/base/error.h"
#include "reports/figures/removal_curves.h"
#include "ui/models/explanation_details.h"

#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <limits>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double largestOf(const std::vector<double>& values) {
    double largest = 0.0;
    for (const double value : values)
        if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    return largest;
}

QString quoted(const std::string& text) {
    return u"“%1”"_s.arg(QString::fromStdString(text));
}

QString figureText(const Figure& value) {
    return value.value ? figure(*value.value) : u"–"_s;
}

QString figureMeaning(const QString& meaning, const Figure& value) {
    return value.value ? meaning
                       : u"%1: undefined, %2"_s.arg(meaning, QString::fromStdString(value.reason));
}

// How scores of tokens become those of units: virtual tokens first, then tokens, groups or parts.
class Units {
public:
    Units(const TokenizedInput& input, const Attribution& sample, std::size_t virtualTokens,
          GroupUnit unit)
        : m_virtual(virtualTokens) {
        for (std::size_t i = 0; i < m_virtual; ++i) {
            m_labels.push_back(QString::fromStdString(virtualTokenText(i)));
            m_tokens.emplace_back();
        }
        if (!sample.parts.empty()) {
            for (const Part& part : sample.parts) add(QString::fromStdString(part.name), {});
            return;
        }
        const QStringList tokens = shownTokens(input);
        const std::vector<ScoreGroup> groups = groupsOf(input, sample, unit);
        for (const ScoreGroup& group : groups) add(labelOf(input, group, tokens), group.tokens);
        m_isGrouped = !groups.empty();
        if (m_isGrouped) return;
        for (qsizetype i = 0; i < tokens.size(); ++i) add(tokens[i], {static_cast<std::size_t>(i)});
    }

    std::vector<double> of(const std::vector<double>& virtualScores,
                           const std::vector<double>& scores) const {
        std::vector<double> out = virtualScores;
        out.resize(m_virtual, kNone);
        if (!m_isGrouped) {
            out.insert(out.end(), scores.begin(), scores.end());
        } else {
            for (std::size_t unit = m_virtual; unit < m_tokens.size(); ++unit) {
                double sum = 0.0;
                for (const std::size_t token : m_tokens[unit]) sum += scores.at(token);
                out.push_back(sum);
            }
        }
        out.resize(m_tokens.size(), kNone);
        return out;
    }

    const QStringList& labels() const { return m_labels; }
    const std::vector<std::vector<std::size_t>>& tokens() const { return m_tokens; }

private:
    // No groups where the text has none of that kind (ids without a text).
    static std::vector<ScoreGroup> groupsOf(const TokenizedInput& input, const Attribution& sample,
                                            GroupUnit unit) {
        if (unit == GroupUnit::Token || unit == GroupUnit::Span) return {};
        try {
            return groupScores(sample, input, Grouping{unit, {}}).groups;
        } catch (const Error&) {
            return {};
        }
    }

    static QString labelOf(const TokenizedInput& input, const ScoreGroup& group,
                           const QStringList& tokens) {
        if (group.tokens.size() == 1) return tokens.value(static_cast<qsizetype>(group.tokens[0]));
        const std::string text =
            group.text.empty() && group.bytes.end <= input.text.size()
                ? input.text.substr(group.bytes.begin, group.bytes.end - group.bytes.begin)
                : group.text;
        return QString::fromStdString(text).simplified();
    }

    void add(const QString& label, std::vector<std::size_t> tokens) {
        m_labels.push_back(label);
        m_tokens.push_back(std::move(tokens));
    }

    std::size_t m_virtual;
    bool m_isGrouped = false;
    QStringList m_labels;
    std::vector<std::vector<std::size_t>> m_tokens;
};

std::size_t virtualTokensOf(const Comparison& comparison, std::size_t method) {
    std::size_t most = comparison.referenceExplanations[method].virtualScores.size();
    for (const VariantResult& variant : comparison.variants) {
        if (method < variant.explanations.size())
            most = std::max(most, variant.explanations[method].variant.virtualScores.size());
    }
    return most;
}

QString targetText(const Target& target, double value) {
    // Values of the enumeration in its order.
    static const QString kQuantities[] = {u"logit"_s, u"probability"_s, u"log probability"_s};
    return u"%1 of %2 = %3"_s.arg(kQuantities[static_cast<std::size_t>(target.quantity)],
                                  quoted(target.text), figure(value));
}

std::vector<AnswerView> answersOf(const Result& result, const std::vector<RankedAnswer>& answers) {
    std::vector<AnswerView> out;
    const Target& target = result.comparison.target;
    for (const RankedAnswer& answer : answers) {
        const QString kind = result.isClassifier ? u"class:%1"_s : u"token:%1"_s;
        const bool isTarget = target.kind == TargetKind::TokenOrClass && target.id == answer.id;
        out.push_back({QString::fromStdString(answer.text), std::exp(answer.logProbability),
                       kind.arg(answer.id), isTarget});
    }
    return out;
}

// How far an explanation can be trusted by itself, where that was measured.
void addChecks(std::vector<FigureView>& out, const RemovalCurves& curves) {
    const auto add = [&](const QString& name, const QString& meaning, double area) {
        const Figure value =
            std::isfinite(area) ? Figure{area, {}} : undefinedFigure("the curve has no area");
        out.push_back({name, figureText(value), figureMeaning(meaning, value)});
    };
    if (curves.deletion.empty()) return;
    add(u"Removing"_s,
        u"the answer, on average, while tokens are removed in the order of this explanation: "
        u"small, if it names what the answer rests on"_s,
        areaUnderCurve(curves.deletion));
    add(u"Keeping"_s,
        u"the answer, on average, while only those first in this explanation are kept: large, if "
        u"they carry the answer"_s,
        areaUnderCurve(curves.insertion));
}

std::vector<FigureView> figuresOf(const ExplanationDrift& drift) {
    const Agreement& agreement = drift.agreement;
    std::vector<FigureView> out;
    const auto add = [&](const QString& name, const QString& meaning, const Figure& value) {
        out.push_back({name, figureText(value), figureMeaning(meaning, value)});
    };
    add(u"Spearman"_s, u"rank correlation of the scores; 1 is the same order"_s,
        agreement.spearman);
    add(u"Kendall τ-b"_s, u"share of pairs in the same order, minus the others"_s,
        agreement.kendall);
    add(u"Cosine"_s, u"angle between the score vectors; 1 is the same direction"_s,
        agreement.cosine);
    add(u"RBO"_s, u"rank-biased overlap of the rankings by magnitude"_s, agreement.rbo);
    for (const auto& [k, value] : agreement.jaccard) {
        add(u"Jaccard @%1"_s.arg(k), u"overlap of the %1 largest scores by magnitude"_s.arg(k),
            value);
    }
    if (drift.checks) addChecks(out, drift.checks->variant);
    return out;
}

// With all weights drawn anew, the larger of both correlations: of magnitudes, and of scores.
void addRandomised(std::vector<FigureView>& out, const std::vector<RandomisedStep>& steps) {
    if (steps.empty()) return;
    Figure value = steps.back().magnitudes;
    const Figure& plain = steps.back().signedScores;
    if (value.value && plain.value) value.value = std::max(*value.value, *plain.value);
    out.push_back({u"Random weights"_s, figureText(value),
                   figureMeaning(u"rank correlation with the scores of the same network with all "
                                 u"weights drawn anew: near 0, the explanation depends on what "
                                 u"was learned; above 0.5, it does not"_s,
                                 value)});
}

// Those of the reference stand with each of its variants, alike.
const ExplanationChecks* referenceChecks(const Comparison& comparison, std::size_t method) {
    for (const VariantResult& variant : comparison.variants)
        if (method < variant.explanations.size() && variant.explanations[method].checks)
            return &*variant.explanations[method].checks;
    return nullptr;
}

// What the reference's own scores vary by when nothing but precision or batch shape changes.
double floorOf(const Repeatability& repeatability, const Attribution& reference,
               const Units& units) {
    const std::vector<double> own = units.of({}, reference.scores);
    double floor = 0.0;
    for (const auto* other : {&repeatability.float64Scores, &repeatability.otherBatchScores}) {
        if (other->size() != reference.scores.size()) continue;
        const std::vector<double> again = units.of({}, *other);
        for (std::size_t i = 0; i < own.size(); ++i) {
            const double change = std::abs(own[i] - again[i]);
            if (std::isfinite(change)) floor = std::max(floor, change);
        }
    }
    return floor;
}

StripView differenceOf(const ExplanationDrift& drift, const Units& units, double floor) {
    StripView out{u"Difference, variant − reference"_s, {}, {}};
    const std::vector<double> from = units.of({}, drift.reference.scores);
    out.scores = units.of({}, drift.variant.scores);
    for (std::size_t i = 0; i < out.scores.size(); ++i) {
        out.scores[i] -= from[i];
        out.isMuted.push_back(!(std::abs(out.scores[i]) > floor));
    }
    return out;
}

void addWarnings(QStringList& out, const std::vector<std::string>& warnings) {
    for (const std::string& warning : warnings) {
        const QString line = QString::fromStdString(warning);
        if (!out.contains(line)) out.push_back(line);
    }
}

CardText answerCard(const Fidelity& fidelity) {
    const Weight weight = fidelity.flip ? Weight::Bad : Weight::Good;
    CardText out{weight, u"Answer"_s, marked(weight, fidelity.flip ? u"flip"_s : u"the same"_s),
                 {},     {},          u"KL %1 nats"_s.arg(figure(fidelity.kl))};
    out.text =
        fidelity.flip
            ? u"%1 → %2"_s.arg(quoted(fidelity.referenceTopText), quoted(fidelity.variantTopText))
            : u"Its probability changes by %1"_s.arg(signedNumber(fidelity.probabilityChange, 4));
    return out;
}

// The engine's sentence begins with its verdict: "above numerical noise: …".
CardText reasonsCard(const ExplanationDrift& drift, double floor) {
    // Its numbers as all others here: 2.87e−6.
    static const QRegularExpression kExponent(u"(?<=\\d)e-0*(?=\\d)"_s);
    const QString sentence = QString::fromStdString(drift.verdict).replace(kExponent, u"e\u2212"_s);
    const QString word = sentence.section(u": "_s, 0, 0);
    const bool isWithin = word.startsWith(u"within"_s);
    const Weight weight = isWithin ? Weight::Good : Weight::Caution;
    CardText out{weight, u"Reasons"_s, marked(weight, word), sentence.section(u": "_s, 1), {}, {}};
    out.more = {u"Repeatability: float64 %1, other batch %2"_s.arg(
        figure(drift.repeatability.float64Difference),
        figure(drift.repeatability.batchShapeDifference))};
    if (floor > 0.0)
        out.more.push_back(u"Differences up to %1 are drawn muted"_s.arg(figure(floor)));
    return out;
}

ColumnView referenceColumn(const Result& result, std::size_t method, const Units& units) {
    const Attribution& reference = result.comparison.referenceExplanations[method];
    ColumnView out;
    out.name = nameOf(result.comparison.reference);
    out.role = u"Reference"_s;
    out.answers = answersOf(result, result.comparison.referenceAnswers);
    out.scores = {u"Scores"_s, units.of(reference.virtualScores, reference.scores), {}};
    if (const ExplanationChecks* checks = referenceChecks(result.comparison, method)) {
        addChecks(out.figures, checks->reference);
        addRandomised(out.figures, checks->randomised);
    }
    return out;
}

ColumnView variantColumn(const Result& result, const VariantResult& variant, std::size_t method,
                         const Units& units, bool showsStrips, double& floor) {
    ColumnView out;
    out.name = nameOf(variant.model);
    out.role = u"Variant"_s;
    addWarnings(out.warnings, variant.warnings);
    if (method >= variant.explanations.size()) {
        out.note = QString::fromStdString(variant.failed);
        return out;
    }
    const ExplanationDrift& drift = variant.explanations[method];
    out.answers = answersOf(result, variant.answers);
    out.scores = {u"Scores"_s, units.of(drift.variant.virtualScores, drift.variant.scores), {}};
    const double own = floorOf(drift.repeatability, drift.reference, units);
    floor = std::max(floor, own);
    out.difference = differenceOf(drift, units, own);
    out.figures = figuresOf(drift);
    out.cards = {answerCard(variant.fidelity), reasonsCard(drift, showsStrips ? own : 0.0)};
    return out;
}

QString footnoteOf(const Result& result) {
    if (result.isPreview) return u"Preview, not logged"_s;
    const std::string& run = result.comparison.runId;
    return run.empty() ? u"Not logged"_s : u"Logged as run %1"_s.arg(QString::fromStdString(run));
}

}  // namespace

ExplainView explainView(const Result& result, std::size_t method, GroupUnit unit) {
    const Comparison& comparison = result.comparison;
    ExplainView out;
    out.footnote = footnoteOf(result);
    addWarnings(out.warnings, comparison.warnings);
    if (method >= comparison.referenceExplanations.size()) return out;
    const Attribution& reference = comparison.referenceExplanations[method];
    const Units units(comparison.input, reference, virtualTokensOf(comparison, method), unit);
    out.headline = targetText(comparison.target, comparison.referenceTargetValue);
    out.showsStrips = suitsStrips(reference, comparison.input.tokens);
    out.units = units.labels();
    out.tokensOf = units.tokens();
    out.columns.push_back(referenceColumn(result, method, units));
    for (const VariantResult& variant : comparison.variants)
        out.columns.push_back(
            variantColumn(result, variant, method, units, out.showsStrips, out.floor));
    for (const ColumnView& column : out.columns) {
        out.scale = std::max(
            {out.scale, largestOf(column.scores.scores), largestOf(column.difference.scores)});
    }
    return out;
}

QString explainText(const ExplainView& view) {
    QStringList head = {u"unit"_s};
    for (const ColumnView& column : view.columns) {
        head.push_back(column.name);
        if (!column.difference.scores.empty()) head.push_back(column.name + u" − reference"_s);
    }
    QStringList lines = {view.headline, head.join(u'\t')};
    const auto valueAt = [](const StripView& strip, std::size_t i) {
        return i < strip.scores.size() && std::isfinite(strip.scores[i])
                   ? QString::number(strip.scores[i], 'g', 9)
                   : QString();
    };
    for (qsizetype row = 0; row < view.units.size(); ++row) {
        const auto i = static_cast<std::size_t>(row);
        QStringList fields = {view.units[row]};
        for (const ColumnView& column : view.columns) {
            fields.push_back(valueAt(column.scores, i));
            if (!column.difference.scores.empty()) fields.push_back(valueAt(column.difference, i));
        }
        lines.push_back(fields.join(u'\t'));
    }
    return lines.join(u'\n') + u'\n';
}

}  // namespace driftlens
