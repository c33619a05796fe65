// Disks that fail, journals that are taken away or planted, clocks that are set back, many records.
#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/audit/sidecar_file.h"
#include "tests/engine/audit/audit_fixture.h"
#include "tests/engine/audit/failing_vfs.h"

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace driftlens {
namespace {

std::atomic<std::int64_t> secondsBehind = 0;

}  // namespace
}  // namespace driftlens

// Stands before libc's in this program: the wall clock can be wrong.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    const auto code = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
    if (clock == CLOCK_REALTIME) time->tv_sec -= driftlens::secondsBehind;
    return code;
}

namespace driftlens {
namespace {

class IoFailure : public AuditLogFile {
protected:
    // Runs `work` on a fresh copy of the log with the n-th operation failing for every n, until
    // none does; `after` runs on the log as it was left then, on a disk that works. Returns how
    // many.
    int failEveryOperation(FailingVfs::Then then,
                           const std::function<void(std::int64_t& acknowledged)>& work,
                           const std::function<void()>& after = {}) {
        const std::string log = readBytes(file);
        // The newest is enough, and verified the quickest.
        const std::string notes = AuditLog::openForReading(file)->newestCheckpoint() + "\n";
        const std::string key = readBytes(audit::keyFileOf(file));
        for (int n = 1;; ++n) {
            std::filesystem::remove(file.string() + "-journal");
            writeBytes(file, log);
            writeBytes(audit::checkpointFileOf(file), notes);
            writeBytes(audit::keyFileOf(file), key);
            std::int64_t acknowledged = kSmallLogRecords;
            bool isThrown = false;
            {
                const FailingVfs vfs(n, then);
                try {
                    work(acknowledged);
                } catch (const Error& error) {
                    isThrown = true;
                    EXPECT_EQ(error.kind(), ErrorKind::Io) << n << ": " << error.what();
                }
                if (!vfs.hasFailed()) return n - 1;
                // Some failures are harmless, such as a journal that is not truncated after a read.
            }
            expectWhole(acknowledged, n);
            if (after) after();
            AuditLog::openForWriting(file)->startRun("explain", Json::object());
            expectWhole(acknowledged + 1, n);
            if (HasFailure()) return n;
            m_thrown += isThrown ? 1 : 0;
        }
    }

    // Nothing acknowledged is lost, nothing half-written verifies.
    void expectWhole(std::int64_t acknowledged, int n) const {
        const AuditVerification found = verifyAuditLog(file);
        EXPECT_TRUE(found.status == "ok" || found.status == "erased" || found.status == "unsigned")
            << "operation " << n << ": " << listed(found);
        EXPECT_GE(found.records, acknowledged) << "operation " << n;
        // A record may be committed whose acknowledgement failed, and one about a late signature.
        EXPECT_LE(found.records, acknowledged + 4) << "operation " << n;
    }

