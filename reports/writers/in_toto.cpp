#include "reports/writers/in_toto.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/signature.h"
#include "reports/writers/report_models.h"

#include <map>

namespace driftlens {
namespace {

// Names of subjects must be unique, and one model may stand in a report twice.
std::string uniqueName(const std::string& name, std::map<std::string, int>& seen) {
    const int count = ++seen[name];
    return count == 1 ? name : name + " (" + std::to_string(count) + ")";
}

Json subjectsOf(const Json& report) {
    Json out = Json::array();
    std::map<std::string, int> seen;
    for (const ReportModel& model : modelsOf(report)) {
        const std::string digest = model.text("digest");
        if (!isSha256(digest))
            throw Error(ErrorKind::Unsupported, "in-toto: model " + inQuotes(model.name()) +
                                                    " has no SHA-256 in this report; make the "
                                                    "report again from the run's log");
        out.push_back({{"name", uniqueName(model.name(), seen)}, {"digest", {{"sha256", digest}}}});
    }
    if (out.empty()) throw Error(ErrorKind::Unsupported, "in-toto: the report names no model");
    return out;
}

std::string statement(const Json& report, int indent) {
    const Json out = {{"_type", "https://in-toto.io/Statement/v1"},
                      {"subject", subjectsOf(report)},
                      {"predicateType", std::string(kReportPredicate)},
                      {"predicate", report}};
    return out.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string toInToto(const Json& report) {
    return statement(report, 1) + "\n";
}

std::string dsseSignedBytes(std::string_view payloadType, std::string_view payload) {
    std::string out = "DSSEv1";
    for (const std::string_view part : {payloadType, payload}) {
        out += " " + std::to_string(part.size()) + " ";
        out += part;
    }
    return out;
}

std::string toDsse(const Json& report, const EnvelopeSigner& signer) {
    const std::string payload = statement(report, -1);
    const std::string signature = signer.sign(dsseSignedBytes(kInTotoPayload, payload));
    const Json out = {
        {"payloadType", std::string(kInTotoPayload)},
        {"payload", audit::toBase64(payload)},
        {"signatures",
         Json::array({{{"keyid", signer.keyId}, {"sig", audit::toBase64(signature)}}})}};
    return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace driftlens
