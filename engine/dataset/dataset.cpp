#include "engine/dataset/dataset.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "engine/compare/record.h"
#include "engine/compare/run_log.h"
#include "engine/compare/threads.h"
#include "engine/dataset/example.h"
#include "engine/dataset/models.h"
#include "engine/dataset/outcome_record.h"
#include "engine/dataset/settings.h"
#include "engine/dataset/yardsticks.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <unordered_set>

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

const LoadedVariant& observedVariant(const std::vector<LoadedVariant>& variants,
                                     const ObservedRequest& request) {
    if (request.variant.empty() && variants.size() == 1) return variants.front();
    std::string known;
    for (const LoadedVariant& each : variants) {
        if (each.identity.name() == request.variant) return each;
        known += (known.empty() ? "" : ", ") + each.identity.name();
    }
    throw Error(ErrorKind::Usage, "--observed " + inQuotes(request.variant) +
                                      " names none of the variants " + known +
                                      "; write VARIANT=FILE");
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
        m_notable.emplace(methodIds().front(), m_request.primary);
        for (ExampleOutcome& each : finished) m_finished[each.number] = std::move(each);
        DatasetResult out;
        for (const ObservedRequest& each : m_request.observed)
            out.observed.push_back(compareObserved(observedVariant(m_models.variants, each),
                                                   each.file, m_request.prompt.compute,
                                                   m_context.stopOnly()));
        readExamples();
        const YardstickResult yard = yardsticks();
        AggregatePlan plan;
        plan.methods = methodIds();
        plan.primary = m_request.primary;
        plan.margins = m_request.margins;
        plan.seed = m_request.prompt.compute.seed;
        plan.invalid = yard.invalid;
        out.aggregate = aggregateOf(m_outcomes, m_models.variants.size(), plan, yard.yardsticks,
                                    m_context.stopOnly());
        out.notable = m_notable->take([&](const std::string& text) {
            PromptRequest request = m_request.prompt;
            request.prompt = text;
            return compareIn(m_models.models(), request, CompareMode::OfDataSet,
                             m_context.stopOnly());
        });
        out.outcomes = std::move(m_outcomes);
        out.notes = m_notes;
        out.warnings = yard.warnings;
        out.checks = yard.checks;
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
        const auto begin = Clock::now();
        std::unordered_set<std::size_t> texts;
        m_notes = forEachRow(m_request.rows, [&](const SourceRow& source) {
            m_repeats += texts.insert(std::hash<std::string>{}(source.row.text)).second ? 0 : 1;
            addExample(source);
            report(begin);
        });
        const bool hasAny = std::any_of(m_outcomes.begin(), m_outcomes.end(),
                                        [](const auto& each) { return each.failed.empty(); });
        if (!hasAny) throw Error(m_firstFailure, "every example failed: " + m_outcomes[0].failed);
    }

    // The file says how many rows there are only at its end: progress goes by what was asked, or
    // tells the pace alone.
    void report(Clock::time_point begin) const {
        const double done = static_cast<double>(m_outcomes.size());
        const double most = static_cast<double>(m_request.rows.most);
        const std::string pace = "example " + std::to_string(m_outcomes.size()) + ", " +
                                 formatNumber(done / std::max(1e-9, secondsSince(begin)), 3) +
                                 " per second";
        m_context.checkpoint(most > 0 ? 0.9 * done / most : 1.0 - 1.0 / (1.0 + done / 100.0), pace);
    }

    void addExample(const SourceRow& source) {
        PromptRequest request = promptOf(source.row);
        std::optional<Comparison> comparison;
        const auto known = m_finished.find(source.row.number);
        if (known != m_finished.end()) {
            m_outcomes.push_back(known->second);
        } else {
            m_outcomes.push_back(computed(source, request, comparison));
            log(m_outcomes.back(), source.row.text);
        }
        m_notable->offer(m_outcomes.back(), request.prompt, comparison ? &*comparison : nullptr);
        if (m_outcomes.back().failed.empty()) offerAsYardstick(source.row.number, request);
        if (m_sink) m_sink(m_outcomes.back(), source.row.text, comparison ? &*comparison : nullptr);
    }

    ExampleOutcome computed(const SourceRow& source, const PromptRequest& request,
                            std::optional<Comparison>& comparison) {
        ExampleOutcome out;
        try {
            comparison =
                compareIn(m_models.models(), request, CompareMode::OfDataSet, m_context.stopOnly());
            out = exampleOutcome(*comparison);
        } catch (const Error& error) {
            if (!isOfTheExample(error)) throw;
            if (m_outcomes.empty()) m_firstFailure = error.kind();
            out.failed = error.what();
            out.variants.resize(m_models.variants.size());
        }
        out.number = source.row.number;
        out.line = source.row.line;
        out.slice = source.slice;
        out.cluster = source.cluster;
        if (source.row.label) {
            out.label = answerOf(m_models.reference, *source.row.label);
            m_unknownLabels += out.label ? 0 : 1;
        }
        return out;
    }

    void log(const ExampleOutcome& outcome, const std::string& text) {
        if (m_log == nullptr) return;
        const AuditResult record = outcomeRecord(*m_log, outcome, text, m_models.digests());
        m_log->addResult(m_runId, record.body, record.payloads);
    }

    // The rows with the smallest keys: which those are depends on the seed and the rows alone, and
    // no more of them are held than are used.
    void offerAsYardstick(std::uint64_t row, const PromptRequest& request) {
        RandomStream stream(m_request.prompt.compute.seed, "yardstick_examples", row);
        PromptRequest& kept = m_yardsticks.emplace(stream.bits(), request).first->second;
        kept.comparesTokens = kept.comparesInsides = false;  // no yardstick is about them
        if (m_yardsticks.size() > kYardstickExamples)
            m_yardsticks.erase(std::prev(m_yardsticks.end()));
    }

    PromptRequest promptOf(const DataRow& row) {
        PromptRequest out = m_request.prompt;
        out.prompt = m_request.truncates ? truncated(row.text) : row.text;
        const bool isCausal = m_models.reference.model->spec().task == Task::CausalLm;
        out.comparesTokens = isCausal && m_request.comparesTokens.value_or(!row.label);
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

    YardstickResult yardsticks() {
        if (!m_request.withYardsticks) return {};
        std::vector<PromptRequest> chosen;
        for (const auto& [key, request] : m_yardsticks) chosen.push_back(request);
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
        if (!m_request.rows.clusterColumn)
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
    ErrorKind m_firstFailure = ErrorKind::Usage;
    std::map<std::uint64_t, PromptRequest> m_yardsticks;  // by key
    std::optional<NotableExamples> m_notable;
    std::vector<std::string> m_notes;
    std::uint64_t m_unknownLabels = 0, m_truncated = 0, m_repeats = 0;
};

std::vector<std::string> namesOf(const std::vector<ModelIdentity>& variants) {
    std::vector<std::string> out;
    for (const ModelIdentity& variant : variants) out.push_back(variant.name());
    return out;
}

// A payload of the record that has the aggregate of a run.
Json aggregatePayload(const AuditLog& log, const std::string& runId, const char* name) {
    for (const AuditRecord& record : log.records(runId)) {
        if (!record.body.contains("aggregate")) continue;
        const std::string where = "record " + std::to_string(record.seq);
        if (!record.body.at("aggregate").contains("figures"))
            throw Error(ErrorKind::Unsupported,
                        where +
                            ": an earlier version kept no aggregate to report; compare --resume "
                            "makes it again");
        const std::optional<std::string> payload = log.payload(record.seq, name);
        if (!payload) throw Error(ErrorKind::Erased, where + ": the " + name + " was erased");
        return parseJson(*payload, where + ", payload " + name);
    }
    throw Error(ErrorKind::Usage,
                "run " + inQuotes(runId) + " is no finished comparison of a data set");
}

}  // namespace

