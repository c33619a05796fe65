#include "engine/dataset/dataset.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "engine/compare/record.h"
#include "engine/compare/run_log.h"
#include "engine/dataset/example.h"
#include "engine/dataset/labels.h"
#include "engine/dataset/models.h"
#include "engine/dataset/outcome_record.h"
#include "engine/dataset/yardsticks.h"

#include <algorithm>
#include <chrono>
#include <set>

namespace driftlens {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

// What is wrong with one example, not with the run.
bool isOfTheExample(const Error& error) {
    return error.kind() == ErrorKind::Numeric || error.kind() == ErrorKind::Usage ||
           error.kind() == ErrorKind::Unsupported;
}

class DatasetRun {
public:
    DatasetRun(const LoadedModels& models, const DatasetRequest& request, AuditLog* log,
               const std::string& runId, const ExampleSink& sink, const RunContext& context)
        : m_models(models),
          m_request(request),
          m_log(log),
          m_runId(runId),
          m_sink(sink),
          m_context(context) {}

    DatasetResult run(std::vector<ExampleOutcome> finished) {
        for (ExampleOutcome& each : finished) m_finished[each.number] = std::move(each);
        readExamples();
        if (m_outcomes.empty())
            throw Error(ErrorKind::InputFile, m_request.file.string() + " has no rows");
        DatasetResult out;
        const YardstickResult yard = yardsticks();
        AggregatePlan plan;
        plan.methods = methodIds();
        plan.primary = m_request.primary;
        plan.margins = m_request.margins;
        plan.seed = m_request.prompt.compute.seed;
        plan.invalid = yard.invalid;
        out.aggregate = aggregateOf(m_outcomes, m_models.variants.size(), plan, yard.yardsticks,
                                    m_context.stopOnly());
        out.notes = m_notes;
        out.warnings = yard.warnings;
        addWarnings(out);
        return out;
    }

private:
    std::vector<std::string> methodIds() const {
        std::vector<std::string> out;
        for (const MethodRequest& method : methodsOrDefault(m_request.prompt))
            out.push_back(method.id);
        return out;
    }

    void readExamples() {
        DataFile file = DataFile::open(m_request.file, columnsOf(m_request));
        m_notes = file.notes();
        const auto begin = Clock::now();
        std::set<std::string> texts;
        while (const std::optional<DataRow> row = file.next()) {
            if (m_request.most > 0 && row->number >= m_request.most) break;
            m_repeats += texts.insert(row->text).second ? 0 : 1;
            addExample(*row);
            report(begin);
        }
    }

    // The file says how many rows there are only at its end: progress goes by what was asked, or
    // tells the pace alone.
    void report(Clock::time_point begin) const {
        const double done = static_cast<double>(m_outcomes.size());
        const double most = static_cast<double>(m_request.most);
        const std::string pace = "example " + std::to_string(m_outcomes.size()) + ", " +
                                 formatNumber(done / std::max(1e-9, secondsSince(begin)), 3) +
                                 " per second";
        m_context.checkpoint(most > 0 ? 0.9 * done / most : 1.0 - 1.0 / (1.0 + done / 100.0), pace);
    }

    void addExample(const DataRow& row) {
        const auto known = m_finished.find(row.number);
        if (known != m_finished.end()) {
            m_outcomes.push_back(known->second);
            m_prompts.push_back(promptOf(row));
            if (m_sink) m_sink(m_outcomes.back(), row.text, nullptr);
            return;
        }
        PromptRequest request = promptOf(row);
        ExampleOutcome outcome;
        std::optional<Comparison> comparison;
        try {
            comparison =
                compareIn(m_models.models(), request, CompareMode::OfDataSet, m_context.stopOnly());
            outcome = exampleOutcome(*comparison);
        } catch (const Error& error) {
            if (!isOfTheExample(error)) throw;
            outcome.failed = error.what();
            outcome.variants.resize(m_models.variants.size());
        }
        label(row, outcome);
        if (m_log != nullptr) {
            const AuditResult record = outcomeRecord(outcome, row.text);
            m_log->addResult(m_runId, record.body, record.payloads);
        }
        m_outcomes.push_back(outcome);
        m_prompts.push_back(std::move(request));
        if (m_sink) m_sink(m_outcomes.back(), row.text, comparison ? &*comparison : nullptr);
    }

