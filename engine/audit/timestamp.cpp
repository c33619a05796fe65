#include "engine/audit/timestamp.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <memory>
#include <utility>

namespace driftlens::audit {
namespace {

constexpr std::size_t kMaxNameBytes = 300;

struct Freed {
    void operator()(TS_RESP* response) const { TS_RESP_free(response); }
    void operator()(PKCS7* token) const { PKCS7_free(token); }
    void operator()(TS_TST_INFO* info) const { TS_TST_INFO_free(info); }
    void operator()(TS_VERIFY_CTX* context) const { TS_VERIFY_CTX_free(context); }
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(char* text) const { OPENSSL_free(text); }
};
template <typename T>
using Owned = std::unique_ptr<T, Freed>;

[[noreturn]] void refuse(const std::string& why) {
    ERR_clear_error();
    throw Error(ErrorKind::InputFile, "the timestamp " + why);
}

const unsigned char* unsignedBytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// A response is unpacked if it grants what was asked; a token stands for itself.
Owned<PKCS7> tokenIn(std::string_view der) {
    if (der.empty() || der.size() > kMaxTokenBytes)
        refuse("is " + std::to_string(der.size()) +
               " bytes; a DER file of at most 64 KiB is meant");
    const auto length = static_cast<long>(der.size());
    const unsigned char* at = unsignedBytes(der);
    if (const Owned<TS_RESP> response{d2i_TS_RESP(nullptr, &at, length)}) {
        if (at != unsignedBytes(der) + length) refuse("has bytes after its end");
        const long status =
            ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response.get())));
        PKCS7* granted = TS_RESP_get_token(response.get());
        if ((status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS) || !granted)
            refuse("was not granted: status " + std::to_string(status));
        return Owned<PKCS7>(PKCS7_dup(granted));
    }
    at = unsignedBytes(der);
    Owned<PKCS7> token(d2i_PKCS7(nullptr, &at, length));
    if (!token) refuse("is no RFC 3161 token or response in DER");
    if (at != unsignedBytes(der) + length) refuse("has bytes after its end");
    return token;
}

Owned<TS_TST_INFO> infoOf(PKCS7* token) {
    if (PKCS7_type_is_signed(token) == 0) refuse("is no signed message");
    Owned<TS_TST_INFO> info(PKCS7_to_TS_TST_INFO(token));
    if (!info) refuse("says nothing about a time");
    return info;
}

// The context frees it.
void giveStore(TS_VERIFY_CTX* context, X509_STORE* store) {
#if OPENSSL_VERSION_NUMBER >= 0x30400000L
    TS_VERIFY_CTX_set0_store(context, store);
#else
    TS_VERIFY_CTX_set_store(context, store);
#endif
}

std::string checkedImprint(TS_TST_INFO* info, std::string_view stamped) {
    TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(info);
    X509_ALGOR* algorithm = TS_MSG_IMPRINT_get_algo(imprint);
    ASN1_OCTET_STRING* digest = TS_MSG_IMPRINT_get_msg(imprint);
    constexpr std::array<std::pair<int, const char*>, 3> kKnown = {
        {{NID_sha256, "sha256"}, {NID_sha384, "sha384"}, {NID_sha512, "sha512"}}};
    const int nid = OBJ_obj2nid(algorithm->algorithm);
    for (const auto& [known, name] : kKnown) {
        if (nid != known) continue;
        std::array<unsigned char, EVP_MAX_MD_SIZE> own{};
        unsigned size = 0;
        if (EVP_Digest(stamped.data(), stamped.size(), own.data(), &size, EVP_get_digestbynid(nid),
                       nullptr) != 1) {
            throw Error(ErrorKind::Internal, "libcrypto cannot compute " + std::string(name));
        }
        const std::string_view said(reinterpret_cast<const char*>(ASN1_STRING_get0_data(digest)),
                                    static_cast<std::size_t>(ASN1_STRING_length(digest)));
        if (said != std::string_view(reinterpret_cast<const char*>(own.data()), size))
            refuse("is one of something else: its " + std::string(name) +
                   " is not that of the checkpoint");
        return name;
    }
    refuse("is over a digest that is no SHA-256, SHA-384 or SHA-512");
}

std::string timeOf(const TS_TST_INFO* info) {
    std::tm utc{};
    if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &utc) != 1) refuse("has no time");
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text.data();
}

std::string serialOf(const TS_TST_INFO* info) {
    const Owned<BIGNUM> number(ASN1_INTEGER_to_BN(TS_TST_INFO_get_serial(info), nullptr));
    const Owned<char> hex(number ? BN_bn2hex(number.get()) : nullptr);
    if (!hex) refuse("has no serial number");
    return std::string(hex.get()).substr(0, kMaxNameBytes);
}

std::string policyOf(TS_TST_INFO* info) {
    std::array<char, 128> text{};
    OBJ_obj2txt(text.data(), text.size(), TS_TST_INFO_get_policy_id(info), 1);
    return text.data();
}

// Printed with everything but plain ASCII escaped.
std::string authorityOf(TS_TST_INFO* info) {
    GENERAL_NAME* name = TS_TST_INFO_get_tsa(info);
    if (name == nullptr || name->type != GEN_DIRNAME) return {};
    const Owned<BIO> out(BIO_new(BIO_s_mem()));
    if (!out || X509_NAME_print_ex(out.get(), name->d.directoryName, 0, XN_FLAG_RFC2253) < 0)
        return {};
    const char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return std::string(text, static_cast<std::size_t>(size)).substr(0, kMaxNameBytes);
}

}  // namespace

Timestamp readTimestamp(std::string_view der, std::string_view stamped) {
    const Owned<PKCS7> token = tokenIn(der);
    const Owned<TS_TST_INFO> info = infoOf(token.get());
    Timestamp out;
    out.algorithm = checkedImprint(info.get(), stamped);
    out.time = timeOf(info.get());
    out.serial = serialOf(info.get());
    out.policy = policyOf(info.get());
    out.authority = authorityOf(info.get());
    ERR_clear_error();
    return out;
}

void verifyTimestamp(std::string_view der, std::string_view stamped,
                     const std::filesystem::path& certificates) {
    readTimestamp(der, stamped);
    const Owned<PKCS7> token = tokenIn(der);
    Owned<X509_STORE> store(X509_STORE_new());
    if (!store || X509_STORE_load_file(store.get(), certificates.c_str()) != 1) {
        ERR_clear_error();
        throw Error(ErrorKind::InputFile, inQuotes(certificates.string(), 200) +
                                              ": no PEM file of certificates can be read there");
    }
    const Owned<TS_VERIFY_CTX> context(TS_VERIFY_CTX_new());
    if (!context) throw Error(ErrorKind::Internal, "libcrypto: out of memory");
    TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE);
    giveStore(context.get(), store.release());
    if (TS_RESP_verify_token(context.get(), token.get()) == 1) return;
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    refuse("is not signed by an authority of " + inQuotes(certificates.string(), 200) + " (" +
           (reason == nullptr ? "unknown reason" : reason) + ")");
}

}  // namespace driftlens::audit
