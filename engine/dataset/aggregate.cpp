#include "engine/dataset/aggregate.h"

#include "core/base/error.h"
#include "core/base/statistics/signed_rank.h"
#include "engine/dataset/differences.h"
#include "engine/dataset/estimate.h"
#include "engine/drift/behaviour.h"
#include "engine/drift/calibration.h"
#include "engine/drift/endpoint.h"
#include "engine/drift/test_family.h"

#include <algorithm>
#include <functional>
#include <set>

namespace driftlens {
namespace {

bool isAsked(const AggregatePlan& plan, const std::string& method) {
    return std::find(plan.methods.begin(), plan.methods.end(), method) != plan.methods.end();
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
        for (const char* group : kInsideGroups) addMethod(group);
        addTokens();
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
            const Column values = column(methodPick(method, metric, false));
            // Points of a curve over the network are shown, not tested one by one.
            const bool isOfASite =
                !isAsked(m_plan, method) && metric.find('@') != std::string::npos;
            Estimate found =
                isOfASite ? meanEstimate(values, m_plan.seed, m_context) : estimate(values, metric);
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

    // Over all tokens of all texts; intervals know that tokens of one text depend on each other.
    void addTokens() {
        std::vector<TokenOutcome> all;
        Column count, kl, same, ratio;
        for (const ExampleOutcome* each : succeeded()) {
            const std::vector<TokenOutcome>& tokens = of(*each).tokens;
            if (tokens.empty()) continue;
            double klSum = 0.0, sames = 0.0, logs = 0.0;
            for (const TokenOutcome& token : tokens) {
                klSum += token.kl;
                sames += token.isTopSame ? 1.0 : 0.0;
                logs += token.referenceLog - token.variantLog;
            }
            count.add({static_cast<double>(tokens.size()), ""}, each->cluster);
            kl.add({klSum, ""}, each->cluster);
            same.add({sames, ""}, each->cluster);
            ratio.add({logs, ""}, each->cluster);
            all.insert(all.end(), tokens.begin(), tokens.end());
        }
        if (all.empty()) return;
        m_out.tokens = divergenceSummary(all);
        const auto put = [&](const char* id, const Column& above) {
            Estimate found = ratioEstimate(above, count, m_plan.seed, m_context);
            if (const EndpointInfo* endpoint = findEndpoint(id))
                addMarginTest(found, *endpoint, marginOf(m_plan, id), false);
            m_out.output[id] = std::move(found.figure);
        };
        put("token_kl", kl);
        put("token_top1_same", same);
        put("log_perplexity_ratio", ratio);
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

// The examples as each checkpoint, but the first variant, answered them beside the one before.
std::vector<ExampleOutcome> stepOutcomes(const std::vector<ExampleOutcome>& outcomes,
                                         std::size_t step) {
    std::vector<ExampleOutcome> out = outcomes;
    for (ExampleOutcome& each : out) {
        if (step >= each.fromPrevious.size()) {
            VariantOutcome none;
            none.failed = "not computed";
            each.variants.assign(1, none);
            continue;
        }
        const VariantOutcome before = each.variants[step];
        each.answer = before.answer;
        each.confidence = before.confidence;
        each.variants.assign(1, each.fromPrevious[step]);
    }
    return out;
}

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
                add(method + "." + metric, metric == plan.primary && isAsked(plan, method), figure);
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
    const bool isTimeline = std::any_of(outcomes.begin(), outcomes.end(), [](const auto& each) {
        return !each.fromPrevious.empty();
    });
    for (std::size_t step = 0; isTimeline && step + 1 < variants; ++step) {
        const auto neighbours = stepOutcomes(outcomes, step);
        out.fromPrevious.push_back(VariantAggregator(neighbours, 0, plan, {}, context).run());
    }
    out.differences = differencesOf(outcomes, variants, plan, context);
    adjust(out, plan);
    return out;
}

}  // namespace driftlens
