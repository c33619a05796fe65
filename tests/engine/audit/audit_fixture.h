// A log in a folder of its own, and an attacker who writes to it behind Driftlens' back.
#pragma once

#include "engine/audit/log.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace driftlens {

// What the small log holds: genesis, a finished run with two results, payloads and a blob that both
// results name, a failed run, a cancelled run.
inline constexpr std::int64_t kSmallLogRecords = 9;
inline constexpr std::int64_t kFirstResult = 3;
inline constexpr std::int64_t kSecondResult = 4;

// Each test has a fresh folder, removed afterwards, with a small log in it.
class AuditLogFile : public testing::Test {
protected:
    AuditLogFile();
    ~AuditLogFile() override;

    // Runs SQL as an outsider: a plain connection without the settings of Driftlens. Returns
    // SQLite's result code.
    int attack(std::string_view sql) const;

    // The same by somebody careful: triggers and foreign keys are off meanwhile, and the triggers
    // are put back with the same text. Fails the test if the SQL fails.
    void attackWithoutTriggers(std::string_view sql) const;

    // What verify finds is also refused by those who would build on it.
    void expectRefusedForWriting() const;

    // The first integer that a query gives.
    std::int64_t query(std::string_view sql) const;

    std::filesystem::path folder;
    std::filesystem::path file;
    std::string runId;  // of the finished run
};

// Writes the small log; returns the id of its finished run.
std::string writeSmallLog(const std::filesystem::path& file);

// The statement that appends a record to the small log as someone without the key would.
std::string appendForgedRecord(const std::filesystem::path& file, const std::string& runId);

// Whether a finding contains the text.
bool anyFinding(const AuditVerification& verification, std::string_view text);

// All findings, for messages of failed tests.
std::string listed(const AuditVerification& verification);

std::string readBytes(const std::filesystem::path& file);
void writeBytes(const std::filesystem::path& file, std::string_view bytes);

}  // namespace driftlens
