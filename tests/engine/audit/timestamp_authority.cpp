#include "tests/engine/audit/timestamp_authority.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace driftlens {
namespace {

void require(bool done) {
    if (!done) throw std::runtime_error("the tests' authority: libcrypto refused");
}

void addExtension(X509* certificate, int nid, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

ASN1_INTEGER* nextSerial(TS_resp_ctx*, void*) {
    ASN1_INTEGER* serial = ASN1_INTEGER_new();
    ASN1_INTEGER_set(serial, 0x1234);
    return serial;
}

template <typename T>
std::string derOf(int (*encode)(const T*, unsigned char**), const T* value) {
    unsigned char* bytes = nullptr;
    const int size = encode(value, &bytes);
    require(size > 0);
    std::string out(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return out;
}

TS_REQ* requestFor(std::string_view stamped) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    require(EVP_Digest(stamped.data(), stamped.size(), digest.data(), &size, EVP_sha256(),
                       nullptr) == 1);
    X509_ALGOR* algorithm = X509_ALGOR_new();
    X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
    TS_MSG_IMPRINT* imprint = TS_MSG_IMPRINT_new();
    require(TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
            TS_MSG_IMPRINT_set_msg(imprint, digest.data(), static_cast<int>(size)) == 1);
    TS_REQ* request = TS_REQ_new();
    require(TS_REQ_set_version(request, 1) == 1 && TS_REQ_set_msg_imprint(request, imprint) == 1 &&
            TS_REQ_set_cert_req(request, 1) == 1);
    TS_MSG_IMPRINT_free(imprint);
    X509_ALGOR_free(algorithm);
    return request;
}

}  // namespace

struct TimestampAuthority::State {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    X509* certificate = X509_new();

    ~State() {
        X509_free(certificate);
        EVP_PKEY_free(key);
    }

    TS_RESP* answer(std::string_view stamped) const {
        TS_REQ* request = requestFor(stamped);
        BIO* asked = BIO_new(BIO_s_mem());
        require(i2d_TS_REQ_bio(asked, request) == 1);
        TS_RESP_CTX* context = TS_RESP_CTX_new();
        ASN1_OBJECT* policy = OBJ_txt2obj("1.2.3.4.1", 1);
        require(TS_RESP_CTX_set_signer_cert(context, certificate) == 1 &&
                TS_RESP_CTX_set_signer_key(context, key) == 1 &&
                TS_RESP_CTX_set_signer_digest(context, EVP_sha256()) == 1 &&
                TS_RESP_CTX_set_def_policy(context, policy) == 1 &&
                TS_RESP_CTX_add_md(context, EVP_sha256()) == 1);
        TS_RESP_CTX_add_flags(context, TS_TSA_NAME);
        TS_RESP_CTX_set_serial_cb(context, &nextSerial, nullptr);
        TS_RESP* response = TS_RESP_create_response(context, asked);
        require(response != nullptr);
        ASN1_OBJECT_free(policy);
        TS_RESP_CTX_free(context);
        BIO_free(asked);
        TS_REQ_free(request);
        return response;
    }
};

TimestampAuthority::TimestampAuthority() : m_state(std::make_unique<State>()) {
    X509* certificate = m_state->certificate;
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("Clock Tower"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, m_state->key);
    addExtension(certificate, NID_key_usage, "critical,digitalSignature");
    addExtension(certificate, NID_ext_key_usage, "critical,timeStamping");
    require(X509_sign(certificate, m_state->key, EVP_sha256()) > 0);
}

TimestampAuthority::~TimestampAuthority() = default;

void TimestampAuthority::saveCertificate(const std::filesystem::path& file) const {
    std::FILE* out = std::fopen(file.c_str(), "w");
    require(out != nullptr && PEM_write_X509(out, m_state->certificate) == 1);
    std::fclose(out);
}

std::string TimestampAuthority::response(std::string_view stamped) const {
    TS_RESP* answer = m_state->answer(stamped);
    const std::string der = derOf(&i2d_TS_RESP, answer);
    TS_RESP_free(answer);
    return der;
}

std::string TimestampAuthority::token(std::string_view stamped) const {
    TS_RESP* answer = m_state->answer(stamped);
    const std::string der =
        derOf<PKCS7>(&i2d_PKCS7, static_cast<const PKCS7*>(TS_RESP_get_token(answer)));
    TS_RESP_free(answer);
    return der;
}

}  // namespace driftlens