    void label(const DataRow& row, ExampleOutcome& outcome) {
        outcome.number = row.number;
        outcome.line = row.line;
        std::size_t other = 0;
        if (m_request.sliceColumn) outcome.slice = row.others.at(other++);
        if (m_request.clusterColumn) outcome.cluster = row.others.at(other);
        if (!row.label) return;
        outcome.label = answerOf(m_models.reference, *row.label);
        m_unknownLabels += outcome.label ? 0 : 1;
    }

    PromptRequest promptOf(const DataRow& row) {
        PromptRequest out = m_request.prompt;
        out.prompt = m_request.truncates ? truncated(row.text) : row.text;
        return out;
    }

    // The longest beginning of the text that the reference takes, cut at a token.
    std::string truncated(const std::string& text) {
        const TokenizedInput whole = m_models.reference.tokenizer->encode(text);
        const auto most = static_cast<std::size_t>(m_models.reference.model->textPositions());
        if (whole.tokens.size() <= most) return text;
        ++m_truncated;
        std::size_t inserted = 0;
        for (const Token& token : whole.tokens) inserted += token.bytes ? 0 : 1;
        std::size_t end = 0, kept = inserted;
        for (const Token& token : whole.tokens) {
            if (!token.bytes) continue;
            if (kept++ >= most) break;
            end = token.bytes->end;
        }
        return text.substr(0, end);
    }

    // A seeded choice of examples that succeeded.
    YardstickResult yardsticks() {
        if (!m_request.withYardsticks) return {};
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < m_outcomes.size(); ++i)
            if (m_outcomes[i].failed.empty()) places.push_back(i);
        RandomStream stream(m_request.prompt.compute.seed, "yardstick_examples", 0);
        std::vector<PromptRequest> chosen;
        for (std::size_t n = 0; n < kYardstickExamples && !places.empty(); ++n) {
            const auto pick =
                static_cast<std::size_t>(stream.uniform() * static_cast<double>(places.size()));
            chosen.push_back(m_prompts[places[pick]]);
            places.erase(places.begin() + static_cast<std::ptrdiff_t>(pick));
        }
        return measureYardsticks({m_models.reference, m_models.variants}, chosen,
                                 m_context.part(0.9, 1.0));
    }

    void addWarnings(DatasetResult& out) const {
        const auto add = [&](std::uint64_t count, const std::string& what) {
            if (count > 0) out.warnings.push_back(std::to_string(count) + " " + what);
        };
        add(out.aggregate.failed, "examples failed in the reference and are in no figure");
        for (std::size_t i = 0; i < out.aggregate.variants.size(); ++i) {
            add(out.aggregate.variants[i].failed,
                "examples failed in " + m_models.variants[i].identity.name());
        }
        add(m_unknownLabels, "labels are no answer of the reference and count as absent");
        add(m_truncated, "texts were cut to the model's length");
        if (!m_request.clusterColumn)
            add(m_repeats,
                "texts repeat earlier ones: rows that depend on each other make intervals "
                "too narrow; name their group with --cluster");
    }

    const LoadedModels& m_models;
    const DatasetRequest& m_request;
    AuditLog* m_log;
    const std::string& m_runId;
    const ExampleSink& m_sink;
    const RunContext& m_context;
    std::map<std::uint64_t, ExampleOutcome> m_finished;
    std::vector<ExampleOutcome> m_outcomes;
    std::vector<PromptRequest> m_prompts;
    std::vector<std::string> m_notes;
    std::uint64_t m_unknownLabels = 0, m_truncated = 0, m_repeats = 0;
};

