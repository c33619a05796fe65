// A large log: test 21 of reference/audit-and-reports.md, 3.7. Prints what writing and verifying
// cost; DRIFTLENS_AUDIT_RECORDS=1000000 says how many records (default: what a few seconds write).
#include "core/base/error.h"
#include "engine/audit/log.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace driftlens {
namespace {

constexpr std::int64_t kFewRecords = 10'000;
constexpr std::int64_t kResultsPerRun = 5'000;
constexpr std::int64_t kBatch = 500;        // results of one synchronised transaction
constexpr long kMostKilobytes = 96 * 1024;  // of a process that verifies, whatever the log
constexpr double kMostSecondsPer100k = 10.0;
constexpr double kFewestPerSecond = 500.0;

struct Cost {
    int exitCode = -1;
    double seconds = 0.0;
    long peakKilobytes = 0;
};

// In a process of its own, whose memory is its own.
Cost costOf(const std::function<bool()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        bool isGood = false;
        try {
            isGood = work();
        } catch (const Error& error) {
            std::fprintf(stderr, "%s\n", error.what());
        }
        ::_exit(isGood ? 0 : 1);
    }
    int status = 0;
    rusage usage{};
    if (child < 0 || ::wait4(child, &status, 0, &usage) != child) return {};
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, taken.count(), usage.ru_maxrss};
}

// As many as one prompt of a data set leaves: a few figures, the scores, and what can be erased.
AuditResult resultOf(AuditLog& log, std::int64_t example) {
    std::array<double, 64> scores{};
    for (std::size_t i = 0; i < scores.size(); ++i)
        scores[i] = static_cast<double>(example) / static_cast<double>(i + 1);
    const std::array<std::int64_t, 1> shape = {64};
    return {{{"example", example},
             {"kl", exactNumber(1.0 / static_cast<double>(example + 1))},
             {"spearman", exactNumber(0.75)},
             {"method", "integrated_gradients"},
             {"scores", blobJson(log.addBlob(scores, shape))}},
            {{"example", std::string(400, 'x')}}};
}

void writeLog(const std::filesystem::path& file, std::int64_t records) {
    const auto log = AuditLog::openForWriting(file);
    std::int64_t left = records - 1;  // the genesis record is there
    while (left > 2) {
        const std::int64_t results = std::min(kResultsPerRun, left - 2);
        const std::string run = log->startRun("compare", {{"data", "prompts.csv"}});
        for (std::int64_t done = 0; done < results;) {
            std::vector<AuditResult> batch;
            for (; done < results && static_cast<std::int64_t>(batch.size()) < kBatch; ++done)
                batch.push_back(resultOf(*log, done));
            log->addResults(run, batch);
        }
        log->finishRun(run, Json::object());
        left -= results + 2;
    }
    for (; left > 0; --left) log->addRerun("", Json::object());
}

std::int64_t recordsAsked() {
    const char* asked = std::getenv("DRIFTLENS_AUDIT_RECORDS");
    return asked == nullptr ? kFewRecords : std::max(10LL, std::atoll(asked));
}

TEST(LargeLog, IsWrittenAndVerifiedInBoundedTimeAndMemory) {
    std::string folder =
        (std::filesystem::temp_directory_path() / "driftlens-large-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::filesystem::path file = std::filesystem::path(folder) / "audit.db";
    const std::int64_t records = recordsAsked();
    const Cost written = costOf([&] {
        writeLog(file, records);
        return true;
    });
    const Cost verified = costOf([&] {
        const AuditVerification found = verifyAuditLog(file);
        return found.status == "ok" && found.records == records;
    });
    const double perSecond = static_cast<double>(records) / written.seconds;
    std::printf(
        "%lld records, %.0f MB: written in %.1f s (%.0f per second, %ld MB), verified in %.2f s "
        "(%ld MB)\n",
        static_cast<long long>(records),
        static_cast<double>(std::filesystem::file_size(file)) / 1e6, written.seconds, perSecond,
        written.peakKilobytes / 1024, verified.seconds, verified.peakKilobytes / 1024);
    EXPECT_EQ(written.exitCode, 0);
    EXPECT_EQ(verified.exitCode, 0);
// Sanitizers take time and memory of their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_GT(perSecond, kFewestPerSecond);
    EXPECT_LT(verified.peakKilobytes, kMostKilobytes);
    EXPECT_LT(verified.seconds,
              std::max(2.0, kMostSecondsPer100k * static_cast<double>(records) / 100'000.0));
#endif
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
}

}  // namespace
}  // namespace driftlens