    int m_thrown = 0;
};

TEST_F(IoFailure, NoFailingWriteLosesARecordOrHalvesOne) {
    for (const auto then : {FailingVfs::Then::Works, FailingVfs::Then::StaysBroken}) {
        const int operations = failEveryOperation(then, [&](std::int64_t& acknowledged) {
            const auto log = AuditLog::openForWriting(file);
            const std::array<Payload, 1> payloads = {{{"prompt", std::string(9000, 'p')}}};
            const std::string run = log->startRun("explain", Json::object(), payloads);
            ++acknowledged;
            log->finishRun(run, Json::object());
            ++acknowledged;
        });
        EXPECT_GT(operations, 20);
        RecordProperty("operations", operations);
    }
    EXPECT_GT(m_thrown, 20);
}

TEST_F(IoFailure, AWriterGoesOnAfterAFailedWrite) {
    failEveryOperation(FailingVfs::Then::Works, [&](std::int64_t& acknowledged) {
        const auto log = AuditLog::openForWriting(file);
        try {
            log->startRun("explain", Json::object());
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Io) << error.what();
            log->startRun("explain", Json::object());
        }
        ++acknowledged;
    });
}

TEST_F(IoFailure, NoFailingWriteOfAnErasureLosesTheRecordOfIt) {
    const auto erase = [&](std::int64_t& acknowledged) {
        AuditLog::openForWriting(file)->erase(runId, "why");
        ++acknowledged;
    };
    EXPECT_GT(failEveryOperation(FailingVfs::Then::Works, erase), 20);
}

TEST_F(IoFailure, AnErasureThatFailedAnywhereIsCompletedByAnother) {
    const auto erase = [&](std::int64_t&) { AuditLog::openForWriting(file)->erase(runId, "why"); };
    failEveryOperation(FailingVfs::Then::StaysBroken, erase, [&] {
        AuditLog::openForWriting(file)->erase(runId, "why");
        EXPECT_EQ(readBytes(file).find("not bad at all"), std::string::npos);
        EXPECT_EQ(readBytes(file.string() + "-journal"), "");
        EXPECT_EQ(verifyAuditLog(file).status, "erased");
    });
}

TEST_F(IoFailure, AFullDiskUnderTheCheckpointsStopsTheCreationOfALog) {
    const std::filesystem::path fresh = folder / "fresh.db";
    std::filesystem::create_symlink("/dev/full", audit::checkpointFileOf(fresh));
    try {
        AuditLog::openForWriting(fresh);
        ADD_FAILURE() << "a log was created whose checkpoint cannot be written";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Io) << error.what();
    }
    std::filesystem::remove(audit::checkpointFileOf(fresh));
    AuditLog::openForWriting(fresh)->startRun("explain", Json::object());
    EXPECT_EQ(verifyAuditLog(fresh).status, "ok");
    EXPECT_EQ(verifyAuditLog(fresh).signedLate, 1);
}

class Journal : public AuditLogFile {
protected:
    // The file and its journal in the middle of a transaction that has written pages already.
    std::array<std::string, 2> interrupted() const {
        sqlite3* writer = nullptr;
        EXPECT_EQ(sqlite3_open(file.c_str(), &writer), SQLITE_OK);
        const auto run = [&](const char* sql) {
            EXPECT_EQ(sqlite3_exec(writer, sql, nullptr, nullptr, nullptr), SQLITE_OK)
                << sqlite3_errmsg(writer);
        };
        run("PRAGMA cache_size=2; PRAGMA journal_mode=TRUNCATE; BEGIN IMMEDIATE");
        run("DROP TRIGGER record_update; UPDATE record SET rec = zeroblob(length(rec))");
        run("WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 160) "
            "INSERT INTO blob SELECT i, randomblob(32), 'float64', '[1]', zeroblob(3000) FROM n");
        const std::array<std::string, 2> files = {readBytes(file),
                                                  readBytes(file.string() + "-journal")};
        run("ROLLBACK");
        sqlite3_close(writer);
        EXPECT_FALSE(files[1].empty());
        return files;
    }

    void plant(const std::string& log, const std::string& journal) const {
        writeBytes(file, log);
        writeBytes(file.string() + "-journal", journal);
    }
};

TEST_F(Journal, AnInterruptedTransactionIsRolledBack) {
    const std::string head = verifyAuditLog(file).head;
    const auto files = interrupted();
    ASSERT_NE(files[0], readBytes(file));
    plant(files[0], files[1]);
    const AuditVerification found = verifyAuditLog(file);
    EXPECT_EQ(found.status, "ok") << listed(found);
    EXPECT_EQ(found.head, head);
}

TEST_F(Journal, ADeletedHotJournalIsFound) {
    const auto files = interrupted();
    writeBytes(file, files[0]);
    std::filesystem::remove(file.string() + "-journal");
    EXPECT_EQ(verifyAuditLog(file).status, "tampered");
}

// A part of it may hold all pages that matter; then nothing is lost, and else it shows.
TEST_F(Journal, ATruncatedHotJournalIsFoundWhereItMatters) {
    const std::string head = verifyAuditLog(file).head;
    const auto files = interrupted();
    int found = 0;
    for (std::size_t kept = 0; kept < files[1].size(); kept += 2048) {
        plant(files[0], files[1].substr(0, kept));
        const AuditVerification verification = verifyAuditLog(file);
        if (verification.status == "ok") {
            EXPECT_EQ(verification.head, head) << kept << " bytes of the journal";
            EXPECT_EQ(verification.records, kSmallLogRecords);
        } else {
            ++found;
        }
    }
    EXPECT_GE(found, 2);
}

