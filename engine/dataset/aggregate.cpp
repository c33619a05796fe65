#include "engine/dataset/aggregate.h"

#include "core/base/error.h"
#include "core/base/statistics/distributions.h"
#include "core/base/statistics/signed_rank.h"
#include "engine/drift/behaviour.h"
#include "engine/drift/calibration.h"
#include "engine/drift/endpoint.h"
#include "engine/drift/resampling.h"
#include "engine/drift/test_family.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

namespace driftlens {
namespace {

// Values of one metric over the examples that have one.
struct Column {
    std::vector<double> values;
    std::vector<std::string> clusters;  // one per value
    std::uint64_t undefined = 0;

    void add(const Figure& figure, const std::string& cluster) {
        if (!figure.value) {
            ++undefined;
            return;
        }
        values.push_back(*figure.value);
        clusters.push_back(cluster);
    }
    bool isClustered() const {
        return std::any_of(clusters.begin(), clusters.end(),
                           [](const std::string& id) { return !id.empty(); });
    }
};

Figure meanOf(std::span<const double> values) {
    if (values.empty()) return undefinedFigure("no example has a value");
    return finiteFigure(std::accumulate(values.begin(), values.end(), 0.0) /
                        static_cast<double>(values.size()));
}

Statistic meanStatistic(const std::vector<double>& values) {
    return [&values](std::span<const std::size_t> positions) {
        double sum = 0.0;
        for (const std::size_t i : positions) sum += values[i];
        return finiteFigure(sum / static_cast<double>(positions.size()));
    };
}

// An estimate with what intervals and p-values need.
struct Estimate {
    AggregateFigure figure;
    Interval at90;
    Resampled resampled;
};

Estimate meanEstimate(const Column& column, std::uint64_t seed, const RunContext& context) {
    Estimate out;
    out.figure.value = meanOf(column.values);
    out.figure.examples = column.values.size();
    out.figure.undefined = column.undefined;
    const ResamplePlan plan{seed, "dataset", 2000};
    const Statistic mean = meanStatistic(column.values);
    out.resampled = column.isClustered()
                        ? clusterBootstrap(clustersOf(column.clusters), mean, plan, context)
                        : bootstrap(column.values.size(), mean, plan, context);
    out.figure.interval = percentileInterval(out.resampled);
    out.at90 = percentileInterval(out.resampled, 0.90);
    return out;
}

// A share of examples: exact where rows are independent.
Estimate shareEstimate(const Column& column, std::uint64_t seed, const RunContext& context) {
    if (column.isClustered()) return meanEstimate(column, seed, context);
    Estimate out;
    const auto count =
        static_cast<std::uint64_t>(std::count(column.values.begin(), column.values.end(), 1.0));
    const Proportion share = proportionOf(count, column.values.size());
    out.figure.value = share.share;
    out.figure.interval = share.interval;
    out.figure.examples = column.values.size();
    out.at90 = proportionOf(count, column.values.size(), 0.90).interval;
    return out;
}

// P(at least so many of n, if each comes with this probability).
double binomialTail(std::uint64_t count, std::uint64_t of, double probability) {
    if (count == 0) return 1.0;
    return incompleteBeta(static_cast<double>(count), static_cast<double>(of - count + 1),
                          probability);
}

// Of "the drift is at most the margin".
void addMarginTest(Estimate& estimate, const EndpointInfo& endpoint, double margin,
                   bool isExactShare) {
    AggregateFigure& figure = estimate.figure;
    if (!figure.value.value) return;
    figure.pMeaning = "drift of at most " + std::to_string(margin);
    if (isExactShare) {
        const auto n = static_cast<double>(figure.examples);
        const auto count = static_cast<std::uint64_t>(std::llround(*figure.value.value * n));
        figure.p = {binomialTail(count, figure.examples, margin), ""};
        return;
    }
    if (estimate.resampled.values.empty()) return;
    std::size_t within = 0;
    for (const double value : estimate.resampled.values)
        within += std::abs(driftOf(endpoint, value)) <= margin ? 1 : 0;
    figure.p = {
        static_cast<double>(1 + within) / static_cast<double>(1 + estimate.resampled.values.size()),
        ""};
}

class VariantAggregator {
public:
    VariantAggregator(const std::vector<ExampleOutcome>& outcomes, std::size_t variant,
                      const AggregatePlan& plan, const Yardsticks& yardsticks,
                      const RunContext& context)
        : m_outcomes(outcomes),
          m_variant(variant),
          m_plan(plan),
          m_yardsticks(yardsticks),
          m_context(context) {}

