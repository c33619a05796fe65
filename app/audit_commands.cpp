// audit: the log, its runs, its key, and what leaves it.
#include "app/audit_commands.h"

#include "app/commands.h"
#include "core/base/text.h"
#include "engine/audit/words.h"

#include <array>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace driftlens {
namespace {

constexpr std::size_t kMostNoteBytes = 4096;
constexpr std::size_t kMostTokenBytes = std::size_t{64} << 10;

std::string recordText(const AuditRecord& record) {
    return std::to_string(record.seq) + " " + record.timeUtc + " " + record.type + " " +
           record.runId + "\n  leaf " + toHex(record.leaf) + "\n  " + record.body.dump() + "\n";
}

Json recordJson(const AuditRecord& record) {
    return {{"seq", record.seq},      {"type", record.type},        {"run", record.runId},
            {"time", record.timeUtc}, {"leaf", toHex(record.leaf)}, {"body", record.body}};
}

int listRuns(const VerbOptions& options, const std::string& file) {
    Json rows = Json::array();
    std::ostringstream text;
    for (const RunSummary& run : AuditLog::openForReading(file)->runs()) {
        rows.push_back({{"run", run.runId},
                        {"verb", run.verb},
                        {"started", run.startedUtc},
                        {"status", run.status},
                        {"first_record", run.firstSeq},
                        {"records", run.records},
                        {"models", run.models}});
        text << run.runId << "  " << run.startedUtc << "  " << std::left << std::setw(10)
             << run.verb << std::setw(10) << run.status << run.records << " records\n";
    }
    emit(options, options.flag("json")
                      ? Json({{"schema", "driftlens/audit-list/1"}, {"runs", rows}}).dump(1) + "\n"
                      : text.str());
    return kExitFine;
}

int showRun(const VerbOptions& options, const std::string& file, const std::string& runId) {
    const auto log = AuditLog::openForReading(file);
    const std::vector<AuditRecord> records = log->records(runId);
    if (records.empty()) throw Error(ErrorKind::Usage, file + ": no run " + inQuotes(runId));
    Json rows = Json::array();
    std::string text;
    for (const AuditRecord& record : records) {
        rows.push_back(recordJson(record));
        text += recordText(record);
    }
    emit(options, options.flag("json") ? Json({{"schema", "driftlens/audit-show/1"},
                                               {"log_id", log->logId()},
                                               {"records", rows}})
                                                 .dump(1) +
                                             "\n"
                                       : text);
    return kExitFine;
}

// Creates the log if there is none; prints what an auditor should keep elsewhere.
int init(const VerbOptions& options, const std::string& file) {
    const auto log = AuditLog::openForWriting(file);
    const std::string key = log->publicKey();
    const Json json = {{"schema", "driftlens/audit-init/1"},
                       {"log_id", log->logId()},
                       {"public_key", key.empty() ? Json(nullptr) : Json(key)},
                       {"checkpoint", log->newestCheckpoint()}};
    emit(options, options.flag("json") ? json.dump(1) + "\n"
                                       : "log      " + log->logId() + "\nkey      " +
                                             (key.empty() ? "none: this log is unsigned" : key) +
                                             "\n\n" + log->newestCheckpoint());
    return kExitFine;
}

int printKey(const VerbOptions& options, const std::string& file) {
    const std::string key = AuditLog::openForReading(file)->publicKey();
    if (key.empty()) throw Error(ErrorKind::Unsupported, file + ": this log has no key");
    emit(options, key + "\n");
    return kExitFine;
}

int printCheckpoint(const VerbOptions& options, const std::string& file) {
    const std::string note = AuditLog::openForReading(file)->newestCheckpoint();
    if (note.empty()) throw Error(ErrorKind::InputFile, file + ": no checkpoint is beside it");
    emit(options, note);
    return kExitFine;
}

int emitErasure(const VerbOptions& options, const std::string& verb, const Erasure& done) {
    Json exports = Json::array();
    for (const EarlierExport& each : done.exports) {
        exports.push_back({{"record", each.record}, {"file", each.file}, {"sha256", each.sha256}});
    }
    const Json json = {{"schema", "driftlens/audit-" + verb + "/1"},
                       {"record", done.record == 0 ? Json(nullptr) : Json(done.record)},
                       {"runs", done.runs},
                       {"payloads", done.payloads},
                       {"blobs", done.blobs},
                       {"exports_out_of_reach", exports}};
    emit(options, options.flag("json") ? json.dump(1) + "\n" : erasureText(done));
    return kExitFine;
}

std::string required(const VerbOptions& options, const std::string& name) {
    if (options.has(name)) return options.text(name);
    throw Error(ErrorKind::Usage, "audit: --" + name + " is missing; see audit --help");
}

// Opening for writing creates a log; what needs one that is there must not.
std::unique_ptr<AuditLog> openExisting(const std::string& file) {
    AuditLog::openForReading(file);
    return AuditLog::openForWriting(file);
}

int eraseRun(const VerbOptions& options, const std::string& file, const std::string& runId) {
    const std::string reason = required(options, "reason");
    return emitErasure(options, "erase", openExisting(file)->erase(runId, reason));
}

int applyRetention(const VerbOptions& options, const std::string& file) {
    const std::int64_t days = parseInteger(required(options, "older-than"), "--older-than");
    const std::string reason = required(options, "reason");
    return emitErasure(options, "retention", openExisting(file)->eraseOlderThan(days, reason));
}

// --out names the export itself, so the summary goes to the terminal.
int exportLog(const VerbOptions& options, const std::string& file) {
    const std::string out = required(options, "out");
    const ExportSummary done = openExisting(file)->exportTo(out);
    const Json json = {{"schema", "driftlens/audit-export-summary/1"},
                       {"record", done.record},
                       {"records", done.records},
                       {"payloads", done.payloads},
                       {"blobs", done.blobs},
                       {"file", done.file},
                       {"sha256", done.sha256}};
    std::cout << (options.flag("json") ? json.dump(1) + "\n" : exportText(done));
    return kExitFine;
}

// --checkpoint names the bytes that were stamped: one note, as audit checkpoint prints it.
int attachTimestamp(const VerbOptions& options, const std::string& file) {
    const std::string noteFile = required(options, "checkpoint");
    const std::string tokenFile = required(options, "token");
    const std::string note = readFileText(noteFile, kMostNoteBytes);
    const std::string token = readFileText(tokenFile, kMostTokenBytes);
    const auto certificates =
        options.has("ca") ? std::optional<std::filesystem::path>(options.text("ca")) : std::nullopt;
    const AuditTimestamp stamp = openExisting(file)->addTimestamp(note, token, certificates);
    const Json json = {{"schema", "driftlens/audit-attach-timestamp/1"},
                       {"record", stamp.record},
                       {"size", stamp.size},
                       {"time", stamp.time},
                       {"authority", stamp.authority},
                       {"trusted", stamp.isTrusted}};
    emit(options,
         options.flag("json")
             ? json.dump(1) + "\n"
             : std::to_string(stamp.size) + " records, stamped at " + stamp.time + " by " +
                   authorityText(stamp) +
                   (stamp.isTrusted ? "" : ", whose signature was not checked: give --ca") +
                   "\non record " + std::to_string(stamp.record) + "\n");
    return kExitFine;
}

int rotateKey(const VerbOptions& options, const std::string& file) {
    emit(options, openExisting(file)->rotateKey() + "\n");
    return kExitFine;
}

struct AuditVerb {
    std::string_view name;
    int (*run)(const VerbOptions& options, const std::string& file);
};

constexpr std::array<AuditVerb, 10> kAuditVerbs = {{{"init", &init},
                                                    {"list", &listRuns},
                                                    {"verify", &verifyLog},
                                                    {"key", &printKey},
                                                    {"checkpoint", &printCheckpoint},
                                                    {"rotate", &rotateKey},
                                                    {"export", &exportLog},
                                                    {"retention", &applyRetention},
                                                    {"attach-timestamp", &attachTimestamp},
                                                    {"verify-proof", &verifyProof}}};

// Those that take the name of a run or the number of a record as well.
struct AuditItemVerb {
    std::string_view name;
    int (*run)(const VerbOptions& options, const std::string& file, const std::string& item);
};

constexpr std::array<AuditItemVerb, 3> kAuditItemVerbs = {
    {{"show", &showRun}, {"prove", &proveRecord}, {"erase", &eraseRun}}};

void declareOptions(VerbOptions& options) {
    options.positional("what", -1);
    options.add("Verifying and proving")
        .add_options()("checkpoint", po::value<std::string>(),
                       "signed notes that were kept elsewhere")(
            "pubkey", po::value<std::string>(), "the log's key, as audit key prints it")(
            "ca", po::value<std::string>(), "PEM certificates of timestamping authorities");
    options.add("Timestamps")
        .add_options()("token", po::value<std::string>(),
                       "what an authority (RFC 3161) answered about the file of --checkpoint, in "
                       "DER");
    options.add("Erasing").add_options()("reason", po::value<std::string>(),
                                         "why; stays in the log for ever")(
        "older-than", po::value<std::string>(), "days since the last record of a run");
    addOutputOptions(options);
}

}  // namespace

