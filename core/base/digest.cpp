#include "core/base/digest.h"

#include "core/base/error.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

namespace driftlens {

struct Sha256Hasher::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

namespace {

void require(int status) {
    if (status != 1) throw Error(ErrorKind::Internal, "sha256: libcrypto refused the operation");
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

}  // namespace

Sha256Hasher::Sha256Hasher() : m_state(std::make_unique<State>()) {
    if (m_state->context == nullptr) throw Error(ErrorKind::Internal, "sha256: no memory");
    require(EVP_DigestInit_ex(m_state->context, EVP_sha256(), nullptr));
}

Sha256Hasher::~Sha256Hasher() = default;

void Sha256Hasher::update(std::span<const std::byte> bytes) {
    require(EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size()));
}

void Sha256Hasher::update(std::string_view text) {
    update(std::as_bytes(std::span(text.data(), text.size())));
}

Sha256 Sha256Hasher::finish() {
    Sha256 out;
    require(EVP_DigestFinal_ex(m_state->context, out.data(), nullptr));
    return out;
}

Sha256 sha256(std::span<const std::byte> bytes) {
    Sha256Hasher hasher;
    hasher.update(bytes);
    return hasher.finish();
}

Sha256 sha256(std::string_view text) {
    return sha256(std::as_bytes(std::span(text.data(), text.size())));
}

std::string toHex(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    }
    return out;
}

std::vector<std::uint8_t> fromHex(std::string_view hex) {
    if (hex.size() % 2 != 0) {
        throw Error(ErrorKind::InputFile, "hexadecimal text has an odd number of digits");
    }
    std::vector<std::uint8_t> out;
    out.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = hexDigit(hex[i]);
        const int low = hexDigit(hex[i + 1]);
        if (high < 0 || low < 0) {
            throw Error(ErrorKind::InputFile, "hexadecimal text has a digit other than 0-9, a-f");
        }
        out.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return out;
}

std::vector<std::uint8_t> randomBytes(std::size_t n) {
    std::vector<std::uint8_t> out(n);
    if (RAND_bytes(out.data(), static_cast<int>(n)) != 1) {
        throw Error(ErrorKind::Io, "no random bytes from the operating system");
    }
    return out;
}

}  // namespace driftlens
