#include "engine/audit/findings.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>

namespace driftlens::audit {
namespace {

// A hostile file shall not fill the memory with complaints.
constexpr std::size_t kMaxFindings = 1000;

constexpr std::array<std::string_view, 5> kStatus = {"ok", "erased", "unsigned", "truncated",
                                                     "tampered"};

}  // namespace

void Findings::add(Outcome outcome, std::optional<std::int64_t> record, std::string what) {
    m_worst = std::max(m_worst, outcome);
    const bool isBad = outcome == Outcome::Tampered && record;
    if (isBad && (!m_result.firstBadRecord || *record < *m_result.firstBadRecord)) {
        m_result.firstBadRecord = record;
    }
    if (m_result.findings.size() < kMaxFindings) {
        m_result.findings.push_back({record, std::move(what)});
    } else if (m_result.findings.size() == kMaxFindings) {
        m_result.findings.push_back({std::nullopt, "there are more findings, not listed"});
    }
}

void Findings::guarded(std::string_view part, const std::function<void()>& check) {
    try {
        check();
    } catch (const Error& error) {
        tampered(std::nullopt, std::string(part) + " cannot be read: " + error.what());
    }
}

std::string_view Findings::status() const {
    return kStatus[static_cast<std::size_t>(m_worst)];
}

}  // namespace driftlens::audit