int runAudit(const Arguments& arguments) {
    VerbOptions options(
        "audit init|list|verify|key|checkpoint|rotate LOG, audit show|erase LOG RUN, audit prove "
        "LOG RECORD,\n       driftlens audit export LOG --out FILE, audit retention LOG "
        "--older-than DAYS,\n       driftlens audit verify-proof PROOF, audit attach-timestamp LOG "
        "--checkpoint FILE --token FILE",
        "The audit log. init creates one; key and checkpoint print what an auditor keeps elsewhere "
        "and\ngives to verify. verify exits with 0 ok, 5 tampered, 6 truncated, 10 unsigned, 7 "
        "erased, 3\nunreadable. prove shows one record to somebody without the log, who checks it "
        "with verify-proof.\n"
        "attach-timestamp keeps an authority's word that a checkpoint was there at a time.\nerase "
        "and retention delete texts, tokens and scores of runs for good "
        "and keep their records;\nexports and backups are out of their reach.",
        "driftlens audit verify audit.db --checkpoint held.txt --pubkey audit.pub");
    declareOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    const std::vector<std::string> what = options.list("what");
    for (const AuditVerb& verb : kAuditVerbs) {
        if (what.size() == 2 && what[0] == verb.name) return verb.run(options, what[1]);
    }
    for (const AuditItemVerb& verb : kAuditItemVerbs) {
        if (what.size() == 3 && what[0] == verb.name) return verb.run(options, what[1], what[2]);
    }
    throw Error(ErrorKind::Usage,
                "audit takes: init, list, verify, key, checkpoint, rotate, export, retention or "
                "attach-timestamp with LOG; show or erase with LOG RUN; prove with LOG RECORD; "
                "verify-proof with PROOF");
}

}  // namespace driftlens
