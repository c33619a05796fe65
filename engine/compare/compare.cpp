#include "core/base/error.h"
#include "core/model/model.h"
#include "engine/compare/alignment.h"
#include "engine/compare/drift.h"
#include "engine/compare/fidelity.h"
#include "engine/compare/prepare.h"
#include "engine/compare/record.h"
#include "engine/compare/run_log.h"
#include "engine/compare/structure_drift.h"
#include "engine/compare/threads.h"
#include "engine/compare/token_outcomes.h"
#include "engine/drift/output_fidelity.h"
#include "xai/methods/explanation_metrics.h"
#include "xai/methods/method.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <limits>

namespace driftlens {
namespace {

[[noreturn]] void throwNotComparable(const LoadedVariant& base, const LoadedVariant& variant,
                                     const std::string& why) {
    throw Error(ErrorKind::Usage, variant.identity.name() + " cannot be compared with " +
                                      base.identity.name() + ": " + why);
}

// The steps of one comparison over shared ids, target, settings and micro-batches.
class Comparer {
public:
    // A data set keeps no scores of each token of an answer, so none are computed.
    Comparer(const PromptRequest& request, CompareMode mode, const RunContext& context)
        : m_request(request),
          m_isOnePrompt(mode == CompareMode::OnePrompt),
          m_context(context),
          m_methods(methodsOrDefault(request)) {
        if (m_isOnePrompt) return;
        for (MethodRequest& method : m_methods)
            method.settings = withoutAnswerTokens(std::move(method.settings));
    }

    Comparison run(const ComparisonModels& models) {
        const LoadedVariant& base = models.reference;
        m_out.reference = base.identity;
        m_out.input = tokenizeRequest(base, m_request);
        m_out.ids = m_out.input.ids();
        m_out.target = models.target
                           ? *models.target
                           : resolveTarget(*base.model, *base.tokenizer, m_out.input,
                                           m_request.target, m_request.compute.compute, m_context);
        m_out.batch = batchOf(*base.model, static_cast<std::int64_t>(m_out.input.tokens.size()),
                              m_out.target, m_request.compute);
        const std::size_t ownRuns = m_isOnePrompt ? 3 : 1;  // as it is, float64, another batch
        m_steps = static_cast<double>(m_methods.size() * (ownRuns + models.variants));
        explainReference(base, models.referenceExplanations);
        if (m_request.comparesInsides && models.variants > 0)
            m_insides.emplace(base, m_out.input, m_request.compute.compute, insidesMemory(),
                              m_context);
        for (std::size_t i = 0; i < models.variants; ++i) addVariant(base, models.variant(i));
        align();
        judge();
        if (m_request.isTimeline) compareNeighbours();
        m_out.referenceExplanations = std::move(m_reference);
        return std::move(m_out);
    }

private:
    // Explaining needs the rest. Never by what is free now: which figures there are must not hang
    // on the machine's other work.
    std::uint64_t insidesMemory() const {
        constexpr std::uint64_t kDefault = std::uint64_t{1} << 30;
        const std::uint64_t asked = m_request.compute.memoryBytes;
        return asked > 0 ? asked / 4 : kDefault;
    }

    MethodInput methodInput(const LoadedVariant& variant, const TokenizedInput& text,
                            ComputeType compute, std::int64_t batch) const {
        return {*variant.model, *variant.tokenizer,     text,       m_out.target, compute,
                batch,          m_request.compute.seed, &m_concepts};
    }

    Attribution explain(const LoadedVariant& variant, const TokenizedInput& text,
                        const MethodRequest& method, ComputeType compute, std::int64_t batch) {
        const MethodInput input = methodInput(variant, text, compute, batch);
        const RunContext part = m_context.part(m_done / m_steps, (m_done + 1.0) / m_steps);
        Attribution out = runMethod(methodNamed(method.id), method.settings, input, part);
        ++m_done;
        return out;
    }

    // Of a data set a few examples show how well the reference repeats itself.
    static Repeatability unmeasured(const std::vector<double>& scores) {
        Repeatability out;
        out.float64Scores = out.otherBatchScores = scores;
        return out;
    }

