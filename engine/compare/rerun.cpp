#include "engine/compare/rerun.h"

#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/compare/record.h"
#include "engine/compare/recorded_run.h"
#include "engine/compare/run_log.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace driftlens {
namespace {

// Members of the environment that decide which kernels compute, and in which order they add.
constexpr std::array<const char*, 6> kDecisive = {"version",  "build",           "compiler",
                                                  "libtorch", "instruction_set", "processor"};

// The results of a run, each to be judged by itself: a method, or what a model answered.
std::vector<ResultTree> treesOf(const std::string& verb,
                                const std::vector<RecordedResult>& results) {
    std::vector<ResultTree> out;
    const bool isExplain = verb == "explain";
    const char* list = isExplain ? "results" : "explanations";
    for (const RecordedResult& result : results) {
        const Json& body = result.body;
        ModelIdentity model;
        model.path = body.at("model").at("path").get<std::string>();
        model.scheme = body.at("model").at("scheme").get<std::string>();
        const Json& explanations = body.at(list);
        for (std::size_t i = 0; i < explanations.size(); ++i) {
            const Json& main = isExplain ? explanations[i] : explanations[i].at("variant");
            // What has no scores on record could not differ from anything.
            main.at("scores").at("blob_commitment");
            ResultTree tree{model.name() + ": " + main.at("method").get<std::string>(),
                            {{"result", explanations[i]}}};
            if (result.example.contains(list)) tree.tree["texts"] = result.example.at(list).at(i);
            out.push_back(std::move(tree));
        }
        ResultTree answer{model.name() + ": input and answer", Json::object()};
        for (const auto& [key, value] : body.items()) {
            const bool isElsewhere = key == list || key == "model" || key == "reference";
            if (!isElsewhere) answer.tree[key] = value;
        }
        if (result.example.is_object()) {
            answer.tree["input"] = result.example;
            answer.tree["input"].erase(list);
        }
        out.push_back(std::move(answer));
    }
    return out;
}

// The same results as records would hold them now.
std::vector<RecordedResult> asRecords(const std::vector<AuditResult>& results) {
    std::vector<RecordedResult> out;
    for (const AuditResult& result : results) {
        // Canonical, as what is read from the log.
        out.push_back({parseJson(canonicalJson(result.body), "result"),
                       parseJson(result.payloads.front().bytes, "payload example")});
    }
    return out;
}

std::vector<RecordedResult> compute(const RecordedRun& run, const PromptRequest& request,
                                    AuditLog& log, const RunContext& context) {
    if (run.verb == "explain") {
        const Explanation found = explainPrompt(run.models.front().spec, request, nullptr, context);
        checkLoadedFiles(run.models.front(), found.model);
        const AuditResult result = explanationResult(log, found);
        return asRecords({result});
    }
    std::vector<VariantSpec> variants;
    for (std::size_t i = 1; i < run.models.size(); ++i) variants.push_back(run.models[i].spec);
    const Comparison found =
        comparePrompt(run.models.front().spec, variants, request, nullptr, context);
    checkLoadedFiles(run.models.front(), found.reference);
    for (std::size_t i = 0; i < found.variants.size(); ++i)
        checkLoadedFiles(run.models[i + 1], found.variants[i].model);
    return asRecords(comparisonResults(log, found));
}

// The run once more in float64: what rounding did. Nothing where that cannot be done.
std::optional<std::vector<RecordedResult>> computeWide(const RecordedRun& run,
                                                       PromptRequest request, AuditLog& log,
                                                       const RunContext& context) {
    if (request.compute.compute == ComputeType::Float64) return std::nullopt;
    request.compute.compute = ComputeType::Float64;
    try {
        return compute(run, request, log, context);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::Cancelled) throw;
        return std::nullopt;
    }
}

class Rerunner {
public:
    Rerunner(const std::filesystem::path& file, const std::string& runId,
             const RerunOptions& options, const RunContext& context)
        : m_file(file), m_options(options), m_context(context) {
        m_out.runId = runId;
    }

    Rerun run() {
        const auto begin = std::chrono::steady_clock::now();
        if (!verifyLog()) return std::move(m_out);
        const auto log = AuditLog::openForReading(m_file);
        m_run = readRecordedRun(*log, m_out.runId);
        m_out.verb = m_run.verb;
        m_out.payloads = m_run.payloads;
        m_out.blobs = m_run.blobs;
        checkFiles();
        PromptRequest request = m_run.request;
        if (m_options.threads) request.compute.threads = *m_options.threads;
        if (m_options.batch) request.compute.batch = *m_options.batch;
        judge(*log, request);
        compareEnvironment(request);
        m_out.seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        record(log->logId());
        return std::move(m_out);
    }

private:
    // False where there is nothing to build on.
    bool verifyLog() {
        const AuditVerification found = verifyAuditLog(m_file, m_options.trust);
        m_out.logStatus = found.status;
        m_out.logRecords = found.records;
        m_out.logHead = found.head;
        if (!found.findings.empty()) m_out.logFinding = found.findings.front().what;
        if (found.status == "unreadable") {
            AuditLog::openForReading(m_file);  // says what it is instead
            throw Error(ErrorKind::InputFile, m_file.string() + ": " + m_out.logFinding);
        }
        return found.status != "tampered" && found.status != "truncated";
    }

