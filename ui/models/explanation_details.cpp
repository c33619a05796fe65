#include "ui/models/explanation_details.h"

#include "core/base/display_text.h"
#include "reports/document/explanation.h"
#include "reports/figures/part_grid.h"
#include "reports/figures/removal_curves.h"
#include "ui/widgets/text.h"
#include "xai/methods/metric_plan.h"

#include <QCoreApplication>

#include <algorithm>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr std::size_t kMostStripParts = 64;  // more names than that are no strip to look at
constexpr std::size_t kMostParts = 60;       // rows; what is copied as JSON has all
constexpr std::size_t kMostAnswers = 3;
constexpr std::size_t kMostPairs = 10;
constexpr std::size_t kMostAnswerTokens = 8;

QString tr(const char* text) {
    return QCoreApplication::translate("driftlens::ExplanationDetails", text);
}

QString shown(const std::string& text) {
    return qtText(displayText(text));
}

// The explanation that is meant, and the reference's beside which its scores stand (null: it is
// the reference's itself).
struct Pair {
    const Attribution* own = nullptr;
    const Attribution* reference = nullptr;
};

Pair pairOf(const Comparison& comparison, std::size_t method, int variant) {
    if (variant < 0)
        return method < comparison.referenceExplanations.size()
                   ? Pair{&comparison.referenceExplanations[method], nullptr}
                   : Pair{};
    const auto row = static_cast<std::size_t>(variant);
    if (row >= comparison.variants.size()) return {};
    const auto& drifts = comparison.variants[row].explanations;
    if (method >= drifts.size()) return {};
    return {&drifts[method].variant, &drifts[method].reference};
}

bool haveSameParts(const Pair& pair) {
    if (pair.reference == nullptr) return false;
    const auto isSame = [](const Part& a, const Part& b) { return a.name == b.name; };
    return std::equal(pair.own->parts.begin(), pair.own->parts.end(), pair.reference->parts.begin(),
                      pair.reference->parts.end(), isSame);
}

void addGrids(ExplanationDetails& out, const Pair& pair, const std::vector<Token>& tokens) {
    const std::string own = partGridSvg(*pair.own, tokens);
    if (own.empty()) return;
    out.figures.push_back({tr("Scores by layer"), own});
    if (!haveSameParts(pair)) return;
    Attribution difference = *pair.own;
    for (std::size_t i = 0; i < difference.scores.size(); ++i)
        difference.scores[i] -= pair.reference->scores[i];
    out.figures.push_back(
        {tr("Difference by layer, variant − reference"), partGridSvg(difference, tokens)});
}

void addParts(ExplanationDetails& out, const Pair& pair) {
    const Attribution& a = *pair.own;
    if (a.parts.empty()) return;
    const std::vector<std::string> names = figureNames(a);
    const bool isCompared = haveSameParts(pair), hasErrors = !a.standardError.empty();
    DetailTable table{tr("Parts of the network"), {tr("Part"), tr("Score")}, {}, {0}, {}};
    if (isCompared) table.head.push_back(tr("− reference"));
    if (hasErrors) table.head.push_back(tr("± error"));
    for (const std::string& name : names) table.head.push_back(qtText(name));
    if (hasAnswers(a)) {
        table.texts.insert(static_cast<int>(table.head.size()));
        table.head.push_back(tr("Best answers, log probability"));
    }
    const std::vector<std::size_t> places = largestIndices(a.scores, kMostParts);
    for (const std::size_t i : places) {
        const Part& part = a.parts[i];
        QStringList row = {shown(part.name), figure(a.scores[i])};
        if (isCompared) row.push_back(figure(a.scores[i] - pair.reference->scores[i]));
        if (hasErrors) row.push_back(figure(a.standardError.at(i)));
        for (const std::string& name : names) {
            const auto found = part.figures.find(name);
            row.push_back(found == part.figures.end() ? QString() : figure(found->second));
        }
        if (hasAnswers(a)) row.push_back(qtText(answersText(part.answers, kMostAnswers)));
        table.rows.push_back(row);
    }
    if (places.size() < a.parts.size())
        table.note = tr("The %1 largest of %2 parts; “Copy tab as JSON” has all.")
                         .arg(places.size())
                         .arg(a.parts.size());
    out.tables.push_back(std::move(table));
}

void addEdits(ExplanationDetails& out, const Attribution& a) {
    if (a.edits.empty()) return;
    DetailTable table{tr("Edits"), {tr("Word"), tr("Becomes")}, {}, {0, 1}, {}};
    for (const Edit& edit : a.edits) table.rows.push_back({shown(edit.from), shown(edit.to)});
    out.tables.push_back(std::move(table));
}

