#include "ui/models/dataset_view.h"

#include "core/base/text.h"
#include "engine/drift/endpoint.h"
#include "ui/models/result.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cmath>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kBins = 16;

QString tr(const char* text) {
    return QCoreApplication::translate("driftlens::DatasetView", text);
}

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

// Variants of one model differ behind the @; a legend has no room for more.
QString shortName(const QString& variant) {
    return variant.contains(u'@') ? variant.section(u'@', 1) : variant;
}

void addFigures(QStringList& out, const std::map<std::string, Figure>& figures) {
    for (const auto& [what, value] : figures)
        if (value.value) out.push_back(qt(what) + u' ' + figure(*value.value));
}

// The four yardsticks of one verdict, a line each: repeatability, estimation, controls,
// disagreement.
QStringList yardstickLines(const MetricYardsticks& yard, std::size_t variant) {
    QStringList out;
    const auto add = [&](const QString& kind, const std::map<std::string, Figure>& figures) {
        QStringList all;
        addFigures(all, figures);
        if (!all.isEmpty()) out.push_back(kind + u": "_s + all.join(u", "_s));
    };
    add(tr("Repeatability"), yard.repeatabilityBy);
    add(tr("Estimation"), yard.estimationBy);
    add(tr("Control, coarser computing"), yard.precision);
    const auto noise = yard.noise.find(variant);
    if (noise != yard.noise.end() && !noise->second.drifts.empty()) {
        const auto [low, high] =
            std::minmax_element(noise->second.drifts.begin(), noise->second.drifts.end());
        out.push_back(
            tr("Control, noise of the same size: %1 to %2").arg(figure(*low), figure(*high)));
    } else if (noise != yard.noise.end()) {
        out.push_back(
            tr("Control, noise of the same size: %1").arg(qt(noise->second.notApplicable)));
    }
    add(tr("Disagreement"), yard.disagreement);
    return out;
}

Weight weightOf(Verdict verdict) {
    switch (verdict) {
        case Verdict::NotDetectable:
        case Verdict::Immaterial:
            return Weight::Good;
        case Verdict::Material:
            return Weight::Bad;
        case Verdict::TooFewExamples:
        case Verdict::NotJudged:
            break;
    }
    return Weight::Caution;
}

// The sentence begins with the verdict, which the card has as its word.
QString behindWord(const QString& sentence, const QString& word) {
    return sentence.startsWith(word + u": "_s) ? sentence.mid(word.size() + 2) : sentence;
}

// The estimate in units of drift, with its interval.
QString driftFigure(const VariantAggregate& variant, const std::string& name) {
    const std::size_t dot = name.find('.');
    const std::string metric = dot == std::string::npos ? name : name.substr(dot + 1);
    const auto group = dot == std::string::npos ? variant.methods.end()
                                                : variant.methods.find(name.substr(0, dot));
    if (dot != std::string::npos && group == variant.methods.end()) return {};
    const auto& figures = dot == std::string::npos ? variant.output : group->second;
    const auto found = figures.find(metric);
    if (found == figures.end() || !found->second.value.value) return {};
    const EndpointInfo& endpoint = endpointInfo(metric);
    const QString estimate = figure(driftOf(endpoint, *found->second.value.value));
    const Interval interval = driftOf(endpoint, found->second.interval);
    return interval.value
               ? tr("drift %1 (%2 to %3)")
                     .arg(estimate, figure(interval.value->low), figure(interval.value->high))
               : tr("drift %1").arg(estimate);
}