    VariantAggregate run() {
        for (const ExampleOutcome& each : m_outcomes)
            m_out.failed += each.failed.empty() && !of(each).failed.empty() ? 1 : 0;
        addFidelity();
        addAccuracy();
        for (const std::string& method : m_plan.methods) addMethod(method);
        addVerdicts();
        addQuadrants();
        addFragility();
        addSlices();
        return std::move(m_out);
    }

private:
    using Pick = std::function<Figure(const ExampleOutcome&, const VariantOutcome&)>;

    const VariantOutcome& of(const ExampleOutcome& example) const {
        return example.variants[m_variant];
    }

    std::vector<const ExampleOutcome*> succeeded(const std::string* slice = nullptr) const {
        std::vector<const ExampleOutcome*> out;
        for (const ExampleOutcome& each : m_outcomes) {
            const bool isMeant = slice == nullptr || each.slice == *slice;
            if (isMeant && each.failed.empty() && of(each).failed.empty()) out.push_back(&each);
        }
        return out;
    }

    Column column(const Pick& pick, const std::string* slice = nullptr) const {
        Column out;
        for (const ExampleOutcome* each : succeeded(slice))
            out.add(pick(*each, of(*each)), each->cluster);
        return out;
    }

    static Pick fidelityPick(const std::string& metric) {
        return [metric](const ExampleOutcome&, const VariantOutcome& variant) {
            const auto found = variant.fidelity.find(metric);
            return found == variant.fidelity.end() ? undefinedFigure("not computed")
                                                   : finiteFigure(found->second);
        };
    }

    static Pick methodPick(const std::string& method, const std::string& metric, bool byChance) {
        return [=](const ExampleOutcome&, const VariantOutcome& variant) -> Figure {
            const auto found = variant.methods.find(method);
            if (found == variant.methods.end()) return undefinedFigure("not computed");
            const auto& figures = byChance ? found->second.byChance : found->second.raw;
            const auto figure = figures.find(metric);
            return figure == figures.end() ? undefinedFigure("not computed") : figure->second;
        };
    }

    Estimate estimate(const Column& column, const std::string& metric) {
        const bool isShare = metric == "flip_rate" || metric == "top1_same";
        Estimate out = isShare ? shareEstimate(column, m_plan.seed, m_context)
                               : meanEstimate(column, m_plan.seed, m_context);
        if (const EndpointInfo* endpoint = findEndpoint(metric)) {
            addMarginTest(out, *endpoint, marginOf(m_plan, metric),
                          isShare && !column.isClustered());
        }
        return out;
    }

    void addFidelity() {
        std::set<std::string> metrics;
        for (const ExampleOutcome& each : m_outcomes)
            if (each.failed.empty())
                for (const auto& [metric, value] : of(each).fidelity) metrics.insert(metric);
        for (const std::string& metric : metrics) {
            const Column values = column(fidelityPick(metric));
            Estimate found = estimate(values, metric);
            if (metric == "probability_change") {
                found.figure.p = wilcoxonSignedRank(values.values).p;
                found.figure.pMeaning = "no change (Wilcoxon's signed ranks, two-sided)";
            }
            m_estimates[metric] = found;
            m_out.output[metric] = std::move(found.figure);
        }
    }