TEST_F(Journal, AnOldJournalThatIsPlantedIsFound) {
    const auto files = interrupted();
    const auto log = AuditLog::openForWriting(file);
    const std::array<Payload, 1> payloads = {{{"prompt", std::string(50000, 'p')}}};
    for (int i = 0; i < 5; ++i) log->startRun("explain", Json::object(), payloads);
    writeBytes(file.string() + "-journal", files[1]);
    const AuditVerification found = verifyAuditLog(file);
    EXPECT_TRUE(found.status == "tampered" || found.status == "truncated") << listed(found);
    expectRefusedForWriting();
}

class Clock : public AuditLogFile {
protected:
    ~Clock() override { secondsBehind = 0; }
    static constexpr std::int64_t kDay = 86400;
};

TEST_F(Clock, OneThatWasSetBackIsCountedAndTheOrderStillProven) {
    const auto log = AuditLog::openForWriting(file);
    EXPECT_EQ(verifyAuditLog(file).clockSetBack, 0);
    secondsBehind = kDay;
    log->finishRun(log->startRun("explain", Json::object()), Json::object());
    secondsBehind = 0;
    log->startRun("explain", Json::object());
    const AuditVerification found = verifyAuditLog(file);
    EXPECT_EQ(found.status, "ok") << listed(found);
    EXPECT_EQ(found.clockSetBack, 2);
}

TEST_F(Clock, RetentionErasesByTheAgeOfTheLastRecord) {
    const auto log = AuditLog::openForWriting(file);
    const std::array<Payload, 1> payloads = {{{"prompt", "old"}}};
    secondsBehind = 10 * kDay;
    const std::string old = log->startRun("explain", Json::object(), payloads);
    const std::string continued = log->startRun("explain", Json::object(), payloads);
    secondsBehind = 0;
    log->finishRun(continued, Json::object());
    EXPECT_EQ(log->eraseOlderThan(11, "why").runs, 0);
    EXPECT_EQ(log->eraseOlderThan(9, "why").runs, 1);
    EXPECT_EQ(log->payload(old, "prompt"), std::nullopt);
    EXPECT_EQ(log->payload(continued, "prompt"), "old");
    EXPECT_EQ(verifyAuditLog(file).status, "erased");
}

// What verifying costs a process of its own.
rusage costOfVerifying(const std::filesystem::path& log, std::int64_t records) {
    const pid_t child = fork();
    if (child == 0) {
        const AuditVerification found = verifyAuditLog(log);
        _exit(found.status == "ok" && found.records == records ? 0 : 1);
    }
    int status = 0;
    rusage usage{};
    EXPECT_EQ(wait4(child, &status, 0, &usage), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return usage;
}

// Ten seconds for 100 000 records are 0.1 ms each. DRIFTLENS_AUDIT_RECORDS tries more of them.
TEST_F(IoFailure, VerifyingManyRecordsTakesLittleTimeAndMemory) {
    const char* wanted = std::getenv("DRIFTLENS_AUDIT_RECORDS");
    const std::int64_t batches = wanted ? std::atoll(wanted) / 500 : 20;
    const auto log = AuditLog::openForWriting(file);
    const std::string run = log->startRun("compare", Json::object());
    const std::vector<AuditResult> batch(500,
                                         AuditResult{Json{{"score", "0.1"}, {"index", 7}}, {}});
    log->addResults(run, batch);
    const rusage few = costOfVerifying(file, kSmallLogRecords + 1 + 500);
    for (std::int64_t i = 1; i < batches; ++i) log->addResults(run, batch);
    const std::int64_t records = kSmallLogRecords + 1 + 500 * batches;
    const rusage many = costOfVerifying(file, records);
    const double seconds = static_cast<double>(many.ru_utime.tv_sec + many.ru_stime.tv_sec) +
                           static_cast<double>(many.ru_utime.tv_usec + many.ru_stime.tv_usec) / 1e6;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_LT(many.ru_maxrss - few.ru_maxrss, 16 * 1024) << "KiB more";
    EXPECT_LT(seconds, 1e-4 * static_cast<double>(records));
#endif
    std::cout << records << " records: " << seconds << " s, " << many.ru_maxrss << " KiB, for "
              << few.ru_maxrss << " KiB with 510\n";
}

}  // namespace
}  // namespace driftlens
