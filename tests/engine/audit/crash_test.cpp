// Writers that are killed, blocked, or run out of disk.
#include "core/base/error.h"
#include "engine/audit/log.h"
#include "tests/engine/audit/audit_fixture.h"

#include <sqlite3.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace driftlens {
namespace {

class Crash : public AuditLogFile {
protected:
    // A small log in place of the one that is there; returns how many records it has.
    std::int64_t beginAnew() const {
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            std::filesystem::remove(entry.path());
        }
        writeSmallLog(file);
        return kSmallLogRecords;
    }

    // The next writer signs what was left unsigned, and says so.
    void expectGoesOn(int unsignedEnds) const {
        AuditLog::openForWriting(file)->startRun("explain", Json::object());
        const AuditVerification verification = verifyAuditLog(file);
        EXPECT_EQ(verification.status, "ok") << listed(verification);
        EXPECT_LE(verification.signedLate, unsignedEnds);
        EXPECT_GT(verification.records, kSmallLogRecords + 1);
    }
};

constexpr int kKills = 220;
constexpr int kKillsOfOneLog = 10;  // a log grows at every kill, and so does verifying it
constexpr int kKillsAtCreation = 50;

// Writes runs for ever and acknowledges every record on the pipe.
[[noreturn]] void writeUntilKilled(const std::filesystem::path& file, int acknowledgements) {
    const auto log = AuditLog::openForWriting(file);
    const std::array<Payload, 1> payloads = {{{"prompt", std::string(6000, 'p')}}};
    const std::array<std::int64_t, 1> shape = {1000};
    const auto acknowledge = [&] {
        const std::int64_t count = log->recordCount();
        if (write(acknowledgements, &count, sizeof count) != sizeof count) _exit(1);
    };
    for (double value = 0;; ++value) {
        const std::string run = log->startRun("explain", Json::object(), payloads);
        acknowledge();
        const std::vector<double> scores(1000, value);
        log->addResult(run, Json{{"scores", blobJson(log->addBlob(scores, shape))}}, payloads);
        acknowledge();
        log->finishRun(run, Json::object());
        acknowledge();
    }
}

// Waits for a number.
std::int64_t firstAcknowledged(int pipe) {
    std::int64_t count = 0;
    return read(pipe, &count, sizeof count) == sizeof count ? count : 0;
}

// The last number that stands in the pipe.
std::int64_t lastAcknowledged(int pipe) {
    std::int64_t last = 0;
    std::int64_t count = 0;
    while (read(pipe, &count, sizeof count) == sizeof count) last = count;
    return last;
}

TEST_F(Crash, AKilledWriterLosesNothingThatItAcknowledged) {
    std::int64_t acknowledged = kSmallLogRecords;
    int interrupted = 0;
    int unsignedEnds = 0;
    for (int kill = 0; kill < kKills; ++kill) {
        if (kill % kKillsOfOneLog == 0 && kill > 0) {
            expectGoesOn(unsignedEnds);
            acknowledged = beginAnew();
            unsignedEnds = 0;
        }
        std::array<int, 2> pipe{};
        ASSERT_EQ(::pipe(pipe.data()), 0);
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            close(pipe[0]);
            writeUntilKilled(file, pipe[1]);
        }
        close(pipe[1]);
        // One half while it opens the log, the other spread over what a few records take.
        const bool isWriting = kill % 2 == 0;
        if (isWriting) acknowledged = std::max(acknowledged, firstAcknowledged(pipe[0]));
        usleep(static_cast<useconds_t>((isWriting ? 211 : 331) * (kill % 23)));
        ::kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        acknowledged = std::max(acknowledged, lastAcknowledged(pipe[0]));
        close(pipe[0]);
        std::error_code failure;
        const auto journal = std::filesystem::file_size(file.string() + "-journal", failure);
        if (!failure && journal > 0) ++interrupted;

        const AuditVerification verification = verifyAuditLog(file);
        // Between a commit and its checkpoint there is a moment without a signature, never a lie.
        if (verification.unsignedRecords > 0) {
            ++unsignedEnds;
            ASSERT_EQ(verification.status, "unsigned") << listed(verification);
        } else {
            ASSERT_EQ(verification.status, "ok") << listed(verification);
        }
        ASSERT_GE(verification.records, acknowledged);
        // One record more, and the one that says that an earlier one was signed late.
        ASSERT_LE(verification.records, acknowledged + 2);
        acknowledged = verification.records;
    }
    expectGoesOn(unsignedEnds);
    RecordProperty("interrupted_transactions", interrupted);
}

TEST_F(Crash, AWriterKilledWhileItCreatesTheLogLeavesNothingHalf) {
    for (int kill = 0; kill < kKillsAtCreation; ++kill) {
        const std::filesystem::path fresh = folder / ("new" + std::to_string(kill) + ".db");
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            AuditLog::openForWriting(fresh);
            _exit(0);
        }
        usleep(static_cast<useconds_t>(200 * kill));
        ::kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        AuditLog::openForWriting(fresh)->startRun("explain", Json::object());
        const AuditVerification verification = verifyAuditLog(fresh);
        ASSERT_EQ(verification.status, "ok") << listed(verification);
        ASSERT_EQ(verification.records, 2 + verification.signedLate);
    }
}