    void explainReference(const LoadedVariant& base, const std::vector<Attribution>* known) {
        m_concepts = readConcepts(m_request.concepts, base);
        const ComputeType compute = m_request.compute.compute;
        const std::int64_t otherBatch =
            m_out.batch > 1 ? std::max<std::int64_t>(1, m_out.batch / 2) : 3;
        for (const MethodRequest& method : m_methods) {
            const std::size_t place = m_reference.size();
            m_reference.push_back(known != nullptr
                                      ? known->at(place)
                                      : explain(base, m_out.input, method, compute, m_out.batch));
            const Attribution& main = m_reference.back();
            if (!m_isOnePrompt) {
                m_floors.push_back(unmeasured(main.scores));
                continue;
            }
            if (m_request.metrics) m_checks.push_back(referenceChecks(base, main));
            MethodRequest again = method;
            again.settings = withoutAnswerTokens(method.settings);
            const Attribution wide =
                explain(base, m_out.input, again, ComputeType::Float64, m_out.batch);
            const Attribution other = explain(base, m_out.input, again, compute, otherBatch);
            m_floors.push_back(repeatabilityOf(main.scores, wide.scores, other.scores));
        }
        m_out.referenceTargetValue =
            targetValueOf(m_reference, m_out.target, base, m_out.input, compute, m_context);
        m_referenceAnswers = answers(base, m_out.input);
        readReferenceAnswers();
        m_out.referenceAnswers = listed(base, m_referenceAnswers);
    }

    // ---- can the explanations be trusted? Of one prompt, if it is asked.

    RemovalCurves removal(const LoadedVariant& variant, const TokenizedInput& text,
                          const Attribution& explanation) const {
        const MethodInput input =
            methodInput(variant, text, m_request.compute.compute, m_out.batch);
        const faithfulness::Curves curves =
            removalCurves(input, *m_request.metrics, m_context, explanation);
        return {curves.deletion, curves.insertion};
    }

    ExplanationChecks referenceChecks(const LoadedVariant& base,
                                      const Attribution& explanation) const {
        ExplanationChecks out;
        out.reference = removal(base, m_out.input, explanation);
        if (!m_request.metrics->withReruns || !explanation.parts.empty()) return out;
        const MethodInput input =
            methodInput(base, m_out.input, m_request.compute.compute, m_out.batch);
        for (const faithfulness::RandomisationStep& step :
             randomisationOf(input, *m_request.metrics, m_context, explanation).steps)
            out.randomised.push_back(
                {step.layer, step.magnitudes.coefficient, step.signedScores.coefficient});
        return out;
    }

    std::vector<RankedAnswer> listed(const LoadedVariant& base,
                                     const std::vector<double>& logs) const {
        return bestAnswers(*base.model, *base.tokenizer, logs, m_request.answers);
    }

    void readReferenceAnswers() {
        const std::vector<double>& logs = m_referenceAnswers;
        const std::size_t top = topAnswer(logs);
        double next = -std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < logs.size(); ++i)
            if (i != top) next = std::max(next, logs[i]);
        m_out.referenceAnswer = static_cast<std::int64_t>(top);
        m_out.referenceConfidence = std::exp(logs[top]);
        m_out.referenceMargin = logs[top] - next;
    }

    std::vector<double> answers(const LoadedVariant& variant, const TokenizedInput& text) const {
        return answerLogProbabilities(*variant.model, text.ids(), m_out.target.position,
                                      m_request.compute.compute, m_context);
    }

    // The prompt as the variant cuts it. Where that is not the reference's way, answers must be
    // the same tokens all the same, read at the same place.
    TokenizedInput inputOf(const LoadedVariant& base, const LoadedVariant& variant) const {
        if (m_request.ids) return m_out.input;
        TokenizedInput own = tokenizeRequest(variant, m_request);
        const Task task = base.model->spec().task;
        if (own.ids() == m_out.ids || task == Task::Classification) return own;
        if (m_out.target.position != -1) {
            throwNotComparable(base, variant,
                               "it cuts the prompt into other tokens, so that only the last "
                               "position is the same in both");
        }
        for (std::int64_t id = 0; id < base.model->spec().vocabularySize; ++id) {
            if (base.tokenizer->pieceOf(id) == variant.tokenizer->pieceOf(id)) continue;
            throwNotComparable(base, variant,
                               "token " + std::to_string(id) +
                                   " is another piece in its "
                                   "vocabulary, so that answers differ in kind");
        }
        return own;
    }

