#include "reports/export/signed_report.h"

#include "core/base/digest.h"
#include "engine/audit/log.h"
#include "reports/writers/in_toto.h"

#include <filesystem>

namespace driftlens {

std::string signedReport(const LoggedRun& run, const std::vector<std::string>& sections,
                         const std::string& place) {
    return signedStatement(reportOfRun(run, sections), run, place);
}

std::string signedStatement(const Json& report, const LoggedRun& run, const std::string& place) {
    const auto log = AuditLog::openForWriting(run.logFile);
    std::string envelope = toDsse(report, {log->publicKey(), [&](std::string_view encoding) {
                                               return log->signEnvelope(encoding);
                                           }});
    const std::string where = place.empty()
                                  ? "(standard output)"
                                  : std::filesystem::absolute(place).lexically_normal().string();
    log->addReportExport({run.runId, std::string(kSignedFormat), where, toHex(sha256(envelope))});
    return envelope;
}

}  // namespace driftlens