// A row per token of the prompt, a column per token of the answer.
void addAnswerTokens(ExplanationDetails& out, const Attribution& a, const QStringList& tokens) {
    if (a.answerTokens.empty()) return;
    DetailTable table{tr("By token of the answer"), {tr("Token of the prompt")}, {}, {0}, {}};
    const std::size_t count = std::min(a.answerTokens.size(), kMostAnswerTokens);
    for (std::size_t i = 0; i < count; ++i)
        table.head.push_back(shownText(shown(a.answerTokens[i].text)));
    for (qsizetype row = 0; row < tokens.size(); ++row) {
        QStringList fields = {tokens[row]};
        for (std::size_t i = 0; i < count; ++i)
            fields.push_back(figure(a.answerTokens[i].scores.at(static_cast<std::size_t>(row))));
        table.rows.push_back(fields);
    }
    if (count < a.answerTokens.size())
        table.note = tr("The first %1 of %2 tokens; “Copy tab as JSON” has all.")
                         .arg(count)
                         .arg(a.answerTokens.size());
    out.tables.push_back(std::move(table));
}

void addPairs(ExplanationDetails& out, const Attribution& a, const std::vector<Token>& tokens) {
    if (!a.interactions) return;
    DetailTable table{tr("Strongest pairs"),
                      {tr("Unit"), tr("And unit"), tr("Interaction")},
                      {},
                      {0, 1},
                      shown(a.interactions->meaning)};
    for (const UnitPair& pair : strongestPairs(*a.interactions, tokens, kMostPairs))
        table.rows.push_back({qtText(pair.first), qtText(pair.second), figure(pair.value)});
    out.tables.push_back(std::move(table));
}

void addFigures(ExplanationDetails& out, const Attribution& a) {
    if (a.figures.empty()) return;
    DetailTable table{tr("Figures of the whole"), {tr("Figure"), tr("Value")}, {}, {0}, {}};
    for (const auto& [name, value] : a.figures)
        table.rows.push_back({qtText(name), figure(value, 4)});
    out.tables.push_back(std::move(table));
}

void addMetrics(ExplanationDetails& out, const Attribution& a) {
    if (a.metrics.empty()) return;
    DetailTable table{tr("How good is this explanation?"),
                      {tr("Metric"), tr("Value"), tr("Better"), tr("Meaning")},
                      {},
                      {0, 2, 3},
                      {}};
    for (const MetricInfo& info : explanationMetrics()) {
        const auto found = a.metrics.find(std::string(info.id));
        if (found == a.metrics.end()) continue;
        const Figure& value = found->second;
        table.rows.push_back({qtText(info.title), value.value ? figure(*value.value, 4) : u"–"_s,
                              qtText(info.better),
                              qtText(value.value ? info.definition : value.reason)});
    }
    out.tables.push_back(std::move(table));
}

RemovalRow curvesOf(const QString& name, const RemovalCurves& curves) {
    return {displayText(name.toStdString()), curves.deletion, curves.insertion};
}

// Of a comparison whose explanations were checked: the reference beside the variant that is meant,
// or beside all of them.
void addRemoval(ExplanationDetails& out, const Comparison& comparison, std::size_t method,
                int only) {
    std::vector<RemovalRow> rows;
    for (std::size_t i = 0; i < comparison.variants.size(); ++i) {
        const VariantResult& variant = comparison.variants[i];
        const bool isMeant = only < 0 || static_cast<std::size_t>(only) == i;
        if (!isMeant || method >= variant.explanations.size()) continue;
        const auto& checks = variant.explanations[method].checks;
        if (!checks) continue;
        if (rows.empty()) rows.push_back(curvesOf(tr("reference"), checks->reference));
        rows.push_back(curvesOf(nameOf(variant.model), checks->variant));
    }
    if (rows.empty()) return;
    const bool isAnswer = comparison.target.kind == TargetKind::TokenOrClass ||
                          comparison.target.kind == TargetKind::Continuation;
    const QString what =
        isAnswer ? tr("probability of the explained answer") : tr("the explained quantity");
    const QString title = tr("The answer while tokens are removed");
    const std::string svg = removalCurvesSvg(rows, what.toStdString(), title.toStdString());
    if (!svg.empty()) out.figures.push_back({title, svg});
}

// Weights are drawn anew block by block; a step is named after one of its matrices.
QString layerTitle(const std::string& matrix) {
    const QStringList parts = shown(matrix).split(u'.');
    return parts.size() > 2 && parts[0] == u"blocks"_s ? tr("block %1").arg(parts[1])
                                                       : shown(matrix);
}

