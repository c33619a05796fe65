// What a verification found, and how bad it is.
#pragma once

#include "engine/audit/verify.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace driftlens::audit {

// From harmless to worst: of several, the worst is the status.
enum class Outcome { Ok, Erased, Unsigned, Truncated, Tampered };

class Findings {
public:
    explicit Findings(AuditVerification& result) : m_result(result) {}

    void add(Outcome outcome, std::optional<std::int64_t> record, std::string what);
    void tampered(std::optional<std::int64_t> record, std::string what) {
        add(Outcome::Tampered, record, std::move(what));
    }

    // Runs a part of the check; one that cannot be read is a finding, and the others still run.
    void guarded(std::string_view part, const std::function<void()>& check);

    AuditVerification& result() { return m_result; }
    std::string_view status() const;

private:
    AuditVerification& m_result;
    Outcome m_worst = Outcome::Ok;
};

}  // namespace driftlens::audit