Json settingsJson(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                  const DatasetRequest& request, const std::string& digest) {
    Json out = requestJson(request.prompt);
    out["reference"] = {{"path", reference.path.string()}, {"scheme", reference.schemeText()}};
    out["variants"] = Json::array();
    for (const VariantSpec& variant : variants)
        out["variants"].push_back(
            {{"path", variant.path.string()}, {"scheme", variant.schemeText()}});
    const auto orNull = [](const std::optional<std::string>& column) {
        return column ? Json(*column) : Json();
    };
    out["data"] = {{"file", request.file.string()},
                   {"digest", digest},
                   {"text", orNull(request.textColumn)},
                   {"label", orNull(request.labelColumn)},
                   {"slice", orNull(request.sliceColumn)},
                   {"cluster", orNull(request.clusterColumn)},
                   {"most", static_cast<std::int64_t>(request.most)},
                   {"truncates", request.truncates},
                   {"resumes", request.resumes}};
    Json margins = Json::object();
    for (const auto& [metric, margin] : request.margins) margins[metric] = exactNumber(margin);
    Json gates = Json::array();
    for (const Gate& gate : request.gates) gates.push_back(gate.text);
    out["declared"] = {{"primary", request.primary},
                       {"margins", margins},
                       {"gates", gates},
                       {"allowed_failures", static_cast<std::int64_t>(request.allowedFailures)},
                       {"yardsticks", request.withYardsticks ? "default" : "none"}};
    return out;
}

// The aggregate as a record holds it: verdicts and gates, floats as text. Figures are computed
// again from the examples' records.
Json aggregateRecord(const DatasetResult& result) {
    Json variants = Json::array();
    for (std::size_t i = 0; i < result.aggregate.variants.size(); ++i) {
        Json verdicts = Json::array();
        for (const EndpointVerdict& each : result.aggregate.variants[i].verdicts)
            verdicts.push_back({{"endpoint", each.figure},
                                {"verdict", verdictName(each.judgement.verdict)},
                                {"sentence", each.judgement.sentence}});
        variants.push_back({{"model", identityJson(result.variants[i])}, {"verdicts", verdicts}});
    }
    Json gates = Json::array();
    for (const GateResult& gate : result.gates)
        gates.push_back({{"gate", gate.gate.text}, {"explanation", gate.explanation}});
    return {
        {"reference", identityJson(result.reference)}, {"variants", variants}, {"gates", gates}};
}

std::vector<std::string> namesOf(const std::vector<ModelIdentity>& variants) {
    std::vector<std::string> out;
    for (const ModelIdentity& variant : variants) out.push_back(variant.name());
    return out;
}

}  // namespace

DatasetResult compareDataset(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                             const DatasetRequest& request, AuditLog* log, const ExampleSink& sink,
                             const RunContext& context) {
    if (variants.empty())
        throw Error(ErrorKind::Usage, "compare needs a reference and at least one variant");
    checkDeclared(request, variants);
    applyThreads(request.prompt.compute.threads);
    const auto begin = Clock::now();
    const std::string digest = fileSha256(request.file);
    std::vector<ExampleOutcome> finished;
    if (!request.resumes.empty()) {
        if (log == nullptr)
            throw Error(ErrorKind::Usage, "--resume needs the --log that the run was written to");
        finished = readOutcomes(*log, request.resumes);
    }
    DatasetResult out;
    runLogged(
        log, "compare", settingsJson(reference, variants, request, digest), request.prompt,
        [&](const std::string& runId) {
            const LoadedModels models(reference, variants, request.prompt.compute, context);
            out = DatasetRun(models, request, log, runId, sink, context).run(std::move(finished));
            out.reference = models.reference.identity;
            for (const LoadedVariant& each : models.variants) out.variants.push_back(each.identity);
            out.runId = runId;
            const auto figures = gateFigures(out.aggregate, namesOf(out.variants));
            for (const Gate& gate : request.gates)
                out.gates.push_back(evaluateGate(gate, figures, request.allowedFailures));
            out.dataFile = request.file.string();
            out.dataDigest = digest;
            out.margins = request.margins;
            if (log != nullptr) log->addResult(runId, {{"aggregate", aggregateRecord(out)}});
        });
    out.seconds = secondsSince(begin);
    return out;
}

}  // namespace driftlens
