// Damaged files: verification and opening end with a result or an Error, and never say "ok" for a
// changed record.
#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/audit/sidecar_file.h"
#include "tests/engine/audit/audit_fixture.h"

#include <array>
#include <fcntl.h>
#include <map>
#include <unistd.h>
#include <utility>

namespace driftlens {
namespace {

class HostileFile : public AuditLogFile {
protected:
    void writeTinyLog() const;
};

// Opens and reads everything that the interface offers; what it throws must be an Error.
void readEverything(const std::filesystem::path& file) {
    try {
        const auto log = AuditLog::openForReading(file);
        log->runs();
        log->records();
        log->payload(2, "prompt");
        log->head();
    } catch (const Error&) {
    }
}

void overwriteByte(const std::filesystem::path& file, std::size_t at, char value) {
    const int descriptor = open(file.c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_GE(descriptor, 0);
    ASSERT_EQ(pwrite(descriptor, &value, 1, static_cast<off_t>(at)), 1);
    close(descriptor);
}

// Where the bytes of records lie: begin → end. A record lies in one piece, as it is shorter than a
// page.
using Ranges = std::map<std::size_t, std::size_t>;

Ranges recordsIn(const std::string& bytes, const std::filesystem::path& file) {
    Ranges ranges;
    for (const AuditRecord& record : AuditLog::openForReading(file)->records()) {
        const std::size_t at = bytes.find(record.canonical);
        EXPECT_NE(at, std::string::npos);
        ranges[at] = at + record.canonical.size();
    }
    return ranges;
}

bool contains(const Ranges& ranges, std::size_t at) {
    const auto next = ranges.upper_bound(at);
    return next != ranges.begin() && at < std::prev(next)->second;
}

// Free space is zeros and nothing reads it: one byte in 16 of it is enough. Sanitizers slow all of
// this down tenfold: they see one byte in eleven.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kFlipStep = 11;
#else
constexpr std::size_t kFlipStep = 1;
#endif

bool inFreeSpace(const std::string& bytes, std::size_t at) {
    const std::size_t from = at - at % 16;
    return at != from && bytes.compare(from, 16, std::string(16, '\0')) == 0;
}

// One row or a few in every table, under one checkpoint: each byte costs a verification.
void HostileFile::writeTinyLog() const {
    std::filesystem::remove(file);
    std::filesystem::remove(audit::checkpointFileOf(file));
    const auto log = AuditLog::openForWriting(file);
    const std::array<Payload, 1> payloads = {{{"prompt", "not bad at all"}}};
    const std::string run = log->startRun("explain", Json::object(), payloads);
    const std::array<double, 2> scores = {0.5, -1.25};
    const std::array<std::int64_t, 1> shape = {2};
    log->addResult(run, Json{{"scores", blobJson(log->addBlob(scores, shape))}});
    log->finishRun(run, Json::object());
    writeBytes(audit::checkpointFileOf(file), log->newestCheckpoint() + "\n");
}

TEST_F(HostileFile, NoFlippedByteIsBothUnnoticedAndInARecord) {
    writeTinyLog();
    const std::string bytes = readBytes(file);
    const Ranges records = recordsIn(bytes, file);
    const AuditVerification before = verifyAuditLog(file);
    for (std::size_t at = 0; at < bytes.size(); at += kFlipStep) {
        if (inFreeSpace(bytes, at)) continue;
        overwriteByte(file, at, static_cast<char>(~bytes[at]));
        const AuditVerification after = verifyAuditLog(file);
        if (contains(records, at)) {
            ASSERT_EQ(after.status, "tampered") << "byte " << at;
            ASSERT_TRUE(after.firstBadRecord) << "byte " << at;
        } else if (after.status == "ok") {
            ASSERT_EQ(after.head, before.head) << "byte " << at;
            ASSERT_EQ(after.records, before.records) << "byte " << at;
        }
        if (at % 16 == 0) readEverything(file);
        overwriteByte(file, at, bytes[at]);
        // A byte of the header turns the file into one with a write-ahead log.
        std::filesystem::remove(file.string() + "-wal");
        std::filesystem::remove(file.string() + "-shm");
    }
    ASSERT_EQ(readBytes(file), bytes);
}

TEST_F(HostileFile, EveryTruncationIsFound) {
    const std::string bytes = readBytes(file);
    for (std::size_t size = 0; size < bytes.size(); size += 512) {
        writeBytes(file, std::string_view(bytes).substr(0, size));
        EXPECT_NE(verifyAuditLog(file).status, "ok") << size;
        readEverything(file);
    }
}

TEST_F(HostileFile, EveryPageOverwrittenWithAnotherIsFound) {
    const std::string bytes = readBytes(file);
    for (std::size_t to = 0; to < bytes.size(); to += 4096) {
        for (std::size_t from = 0; from < bytes.size(); from += 4096) {
            if (from == to) continue;
            std::string mixed = bytes;
            mixed.replace(to, 4096, bytes, from, 4096);
            if (mixed == bytes) continue;
            writeBytes(file, mixed);
            EXPECT_NE(verifyAuditLog(file).status, "ok") << from << " over " << to;
            readEverything(file);
        }
    }
}

TEST_F(HostileFile, APlantedJournalIsNeverFollowedInSilence) {
    const AuditVerification before = verifyAuditLog(file);
    // A journal with a valid magic and nonsense behind it.
    writeBytes(file.string() + "-journal",
               std::string("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8) + std::string(8192, '\1'));
    const AuditVerification after = verifyAuditLog(file);
    if (after.status == "ok") {
        EXPECT_EQ(after.head, before.head);
    }
    readEverything(file);
}

}  // namespace
}  // namespace driftlens