TEST_F(Crash, TwoWritersTakeTurns) {
    constexpr int kRunsEach = 20;
    const auto writeRuns = [this] {
        const auto log = AuditLog::openForWriting(file);
        for (int i = 0; i < kRunsEach; ++i) {
            log->finishRun(log->startRun("explain", Json::object()), Json::object());
        }
    };
    std::thread other(writeRuns);
    writeRuns();
    other.join();
    const AuditVerification verification = verifyAuditLog(file);
    EXPECT_EQ(verification.status, "ok") << listed(verification);
    EXPECT_EQ(verification.records, kSmallLogRecords + 4 * kRunsEach);
}

TEST_F(Crash, TwoWritersMayCreateTheSameLog) {
    for (int i = 0; i < 10; ++i) {
        const std::filesystem::path fresh = folder / ("both" + std::to_string(i) + ".db");
        const auto create = [&] { AuditLog::openForWriting(fresh); };
        std::thread other(create);
        create();
        other.join();
        EXPECT_EQ(verifyAuditLog(fresh).records, 1);
    }
}

TEST_F(Crash, ReadsWhileAnotherWrites) {
    std::thread writer([this] {
        const auto log = AuditLog::openForWriting(file);
        for (int i = 0; i < 30; ++i) log->cancelRun(log->startRun("explain", Json::object()));
    });
    std::int64_t seen = kSmallLogRecords;
    while (seen < kSmallLogRecords + 60) {
        const AuditVerification verification = verifyAuditLog(file);
        ASSERT_EQ(verification.status, "ok") << listed(verification);
        ASSERT_GE(verification.records, seen);
        seen = verification.records;
    }
    writer.join();
}

TEST_F(Crash, AWriterThatWaitsTooLongSaysWhy) {
    const auto log = AuditLog::openForWriting(file);
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    try {
        log->startRun("explain", Json::object());
        ADD_FAILURE() << "a record was written through another program's lock";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Io);
        EXPECT_NE(std::string(error.what()).find("another program"), std::string::npos)
            << error.what();
    }
    EXPECT_EQ(verifyAuditLog(file).status, "ok");
    sqlite3_close(other);
    EXPECT_NO_THROW(log->startRun("explain", Json::object()));
}

TEST_F(Crash, SaysAtOnceThatAnotherProgramHoldsTheFile) {
    AuditLog::openForWriting(file);
    EXPECT_FALSE(AuditLog::isHeld(file));
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_FALSE(AuditLog::isHeld(file)) << "it can be read while another prepares to write";
    ASSERT_EQ(sqlite3_exec(other, "ROLLBACK; BEGIN EXCLUSIVE", nullptr, nullptr, nullptr),
              SQLITE_OK);
    EXPECT_TRUE(AuditLog::isHeld(file));
    sqlite3_close(other);
    EXPECT_FALSE(AuditLog::isHeld(file));
    EXPECT_FALSE(AuditLog::isHeld(file.parent_path() / "absent.db"));
}

// Limits how large a file of this process may get: a disk that is full.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        m_handler = std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit{bytes, m_before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit m_before{};
    void (*m_handler)(int) = SIG_DFL;
};

TEST_F(Crash, AFullDiskIsReportedAndLeavesTheLogIntact) {
    const auto log = AuditLog::openForWriting(file);
    const std::array<Payload, 1> payloads = {{{"prompt", std::string(40000, 'p')}}};
    const std::int64_t before = log->recordCount();
    int refused = 0;
    // Every page at which the disk can be full, from the journal's first on.
    for (std::uintmax_t room = 0; log->recordCount() == before; room += 4096) {
        ASSERT_LT(room, std::uintmax_t{10} << 20);
        try {
            const FileSizeLimit limit(room);
            log->startRun("explain", Json::object(), payloads);
        } catch (const Error& error) {
            ASSERT_EQ(error.kind(), ErrorKind::Io) << error.what();
            ++refused;
            const AuditVerification verification = verifyAuditLog(file);
            ASSERT_EQ(verification.status, "ok") << listed(verification);
            ASSERT_EQ(verification.records, before);
        }
    }
    EXPECT_GT(refused, 5);
    EXPECT_EQ(verifyAuditLog(file).status, "ok");
}

TEST_F(Crash, AFullDiskStopsTheCreationOfALog) {
    const std::filesystem::path fresh = folder / "fresh.db";
    {
        const FileSizeLimit limit(8192);
        try {
            AuditLog::openForWriting(fresh);
            ADD_FAILURE() << "a log was created on a full disk";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Io) << error.what();
        }
    }
    AuditLog::openForWriting(fresh);
    EXPECT_EQ(verifyAuditLog(fresh).status, "ok");
}

}  // namespace
}  // namespace driftlens
