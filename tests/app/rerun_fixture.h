// Runs that are logged by the program and computed again, and a forger of logs.
#pragma once

#include "core/base/json.h"
#include "engine/audit/log.h"
#include "engine/audit/record.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace driftlens {

inline const std::string kBert = "samples/sentiment-bert-mini";
inline const std::string kLlama = "samples/retrieval-llama-mini";
inline const std::string kPrompt = "The film was not bad at all";
inline constexpr auto kLog = "audit.db";

class RerunVerb : public ::testing::Test {
protected:
    ProgramResult result(const std::vector<std::string>& arguments) const {
        return runProgram(DRIFTLENS_PROGRAM, arguments, m_scratch);
    }
    std::string run(const std::vector<std::string>& arguments) const {
        const ProgramResult found = result(arguments);
        EXPECT_EQ(found.exitCode, 0) << arguments.front() << ": " << found.err;
        return found.out;
    }
    // Logs a run; returns its id.
    std::string logged(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--log", log(), "--threads", "1"});
        run(arguments);
        return AuditLog::openForReading(log())->runs().back().runId;
    }
    std::string explained(const std::string& model = kBert) const {
        return logged({"explain", model, "--prompt", kPrompt, "--method", "occlusion"});
    }
    Json rerun(const std::string& id, std::vector<std::string> more = {}, int exitCode = 0) const {
        more.insert(more.begin(), {"rerun", log(), id, "--json"});
        const ProgramResult found = result(more);
        EXPECT_EQ(found.exitCode, exitCode) << found.err << found.out;
        Json out = parseJson(found.out, "rerun");
        EXPECT_EQ(out["schema"], "driftlens/rerun/1");
        return out;
    }
    // Every result of the run comes out again, and that is on record.
    Json expectEqual(const std::string& id) const {
        const std::int64_t before = records();
        Json found = rerun(id);
        EXPECT_EQ(found["status"], "bitwise_equal") << found.dump(1);
        EXPECT_EQ(found["largest_difference"], 0.0);
        for (const Json& each : found["results"]) {
            EXPECT_EQ(each["verdict"], "bitwise_equal");
            EXPECT_GT(each["numbers"], 0);
        }
        EXPECT_EQ(found["environment_differences"], Json::array());
        EXPECT_EQ(found["record"], before + 1);
        EXPECT_EQ(verifyAuditLog(log()).status, "ok");
        return found;
    }
    void expectRefused(const std::string& id, int exitCode, const std::string& because) const {
        const std::int64_t before = records();
        const ProgramResult found = result({"rerun", log(), id});
        EXPECT_EQ(found.exitCode, exitCode) << found.err;
        EXPECT_NE((found.out + found.err).find(because), std::string::npos)
            << found.out << found.err;
        EXPECT_EQ(records(), before);
    }
    std::int64_t records() const { return verifyAuditLog(log()).records; }
    std::string log() const { return m_scratch / kLog; }
    std::string path(const std::string& name) const { return m_scratch / name; }
    std::string copyOfSample() const {
        std::filesystem::copy(kBert, path("model"));
        return path("model");
    }

private:
    ScratchFolder m_scratch;
};

inline void changeByte(const std::string& file, std::size_t fromEnd) {
    std::string bytes = textOf(file);
    bytes[bytes.size() - fromEnd] = static_cast<char>(bytes[bytes.size() - fromEnd] ^ 1);
    std::ofstream(file, std::ios::binary) << bytes;
}

inline void replaceInFile(const std::string& file, const std::string& from, const std::string& to) {
    std::string bytes = textOf(file);
    const std::size_t at = bytes.find(from);
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at, from.size(), to);
    std::ofstream(file, std::ios::binary) << bytes;
}

// Somebody with a key of their own who writes the run anew, with a lie in it: the log verifies.
class Forger {
public:
    std::function<void(Json& start)> changeStart = [](Json&) {};
    std::function<void(Json& body)> changeResult = [](Json&) {};
    bool keepsExamples = true;  // the payloads of results
    // key of the blob, and its values
    std::function<void(const std::string& key, std::vector<double>&)> changeBlob =
        [](const std::string&, std::vector<double>&) {};

    std::string forge(const std::string& genuine, const std::string& forged) {
        m_from = AuditLog::openForReading(genuine);
        m_to = AuditLog::openForWriting(forged);
        std::string id;
        for (const AuditRecord& record : m_from->records(m_from->runs().back().runId)) {
            Json body = record.body;
            const std::vector<Payload> payloads = payloadsOf(record);
            if (record.type == audit::kRunStarted) {
                changeStart(body);
                id = m_to->startRun(record.meta["verb"].get<std::string>(), body, payloads);
            } else if (record.type == audit::kExampleResult) {
                copyBlobs(body, "");
                changeResult(body);
                m_to->addResult(id, body, keepsExamples ? payloads : std::vector<Payload>{});
            } else {
                m_to->finishRun(id, body);
            }
        }
        return id;
    }

private:
    std::vector<Payload> payloadsOf(const AuditRecord& record) const {
        std::vector<Payload> out;
        for (const auto& [name, commitment] : audit::parseRecord(record.canonical).commitments)
            out.push_back({name, m_from->payload(record.seq, name).value()});
        return out;
    }

    void copyBlobs(Json& value, const std::string& key) {
        if (value.is_object() && value.contains("blob_commitment")) {
            const auto bytes = fromHex(value["blob_commitment"].get<std::string>());
            Sha256 digest{};
            std::copy(bytes.begin(), bytes.end(), digest.begin());
            std::vector<double> values = m_from->blob(digest);
            changeBlob(key, values);
            value =
                blobJson(m_to->addBlob(values, value["shape"].get<std::vector<std::int64_t>>()));
        } else if (value.is_object()) {
            for (auto& [name, member] : value.items()) copyBlobs(member, name);
        } else if (value.is_array()) {
            for (Json& member : value) copyBlobs(member, key);
        }
    }

    std::unique_ptr<AuditLog> m_from, m_to;
};

}  // namespace driftlens
