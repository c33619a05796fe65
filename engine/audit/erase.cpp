#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/environment.h"
#include "engine/audit/log_state.h"

#include <algorithm>
#include <set>
#include <utility>

namespace driftlens {
namespace {

using namespace audit;

constexpr std::size_t kMaxReasonBytes = 1000;
constexpr std::int64_t kMaxDays = 36500;

constexpr std::string_view kRunsRecords = "seq IN (SELECT seq FROM record WHERE run_id = ?1)";

void requireReason(std::string_view reason) {
    if (!trimmed(reason).empty() && reason.size() <= kMaxReasonBytes && isValidUtf8(reason)) return;
    throw Error(ErrorKind::Usage, "the reason of an erasure is a text of 1 to " +
                                      std::to_string(kMaxReasonBytes) + " bytes; give --reason");
}

// What a run has left, in one of the two tables that can be erased.
struct Left {
    std::int64_t rows = 0;
    std::int64_t firstSeq = 0;
};

Left leftOf(Database& database, std::string_view table, std::string_view runId) {
    Statement count(database, "SELECT count(*), min(seq) FROM " + std::string(table) + " WHERE " +
                                  std::string(kRunsRecords));
    count.bindText(1, runId).step();
    return {count.integer(0), count.integer(1)};
}

void deleteRows(Database& database, std::string_view table, std::string_view runId) {
    Statement rows(database,
                   "DELETE FROM " + std::string(table) + " WHERE " + std::string(kRunsRecords));
    rows.bindText(1, runId).step();
}

std::set<std::string> blobsOf(Database& database, std::string_view runId) {
    std::set<std::string> digests;
    Statement rows(database,
                   "SELECT digest FROM blob_reference WHERE " + std::string(kRunsRecords));
    rows.bindText(1, runId);
    while (rows.step()) digests.emplace(rows.blob(0));
    return digests;
}

void deleteUnreferenced(Database& database, const std::set<std::string>& digests) {
    Statement row(database,
                  "DELETE FROM blob WHERE digest = ?1 AND NOT EXISTS "
                  "(SELECT 1 FROM blob_reference WHERE blob_reference.digest = ?1)");
    for (const std::string& digest : digests) {
        row.bindBlob(1, digest).step();
        row.reset();
    }
}

// The exports that were made when record `seq` of the run was there: of the whole log, or a report
// of this run.
std::vector<EarlierExport> exportsAfter(Database& database, std::string_view runId,
                                        std::int64_t seq) {
    std::vector<EarlierExport> exports;
    Statement rows(database,
                   "SELECT seq, rec FROM record WHERE run_id = '' AND record_type = 'exported' "
                   "AND seq > ?1 ORDER BY seq");
    rows.bind(1, seq);
    while (rows.step()) {
        const RecordFields fields = parseRecord(rows.blob(1));
        const JsonObject body(fields.body, "record " + std::to_string(fields.seq));
        if (body.has("run") && body.string("run") != runId) continue;
        exports.push_back({fields.seq, body.string("file"), body.string("sha256")});
    }
    return exports;
}

NewRecord erasureRecord(std::string_view type, std::string_view runId, std::string_view reason,
                        const Erasure& erasure) {
    NewRecord record{fieldsOf(type, runId)};
    record.fields.meta = {{"actor", describeActor()}, {"clock", describeClock()}};
    record.fields.body = {
        {"reason", std::string(reason)}, {"payloads", erasure.payloads}, {"blobs", erasure.blobs}};
    return record;
}

NewRecord erasedRecord(std::string_view runId, std::string_view reason, const Erasure& erasure) {
    NewRecord record = erasureRecord(kErased, runId, reason, erasure);
    Json& exports = record.fields.body["exports"] = Json::array();
    for (const EarlierExport& each : erasure.exports) {
        exports.push_back({{"record", each.record}, {"file", each.file}, {"sha256", each.sha256}});
    }
    return record;
}

// One run, inside a transaction. Returns nothing erased if nothing is left of it.
template <typename Append>
Erasure eraseRun(Database& database, std::string_view runId, std::string_view reason,
                 const Append& append) {
    const Left payloads = leftOf(database, "payload", runId);
    const Left blobs = leftOf(database, "blob_reference", runId);
    if (payloads.rows + blobs.rows == 0) return {};
    Erasure erasure;
    erasure.runs = 1;
    erasure.payloads = payloads.rows;
    erasure.blobs = blobs.rows;
    std::int64_t first = payloads.rows > 0 ? payloads.firstSeq : blobs.firstSeq;
    if (blobs.rows > 0) first = std::min(first, blobs.firstSeq);
    erasure.exports = exportsAfter(database, runId, first);
    erasure.record = append(erasedRecord(runId, reason, erasure));
    const std::set<std::string> digests = blobsOf(database, runId);
    deleteRows(database, "payload", runId);
    deleteRows(database, "blob_reference", runId);
    deleteUnreferenced(database, digests);
    return erasure;
}

void addTo(Erasure& sum, const Erasure& one) {
    sum.runs += one.runs;
    sum.payloads += one.payloads;
    sum.blobs += one.blobs;
    for (const EarlierExport& each : one.exports) {
        const bool isKnown =
            std::any_of(sum.exports.begin(), sum.exports.end(),
                        [&](const EarlierExport& known) { return known.record == each.record; });
        if (!isKnown) sum.exports.push_back(each);
    }
}

// Computing a run again keeps it no longer.
std::vector<std::string> runsBefore(Database& database, std::string_view cutoff) {
    std::vector<std::string> runs;
    Statement rows(database,
                   "SELECT run_id FROM record WHERE run_id <> '' AND "
                   "record_type NOT IN ('erased', 'rerun') GROUP BY run_id HAVING max(time_utc) < "
                   "?1 ORDER BY min(seq)");
    rows.bindText(1, cutoff);
    while (rows.step()) runs.emplace_back(rows.text(0));
    return runs;
}

// Deleted cells are overwritten, but a page that was rebuilt may keep old copies of them between
// its cells: only a file that is written anew has none.
void rewriteFile(Database& database) {
    try {
        database.execute("VACUUM");
    } catch (const Error& error) {
        throw Error(error.kind(), std::string(error.what()) +
                                      "; the erasure is on record, but free space of the file may "
                                      "still hold parts: give the same command again");
    }
}

}  // namespace

Erasure AuditLog::erase(std::string_view runId, std::string_view reason) {
    requireReason(reason);
    Database& database = m_state->database;
    Erasure erasure;
    m_state->write([&](const State::Append& append) {
        Statement known(database, "SELECT 1 FROM record WHERE run_id = ?1 LIMIT 1");
        if (runId.empty() || !known.bindText(1, runId).step()) {
            throw Error(ErrorKind::Usage, m_state->name + ": it has no run " + inQuotes(runId) +
                                              "; audit list names them");
        }
        erasure = eraseRun(database, runId, reason, append);
    });
    rewriteFile(database);
    return erasure;
}

Erasure AuditLog::eraseOlderThan(std::int64_t days, std::string_view reason) {
    requireReason(reason);
    if (days < 0 || days > kMaxDays) {
        throw Error(ErrorKind::Usage, std::to_string(days) + " days are not 0 to " +
                                          std::to_string(kMaxDays) + "; give --older-than");
    }
    Database& database = m_state->database;
    const std::string cutoff = utcDaysAgo(days);
    Erasure all;
    m_state->write([&](const State::Append& append) {
        for (const std::string& runId : runsBefore(database, cutoff)) {
            addTo(all, eraseRun(database, runId, reason, append));
        }
        NewRecord record = erasureRecord(kRetention, {}, reason, all);
        record.fields.body["older_than_days"] = days;
        record.fields.body["cutoff"] = cutoff;
        record.fields.body["runs"] = all.runs;
        all.record = append(record);
    });
    rewriteFile(database);
    return all;
}

}  // namespace driftlens
