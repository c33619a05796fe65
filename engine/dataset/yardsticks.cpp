#include "engine/dataset/yardsticks.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "engine/dataset/example.h"
#include "engine/drift/endpoint.h"
#include "xai/faithfulness/metrics.h"
#include "xai/methods/explanation_metrics.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr double kFloorEpsilon = 1e-12;

using Figures = std::map<std::string, Figure>;  // drift by "method.metric" or metric

// Means of drift over examples.
class Means {
public:
    void add(const Figures& figures) {
        for (const auto& [name, figure] : figures) {
            if (!figure.value) continue;
            m_sums[name] += *figure.value;
            ++m_counts[name];
        }
    }
    Figures values() const {
        Figures out;
        for (const auto& [name, sum] : m_sums)
            out[name] = finiteFigure(sum / static_cast<double>(m_counts.at(name)));
        return out;
    }

private:
    std::map<std::string, double> m_sums;
    std::map<std::string, std::size_t> m_counts;
};

// How far one explanation lies from another, by every metric that has a margin.
void addDrift(Figures& out, const std::string& method, const Attribution& a, const Attribution& b,
              const TokenizedInput& input) {
    for (const auto& [metric, figure] : agreementOutcome(a, b, input).raw) {
        if (const EndpointInfo* endpoint = findEndpoint(metric))
            out[method + "." + metric] = driftOf(*endpoint, figure);
    }
}

Figures driftOfOutcome(const VariantOutcome& outcome) {
    Figures out;
    for (const auto& [metric, value] : outcome.fidelity)
        if (const EndpointInfo* endpoint = findEndpoint(metric))
            out[metric] = driftOf(*endpoint, finiteFigure(value));
    for (const auto& [method, found] : outcome.methods) {
        for (const auto& [metric, figure] : found.raw)
            if (const EndpointInfo* endpoint = findEndpoint(metric))
                out[method + "." + metric] = driftOf(*endpoint, figure);
    }
    return out;
}

// One change of a method's settings, or of how it is computed.
struct Change {
    std::string name;
    std::function<bool(MethodRequest& method, ComputeOptions& compute)> apply;  // false: none
};

bool hasSetting(const MethodRequest& method, const char* name) {
    return method.settings.contains(name);
}

const std::vector<Change>& repeatabilityChanges() {
    static const std::vector<Change> kChanges = {
        {"float64",
         [](MethodRequest&, ComputeOptions& compute) {
             compute.compute = ComputeType::Float64;
             return true;
         }},
        {"batch_shape",
         [](MethodRequest&, ComputeOptions& compute) {
             compute.batch = compute.batch > 1 ? std::max<std::int64_t>(1, compute.batch / 2) : 3;
             return true;
         }},
    };
    return kChanges;
}

const std::vector<Change>& estimationChanges() {
    static const std::vector<Change> kChanges = {
        {"seed",
         [](MethodRequest& method, ComputeOptions& compute) {
             compute.seed += 1;
             return !methodNamed(method.id).isDeterministic;
         }},
        {"nodes",
         [](MethodRequest& method, ComputeOptions&) {
             if (!hasSetting(method, "nodes")) return false;
             method.settings["nodes"] = std::to_string(2 * std::stoll(method.settings.at("nodes")));
             return true;
         }},
    };
    return kChanges;
}

// Shown beside the floors, in none of them: another baseline asks another question.
const std::vector<Change>& questionChanges() {
    static const std::vector<Change> kChanges = {
        {"baseline",
         [](MethodRequest& method, ComputeOptions&) {
             for (const char* name : {"baseline", "replace"}) {
                 if (!hasSetting(method, name)) continue;
                 std::string& value = method.settings[name];
                 value = value == "pad" ? "mean" : "pad";
                 return true;
             }
             return false;
         }},
    };
    return kChanges;
}

const std::vector<Change>& precisionChanges() {
    static const std::vector<Change> kChanges = {
        {"bfloat16",
         [](MethodRequest&, ComputeOptions& compute) {
             compute.compute = ComputeType::BFloat16;
             return true;
         }},
        {"float16",
         [](MethodRequest&, ComputeOptions& compute) {
             compute.compute = ComputeType::Float16;
             return true;
         }},
    };
    return kChanges;
}

// Nobody looks at what else the methods would give.
std::vector<PromptRequest> scoresOnly(std::vector<PromptRequest> examples) {
    for (PromptRequest& request : examples)
        for (MethodRequest& method : request.methods)
            method.settings = withoutAnswerTokens(std::move(method.settings));
    return examples;
}

class Measurement {
public:
    Measurement(const YardstickModels& models, const std::vector<PromptRequest>& examples,
                const RunContext& context)
        : m_models(models), m_examples(scoresOnly(examples)), m_context(context) {
        for (const PromptRequest& request : m_examples) {
            m_base.push_back(compareIn({.reference = m_models.reference}, request,
                                       CompareMode::OfDataSet, m_context.stopOnly()));
        }
    }