DatasetResult compareDataset(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                             const DatasetRequest& asked, AuditLog* log, const ExampleSink& sink,
                             const RunContext& context) {
    if (variants.empty())
        throw Error(ErrorKind::Usage, "compare needs a reference and at least one variant");
    checkDeclared(asked);
    DatasetRequest request = asked;
    request.prompt.compute.plannedMemoryBytes = plannedMemory(asked, log);
    applyThreads(request.prompt.compute.threads);
    const auto begin = Clock::now();
    const std::string digest = fileSha256(request.rows.file);
    if (!request.resumes.empty() && log == nullptr)
        throw Error(ErrorKind::Usage, "--resume needs the --log that the run was written to");
    const Json settings = datasetSettings(reference, variants, request, digest);
    DatasetResult out;
    runLogged(log, "compare", settings, request.prompt, [&](const std::string& runId) {
        const LoadedModels models(reference, variants, request.prompt.compute, context);
        checkGates(request, models);
        std::vector<ExampleOutcome> finished;
        if (!request.resumes.empty()) {
            finished = readOutcomes(*log, request.resumes, settings, request.prompt.target.text,
                                    models.digests());
        }
        try {
            out = DatasetRun(models, request, log, runId, sink, context).run(std::move(finished));
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::Cancelled || log == nullptr) throw;
            throw Error(ErrorKind::Cancelled,
                        "cancelled; what is finished is in the log: go on "
                        "with --resume " +
                            runId);
        }
        out.reference = models.reference.identity;
        for (const LoadedVariant& each : models.variants) out.variants.push_back(each.identity);
        out.runId = runId;
        const auto figures = gateFigures(out.aggregate, namesOf(out.variants));
        for (const Gate& gate : request.gates)
            out.gates.push_back(evaluateGate(gate, figures, request.allowedFailures));
        out.dataFile = request.rows.file.string();
        out.dataDigest = digest;
        out.margins = request.margins;
        out.seconds = secondsSince(begin);
        if (log != nullptr) {
            const std::vector<Payload> payloads = {{"aggregate", toJson(out).dump()},
                                                   {"notable", notableJson(out.notable).dump()}};
            log->addResult(runId, {{"aggregate", aggregateRecord(out)}}, payloads);
        }
    });
    return out;
}

RecordedDataset recordedOf(const DatasetResult& result) {
    return {toJson(result), outcomesJson(result.outcomes), notableJson(result.notable)};
}

RecordedOutcomes readDatasetOutcomes(const AuditLog& log, const std::string& runId) {
    RecordedOutcomes out{aggregatePayload(log, runId, "aggregate"), readOutcomes(log, runId)};
    // A run that resumed another may have used fewer rows of it, from the beginning.
    const auto used = out.dataset.at("examples").get<std::size_t>();
    if (out.outcomes.size() > used) out.outcomes.resize(used);
    return out;
}

RecordedDataset readDataset(const AuditLog& log, const std::string& runId) {
    const RecordedOutcomes found = readDatasetOutcomes(log, runId);
    return {found.dataset, outcomesJson(found.outcomes), aggregatePayload(log, runId, "notable")};
}

}  // namespace driftlens
