// Timestamps of checkpoints: what an authority's word is good for, and what is not its word.
#include "engine/audit/timestamp.h"

#include "core/base/error.h"
#include "tests/engine/audit/audit_fixture.h"
#include "tests/engine/audit/timestamp_authority.h"

#include <functional>

namespace driftlens {
namespace {

class Timestamps : public AuditLogFile {
protected:
    void expectRefused(const std::function<void()>& call, std::string_view because) const {
        const std::int64_t before = query("SELECT count(*) FROM record");
        try {
            call();
            ADD_FAILURE() << "nothing was refused, but " << because;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::InputFile) << error.what();
            EXPECT_NE(std::string(error.what()).find(because), std::string::npos) << error.what();
        }
        EXPECT_EQ(query("SELECT count(*) FROM record"), before);
    }
    std::filesystem::path certificate(const TimestampAuthority& of) const {
        const std::filesystem::path pem = folder / "authority.pem";
        of.saveCertificate(pem);
        return pem;
    }
    TimestampAuthority authority;
};

TEST_F(Timestamps, AStampedCheckpointIsOnRecordAndVerified) {
    const auto log = AuditLog::openForWriting(file);
    const std::string note = log->newestCheckpoint();
    const AuditTimestamp stamp = log->addTimestamp(note, authority.response(note));
    EXPECT_EQ(stamp.record, kSmallLogRecords + 1);
    EXPECT_EQ(stamp.size, kSmallLogRecords);
    EXPECT_EQ(stamp.authority, "CN=Clock Tower");
    EXPECT_FALSE(stamp.isTrusted);
    const AuditVerification found = verifyAuditLog(file);
    EXPECT_EQ(found.status, "ok") << listed(found);
    ASSERT_EQ(found.timestamps.size(), 1U);
    EXPECT_EQ(found.timestamps[0].record, stamp.record);
    EXPECT_EQ(found.timestamps[0].time, stamp.time);
    EXPECT_EQ(stamp.time.size(), std::string("2026-01-31T12:00:00Z").size());
    // The clock of this machine is the authority's here.
    EXPECT_LE(stamp.time.substr(0, 19), log->records().back().timeUtc.substr(0, 19));
}

TEST_F(Timestamps, ATokenAloneAndAnOlderCheckpointServeToo) {
    const auto log = AuditLog::openForWriting(file);
    const std::string note = log->newestCheckpoint();
    log->rotateKey();
    log->startRun("explain", Json::object());
    EXPECT_EQ(log->addTimestamp(note, authority.token(note)).size, kSmallLogRecords);
    EXPECT_EQ(verifyAuditLog(file).status, "ok") << listed(verifyAuditLog(file));
}

TEST_F(Timestamps, TheAuthoritysSignatureIsCheckedWhereItsCertificateIsGiven) {
    const auto log = AuditLog::openForWriting(file);
    const std::string note = log->newestCheckpoint();
    const TimestampAuthority other;
    expectRefused([&] { log->addTimestamp(note, other.response(note), certificate(authority)); },
                  "is not signed by an authority of");
    EXPECT_TRUE(
        log->addTimestamp(note, authority.response(note), certificate(authority)).isTrusted);
    AuditTrust trust;
    trust.certificateFile = certificate(authority);
    EXPECT_EQ(verifyAuditLog(file, trust).status, "ok");
    EXPECT_TRUE(verifyAuditLog(file, trust).timestamps.at(0).isTrusted);
    trust.certificateFile = certificate(other);
    EXPECT_EQ(verifyAuditLog(file, trust).status, "tampered");
}

TEST_F(Timestamps, WhatIsNoTimestampOfTheCheckpointIsRefused) {
    const auto log = AuditLog::openForWriting(file);
    const std::string note = log->newestCheckpoint();
    const auto attach = [&](const std::string& text, const std::string& token) {
        return [&log, text, token] { log->addTimestamp(text, token); };
    };
    const std::string good = authority.response(note);
    expectRefused(attach(note, authority.response(note + "\n")), "is one of something else");
    expectRefused(attach(note, ""), "0 bytes");
    expectRefused(attach(note, "no DER"), "is no RFC 3161 token");
    expectRefused(attach(note, good + "x"), "bytes after its end");
    expectRefused(attach(note, good.substr(0, good.size() / 2)), "is no RFC 3161 token");
    expectRefused(attach("no note", good), "checkpoint");
    const std::string forged = std::string(note).replace(note.find('\n') + 1, 1, "8");
    expectRefused(attach(forged, authority.response(forged)), "is not one of these records");

    AuditLog::openForWriting(folder / "other.db");
    const std::string foreign = AuditLog::openForReading(folder / "other.db")->newestCheckpoint();
    expectRefused(attach(foreign, authority.response(foreign)), "is one of another log");
}

TEST_F(Timestamps, EveryChangedByteOfATokenIsRefusedOrSaysTheSameTime) {
    const auto log = AuditLog::openForWriting(file);
    const std::string note = log->newestCheckpoint();
    const std::string good = authority.token(note);
    const std::filesystem::path pem = certificate(authority);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x41);
        try {
            audit::verifyTimestamp(bad, note, pem);
            EXPECT_EQ(audit::readTimestamp(bad, note).time, audit::readTimestamp(good, note).time);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::InputFile) << error.what();
        }
    }
}

// A writer with the key who puts another time, or another token, on record is found.
TEST_F(Timestamps, ARecordThatSaysAnotherTimeThanItsTokenIsTampered) {
    const auto log = AuditLog::openForWriting(file);
    const std::string note = log->newestCheckpoint();
    log->addTimestamp(note, authority.response(note));
    attackWithoutTriggers(
        "UPDATE record SET rec = CAST(replace(CAST(rec AS TEXT), '\"time\":\"20', "
        "'\"time\":\"19') AS BLOB) WHERE record_type = 'timestamped'");
    const AuditVerification found = verifyAuditLog(file);
    EXPECT_EQ(found.status, "tampered");
    EXPECT_TRUE(anyFinding(found, "another time than its record")) << listed(found);
}

}  // namespace
}  // namespace driftlens
