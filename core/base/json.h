// JSON in and out. Reading is strict (hostile files); canonical writing is what the log hashes.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

using Json = nlohmann::json;

// Limits of a document that comes from a file.
struct JsonLimits {
    std::size_t maxBytes = std::size_t{256} << 20;
    int maxDepth = 64;
    // Integers beyond 64 bits become doubles instead of errors: transformers writes 10^30 as the
    // length that is no limit.
    bool allowHugeIntegers = false;
};

// Takes the events of one list or object in the place of a value: a table of a million entries
// needs no million nodes. The value itself is then absent from the document.
struct JsonDiversion {
    std::vector<std::string> path;  // member names from the root
    nlohmann::json_sax<Json>* sink = nullptr;
};

// Parses UTF-8 JSON. Throws Error(InputFile), with `what` naming the document and a byte offset, on
// anything but one JSON value: bad UTF-8, a byte-order mark, duplicate keys, lone surrogates,
// numbers outside double or int64/uint64, depth or size over the limits, trailing bytes.
// Sinks may throw; duplicate keys inside a diverted value are theirs to refuse.
Json parseJson(std::string_view text, std::string_view what, const JsonLimits& limits = {},
               std::span<const JsonDiversion> diversions = {});

// Reads and parses a file. Throws Error(InputFile) if it is missing, unreadable or over the limit.
Json readJsonFile(const std::filesystem::path& file, const JsonLimits& limits = {});

// The bytes of a file. Throws Error(InputFile) if it is missing, unreadable or over the limit.
std::string readFileText(const std::filesystem::path& file,
                         std::size_t maxBytes = std::size_t{256} << 20);

// Typed access to the members of an object, for configuration files: every message names the
// document and the key. A null value counts as absent.
class JsonObject {
public:
    // Keeps references: `value` must outlive it. Throws Error(InputFile) if it is no object.
    JsonObject(const Json& value, std::string what);

    bool has(std::string_view key) const;
    const Json* find(std::string_view key) const;  // nullptr if absent or null

    // Throws Error(InputFile) if absent (without a fallback), of another type, or out of range.
    std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high) const;
    std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high,
                         std::int64_t fallback) const;
    double number(std::string_view key, double low, double high) const;
    double number(std::string_view key, double low, double high, double fallback) const;
    bool boolean(std::string_view key, bool fallback) const;
    std::string string(std::string_view key) const;
    std::string string(std::string_view key, std::string_view fallback) const;
    JsonObject object(std::string_view key) const;

    const std::string& what() const { return m_what; }
    const Json& value() const { return *m_value; }

private:
    const Json* m_value;
    std::string m_what;
};

// The canonical bytes of a value (RFC 8785 restricted): keys sorted by UTF-16 code units, no white
// space, UTF-8. Only strings, integers below 2^53 in magnitude, booleans, null, arrays and objects:
// floating-point values must be given as strings (see exactNumber). Throws Error(Internal) on
// anything else, lone surrogates and invalid UTF-8 included.
std::string canonicalJson(const Json& value);

// The shortest decimal string that reads back as exactly this double; "NaN", "Infinity",
// "-Infinity" for the rest. How floating-point numbers enter canonical JSON.
std::string exactNumber(double value);
// Its inverse. Throws Error(InputFile), naming `what`, for anything else.
double readExactNumber(std::string_view text, std::string_view what);

// A double for --json output: null where it is not finite.
Json jsonNumber(double value);

}  // namespace driftlens
