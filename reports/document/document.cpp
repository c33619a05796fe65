#include "reports/document/document.h"

#include <array>
#include <ctime>

namespace driftlens {

std::string nowUtc() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

ReportDocument makeReport(const Comparison& comparison, std::string command, Json environment) {
    ReportDocument out;
    out.title = "Driftlens: " + comparison.reference.name() + " and " +
                std::to_string(comparison.variants.size()) +
                (comparison.variants.size() == 1 ? " variant" : " variants");
    out.createdUtc = nowUtc();
    out.command = std::move(command);
    out.comparison = comparison;
    out.environment = std::move(environment);
    out.limits = {
        "One prompt was compared: nothing is said about other prompts.",
        "“Above numerical noise” is not “matters”: no materiality margin was declared or tested.",
        "An explanation describes a model's computation under its method's assumptions; it is no "
        "proof "
        "of a cause in the world.",
        "This report is evidence for a reviewer's judgement, not a statement of conformity with "
        "any rule."};
    if (comparison.runId.empty())
        out.limits.emplace_back("The run was not logged: nothing protects these numbers.");
    return out;
}

Json toJson(const ReportDocument& document) {
    Json out = {{"schema", "driftlens/report/1"},
                {"title", document.title},
                {"created", document.createdUtc},
                {"command", document.command},
                {"comparison", toJson(document.comparison)},
                {"environment", document.environment},
                {"limits", document.limits}};
    if (document.evidence) {
        const LogEvidence& e = *document.evidence;
        out["evidence"] = {{"log", e.logFile},
                           {"log_id", e.logId},
                           {"run", e.runId},
                           {"first_record", e.firstRecord},
                           {"last_record", e.lastRecord},
                           {"head", e.head},
                           {"status", e.status}};
    }
    return out;
}

}  // namespace driftlens