    YardstickResult run() {
        step("repeatability", [&] { addFloor(repeatabilityChanges(), &keepRepeatability); });
        step("estimation", [&] { addFloor(estimationChanges(), &keepEstimation); });
        step("baselines", [&] { addFloor(questionChanges(), &keepDisagreement); });
        step("precision", [&] { addFloor(precisionChanges(), &keepPrecision); });
        for (std::size_t i = 0; i < m_models.variants.size(); ++i)
            step("noise", [&] { addNoise(i); });
        addDisagreementOfMethods();
        step("validity", [&] { addValidity(); });
        for (auto& [name, yard] : m_out.yardsticks) {
            yard.examples = m_examples.size();
            for (Figure* floor : {&yard.repeatability, &yard.estimation})
                if (!floor->value) floor->reason = "not measured";
        }
        return std::move(m_out);
    }

private:
    using Keep = void (*)(MetricYardsticks&, const std::string& change, const Figure& drift);

    // Below the stated epsilon a floor is rounding of the figure itself, and counts as 0.
    static void raise(Figure& floor, const Figure& drift) {
        if (!drift.value) return;
        const double size = std::abs(*drift.value) < kFloorEpsilon ? 0.0 : std::abs(*drift.value);
        if (!floor.value || *floor.value < size) floor = {size, ""};
    }
    static void keepRepeatability(MetricYardsticks& out, const std::string& change,
                                  const Figure& drift) {
        out.repeatabilityBy[change] = drift;
        raise(out.repeatability, drift);
    }
    static void keepEstimation(MetricYardsticks& out, const std::string& change,
                               const Figure& drift) {
        out.estimationBy[change] = drift;
        raise(out.estimation, drift);
    }
    static void keepDisagreement(MetricYardsticks& out, const std::string& change,
                                 const Figure& drift) {
        out.disagreement[change] = drift;
    }
    static void keepPrecision(MetricYardsticks& out, const std::string& change,
                              const Figure& drift) {
        out.precision[change] = drift;
    }

    template <class Work>
    void step(const char* name, const Work& work) {
        constexpr double kSteps = 6.0;
        m_context.checkpoint(std::min(1.0, m_done++ / kSteps), std::string("yardsticks: ") + name);
        work();
    }

    // Explains every example under each change, and keeps how far that lies from the explanation as
    // it is.
    void addFloor(const std::vector<Change>& changes, Keep keep) {
        for (const Change& change : changes) {
            Means means;
            for (std::size_t i = 0; i < m_examples.size(); ++i) addChanged(change, i, means);
            for (const auto& [name, drift] : means.values())
                keep(m_out.yardsticks[name], change.name, drift);
        }
    }