    void checkFiles() {
        checkRecordedFiles(m_run);
        for (const RecordedModel& model : m_run.models) {
            for (const FileDigest& file : model.files) {
                const std::string path = model.spec.path.string();
                const bool isKnown = std::any_of(
                    m_out.files.begin(), m_out.files.end(), [&](const CheckedFile& known) {
                        return known.model == path && known.name == file.name;
                    });
                if (!isKnown) m_out.files.push_back({path, file.name, toHex(file.digest)});
            }
        }
    }

    void judge(AuditLog& log, const PromptRequest& request) {
        const BlobReader readBlob = [&](const Json& reference) {
            return log.blob(blobDigestIn(reference, "a result"));
        };
        const auto leavesOfAll = [&](const std::vector<ResultTree>& trees) {
            std::vector<ResultLeaves> out;
            for (const ResultTree& tree : trees) out.push_back(leavesOf(tree.tree, readBlob));
            return out;
        };
        const std::vector<ResultTree> trees = treesOf(m_run.verb, m_run.results);
        const std::vector<ResultLeaves> recorded = leavesOfAll(trees);
        const std::vector<ResultLeaves> now = leavesOfAll(
            treesOf(m_run.verb, compute(m_run, request, log, m_context.part(0.0, 0.5))));
        bool isEqual = recorded.size() == now.size();
        for (std::size_t i = 0; isEqual && i < now.size(); ++i)
            isEqual = areBitwiseEqual(recorded[i], now[i]);
        std::vector<ResultLeaves> wide;
        const ComputeType type = request.compute.compute;
        if (!isEqual) {
            const auto found = computeWide(m_run, request, log, m_context.part(0.5, 1.0));
            if (found) wide = leavesOfAll(treesOf(m_run.verb, *found));
            m_out.tolerance = toleranceText(type, found.has_value());
        }
        for (std::size_t i = 0; i < recorded.size(); ++i) {
            const ResultLeaves none;
            // Earlier versions recorded nothing of an explanation's input and answer.
            if (recorded[i].numbers.empty() && recorded[i].others.empty()) continue;
            m_out.results.push_back(compareLeaves(trees[i].name, recorded[i],
                                                  i < now.size() ? now[i] : none,
                                                  i < wide.size() ? &wide[i] : nullptr, type));
        }
        m_out.verdict = RerunVerdict::BitwiseEqual;
        for (const RerunResult& result : m_out.results)
            m_out.verdict = std::max(m_out.verdict, result.verdict);
        // A result that the record does not have.
        if (now.size() > recorded.size()) m_out.verdict = RerunVerdict::Differing;
    }

    void compareEnvironment(const PromptRequest& request) {
        const Json now = environmentJson();
        const auto take = [&](const std::string& what, const Json& then, const Json& today) {
            const auto text = [](const Json& value) {
                return value.is_string() ? value.get<std::string>() : value.dump();
            };
            if (then != today) m_out.environment.push_back({what, text(then), text(today)});
        };
        for (const char* what : kDecisive)
            if (m_run.environment.contains(what)) take(what, m_run.environment[what], now[what]);
        take("threads", m_run.request.compute.threads, now["threads"]);
        if (request.compute.batch > 0)
            take("batch", m_run.request.compute.batch, request.compute.batch);
    }

    // No number of the result: those of the run can be erased, what is in this record cannot.
    Json body(const std::string& logId) const {
        Json results = Json::array();
        for (const RerunResult& result : m_out.results) {
            results.push_back({{"name", result.name},
                               {"verdict", rerunVerdictName(result.verdict)},
                               {"numbers", result.numbers},
                               {"largest_difference", exactNumber(result.difference)},
                               {"tolerance", exactNumber(result.tolerance)},
                               {"field", result.field},
                               {"index", result.index}});
        }
        Json differences = Json::array();
        for (const EnvironmentDifference& each : m_out.environment) {
            differences.push_back(
                {{"what", each.what}, {"recorded", each.recorded}, {"now", each.now}});
        }
        return {{"log_id", logId},
                {"run", m_out.runId},
                {"verdict", m_out.status()},
                {"log_status", m_out.logStatus},
                {"log_records", m_out.logRecords},
                {"log_head", m_out.logHead},
                {"files", m_out.files.size()},
                {"payloads", m_out.payloads},
                {"blobs", m_out.blobs},
                {"results", results},
                {"tolerance", m_out.tolerance},
                {"environment", environmentJson()},
                {"environment_differences", differences},
                {"seconds", exactNumber(m_out.seconds)}};
    }

    void record(const std::string& logId) {
        if (!m_options.appends) {
            m_out.whyNoRecord = "not asked to";
            return;
        }
        try {
            const auto log = AuditLog::openForWriting(m_options.log.value_or(m_file));
            m_out.record = log->addRerun(log->logId() == logId ? m_out.runId : "", body(logId));
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::Io) throw;
            m_out.whyNoRecord = error.what();
        }
    }

    const std::filesystem::path& m_file;
    const RerunOptions& m_options;
    const RunContext& m_context;
    RecordedRun m_run;
    Rerun m_out;
};

}  // namespace

std::string Rerun::status() const {
    if (!results.empty()) return std::string(rerunVerdictName(verdict));
    return logStatus;
}

Rerun rerunRun(const std::filesystem::path& log, const std::string& runId,
               const RerunOptions& options, const RunContext& context) {
    try {
        return Rerunner(log, runId, options, context).run();
    } catch (const Json::exception& error) {
        throw Error(ErrorKind::InputFile,
                    "run " + runId +
                        ": a record of another shape than this program writes: " + error.what());
    }
}

}  // namespace driftlens
