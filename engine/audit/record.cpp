#include "engine/audit/record.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>

namespace driftlens::audit {
namespace {

constexpr std::size_t kMembers = 12;

[[noreturn]] void notARecord(const std::string& why) {
    throw Error(ErrorKind::InputFile, "the bytes are not a record: " + why);
}

const Json& member(const Json& record, const char* key, Json::value_t type) {
    const auto found = record.find(key);
    if (found == record.end()) notARecord(std::string(key) + " is missing");
    const bool isInteger = type == Json::value_t::number_integer && found->is_number_integer();
    if (found->type() != type && !isInteger) {
        notARecord(std::string(key) + " has the wrong type");
    }
    return *found;
}

const std::string& text(const Json& record, const char* key) {
    return member(record, key, Json::value_t::string).get_ref<const std::string&>();
}

std::int64_t integer(const Json& record, const char* key) {
    return member(record, key, Json::value_t::number_integer).get<std::int64_t>();
}

Sha256 digestFromHex(const Json& hex, const char* key) {
    if (!hex.is_string()) notARecord(std::string(key) + " holds something other than text");
    return digestFrom(bytesOf(fromHex(hex.get_ref<const std::string&>())));
}

void requireVersions(const Json& record) {
    if (integer(record, "schema_version") != kRecordVersion) {
        notARecord("schema_version is not " + std::to_string(kRecordVersion));
    }
    if (text(record, "canonicaliser") != kCanonicaliser) notARecord("unknown canonicaliser");
}

}  // namespace

bool endsRun(std::string_view recordType) {
    return recordType == kRunFinished || recordType == kRunFailed || recordType == kRunCancelled;
}

std::string canonicalRecord(const RecordFields& fields) {
    Json commitments = Json::object();
    for (const auto& [name, commitment] : fields.commitments) {
        commitments[name] = toHex(commitment);
    }
    Json blobs = Json::array();
    for (const Sha256& blob : fields.blobs) blobs.push_back(toHex(blob));
    return canonicalJson(Json{{"blobs", blobs},
                              {"body", fields.body},
                              {"canonicaliser", std::string(kCanonicaliser)},
                              {"commitments", commitments},
                              {"log_id", fields.logId},
                              {"meta", fields.meta},
                              {"prev", toHex(fields.prev)},
                              {"record_type", fields.type},
                              {"run_id", fields.runId},
                              {"schema_version", kRecordVersion},
                              {"seq", fields.seq},
                              {"time", fields.time}});
}

RecordFields parseRecord(std::string_view rec) {
    const Json record = parseJson(rec, "record");
    if (!record.is_object()) notARecord("it is no object");
    if (record.size() != kMembers) notARecord("it has other members than a record has");
    requireVersions(record);
    RecordFields fields;
    fields.seq = integer(record, "seq");
    fields.type = text(record, "record_type");
    fields.runId = text(record, "run_id");
    fields.time = text(record, "time");
    fields.logId = text(record, "log_id");
    fields.prev = digestFromHex(member(record, "prev", Json::value_t::string), "prev");
    fields.meta = member(record, "meta", Json::value_t::object);
    fields.body = member(record, "body", Json::value_t::object);
    for (const auto& [name, hex] : member(record, "commitments", Json::value_t::object).items()) {
        fields.commitments[name] = digestFromHex(hex, "commitments");
    }
    for (const Json& hex : member(record, "blobs", Json::value_t::array)) {
        fields.blobs.push_back(digestFromHex(hex, "blobs"));
    }
    // Only what writes back to the same bytes has one meaning.
    std::string again;
    try {
        again = canonicalRecord(fields);
    } catch (const Error& error) {
        notARecord(error.what());
    }
    if (again != rec) notARecord("they are not in canonical form");
    return fields;
}

Sha256 leafOf(std::string_view rec) {
    Sha256Hasher hasher;
    hasher.update(std::string_view("\0", 1));
    hasher.update(rec);
    return hasher.finish();
}

Sha256 commitmentOf(std::string_view salt, std::string_view bytes) {
    Sha256Hasher hasher;
    hasher.update(salt);
    hasher.update(bytes);
    return hasher.finish();
}

Sha256 digestFrom(std::string_view bytes) {
    Sha256 digest{};
    if (bytes.size() != digest.size()) {
        throw Error(ErrorKind::InputFile,
                    "a digest has " + std::to_string(bytes.size()) + " bytes instead of 32");
    }
    std::transform(bytes.begin(), bytes.end(), digest.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
    return digest;
}

}  // namespace driftlens::audit