void addRandomised(ExplanationDetails& out, const Comparison& comparison, std::size_t method) {
    const std::vector<RandomisedStep>* steps = nullptr;
    for (const VariantResult& variant : comparison.variants)
        if (method < variant.explanations.size() && variant.explanations[method].checks)
            steps = &variant.explanations[method].checks->randomised;
    if (steps == nullptr || steps->empty()) return;
    DetailTable table{
        tr("The reference's scores with its weights drawn anew, from the output down"),
        {tr("Down to"), tr("Correlation of magnitudes"), tr("of scores")},
        {},
        {0},
        tr("Near 0, the explanation depends on what the model learned.")};
    const auto shownValue = [](const Figure& value) {
        return value.value ? figure(*value.value) : u"–"_s;
    };
    for (const RandomisedStep& step : *steps)
        table.rows.push_back(
            {layerTitle(step.layer), shownValue(step.magnitudes), shownValue(step.signedScores)});
    out.tables.push_back(std::move(table));
}

QString gradientText(GradientKind gradient) {
    switch (gradient) {
        case GradientKind::None:
            return tr("not used");
        case GradientKind::Exact:
            return tr("exact, through the stored weights");
        case GradientKind::StraightThrough:
            return tr("straight through the rounding of activations: those of a surrogate");
    }
    return {};
}

void addFacts(ExplanationDetails& out, const Attribution& a) {
    DetailTable table{tr("How it was made"), {tr("Fact"), tr("Value")}, {}, {0, 1}, {}};
    QStringList settings;
    for (const auto& [name, value] : a.settings)
        settings.push_back(qtText(name) + u'=' + qtText(value));
    const auto add = [&](const QString& name, const QString& value) {
        if (!value.isEmpty()) table.rows.push_back({name, value});
    };
    add(tr("Settings"), settings.join(u", "_s));
    add(tr("Baseline"), shown(a.baseline));
    add(tr("Value at the input"), figure(a.targetValue, 6));
    if (a.baselineValue) add(tr("Value at the baseline"), figure(*a.baselineValue, 6));
    add(tr("Completeness gap"),
        a.completenessGap ? figure(*a.completenessGap) : tr("none stated: scores need not add up"));
    add(tr("Gradient"), gradientText(a.gradient));
    add(tr("Cost"), tr("%1 evaluations in %2 s").arg(a.evaluations).arg(figure(a.seconds)));
    out.tables.push_back(std::move(table));
}

// What a score of a sampling method may be off by.
void addErrors(ExplanationDetails& out, const Attribution& a, const QStringList& tokens) {
    if (!a.parts.empty() || a.standardError.size() != a.scores.size()) return;
    DetailTable table{tr("Sampling error"), {tr("Token"), tr("Score"), tr("± error")}, {}, {0}, {}};
    for (std::size_t i = 0; i < a.scores.size(); ++i)
        table.rows.push_back({tokens.value(static_cast<qsizetype>(i)), figure(a.scores[i]),
                              figure(a.standardError[i])});
    out.tables.push_back(std::move(table));
}

}  // namespace

ExplanationDetails explanationDetails(const Comparison& comparison, std::size_t method, int variant,
                                      bool withFacts) {
    ExplanationDetails out;
    const Pair pair = pairOf(comparison, method, variant);
    if (pair.own == nullptr) return out;
    const std::vector<Token>& tokens = comparison.input.tokens;
    const QStringList texts = shownTokens(comparison.input);
    addGrids(out, pair, tokens);
    addParts(out, pair);
    addEdits(out, *pair.own);
    addAnswerTokens(out, *pair.own, texts);
    addPairs(out, *pair.own, tokens);
    addFigures(out, *pair.own);
    addMetrics(out, *pair.own);
    addRemoval(out, comparison, method, variant);
    if (variant < 0) addRandomised(out, comparison, method);
    if (!withFacts) return out;
    addErrors(out, *pair.own, texts);
    addFacts(out, *pair.own);
    return out;
}

bool suitsStrips(const Attribution& attribution, const std::vector<Token>& tokens) {
    if (attribution.parts.empty()) return true;
    return attribution.parts.size() <= kMostStripParts && partGridSvg(attribution, tokens).empty();
}

QString detailsText(const ExplanationDetails& details) {
    QString out;
    for (const DetailTable& table : details.tables) {
        out += u'\n' + table.title + u'\n' + table.head.join(u'\t') + u'\n';
        for (const QStringList& row : table.rows) out += row.join(u'\t') + u'\n';
        if (!table.note.isEmpty()) out += table.note + u'\n';
    }
    return out;
}

}  // namespace driftlens
