// The report as a claim about its models that supply-chain verifiers can check: an in-toto
// Statement v1, and the signed envelope (DSSE) around it.
#pragma once

#include "core/base/json.h"

#include <functional>
#include <string>
#include <string_view>

namespace driftlens {

// Our kind of claim: the predicate is the report itself, "driftlens/report/1". The name is under
// .invalid (RFC 2606): it identifies and leads nowhere.
inline constexpr std::string_view kReportPredicate = "https://driftlens.invalid/report/v1";
inline constexpr std::string_view kInTotoPayload = "application/vnd.in-toto+json";
inline constexpr std::string_view kEnvelopeExtension = ".dsse.json";

// Signs bytes: AuditLog::signEnvelope.
struct EnvelopeSigner {
    std::string keyId;  // a hint for verifiers, not itself signed: the log's verifier key
    std::function<std::string(std::string_view)> sign;
};

// The subjects are the models, by the SHA-256 of their manifests. Throws Error(Unsupported) if a
// model of the report has no digest: what is not identified cannot be the subject of a claim.
std::string toInToto(const Json& report);

// The statement, signed. (Without a signer write the bare statement: an envelope without
// signatures is none.)
std::string toDsse(const Json& report, const EnvelopeSigner& signer);

// What is signed: the pre-authentication encoding of DSSE v1.
std::string dsseSignedBytes(std::string_view payloadType, std::string_view payload);

}  // namespace driftlens
