// Timestamps of checkpoints by an authority (RFC 3161), through libcrypto: the only evidence of
// time that does not come from the machine that wrote the log.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace driftlens::audit {

// What a token says. Whether the authority signed it is another question: verifyTimestamp.
struct Timestamp {
    std::string time;       // RFC 3339, UTC, seconds
    std::string algorithm;  // of the imprint: "sha256", …
    std::string serial;     // hex
    std::string policy;     // dotted OID
    std::string authority;  // as the token names it; may be empty
};

// No token is larger.
inline constexpr std::size_t kMaxTokenBytes = std::size_t{64} << 10;

// Reads a DER response that grants a token, or a token, and compares its imprint with the digest
// (SHA-256, -384 or -512) of what it should have stamped. Throws Error(InputFile) with the reason.
Timestamp readTimestamp(std::string_view der, std::string_view stamped);

// Throws Error(InputFile) unless the token is signed, for this purpose, by a certificate that leads
// to one in the PEM file and is valid now.
void verifyTimestamp(std::string_view der, std::string_view stamped,
                     const std::filesystem::path& certificates);

}  // namespace driftlens::audit
