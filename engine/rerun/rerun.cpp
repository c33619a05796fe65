#include "engine/rerun/rerun.h"

#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/compare/run_log.h"
#include "engine/rerun/dataset_leaves.h"
#include "engine/rerun/recorded_run.h"
#include "engine/rerun/results.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace driftlens {
namespace {

// Members of the environment that decide which kernels compute, and in which order they add.
constexpr std::array<const char*, 6> kDecisive = {"version",  "build",           "compiler",
                                                  "libtorch", "instruction_set", "processor"};

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
        std::vector<NamedLeaves> recorded = recordedResults(m_run, log);
        const std::vector<NamedLeaves> now =
            computedResults(m_run, request, log, m_context.part(0.0, 0.5));
        bool isEqual = recorded.size() == now.size(), isBasisEqual = isEqual;
        for (std::size_t i = 0; i < std::min(now.size(), recorded.size()); ++i) {
            if (areBitwiseEqual(recorded[i].leaves, now[i].leaves)) continue;
            isEqual = false;
            if (!recorded[i].isAggregate) isBasisEqual = false;
        }
        for (NamedLeaves& each : recorded)
            if (each.isAggregate && !isBasisEqual)
                each.leaves = withoutResampled(std::move(each.leaves));
        std::vector<NamedLeaves> wide;
        const ComputeType type = request.compute.compute;
        if (!isEqual) {
            auto found = computedWide(request, log);
            m_out.tolerance = toleranceText(type, found.has_value());
            if (found) wide = std::move(*found);
        }
        for (std::size_t i = 0; i < recorded.size(); ++i) {
            const ResultLeaves& leaves = recorded[i].leaves;
            // Earlier versions recorded nothing of an explanation's input and answer.
            if (leaves.numbers.empty() && leaves.others.empty()) continue;
            m_out.results.push_back(compareLeaves(
                recorded[i].name, leaves, i < now.size() ? now[i].leaves : ResultLeaves(),
                i < wide.size() ? &wide[i].leaves : nullptr, type));
        }
        m_out.verdict = RerunVerdict::BitwiseEqual;
        for (const RerunResult& result : m_out.results)
            m_out.verdict = std::max(m_out.verdict, result.verdict);
        // A result that the record does not have.
        if (now.size() > recorded.size()) m_out.verdict = RerunVerdict::Differing;
    }

    // The run once more in float64: what rounding did. Nothing where that cannot be done.
    std::optional<std::vector<NamedLeaves>> computedWide(PromptRequest request, AuditLog& log) {
        if (request.compute.compute == ComputeType::Float64) return std::nullopt;
        request.compute.compute = ComputeType::Float64;
        try {
            return computedResults(m_run, request, log, m_context.part(0.5, 1.0));
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::Cancelled) throw;
            return std::nullopt;
        }
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
