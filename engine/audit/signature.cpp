#include "engine/audit/signature.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "engine/audit/record.h"
#include "engine/audit/sidecar_file.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace driftlens::audit {
namespace {

constexpr std::size_t kMaxKeyBytes = 4096;
constexpr char kEd25519 = 1;  // signature type of C2SP signed-note

struct Freed {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed>;
using Context = std::unique_ptr<EVP_MD_CTX, Freed>;
using Bio = std::unique_ptr<BIO, Freed>;

EVP_PKEY* keyOf(void* key) {
    return static_cast<EVP_PKEY*>(key);
}

const unsigned char* unsignedBytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

void require(bool done) {
    if (!done) throw Error(ErrorKind::Internal, "Ed25519: libcrypto refused the operation");
}

[[noreturn]] void notAKey(std::string_view text, const char* why) {
    throw Error(ErrorKind::InputFile, "public key " + inQuotes(text, 120) + ": " + why +
                                          "; give NAME+ID+KEY, as audit key prints it");
}

std::string typedKey(const VerifierKey& key) {
    return kEd25519 + std::string(bytesOf(key.key));
}

}  // namespace

VerifierKey readKeyFile(const std::filesystem::path& file) {
    try {
        return VerifierKey::parse(readFileText(file, kMaxKeyBytes));
    } catch (const Error& error) {
        throw error.withContext(file.string());
    }
}

std::array<std::uint8_t, 4> VerifierKey::id() const {
    const Sha256 digest = sha256(name + '\n' + typedKey(*this));
    return {digest[0], digest[1], digest[2], digest[3]};
}

std::string VerifierKey::text() const {
    return name + '+' + toHex(id()) + '+' + toBase64(typedKey(*this));
}

VerifierKey VerifierKey::parse(std::string_view text) {
    const std::string_view line = trimmed(text);
    const std::vector<std::string> parts = splitText(line, '+');
    // Base64 may hold a '+' itself: the third part is the rest of the line.
    if (parts.size() < 3 || parts[0].empty()) notAKey(line, "it has no three parts");
    VerifierKey key;
    key.name = parts[0];
    if (key.name.find_first_of(" \n\r\t") != std::string::npos) notAKey(line, "space in its name");
    const std::string bytes = fromBase64(line.substr(parts[0].size() + parts[1].size() + 2));
    if (bytes.size() != key.key.size() + 1 || bytes[0] != kEd25519) {
        notAKey(line, "it is no Ed25519 key");
    }
    std::transform(bytes.begin() + 1, bytes.end(), key.key.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
    if (toHex(key.id()) != parts[1]) notAKey(line, "its id does not fit");
    return key;
}

bool VerifierKey::verifies(std::string_view message, const Signature& signature) const {
    const Key verifier(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
    const Context context(EVP_MD_CTX_new());
    if (!verifier || !context) return false;
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, verifier.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                            unsignedBytes(message), message.size()) == 1;
}

SigningKey SigningKey::random() {
    EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    require(key != nullptr);
    return SigningKey(key);
}

SigningKey SigningKey::fromSeed(const std::array<std::uint8_t, 32>& seed) {
    EVP_PKEY* key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size());
    require(key != nullptr);
    return SigningKey(key);
}

std::optional<SigningKey> SigningKey::load(const std::filesystem::path& file) {
    std::optional<std::string> pem = readSecretFile(file);
    if (!pem) return std::nullopt;
    const Bio bio(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
    // Without a passphrase callback libcrypto would ask on the terminal.
    const auto noPassphrase = [](char*, int, int, void*) { return -1; };
    EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassphrase, nullptr);
    OPENSSL_cleanse(pem->data(), pem->size());
    if (!key || EVP_PKEY_id(key) != EVP_PKEY_ED25519) {
        EVP_PKEY_free(key);
        throw Error(ErrorKind::InputFile,
                    "signing key " + inQuotes(file.string(), 200) +
                        ": it is no unencrypted Ed25519 key in PEM; put the log's key back");
    }
    return SigningKey(key);
}

bool SigningKey::save(const std::filesystem::path& file) const {
    std::string text = pem();
    const bool isNew = createSecretFile(file, text);
    OPENSSL_cleanse(text.data(), text.size());
    return isNew;
}

SigningKey::~SigningKey() {
    EVP_PKEY_free(keyOf(m_key));
}

SigningKey::SigningKey(SigningKey&& other) noexcept : m_key(std::exchange(other.m_key, nullptr)) {}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
    std::swap(m_key, other.m_key);
    return *this;
}

std::array<std::uint8_t, 32> SigningKey::publicKey() const {
    std::array<std::uint8_t, 32> out{};
    std::size_t size = out.size();
    require(EVP_PKEY_get_raw_public_key(keyOf(m_key), out.data(), &size) == 1);
    return out;
}

Signature SigningKey::sign(std::string_view message) const {
    Signature out{};
    std::size_t size = out.size();
    const Context context(EVP_MD_CTX_new());
    require(context &&
            EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, keyOf(m_key)) == 1);
    require(EVP_DigestSign(context.get(), out.data(), &size, unsignedBytes(message),
                           message.size()) == 1);
    return out;
}

std::string SigningKey::pem() const {
    const Bio bio(BIO_new(BIO_s_secmem()));
    require(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), keyOf(m_key), nullptr, nullptr, 0,
                                                 nullptr, nullptr) == 1);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string toBase64(std::string_view bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     unsignedBytes(bytes), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

std::string fromBase64(std::string_view text) {
    std::string out(text.size() + 1, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     unsignedBytes(text), static_cast<int>(text.size()));
    const std::size_t padding =
        text.ends_with("==") ? 2 : static_cast<std::size_t>(text.ends_with("="));
    if (size >= 0 && static_cast<std::size_t>(size) >= padding) {
        out.resize(static_cast<std::size_t>(size) - padding);
        // libcrypto forgives white space and stray bits; one text is one value here.
        if (toBase64(out) == text) return out;
    }
    throw Error(ErrorKind::InputFile, inQuotes(text, 100) + " is no base64");
}

}  // namespace driftlens::audit
