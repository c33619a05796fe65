// What a log adds to an explanation of 64 tokens, on the disk and in time. Prints both.
#include "engine/audit/log.h"
#include "engine/audit/record.h"
#include "engine/compare/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

namespace driftlens {
namespace {

constexpr std::int64_t kMostBytes = 20'000;

PromptRequest requestOf64Tokens() {
    PromptRequest request;
    for (int i = 0; i < 31; ++i) request.prompt += "not clever ";  // and two special tokens
    request.methods = {MethodRequest::parse("saliency")};
    request.compute.threads = 1;
    return request;
}

double millisecondsOf(AuditLog* log) {
    const auto begin = std::chrono::steady_clock::now();
    explainPrompt(VariantSpec::parse("samples/sentiment-bert-mini"), requestOf64Tokens(), log, {});
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    return taken.count();
}

double medianOf(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

TEST(LoggingCost, OfAnExplanationOf64TokensIsSmall) {
    const auto file = std::filesystem::temp_directory_path() /
                      ("driftlens-cost-" + std::to_string(::getpid()) + ".db");
    const auto log = AuditLog::openForWriting(file);
    std::vector<double> with, without;
    for (int i = 0; i < 15; ++i) {
        without.push_back(millisecondsOf(nullptr));
        with.push_back(millisecondsOf(log.get()));
    }
    const std::string run = log->runs().back().runId;
    std::size_t records = 0, payloads = 0, tokens = 0;
    for (const AuditRecord& record : log->records(run)) {
        records += record.canonical.size();
        for (const auto& [name, commitment] : audit::parseRecord(record.canonical).commitments) {
            payloads += log->payload(record.seq, name).value().size();
            if (name == "example") {
                tokens = parseJson(*log->payload(record.seq, name), "example").at("tokens").size();
            }
        }
    }
    std::printf(
        "%zu tokens: %zu bytes of records, %zu of payloads; %.1f ms without a log, %.1f "
        "with one\n",
        tokens, records, payloads, medianOf(without), medianOf(with));
    EXPECT_EQ(tokens, 64U);
    EXPECT_LT(static_cast<std::int64_t>(records + payloads), kMostBytes);
    for (const char* more : {"", ".checkpoints", ".key"})
        std::filesystem::remove(file.string() + more);
}

}  // namespace
}  // namespace driftlens
