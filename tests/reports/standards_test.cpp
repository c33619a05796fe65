// The machine-readable standards, against their schemas and by an independent signature check.
#include "core/base/digest.h"
#include "core/base/error.h"
#include "engine/audit/signature.h"
#include "reports/writers/cyclonedx.h"
#include "reports/writers/in_toto.h"
#include "tests/reports/sample_report.h"
#include "tests/support/checkers.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace driftlens {
namespace {

// What is wrong with a document, by a schema or by one of our scripts.
std::string faultsOf(const std::string& document, const std::vector<std::string>& script) {
    const ScratchFolder scratch;
    std::ofstream(scratch / "document.json", std::ios::binary) << document;
    std::vector<std::string> arguments = script;
    arguments.push_back((scratch / "document.json").string());
    return faultsBy(kPython3, arguments);
}

std::string faultsBySchema(const std::filesystem::path& schema, const std::string& document) {
    return faultsOf(document, {"tests/reports/checkers/validate.py", schema.string()});
}

// As in-toto's own message of a statement, which has no schema.
std::string faultsOfStatement(const std::string& statement) {
    return faultsOf(statement, {"tests/reports/checkers/statement.py", checkersFolder().string()});
}

std::string digestOf(const Json& report) {
    return toHex(sha256(report.dump()));
}

Json bomOf(const Json& report) {
    return Json::parse(toCycloneDx(report, digestOf(report)));
}

// ---- CycloneDX

TEST(CycloneDx, IsValidForBothKindsOfReport) {
    REQUIRE_CHECKER(schema, "cyclonedx/schema/_res/bom-1.6.SNAPSHOT.schema.json");
    for (const Json& report : {measuredReport(), samplePromptReport(), sampleDatasetReport()})
        EXPECT_EQ(faultsBySchema(schema, toCycloneDx(report, digestOf(report))), "");
    // The check itself: a document that is none is refused, also by a schema beside the first.
    Json broken = bomOf(sampleDatasetReport());
    broken["serialNumber"] = "7";
    EXPECT_NE(faultsBySchema(schema, broken.dump()), "");
    broken = bomOf(sampleDatasetReport());
    broken["components"][0]["licenses"] = Json::array({{{"license", {{"id", "no licence"}}}}});
    EXPECT_NE(faultsBySchema(schema, broken.dump()), "");
}

TEST(CycloneDx, NamesEveryModelWithItsDigestAndAncestor) {
    const Json report = measuredReport();
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
    const Json report = measuredReport();
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
    const Json report = sampleDatasetReport();
    const Json bom = bomOf(report);
    const auto metrics = metricsOf(bom["components"][1]);
    EXPECT_EQ(metrics.size(), 4U);  // undefined figures are not there
    const auto number = [](const Json& text) {
        return readExactNumber(text.get<std::string>(), "n");
    };
    const Json& flips = metrics.at("/flip_rate");
    const Json& found = report["dataset"]["variants"][0]["figures"]["flip_rate"];
    EXPECT_EQ(number(flips["value"]), found["value"].get<double>());
    EXPECT_EQ(number(flips["confidenceInterval"]["lowerBound"]), found["low"].get<double>());
    EXPECT_EQ(number(flips["confidenceInterval"]["upperBound"]), found["high"].get<double>());
    EXPECT_EQ(metrics.at("/occlusion.spearman")["value"], "0.7");
    EXPECT_EQ(metrics.at("a/flip_rate")["value"], "0.2");
    const Json& data = bom["components"][2];
    EXPECT_EQ(data["type"], "data");
    EXPECT_EQ(data["hashes"][0]["content"], std::string(64, 'e'));
    EXPECT_EQ(bom["components"][0]["components"][0]["name"], "model.safetensors");
}

TEST(CycloneDx, HasOneSerialNumberPerReport) {
    const Json report = sampleDatasetReport();
    EXPECT_EQ(Json::parse(toCycloneDx(report, std::string(64, 'f')))["serialNumber"],
              "urn:uuid:ffffffff-ffff-8fff-bfff-ffffffffffff");
    EXPECT_EQ(toCycloneDx(report, digestOf(report)), toCycloneDx(report, digestOf(report)));
    EXPECT_EQ(bomOf(report)["metadata"]["timestamp"], report["created"]);
    for (const std::string digest : {"", "F", "zz"})
        EXPECT_THROW(toCycloneDx(report, digest), Error) << digest;
}

TEST(CycloneDx, HasUniqueReferences) {
    std::set<std::string> seen;
    const Json bom = bomOf(sampleDatasetReport());
    EXPECT_TRUE(seen.insert(bom["metadata"]["component"]["bom-ref"]).second);
    for (const Json& component : bom["components"])
        EXPECT_TRUE(seen.insert(component["bom-ref"]).second) << component["bom-ref"];
    for (const Json& used : bom["dependencies"][0]["dependsOn"])
        EXPECT_TRUE(seen.contains(used)) << used;
}

// ---- in-toto

TEST(InToto, IsAValidStatementAboutEveryModel) {
    REQUIRE_CHECKER(message, "in_toto_attestation/v1/statement_pb2.py");
    for (const Json& report : {measuredReport(), sampleDatasetReport()}) {
        const std::string text = toInToto(report);
        EXPECT_EQ(faultsOfStatement(text), "");
        EXPECT_EQ(Json::parse(text)["predicate"], report);
    }
    EXPECT_EQ(Json::parse(toInToto(measuredReport()))["subject"].size(), 3U);
    const Json subjects = Json::parse(toInToto(sampleDatasetReport()))["subject"];
    EXPECT_EQ(subjects[1]["name"], "models/base@int4");
    EXPECT_EQ(subjects[1]["digest"]["sha256"], std::string(64, 'c'));
    // The check itself: it refuses a member that a statement has not, and a subject without digest.
    Json broken = Json::parse(toInToto(sampleDatasetReport()));
    broken["more"] = 1;
    EXPECT_NE(faultsOfStatement(broken.dump()), "");
    broken = Json::parse(toInToto(sampleDatasetReport()));
    broken["subject"][0].erase("digest");
    EXPECT_NE(faultsOfStatement(broken.dump()), "");
}

TEST(InToto, KeepsNamesOfSubjectsUnique) {
    Json report = sampleDatasetReport();
    Json& variants = report["dataset"]["variants"];
    variants.push_back(Json(variants[0]));
    std::set<std::string> names;
    for (const Json& subject : Json::parse(toInToto(report))["subject"])
        EXPECT_TRUE(names.insert(subject["name"]).second) << subject["name"];
}

TEST(InToto, RefusesAModelThatIsNotIdentified) {
    Json report = sampleDatasetReport();
    report["dataset"]["variants"][0]["digest"] = "";
    EXPECT_THROW(toInToto(report), Error);
    EXPECT_THROW(toInToto(Json::object()), Error);
}

// The example of the specification (protocol.md).
TEST(Dsse, EncodesWhatIsSignedAsTheSpecificationSays) {
    EXPECT_EQ(dsseSignedBytes("http://example.com/HelloWorld", "hello world"),
              "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    EXPECT_EQ(dsseSignedBytes("", ""), "DSSEv1 0  0 ");
}

// By in-toto's own library; app/report_test.cpp does the same with a real log.
TEST(Dsse, IsSignedByTheKeyOverTheEncodedStatement) {
    REQUIRE_CHECKER(library, "securesystemslib/dsse.py");
    const Json report = measuredReport();
    const audit::SigningKey key = audit::SigningKey::fromSeed({1, 2, 3});
    const std::string name = audit::VerifierKey{"driftlens/log", key.publicKey()}.text();
    const EnvelopeSigner signer = {name, [&](std::string_view message) {
                                       const audit::Signature signature = key.sign(message);
                                       return std::string(signature.begin(), signature.end());
                                   }};
    const Json envelope = Json::parse(toDsse(report, signer));
    const ScratchFolder scratch;
    const std::string statement = (scratch / "statement.json").string();
    const auto faults = [&](const Json& each) {
        std::ofstream(scratch / "envelope.json", std::ios::binary) << each.dump();
        return faultsBy(kPython3, {"tests/reports/checkers/envelope.py", checkersFolder().string(),
                                   (scratch / "envelope.json").string(), name, statement});
    };
    EXPECT_EQ(faults(envelope), "");
    EXPECT_EQ(faultsOfStatement(textOf(statement)), "");
    EXPECT_EQ(Json::parse(textOf(statement))["predicate"], report);
    Json changed = envelope;
    std::string payload = audit::fromBase64(changed["payload"].get<std::string>());
    payload[payload.size() / 2] ^= 1;
    changed["payload"] = audit::toBase64(payload);
    EXPECT_NE(faults(changed), "");
    changed = envelope;
    changed["payloadType"] = "application/json";
    EXPECT_NE(faults(changed), "");
}

}  // namespace
}  // namespace driftlens