    Fidelity namedFidelity(const std::vector<double>& before, const std::vector<double>& after,
                           const LoadedVariant& base) {
        Fidelity out = fidelityOf(before, after);
        for (const std::int64_t id : {out.referenceTop, out.variantTop}) {
            if (!m_answerTexts.contains(id))
                m_answerTexts[id] = answerText(*base.model, *base.tokenizer, id);
        }
        out.referenceTopText = m_answerTexts[out.referenceTop];
        out.variantTopText = m_answerTexts[out.variantTop];
        return out;
    }

    void addVariant(const LoadedVariant& base, const LoadedVariant& variant) {
        m_inputs.push_back(m_out.input);
        m_explained.emplace_back();
        m_variantChecks.emplace_back();
        m_answers.emplace_back();
        m_out.variants.emplace_back();
        m_out.variants.back().model = variant.identity;
        try {
            compareWith(base, variant);
        } catch (const Error& error) {
            const bool isOfTheExample = error.kind() == ErrorKind::Numeric ||
                                        error.kind() == ErrorKind::Usage ||
                                        error.kind() == ErrorKind::Unsupported;
            if (m_isOnePrompt || !isOfTheExample) throw;
            m_out.variants.back().failed = error.what();
            m_explained.back().clear();
            m_inputs.back() = m_out.input;
        }
    }

    void compareWith(const LoadedVariant& base, const LoadedVariant& variant) {
        checkComparable(base, variant);
        m_concepts = readConcepts(m_request.concepts, variant);
        m_inputs.back() = inputOf(base, variant);
        const TokenizedInput& text = m_inputs.back();
        VariantResult& result = m_out.variants.back();
        std::vector<double>& own = m_answers.back() = answers(variant, text);
        result.fidelity = namedFidelity(m_referenceAnswers, own, base);
        result.answers = listed(base, own);
        if (m_insides) result.structure = m_insides->against(variant, text, m_context);
        if (m_request.comparesTokens && text.ids() == m_out.ids)
            result.tokens = tokenOutcomes(*base.model, *variant.model, m_out.ids,
                                          m_request.compute.compute, m_context);
        std::vector<Attribution>& explained = m_explained.back();
        for (const MethodRequest& method : m_methods) {
            explained.push_back(
                explain(variant, text, method, m_request.compute.compute, m_out.batch));
            if (m_checks.empty()) continue;
            ExplanationChecks& checks =
                m_variantChecks.back().emplace_back(m_checks[explained.size() - 1]);
            checks.variant = removal(variant, text, explained.back());
        }
    }

    // Where tokenisations differ, everything is restated in the units that all of them share.
    void align() {
        std::vector<const TokenizedInput*> inputs = {&m_out.input};
        std::string others;
        for (std::size_t i = 0; i < m_inputs.size(); ++i) {
            inputs.push_back(&m_inputs[i]);
            if (m_inputs[i].ids() != m_out.ids)
                others += (others.empty() ? "" : ", ") + m_out.variants[i].model.name();
        }
        if (others.empty()) return;
        const TokenUnits units = alignByBytes(inputs);
        const std::size_t count = units.tokens.size();
        for (std::size_t m = 0; m < m_methods.size(); ++m) {
            if (!m_reference[m].parts.empty()) continue;  // parts are no tokens
            const auto& unitOf = units.unitOf.front();
            m_reference[m] = inUnits(std::move(m_reference[m]), unitOf, count);
            m_floors[m] = repeatabilityOf(m_reference[m].scores,
                                          inUnits(m_floors[m].float64Scores, unitOf, count),
                                          inUnits(m_floors[m].otherBatchScores, unitOf, count));
            for (std::size_t i = 0; i < m_explained.size(); ++i) {
                if (m_explained[i].empty()) continue;
                m_explained[i][m] =
                    inUnits(std::move(m_explained[i][m]), units.unitOf[i + 1], count);
            }
        }
        m_out.warnings.push_back(
            "tokenisations differ (" + others + "): tokens are aligned by byte range into " +
            std::to_string(count) + " units, from " + std::to_string(m_out.ids.size()) +
            " tokens of the reference; scores within a unit are added");
        m_out.input.tokens = units.tokens;
    }