CardGroup variantCards(const DatasetResult& result, std::size_t index) {
    const VariantAggregate& variant = result.aggregate.variants[index];
    CardGroup out{nameOf(result.variants[index]), {}, {}};
    for (const EndpointVerdict& each : variant.verdicts) {
        const Weight weight = weightOf(each.judgement.verdict);
        const QString word = qt(std::string(verdictName(each.judgement.verdict)));
        CardText card{weight, qt(each.figure), marked(weight, word), {}, {}, {}};
        card.text = behindWord(qt(each.judgement.sentence), word);
        card.figure = driftFigure(variant, each.figure);
        const auto yard = result.aggregate.yardsticks.find(each.figure);
        if (yard != result.aggregate.yardsticks.end())
            card.more = yardstickLines(yard->second, index);
        out.cards.push_back(std::move(card));
    }
    QStringList counts;
    for (std::size_t q = 0; q < kQuadrants; ++q) {
        counts.push_back(u"%1: %2"_s.arg(qt(std::string(quadrantName(static_cast<Quadrant>(q)))))
                             .arg(variant.quadrants.examples[q].size()));
    }
    out.lines.push_back(counts.join(u"; "_s));
    if (variant.failed > 0) out.lines.push_back(tr("%1 examples failed").arg(variant.failed));
    if (!variant.fragility.sentence.empty()) out.lines.push_back(qt(variant.fragility.sentence));
    return out;
}

CardGroup gateCards(const DatasetResult& result) {
    constexpr std::array<const char*, 3> kOutcomes = {"met", "failed", "inconclusive"};
    constexpr std::array<Weight, 3> kWeights = {Weight::Good, Weight::Bad, Weight::Caution};
    CardGroup out{tr("Gates"), {}, {}};
    for (const GateResult& gate : result.gates) {
        const auto outcome = static_cast<std::size_t>(gate.outcome);
        out.cards.push_back({kWeights[outcome],
                             qt(gate.gate.text),
                             marked(kWeights[outcome], tr(kOutcomes[outcome])),
                             qt(gate.explanation),
                             {},
                             {}});
    }
    return out;
}

}  // namespace

ChartView scatterView(const ExamplesModel& examples, const QStringList& variants, double margin) {
    ChartView out;
    out.title = tr("Answers and reasons");
    out.xTitle = tr("KL of the output, nats");
    out.yTitle = tr("Drift of the explanation");
    out.across = margin;
    out.why = tr("No example has both figures.");
    for (int i = 0; i < variants.size(); ++i) {
        ChartSeries& series = out.series.emplace_back();
        series.name = shortName(variants[i]);
        for (int row = 0; row < examples.rowCount(); ++row) {
            const ExampleOutcome& outcome = examples.rows()[static_cast<std::size_t>(row)].outcome;
            const Figure drift = examples.drift(row, i);
            if (!drift.value || static_cast<std::size_t>(i) >= outcome.variants.size()) continue;
            const auto& fidelity = outcome.variants[static_cast<std::size_t>(i)].fidelity;
            const auto kl = fidelity.find("kl");
            if (kl == fidelity.end()) continue;
            series.points.push_back({kl->second, *drift.value, 0.0, 0.0,
                                     tr("row %1: KL %2, drift %3")
                                         .arg(outcome.number)
                                         .arg(figure(kl->second), figure(*drift.value)),
                                     row});
        }
    }
    return out;
}

ChartView histogramView(const ExamplesModel& examples, const QStringList& variants, double margin) {
    ChartView out;
    out.title = tr("How often reasons drifted how far");
    out.xTitle = tr("Drift of the explanation");
    out.yTitle = tr("Examples");
    out.along = margin;
    out.why = tr("No example has this figure.");
    double largest = margin;
    std::vector<std::vector<double>> drifts(static_cast<std::size_t>(variants.size()));
    for (int i = 0; i < variants.size(); ++i) {
        for (int row = 0; row < examples.rowCount(); ++row) {
            const Figure drift = examples.drift(row, i);
            if (!drift.value) continue;
            drifts[static_cast<std::size_t>(i)].push_back(*drift.value);
            largest = std::max(largest, *drift.value);
        }
    }
    const double width = largest / kBins;
    for (int i = 0; i < variants.size(); ++i) {
        ChartSeries& series = out.series.emplace_back();
        series.name = shortName(variants[i]);
        series.isBars = true;
        std::array<int, kBins> counts{};
        for (const double drift : drifts[static_cast<std::size_t>(i)])
            ++counts[static_cast<std::size_t>(
                std::clamp(static_cast<int>(drift / width), 0, kBins - 1))];
        if (drifts[static_cast<std::size_t>(i)].empty()) continue;
        for (int bin = 0; bin < kBins; ++bin) {
            const int count = counts[static_cast<std::size_t>(bin)];
            series.points.push_back({(bin + 0.5) * width, static_cast<double>(count), 0.0, 0.0,
                                     tr("%1 to %2: %3 examples")
                                         .arg(figure(bin * width), figure((bin + 1) * width))
                                         .arg(count)});
        }
    }
    return out;
}

