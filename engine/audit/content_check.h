// The part of verification that looks at what stands beside the records: payloads and blobs.
#pragma once

#include "engine/audit/database.h"
#include "engine/audit/findings.h"
#include "engine/audit/record.h"

#include <cstdint>
#include <optional>
#include <string>

namespace driftlens::audit {

class ContentCheck {
public:
    ContentCheck(Database& database, Findings& findings)
        : m_database(database), m_findings(findings) {}

    // Payloads and blob references of one record. Where a later "erased" record of its run is in
    // the log, all of them must be gone.
    void add(const RecordFields& fields, std::int64_t seq);

    void checkBlobs();
    void checkOrphans();

    void finish();  // says how much was erased

private:
    void checkPayloads(const RecordFields& fields, std::int64_t seq);
    void checkReferences(const RecordFields& fields, std::int64_t seq);
    void checkPresence(std::int64_t seq, const std::string& part, bool isThere);
    std::int64_t erasedBy(const std::string& runId);

    Database& m_database;
    Findings& m_findings;
    std::optional<Statement> m_payloads;
    std::optional<Statement> m_references;
    std::optional<Statement> m_erasures;
    bool m_isErased = false;  // the record that is checked
};

}  // namespace driftlens::audit
