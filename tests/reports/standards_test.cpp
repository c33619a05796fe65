// The machine-readable standards, against their schemas and by an independent signature check.
#include "core/base/digest.h"
#include "core/base/error.h"
#include "engine/audit/signature.h"
#include "reports/writers/cyclonedx.h"
#include "reports/writers/in_toto.h"
#include "tests/reports/sample_report.h"
#include "tests/support/fixtures.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <map>
#include <set>

namespace driftlens {
namespace {

// What is wrong with the document; "" if nothing is.
std::string faultsBy(const std::filesystem::path& schema, const std::string& document) {
    const ScratchFolder scratch;
    std::ofstream(scratch / "document.json", std::ios::binary) << document;
    const ProgramResult result = runProgram(
        "/usr/bin/python3",
        {"tests/reports/validate.py", schema.string(), (scratch / "document.json").string()},
        scratch);
    EXPECT_TRUE(result.exitCode == 0 || result.exitCode == 1) << result.err;
    return result.out + result.err;
}

// Where ./dev test puts the wheel that has the official schemas.
std::filesystem::path cycloneDxSchema() {
    const char* given = std::getenv("DRIFTLENS_SCHEMAS");
    return std::filesystem::path(given != nullptr ? given : ".deps/schemas") /
           "cyclonedx/schema/_res/bom-1.6.SNAPSHOT.schema.json";
}

std::string digestOf(const Json& report) {
    return toHex(sha256(report.dump()));
}

Json bomOf(const Json& report) {
    return Json::parse(toCycloneDx(report, digestOf(report)));
}

// ---- CycloneDX

TEST(CycloneDx, IsValidForBothKindsOfReport) {
    const std::filesystem::path schema = cycloneDxSchema();
    if (!std::filesystem::exists(schema)) {
        ASSERT_EQ(std::getenv("DRIFTLENS_REQUIRE_SHARED"), nullptr)
            << "no " << schema << "; ./dev test fetches it";
        GTEST_SKIP() << "no " << schema.string() << "; ./dev test fetches it where it can";
    }
    for (const Json& report : {promptReport(), datasetReport()})
        EXPECT_EQ(faultsBy(schema, toCycloneDx(report, digestOf(report))), "");
    // The check itself: a document that is none is refused, also by a schema beside the first.
    Json broken = bomOf(datasetReport());
    broken["serialNumber"] = "7";
    EXPECT_NE(faultsBy(schema, broken.dump()), "");
    broken = bomOf(datasetReport());
    broken["components"][0]["licenses"] = Json::array({{{"license", {{"id", "no licence"}}}}});
    EXPECT_NE(faultsBy(schema, broken.dump()), "");
}

TEST(CycloneDx, NamesEveryModelWithItsDigestAndAncestor) {
    const Json report = promptReport();
    const Json bom = bomOf(report);
    ASSERT_EQ(bom["components"].size(), 3U);
    const Json& reference = bom["components"][0];
    const Json& variant = bom["components"][2];
    EXPECT_EQ(reference["hashes"][0]["content"], report["comparison"]["reference"]["digest"]);
    EXPECT_FALSE(reference.contains("pedigree"));
    EXPECT_EQ(variant["type"], "machine-learning-model");
    EXPECT_EQ(variant["name"], "samples/sentiment-bert-mini@int2:group=32,symmetric=true");
    EXPECT_EQ(variant["hashes"][0]["content"],
              report["comparison"]["variants"][1]["model"]["digest"]);
    EXPECT_EQ(variant["pedigree"]["ancestors"][0]["hashes"], reference["hashes"]);
    EXPECT_EQ(variant["modelCard"]["modelParameters"]["modelArchitecture"],
              report["comparison"]["reference"]["family"]);
}

// The metrics of a component by type and slice.
std::map<std::string, Json> metricsOf(const Json& component) {
    std::map<std::string, Json> out;
    for (const Json& each : component["modelCard"]["quantitativeAnalysis"]["performanceMetrics"])
        EXPECT_TRUE(
            out.emplace(each.value("slice", "") + "/" + each["type"].get<std::string>(), each)
                .second);
    return out;
}

TEST(CycloneDx, HasTheFiguresOfAPrompt) {
    const Json report = promptReport();
    const auto metrics = metricsOf(bomOf(report)["components"][2]);
    const Json& found = report["comparison"]["variants"][1];
    EXPECT_EQ(readExactNumber(metrics.at("/kl")["value"].get<std::string>(), "kl"),
              found["fidelity"]["kl"].get<double>());
    EXPECT_EQ(
        readExactNumber(metrics.at("/occlusion.jaccard@3")["value"].get<std::string>(), "jaccard"),
        found["explanations"][0]["agreement"]["jaccard"]["3"].get<double>());
    EXPECT_FALSE(metrics.at("/kl").contains("confidenceInterval"));
}

TEST(CycloneDx, HasTheFiguresOfADataSetWithTheirIntervals) {
    const Json bom = bomOf(datasetReport());
    const auto metrics = metricsOf(bom["components"][1]);
    EXPECT_EQ(metrics.size(), 4U);  // undefined figures are not there
    EXPECT_EQ(metrics.at("/flip_rate"),
              (Json{{"type", "flip_rate"},
                    {"value", "0.125"},
                    {"confidenceInterval", {{"lowerBound", "0.0625"}, {"upperBound", "0.25"}}}}));
    EXPECT_EQ(metrics.at("/integrated_gradients.spearman")["value"], "0.75");
    EXPECT_EQ(metrics.at("lang=de/flip_rate")["value"], "0.25");
    const Json& data = bom["components"][3];
    EXPECT_EQ(data["type"], "data");
    EXPECT_EQ(data["hashes"][0]["content"], std::string(64, 'd'));
    EXPECT_EQ(bom["components"][0]["components"][0]["name"], "model.safetensors");
}

TEST(CycloneDx, HasOneSerialNumberPerReport) {
    const Json report = datasetReport();
    EXPECT_EQ(Json::parse(toCycloneDx(report, std::string(64, 'f')))["serialNumber"],
              "urn:uuid:ffffffff-ffff-8fff-bfff-ffffffffffff");
    EXPECT_EQ(toCycloneDx(report, digestOf(report)), toCycloneDx(report, digestOf(report)));
    EXPECT_EQ(bomOf(report)["metadata"]["timestamp"], report["created"]);
    for (const std::string digest : {"", "F", "zz"})
        EXPECT_THROW(toCycloneDx(report, digest), Error) << digest;
}

TEST(CycloneDx, HasUniqueReferences) {
    std::set<std::string> seen;
    const Json bom = bomOf(datasetReport());
    EXPECT_TRUE(seen.insert(bom["metadata"]["component"]["bom-ref"]).second);
    for (const Json& component : bom["components"])
        EXPECT_TRUE(seen.insert(component["bom-ref"]).second) << component["bom-ref"];
    for (const Json& used : bom["dependencies"][0]["dependsOn"])
        EXPECT_TRUE(seen.contains(used)) << used;
}

// ---- in-toto

TEST(InToto, IsAValidStatementAboutEveryModel) {
    for (const Json& report : {promptReport(), datasetReport()}) {
        const std::string text = toInToto(report);
        EXPECT_EQ(faultsBy("tests/reports/statement.schema.json", text), "");
        const Json statement = Json::parse(text);
        EXPECT_EQ(statement["subject"].size(), 3U);
        EXPECT_EQ(statement["predicate"], report);
    }
    const Json subjects = Json::parse(toInToto(datasetReport()))["subject"];
    EXPECT_EQ(subjects[2]["name"], "models/base@int4:group=32");
    EXPECT_EQ(subjects[2]["digest"]["sha256"], std::string(64, 'c'));
}

TEST(InToto, KeepsNamesOfSubjectsUnique) {
    Json report = datasetReport();
    report["dataset"]["variants"][1] = report["dataset"]["variants"][0];
    std::set<std::string> names;
    for (const Json& subject : Json::parse(toInToto(report))["subject"])
        EXPECT_TRUE(names.insert(subject["name"]).second) << subject["name"];
}

TEST(InToto, RefusesAModelThatIsNotIdentified) {
    Json report = datasetReport();
    report["dataset"]["variants"][1]["digest"] = "";
    EXPECT_THROW(toInToto(report), Error);
    EXPECT_THROW(toInToto(Json::object()), Error);
}

// The example of the specification (protocol.md).
TEST(Dsse, EncodesWhatIsSignedAsTheSpecificationSays) {
    EXPECT_EQ(dsseSignedBytes("http://example.com/HelloWorld", "hello world"),
              "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    EXPECT_EQ(dsseSignedBytes("", ""), "DSSEv1 0  0 ");
}

bool opensslVerifies(const std::array<std::uint8_t, 32>& key, const std::string& message,
                     const std::string& signature) {
    const auto bytes = [](const std::string& text) {
        return reinterpret_cast<const unsigned char*>(text.data());
    };
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> own(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
        &EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, own.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message),
                            message.size()) == 1;
}

TEST(Dsse, IsSignedByTheKeyOverTheEncodedStatement) {
    const Json report = promptReport();
    const audit::SigningKey key = audit::SigningKey::fromSeed({1, 2, 3});
    const EnvelopeSigner signer = {"log+key", [&](std::string_view message) {
                                       const audit::Signature signature = key.sign(message);
                                       return std::string(signature.begin(), signature.end());
                                   }};
    const std::string text = toDsse(report, signer);
    EXPECT_EQ(faultsBy("tests/reports/envelope.schema.json", text), "");
    const Json envelope = Json::parse(text);
    EXPECT_EQ(envelope["payloadType"], "application/vnd.in-toto+json");
    std::string payload = audit::fromBase64(envelope["payload"].get<std::string>());
    EXPECT_EQ(faultsBy("tests/reports/statement.schema.json", payload), "");
    EXPECT_EQ(Json::parse(payload)["predicate"], report);
    const std::string signature =
        audit::fromBase64(envelope["signatures"][0]["sig"].get<std::string>());
    const auto signedBytes = [&] {  // written out here, apart from the program's own
        return "DSSEv1 28 application/vnd.in-toto+json " + std::to_string(payload.size()) + " " +
               payload;
    };
    EXPECT_TRUE(opensslVerifies(key.publicKey(), signedBytes(), signature));
    payload[payload.size() / 2] ^= 1;
    EXPECT_FALSE(opensslVerifies(key.publicKey(), signedBytes(), signature));
}

}  // namespace
}  // namespace driftlens