ChartView paretoView(const DatasetResult& result, const QString& name) {
    constexpr double kMib = 1024.0 * 1024.0;
    ChartView out;
    out.title = tr("Size against drift, 95 % intervals");
    out.xTitle = tr("Stored size, MiB");
    out.yTitle = tr("Drift: %1").arg(name);
    out.why = tr("Two variants or more make this chart.");
    if (result.variants.size() < 2) return out;
    const std::string method = name.section(u'.', 0, 0).toStdString();
    const std::string metric = name.section(u'.', 1).toStdString();
    for (std::size_t i = 0; i < result.variants.size(); ++i) {
        ChartSeries& series = out.series.emplace_back();
        series.name = shortName(nameOf(result.variants[i]));
        const auto& methods = result.aggregate.variants[i].methods;
        const auto group = methods.find(method);
        if (group == methods.end()) continue;
        const auto found = group->second.find(metric);
        if (found == group->second.end() || !found->second.value.value) continue;
        const EndpointInfo& endpoint = endpointInfo(metric);
        ChartPoint point{static_cast<double>(result.variants[i].storedBytes) / kMib,
                         driftOf(endpoint, *found->second.value.value),
                         0.0,
                         0.0,
                         {}};
        const Interval interval = driftOf(endpoint, found->second.interval);
        if (interval.value) {
            point.low = interval.value->low;
            point.high = interval.value->high;
        }
        point.meaning = tr("%1: %2 MiB, drift %3 (%4 to %5)")
                            .arg(series.name, figure(point.x), figure(point.y), figure(point.low),
                                 figure(point.high));
        series.points.push_back(point);
    }
    return out;
}

std::vector<CardGroup> verdictCards(const DatasetResult& result) {
    std::vector<CardGroup> out;
    if (!result.gates.empty()) out.push_back(gateCards(result));
    for (std::size_t i = 0; i < result.aggregate.variants.size(); ++i)
        out.push_back(variantCards(result, i));
    CardGroup notes{tr("Notes"), {}, {}};
    for (const std::string& warning : result.warnings)
        notes.cards.push_back(
            {Weight::Caution, {}, marked(Weight::Caution, tr("Warning")), qt(warning), {}, {}});
    notes.lines.push_back(tr("%1 examples, %2 failed; run %3")
                              .arg(result.aggregate.examples)
                              .arg(result.aggregate.failed)
                              .arg(result.runId.empty() ? tr("not logged") : qt(result.runId)));
    for (const std::string& note : result.notes) notes.lines.push_back(qt(note));
    out.push_back(std::move(notes));
    return out;
}

QString planLines(const DatasetPlan& plan) {
    QStringList out = {
        tr("%1 examples, the longest of %2 tokens").arg(plan.examples).arg(plan.longest),
        tr("%1 explanations, and %2 for the yardsticks")
            .arg(figure(plan.explanations), figure(plan.yardstickExplanations)),
        tr("about %1 s, %2").arg(figure(plan.seconds), qt(plan.memory))};
    for (const std::string& note : plan.notes) out.push_back(qt(note));
    return out.join(u'\n');
}

}  // namespace driftlens