    void addAccuracy() {
        std::vector<AnswerPair> pairs;
        Column change;
        std::vector<Prediction> reference, variant;
        for (const ExampleOutcome* each : succeeded()) {
            if (!each->label) continue;
            const VariantOutcome& own = of(*each);
            pairs.push_back({each->answer, own.answer, each->label});
            const bool isRight = each->answer == *each->label;
            const bool isVariantRight = own.answer == *each->label;
            reference.push_back({each->confidence, isRight});
            variant.push_back({own.confidence, isVariantRight});
            change.add({(isVariantRight ? 1.0 : 0.0) - (isRight ? 1.0 : 0.0), ""}, each->cluster);
        }
        if (pairs.empty()) return;
        const Behaviour behaviour = behaviourOf(pairs);
        const auto put = [&](const char* id, const Proportion& share) {
            AggregateFigure& out = m_out.output[id];
            out.value = share.share;
            out.interval = share.interval;
            out.examples = share.of;
        };
        put("reference_accuracy", behaviour.referenceAccuracy);
        put("accuracy", behaviour.variantAccuracy);
        put("right_to_wrong", behaviour.rightToWrong);
        put("wrong_to_right", behaviour.wrongToRight);
        AggregateFigure net = meanEstimate(change, m_plan.seed, m_context).figure;
        net.p = {behaviour.netAccuracyChange.exactP, ""};
        net.pMeaning = "the net change of accuracy is chance (McNemar, exact, two-sided)";
        m_out.output["accuracy_change"] = net;
        m_out.output["reference_calibration_error"].value = calibrationOf(reference).expectedError;
        m_out.output["calibration_error"].value = calibrationOf(variant).expectedError;
    }

    void addMethod(const std::string& method) {
        std::set<std::string> metrics;
        for (const ExampleOutcome* each : succeeded()) {
            const auto found = of(*each).methods.find(method);
            if (found == of(*each).methods.end()) continue;
            for (const auto& [metric, figure] : found->second.raw) metrics.insert(metric);
        }
        for (const std::string& metric : metrics) {
            Estimate found = estimate(column(methodPick(method, metric, false)), metric);
            found.figure.byChance = meanOf(column(methodPick(method, metric, true)).values);
            const Figure& chance = found.figure.byChance;
            found.figure.corrected =
                !found.figure.value.value || !chance.value || *chance.value >= 1.0
                    ? undefinedFigure("no figure by chance")
                    : Figure{(*found.figure.value.value - *chance.value) / (1.0 - *chance.value),
                             ""};
            m_estimates[method + "." + metric] = found;
            m_out.methods[method][metric] = std::move(found.figure);
        }
    }

    void addVerdicts() {
        judgeEndpoint("flip_rate", "flip_rate", "");
        for (const std::string& method : m_plan.methods)
            judgeEndpoint(method + "." + m_plan.primary, m_plan.primary, method);
    }

    void judgeEndpoint(const std::string& name, const std::string& metric,
                       const std::string& method) {
        const auto found = m_estimates.find(name);
        if (found == m_estimates.end()) return;
        const EndpointInfo& endpoint = endpointInfo(metric);
        Evidence evidence;
        evidence.title = method.empty() ? std::string(endpoint.title)
                                        : method + ", " + std::string(endpoint.title);
        evidence.estimate = driftOf(endpoint, found->second.figure.value);
        evidence.at95 = driftOf(endpoint, found->second.figure.interval);
        evidence.at90 = driftOf(endpoint, found->second.at90);
        evidence.margin = marginOf(m_plan, metric);
        const Figure none = undefinedFigure("not measured");
        evidence.repeatability = evidence.estimation = none;
        evidence.control.notApplicable = "not measured";
        if (const auto own = m_plan.invalid.find(method); own != m_plan.invalid.end())
            evidence.invalid = own->second;
        if (const auto yard = m_yardsticks.find(name); yard != m_yardsticks.end()) {
            evidence.repeatability = yard->second.repeatability;
            evidence.estimation = yard->second.estimation;
            const auto noise = yard->second.noise.find(m_variant);
            if (noise != yard->second.noise.end()) evidence.control = noise->second;
        }
        m_out.verdicts.push_back({name, evidence.margin, judge(evidence)});
    }

