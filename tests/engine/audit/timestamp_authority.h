// A timestamping authority of the tests' own (RFC 3161), with a self-signed certificate.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace driftlens {

class TimestampAuthority {
public:
    TimestampAuthority();
    ~TimestampAuthority();
    TimestampAuthority(const TimestampAuthority&) = delete;
    TimestampAuthority& operator=(const TimestampAuthority&) = delete;

    // Its certificate as PEM, written to a file.
    void saveCertificate(const std::filesystem::path& file) const;

    // The response, in DER, to a request to stamp those bytes by their SHA-256.
    std::string response(std::string_view stamped) const;

    // The token alone.
    std::string token(std::string_view stamped) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace driftlens
