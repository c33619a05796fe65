// The part of verification that looks at what stands beside the records: payloads and blobs.
#pragma once

#include "engine/audit/database.h"
#include "engine/audit/findings.h"
#include "engine/audit/record.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace driftlens::audit {

class ContentCheck {
public:
    ContentCheck(Database& database, Findings& findings)
        : m_database(database), m_findings(findings) {}

    // Payloads and blob references of one record; an "erased" record explains what is missing.
    void add(const RecordFields& fields, std::int64_t seq);

    void checkBlobs();
    void checkOrphans();

    // What is missing and was not erased.
    void finish();

private:
    using Part = std::pair<std::int64_t, std::string>;  // record, `payload "x"` or `blob HEX`

    void checkPayloads(const RecordFields& fields, std::int64_t seq);
    void checkReferences(const RecordFields& fields, std::int64_t seq);
    void applyErasure(const RecordFields& fields, std::int64_t seq);
    void miss(std::int64_t seq, std::string part);

    Database& m_database;
    Findings& m_findings;
    std::optional<Statement> m_payloads;
    std::optional<Statement> m_references;
    std::set<Part> m_missing;
};

// The parts of a run's records that an erasure takes away, as the body of an "erased" record lists
// them: {"erased": [{"record": seq, "part": "payload \"prompt\""}, …]}.
std::string payloadPart(std::string_view name);
std::string blobPart(const Sha256& commitment);

}  // namespace driftlens::audit
