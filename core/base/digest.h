// SHA-256 over bytes, through OpenSSL's libcrypto.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

using Sha256 = std::array<std::uint8_t, 32>;

// An incremental SHA-256. Not thread-safe; finish() ends it.
class Sha256Hasher {
public:
    Sha256Hasher();
    ~Sha256Hasher();
    Sha256Hasher(const Sha256Hasher&) = delete;
    Sha256Hasher& operator=(const Sha256Hasher&) = delete;

    void update(std::span<const std::byte> bytes);
    void update(std::string_view text);
    Sha256 finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

Sha256 sha256(std::span<const std::byte> bytes);
Sha256 sha256(std::string_view text);

// Lower-case hexadecimal, and back; fromHex throws Error(InputFile) on anything else.
std::string toHex(std::span<const std::uint8_t> bytes);
std::vector<std::uint8_t> fromHex(std::string_view hex);

// n bytes from the operating system's random source. Throws Error(Io) if there is none.
std::vector<std::uint8_t> randomBytes(std::size_t n);

}  // namespace driftlens
