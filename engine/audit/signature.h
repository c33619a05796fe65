// Ed25519 (RFC 8032) through OpenSSL's libcrypto, which the digests use already: one library for
// all cryptography, in every supported Debian, and keys in a format that the openssl tool reads.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace driftlens::audit {

using Signature = std::array<std::uint8_t, 64>;

// A public key with the name that it signs under, as C2SP signed-note has it.
struct VerifierKey {
    std::string name;
    std::array<std::uint8_t, 32> key{};

    // "NAME+HEXID+BASE64(0x01 ‖ key)", and back. parse throws Error(InputFile).
    std::string text() const;
    static VerifierKey parse(std::string_view text);

    // The first four bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key).
    std::array<std::uint8_t, 4> id() const;

    bool verifies(std::string_view message, const Signature& signature) const;

    bool operator==(const VerifierKey&) const = default;
};

// The key in a file, as audit key prints it. Throws Error(InputFile) naming the file.
VerifierKey readKeyFile(const std::filesystem::path& file);

// A private key. Its seed is in memory for as long as the object lives, and wiped then.
class SigningKey {
public:
    static SigningKey random();
    static SigningKey fromSeed(const std::array<std::uint8_t, 32>& seed);

    // Reads an unencrypted PKCS #8 PEM file. Nothing if it is not there or not readable for this
    // user. Throws Error(InputFile) if it is no Ed25519 key, Error(Io) if others may read it.
    static std::optional<SigningKey> load(const std::filesystem::path& file);

    // Writes such a file for its owner alone (0600), whole or not at all. False if there is a file
    // of that name, which is left alone. Throws Error(Io).
    bool save(const std::filesystem::path& file) const;

    ~SigningKey();
    SigningKey(SigningKey&& other) noexcept;
    SigningKey& operator=(SigningKey&& other) noexcept;

    std::array<std::uint8_t, 32> publicKey() const;
    Signature sign(std::string_view message) const;

private:
    explicit SigningKey(void* key) : m_key(key) {}
    std::string pem() const;

    void* m_key;  // EVP_PKEY
};

// RFC 4648 with padding, one line. fromBase64 throws Error(InputFile) on anything else.
std::string toBase64(std::string_view bytes);
std::string fromBase64(std::string_view text);

}  // namespace driftlens::audit
