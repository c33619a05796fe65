#include "engine/audit/record.h"

#include "core/base/error.h"
#include "engine/audit/blob.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace driftlens::audit {
namespace {

RecordFields exampleFields() {
    RecordFields fields;
    fields.seq = 2;
    fields.type = kRunStarted;
    fields.runId = "0123456789abcdef";
    fields.time = "2026-01-31T12:00:00.000000001Z";
    fields.logId = "000102030405060708090a0b0c0d0e0f";
    fields.prev = leafOf("");
    fields.meta = {{"verb", "explain"}};
    fields.body = {{"score", "0.1"}, {"name", "Grün"}};
    fields.commitments["prompt"] = commitmentOf(std::string(kSaltBytes, 's'), "not bad");
    return fields;
}

// Byte for byte what version 1 of the format is; a failure here means that old logs break.
constexpr const char* kGoldenRecord =
    R"({"blobs":[],"body":{"name":"Grün","score":"0.1"},"canonicaliser":"driftlens-jcs-1",)"
    R"("commitments":{"prompt":"ca57204809a681294e70264e7add19545ada8b13f434dcd0cf060601ee71e874"},)"
    R"("log_id":"000102030405060708090a0b0c0d0e0f","meta":{"verb":"explain"},)"
    R"("prev":"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",)"
    R"("record_type":"run_started","run_id":"0123456789abcdef","schema_version":1,"seq":2,)"
    R"("time":"2026-01-31T12:00:00.000000001Z"})";

void expectNoRecord(const std::string& rec) {
    EXPECT_THROW(parseRecord(rec), Error) << rec;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(Record, LeafHashesAgreeWithRfc6962) {
    EXPECT_EQ(toHex(leafOf("")),
              "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    EXPECT_EQ(toHex(leafOf(std::string(1, '\0'))),
              "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
}

TEST(Record, RootOfTwoLeavesAgreesWithRfc6962) {
    Sha256Hasher node;
    node.update(std::string_view("\1", 1));
    node.update(bytesOf(leafOf("")));
    node.update(bytesOf(leafOf(std::string(1, '\0'))));
    EXPECT_EQ(toHex(node.finish()),
              "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

TEST(Record, CanonicalBytesNeverChange) {
    EXPECT_EQ(canonicalRecord(exampleFields()), kGoldenRecord);
}

TEST(Record, ReadsWhatItWrote) {
    const RecordFields fields = parseRecord(kGoldenRecord);
    EXPECT_EQ(fields.seq, 2);
    EXPECT_EQ(fields.type, kRunStarted);
    EXPECT_EQ(fields.prev, leafOf(""));
    EXPECT_EQ(fields.body, exampleFields().body);
    EXPECT_EQ(fields.commitments, exampleFields().commitments);
}

TEST(Record, RefusesBytesThatAreNotCanonical) {
    const std::string rec = kGoldenRecord;
    expectNoRecord("");
    expectNoRecord(rec + " ");
    expectNoRecord(replaced(rec, R"("seq":2)", R"("seq": 2)"));
    expectNoRecord(replaced(rec, R"("seq":2)", R"("seq":2.0)"));
    expectNoRecord(replaced(rec, R"("seq":2)", R"("seq":2,"seq":2)"));
    expectNoRecord(replaced(rec, R"("seq":2)", R"("seq":"2")"));
    expectNoRecord(replaced(rec, R"("seq":2)", R"("seq":18446744073709551615)"));
    expectNoRecord(replaced(rec, R"("blobs":[],)", ""));
    expectNoRecord(replaced(rec, R"({"blobs":[],)", R"({"added":1,"blobs":[],)"));
    expectNoRecord(
        replaced(rec, R"("name":"Grün","score":"0.1")", R"("score":"0.1","name":"Grün")"));
    expectNoRecord(replaced(rec, "Grün", "Gr\\u00fcn"));
    expectNoRecord(replaced(rec, "6e340b9c", "6E340B9C"));
    expectNoRecord(replaced(rec, "6e340b9c", "6e34"));
    expectNoRecord(replaced(rec, R"("schema_version":1)", R"("schema_version":2)"));
    expectNoRecord(replaced(rec, "jcs-1", "jcs-2"));
}

TEST(Record, RefusesBodiesWithoutACanonicalForm) {
    RecordFields fields = exampleFields();
    for (const Json& value : {Json(0.1), Json(std::numeric_limits<double>::quiet_NaN()),
                              Json(std::int64_t{1} << 53), Json("\xff"), Json("\xed\xa0\x80")}) {
        fields.body = {{"value", value}};
        EXPECT_THROW(canonicalRecord(fields), Error);
    }
}

TEST(Record, SortsKeysByUtf16CodeUnits) {
    RecordFields fields = exampleFields();
    fields.body = {{"\xef\xac\xb3", 1}, {"\xf0\x9f\x98\x80", 2}};  // U+FB33, U+1F600
    EXPECT_NE(canonicalRecord(fields).find("{\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}"),
              std::string::npos);
}

TEST(Blob, DigestIsOverTypeShapeAndLittleEndianBytes) {
    const std::array<double, 2> values = {1.0, -2.0};
    const std::array<std::int64_t, 2> shape = {1, 2};
    const BlobContent blob = encodeBlob(values, shape);
    const std::string bytes("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\xc0", 16);
    EXPECT_EQ(blob.bytes, bytes);
    EXPECT_EQ(blob.digest, sha256("float64|[1,2]|" + bytes));
}

TEST(Blob, RefusesAShapeThatDoesNotHoldTheValues) {
    const std::array<double, 2> values = {1.0, -2.0};
    const std::array<std::int64_t, 2> wrong = {2, 2};
    const std::array<std::int64_t, 3> overflowing = {std::int64_t{1} << 62, 4, 2};
    const std::array<std::int64_t, 2> negative = {-1, -2};
    EXPECT_THROW(encodeBlob(values, wrong), Error);
    EXPECT_THROW(encodeBlob(values, overflowing), Error);
    EXPECT_THROW(encodeBlob(values, negative), Error);
}

}  // namespace
}  // namespace driftlens::audit
