// rerun: computes a logged run again, and says whether it gives what is on record.
#include "app/commands.h"
#include "core/base/text.h"
#include "engine/audit/verify.h"
#include "engine/rerun/rerun.h"
#include "engine/rerun/rerun_text.h"

#include <iostream>

namespace driftlens {
namespace {

Json resultJson(const RerunResult& result) {
    const bool isEqual = result.field.empty();
    return {{"name", result.name},
            {"verdict", rerunVerdictName(result.verdict)},
            {"numbers", result.numbers},
            {"largest_difference", jsonNumber(result.difference)},
            {"tolerance", isEqual ? Json(nullptr) : jsonNumber(result.tolerance)},
            {"field", isEqual ? Json(nullptr) : Json(result.field)},
            {"index", isEqual ? Json(nullptr) : Json(result.index)}};
}

Json digestsJson(const Rerun& rerun) {
    Json files = Json::array();
    for (const CheckedFile& file : rerun.files)
        files.push_back({{"model", file.model}, {"name", file.name}, {"sha256", file.sha256}});
    return {{"files", files}, {"payloads", rerun.payloads}, {"blobs", rerun.blobs}};
}

// Of all results, the one that decides: null where they differ in more than numbers.
Json largestDifference(const Rerun& rerun) {
    double largest = 0.0;
    for (const RerunResult& result : rerun.results)
        if (result.verdict == rerun.verdict) largest = std::max(largest, result.difference);
    return jsonNumber(largest);
}

Json rerunJson(const Rerun& rerun, const std::string& file) {
    Json results = Json::array();
    for (const RerunResult& result : rerun.results) results.push_back(resultJson(result));
    Json environment = Json::array();
    for (const EnvironmentDifference& each : rerun.environment) {
        environment.push_back(
            {{"what", each.what}, {"recorded", each.recorded}, {"now", each.now}});
    }
    const auto orNull = [](const std::string& text) {
        return text.empty() ? Json(nullptr) : Json(text);
    };
    return {
        {"schema", "driftlens/rerun/1"},
        {"status", rerun.status()},
        {"run", rerun.runId},
        {"verb", orNull(rerun.verb)},
        {"log",
         {{"file", file},
          {"status", rerun.logStatus},
          {"records", rerun.logRecords},
          {"head", orNull(rerun.logHead)},
          {"finding", orNull(rerun.logFinding)}}},
        {"digests", digestsJson(rerun)},
        {"environment_differences", environment},
        {"results", results},
        {"largest_difference", rerun.results.empty() ? Json(nullptr) : largestDifference(rerun)},
        {"tolerance", orNull(rerun.tolerance)},
        {"seconds", jsonNumber(rerun.seconds)},
        {"record", rerun.record ? Json(*rerun.record) : Json(nullptr)},
        {"why_no_record", orNull(rerun.whyNoRecord)}};
}

// A rerun is a gate: what does not come out again has failed it.
int exitCodeFor(const Rerun& rerun) {
    if (rerun.results.empty()) return exitCodeOf(rerun.logStatus);
    return rerun.verdict == RerunVerdict::Differing ? kExitGateFailed : kExitFine;
}

RerunOptions readOptions(const VerbOptions& options) {
    RerunOptions out;
    if (options.has("threads")) {
        const std::int64_t threads = parseInteger(options.text("threads"), "--threads");
        if (threads < 0 || threads > 1024)
            throw Error(ErrorKind::Usage,
                        "--threads " + options.text("threads") + " is not 0 to 1024");
        out.threads = static_cast<int>(threads);
    }
    if (options.has("batch")) {
        out.batch = parseInteger(options.text("batch"), "--batch");
        if (*out.batch < 1 || *out.batch > 65536)
            throw Error(ErrorKind::Usage,
                        "--batch " + options.text("batch") + " is not 1 to 65536");
    }
    if (options.has("log")) out.log = options.text("log");
    if (options.has("checkpoint")) out.trust.checkpointFile = options.text("checkpoint");
    if (options.has("pubkey")) out.trust.publicKeyFile = options.text("pubkey");
    out.appends = !options.flag("no-record");
    if (out.log && !out.appends)
        throw Error(ErrorKind::Usage, "--log and --no-record contradict each other");
    return out;
}

}  // namespace

int runRerun(const Arguments& arguments) {
    VerbOptions options(
        "rerun LOG RUN",
        "Computes a logged explanation or comparison (of a prompt or a data set) again, once the "
        "log is verified and every "
        "file "
        "has\nthe digest on record. Says of each result: bitwise equal, within tolerance, or "
        "differing, and puts\nthat on record. Exits with 0, or 1 if a result differs; 3 if a file "
        "is missing or was changed, 5\nor 6 if the log was tampered with or truncated, 7 if the "
        "run was erased.",
        "driftlens rerun audit.db 0123456789abcdef");
    options.positional("what", -1);
    options.add("Computing")
        .add_options()("threads", po::value<std::string>(), "by default as recorded; 0: all cores")(
            "batch", po::value<std::string>(), "rows of a micro-batch; by default as recorded");
    options.add("Verifying")
        .add_options()("checkpoint", po::value<std::string>(),
                       "signed notes that were kept elsewhere")(
            "pubkey", po::value<std::string>(), "the log's key, as audit key prints it");
    options.add("Record").add_options()("no-record", po::bool_switch(), "leave the log as it is");
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    const std::vector<std::string> what = options.list("what");
    if (what.size() != 2) throw Error(ErrorKind::Usage, "rerun takes LOG and RUN; see --help");
    const Rerun done = rerunRun(what[0], what[1], readOptions(options), terminalContext(options));
    emit(options, options.flag("json") ? rerunJson(done, what[0]).dump(1) + "\n" : rerunText(done));
    return exitCodeFor(done);
}

}  // namespace driftlens