    void addChanged(const Change& change, std::size_t i, Means& means) {
        PromptRequest request = m_examples[i];
        request.compute.batch = m_base[i].batch;
        std::vector<MethodRequest> methods;
        for (MethodRequest method : methodsOrDefault(request))
            if (change.apply(method, request.compute)) methods.push_back(std::move(method));
        if (methods.empty()) return;
        request.methods = methods;
        Figures drift;
        try {
            // The same answer is explained, whatever the change does to the model's own.
            const Comparison found =
                compareIn({.reference = m_models.reference, .target = m_base[i].target}, request,
                          CompareMode::OfDataSet, m_context.stopOnly());
            for (const Attribution& each : found.referenceExplanations)
                addDrift(drift, each.method, referenceOf(i, each.method), each, m_base[i].input);
            const bool isFlip = found.referenceAnswer != m_base[i].referenceAnswer;
            drift["flip_rate"] = {isFlip ? 1.0 : 0.0, ""};
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::Cancelled) throw;
            warnOnce(change.name + ": " + error.what());
        }
        means.add(drift);
    }

    const Attribution& referenceOf(std::size_t example, const std::string& method) const {
        for (const Attribution& each : m_base[example].referenceExplanations)
            if (each.method == method) return each;
        throw Error(ErrorKind::Internal, "yardsticks: no " + method);
    }

    // Draws of noise with the compression error's norm, on the same examples as the variant itself.
    void addNoise(std::size_t variant) {
        const LoadedVariant& own = m_models.variants[variant];
        std::map<std::string, NoiseControl> controls;
        std::string notApplicable;
        for (std::size_t draw = 0; draw < kNoiseDraws && notApplicable.empty(); ++draw) {
            const NoisyReference noisy =
                noisyReference(m_models.reference, own, m_examples.front().compute.seed, draw);
            notApplicable = noisy.notApplicable;
            if (!notApplicable.empty()) break;
            for (const auto& [name, drift] : meanDrift(noisy.model))
                if (drift.value) controls[name].drifts.push_back(*drift.value);
        }
        for (const auto& [name, drift] : meanDrift(own)) {
            NoiseControl control = controls[name];
            control.notApplicable = notApplicable;
            if (drift.value) control.own = *drift.value;
            m_out.yardsticks[name].noise[variant] = std::move(control);
        }
    }

    Figures meanDrift(const LoadedVariant& model) {
        Means means;
        for (std::size_t i = 0; i < m_examples.size(); ++i) {
            const ComparisonModels pair{m_models.reference, 1, [&](std::size_t) { return model; },
                                        m_base[i].target, &m_base[i].referenceExplanations};
            const Comparison found =
                compareIn(pair, m_examples[i], CompareMode::OfDataSet, m_context.stopOnly());
            const VariantOutcome outcome = variantOutcome(found.variants.front(), found.input);
            if (outcome.failed.empty()) means.add(driftOfOutcome(outcome));
        }
        return means.values();
    }

    void addDisagreementOfMethods() {
        const std::vector<MethodRequest> methods = methodsOrDefault(m_examples.front());
        for (const MethodRequest& a : methods) {
            for (const MethodRequest& b : methods) {
                if (a.id == b.id) continue;
                Means means;
                for (std::size_t i = 0; i < m_base.size(); ++i) {
                    const Attribution &first = referenceOf(i, a.id), &second = referenceOf(i, b.id);
                    if (first.scores.size() != second.scores.size()) continue;
                    Figures drift;
                    addDrift(drift, a.id, first, second, m_base[i].input);
                    means.add(drift);
                }
                for (const auto& [name, drift] : means.values())
                    m_out.yardsticks[name].disagreement[b.id] = drift;
            }
        }
    }

    // ---- are the explanations themselves valid?

    void addValidity() {
        const std::size_t count = std::min(kValidityExamples, m_examples.size());
        for (const MethodRequest& method : methodsOrDefault(m_examples.front())) {
            MethodChecks found{method.id, {}, {}, {}};
            for (std::size_t i = 0; i < count; ++i)
                addValidityOf(method, i, found.aboveRandom, found.randomised);
            const std::string why = whyInvalid(found.aboveRandom, found.randomised);
            if (!why.empty()) m_out.invalid[method.id] = why;
            if (found.aboveRandom.empty()) continue;
            addCurves(method, count, found);
            m_out.checks.push_back(std::move(found));
        }
    }

    void addCurves(const MethodRequest& method, std::size_t count, MethodChecks& out) {
        std::vector<CheckedExample> examples;
        for (std::size_t i = 0; i < count; ++i)
            examples.push_back({m_examples[i], m_base[i].input, m_base[i].target, m_base[i].batch,
                                &referenceOf(i, method.id)});
        const RunContext quiet = m_context.stopOnly();
        out.curves.push_back(meanRemovalCurves(m_models.reference, method, examples, quiet));
        for (CheckedExample& each : examples) each.known = nullptr;
        for (const LoadedVariant& variant : m_models.variants)
            out.curves.push_back(meanRemovalCurves(variant, method, examples, quiet));
    }

    void addValidityOf(const MethodRequest& method, std::size_t i, std::vector<double>& aboveRandom,
                       std::vector<double>& randomised) {
        Attribution explanation = referenceOf(i, method.id);
        if (!explanation.parts.empty()) return;
        const ConceptQuestion none;
        const MethodInput in{*m_models.reference.model,
                             *m_models.reference.tokenizer,
                             m_base[i].input,
                             m_base[i].target,
                             m_examples[i].compute.compute,
                             m_base[i].batch,
                             m_examples[i].compute.seed,
                             &none,
                             nullptr};
        MetricPlan plan;
        plan.withLimits = false;
        plan.withReruns = true;
        plan.cascadeSteps = 1;
        plan.sensitivityDraws = 0;
        addMetrics(in, plan, m_context.stopOnly(), explanation);
        const auto keep = [&](const char* id, std::vector<double>& out) {
            const auto found = explanation.metrics.find(id);
            if (found != explanation.metrics.end() && found->second.value)
                out.push_back(*found->second.value);
        };
        keep("above_random", aboveRandom);
        keep("randomised_weights", randomised);
    }

    static double mean(const std::vector<double>& values) {
        double sum = 0.0;
        for (const double value : values) sum += value;
        return sum / static_cast<double>(values.size());
    }

    static std::string whyInvalid(const std::vector<double>& aboveRandom,
                                  const std::vector<double>& randomised) {
        if (!aboveRandom.empty() && mean(aboveRandom) <= 0.0) {
            return "its order of removal is no better than a random one (AOPC above random " +
                   formatNumber(mean(aboveRandom), 3) + " on " +
                   std::to_string(aboveRandom.size()) + " examples)";
        }
        if (!randomised.empty() && mean(randomised) >= 0.5) {
            return "it hardly changes when the weights are drawn anew (rank correlation " +
                   formatNumber(mean(randomised), 3) + ")";
        }
        return "";
    }

    void warnOnce(const std::string& warning) {
        auto& all = m_out.warnings;
        if (std::find(all.begin(), all.end(), warning) == all.end()) all.push_back(warning);
    }

    const YardstickModels& m_models;
    std::vector<PromptRequest> m_examples;
    const RunContext& m_context;
    std::vector<Comparison> m_base;
    double m_done = 0.0;
    YardstickResult m_out;
};

}  // namespace

YardstickResult measureYardsticks(const YardstickModels& models,
                                  const std::vector<PromptRequest>& examples,
                                  const RunContext& context) {
    if (examples.empty()) return {};
    return Measurement(models, examples, context).run();
}

}  // namespace driftlens