    // Reasons are those of the first method, by the primary metric.
    void addQuadrants() {
        if (m_plan.methods.empty()) return;
        const EndpointInfo& endpoint = endpointInfo(m_plan.primary);
        const Pick pick = methodPick(m_plan.methods.front(), m_plan.primary, false);
        std::vector<ExampleDrift> examples;
        for (const ExampleOutcome* each : succeeded()) {
            examples.push_back({each->number, of(*each).answer != each->answer,
                                driftOf(endpoint, pick(*each, of(*each)))});
        }
        m_out.quadrants = quadrantsOf(examples, marginOf(m_plan, m_plan.primary));
    }

    // By the reference's confidence, beside its margin.
    void addFragility() {
        std::vector<double> ranking, margins;
        std::vector<std::uint8_t> flips;
        for (const ExampleOutcome* each : succeeded()) {
            ranking.push_back(1.0 - each->confidence);
            margins.push_back(each->margin);
            flips.push_back(of(*each).answer != each->answer ? 1 : 0);
        }
        m_out.fragility =
            fragilityReport(ranking, margins, flips, {m_plan.seed, "fragility", 2000}, m_context);
    }

    void addSlices() {
        std::set<std::string> names;
        for (const ExampleOutcome& each : m_outcomes)
            if (!each.slice.empty()) names.insert(each.slice);
        double worst = -1.0;
        for (const std::string& name : names) {
            SliceFigures slice{name, succeeded(&name).size(), {}};
            slice.figures["flip_rate"] =
                estimate(column(fidelityPick("flip_rate"), &name), "flip_rate").figure;
            for (const std::string& method : m_plan.methods) {
                slice.figures[method + "." + m_plan.primary] =
                    estimate(column(methodPick(method, m_plan.primary, false), &name),
                             m_plan.primary)
                        .figure;
            }
            const Figure& flips = slice.figures["flip_rate"].value;
            if (flips.value && *flips.value > worst) {
                worst = *flips.value;
                m_out.worstSlice = name;
            }
            m_out.slices.push_back(std::move(slice));
        }
    }

    const std::vector<ExampleOutcome>& m_outcomes;
    std::size_t m_variant;
    const AggregatePlan& m_plan;
    const Yardsticks& m_yardsticks;
    const RunContext& m_context;
    std::map<std::string, Estimate> m_estimates;
    VariantAggregate m_out;
};

// Corrects the p-values of all variants together: primary endpoints apart from the rest.
void adjust(Aggregate& aggregate, const AggregatePlan& plan) {
    std::vector<EndpointTest> tests;
    std::vector<AggregateFigure*> figures;
    const auto add = [&](const std::string& id, bool isPrimary, AggregateFigure& figure) {
        if (figure.pMeaning.empty()) return;
        tests.push_back({id, isPrimary, figure.p});
        figures.push_back(&figure);
    };
    for (VariantAggregate& variant : aggregate.variants) {
        for (auto& [metric, figure] : variant.output) add(metric, metric == "flip_rate", figure);
        for (auto& [method, metrics] : variant.methods)
            for (auto& [metric, figure] : metrics)
                add(method + "." + metric, metric == plan.primary, figure);
    }
    const std::vector<AdjustedTest> adjusted = adjustTests(tests);
    for (std::size_t i = 0; i < adjusted.size(); ++i) {
        figures[i]->adjustedP = adjusted[i].adjusted;
        figures[i]->pLabel = adjusted[i].label;
    }
}

}  // namespace

double marginOf(const AggregatePlan& plan, const std::string& metric) {
    const auto own = plan.margins.find(metric);
    return own != plan.margins.end() ? own->second : endpointInfo(metric).margin;
}

Aggregate aggregateOf(const std::vector<ExampleOutcome>& outcomes, std::size_t variants,
                      const AggregatePlan& plan, Yardsticks yardsticks, const RunContext& context) {
    endpointInfo(plan.primary);  // throws if it has no margin
    Aggregate out;
    out.examples = outcomes.size();
    for (const ExampleOutcome& each : outcomes) out.failed += each.failed.empty() ? 0 : 1;
    for (std::size_t i = 0; i < variants; ++i)
        out.variants.push_back(VariantAggregator(outcomes, i, plan, yardsticks, context).run());
    out.yardsticks = std::move(yardsticks);
    adjust(out, plan);
    return out;
}

}  // namespace driftlens