    void judge() {
        for (std::size_t i = 0; i < m_explained.size(); ++i) {
            VariantResult& result = m_out.variants[i];
            if (!result.failed.empty()) continue;
            for (std::size_t m = 0; m < m_methods.size(); ++m) {
                result.explanations.push_back(
                    driftOf(m_reference[m], std::move(m_explained[i][m]), m_floors[m]));
                const bool isChecked = !m_variantChecks[i].empty() &&
                                       !m_variantChecks[i][m].reference.deletion.empty();
                if (isChecked) result.explanations.back().checks = m_variantChecks[i][m];
                for (std::string& warning : warningsOf(result.explanations.back()))
                    result.warnings.push_back(std::move(warning));
            }
        }
    }

    // What each checkpoint changed since the one before it.
    void compareNeighbours() {
        for (std::size_t i = 1; i < m_out.variants.size(); ++i) {
            const VariantResult &before = m_out.variants[i - 1], &after = m_out.variants[i];
            VariantResult& step = m_out.fromPrevious.emplace_back();
            step.model = after.model;
            step.failed = before.failed.empty() ? after.failed : before.failed;
            if (!step.failed.empty()) continue;
            step.fidelity = fidelityOf(m_answers[i - 1], m_answers[i]);
            step.fidelity.referenceTopText = before.fidelity.variantTopText;
            step.fidelity.variantTopText = after.fidelity.variantTopText;
            for (std::size_t m = 0; m < m_methods.size(); ++m) {
                step.explanations.push_back(driftOf(before.explanations[m].variant,
                                                    after.explanations[m].variant, m_floors[m]));
            }
        }
    }

    const PromptRequest& m_request;
    bool m_isOnePrompt;
    const RunContext& m_context;
    std::vector<MethodRequest> m_methods;
    Comparison m_out;
    ConceptQuestion m_concepts;  // in the tokens of the model that is explained
    double m_done = 0.0;
    double m_steps = 1.0;
    std::vector<Attribution> m_reference;
    std::vector<Repeatability> m_floors;
    std::vector<double> m_referenceAnswers;
    std::optional<ReferenceInsides> m_insides;
    std::vector<std::vector<double>> m_answers;  // per variant
    std::map<std::int64_t, std::string> m_answerTexts;
    std::deque<TokenizedInput> m_inputs;                // per variant
    std::vector<std::vector<Attribution>> m_explained;  // per variant and method
    std::vector<ExplanationChecks> m_checks;            // per method; empty: not asked
    std::vector<std::vector<ExplanationChecks>> m_variantChecks;
};

}  // namespace

void checkComparable(const LoadedVariant& reference, const LoadedVariant& variant) {
    const ModelSpec &a = reference.model->spec(), &b = variant.model->spec();
    if (a.outputSize() != b.outputSize() || a.task != b.task)
        throwNotComparable(reference, variant, "its answers are of another kind or number");
}

Comparison compareIn(const ComparisonModels& models, const PromptRequest& request, CompareMode mode,
                     const RunContext& context) {
    return Comparer(request, mode, context).run(models);
}

Comparison comparePrompt(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                         const PromptRequest& request, AuditLog* log, const RunContext& context) {
    VariantLoader loader;
    return comparePrompt(reference, variants, request, log, loader, context);
}

Comparison comparePrompt(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                         const PromptRequest& request, AuditLog* log, VariantLoader& loader,
                         const RunContext& context) {
    if (variants.empty())
        throw Error(ErrorKind::Usage, "compare needs a reference and at least one variant");
    applyThreads(request.compute.threads);
    const auto begin = std::chrono::steady_clock::now();
    Comparison out;
    Json settings = requestJson(request);
    settings["reference"] = {{"path", reference.path.string()}, {"scheme", reference.schemeText()}};
    settings["variants"] = Json::array();
    for (const VariantSpec& variant : variants) {
        settings["variants"].push_back(
            {{"path", variant.path.string()}, {"scheme", variant.schemeText()}});
    }
    runLogged(log, "compare", settings, request, [&](const std::string& runId) {
        const LoadedVariant base = loader.load(reference, request.compute, true, context);
        const ComparisonModels models{
            base,
            variants.size(),
            [&](std::size_t i) { return loader.load(variants[i], request.compute, true, context); },
            {},
            nullptr};
        out = compareIn(models, request, CompareMode::OnePrompt, context);
        out.runId = runId;
        if (log != nullptr) log->addResults(runId, comparisonResults(*log, out));
    });
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return out;
}

}  // namespace driftlens
