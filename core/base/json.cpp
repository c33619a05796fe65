#include "core/base/json.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>
#include <system_error>

namespace driftlens {
namespace {

// Builds a value while nlohmann's parser walks the text, and refuses what it would let pass:
// duplicate keys, depth, numbers that overflow. Depth is capped here, so the recursion of later
// readers is bounded too.
class StrictBuilder final : public nlohmann::json_sax<Json> {
public:
    StrictBuilder(std::string_view what, const JsonLimits& limits,
                  std::span<const JsonDiversion> diversions)
        : m_what(what), m_limits(limits), m_diversions(diversions) {}

    Json take() { return std::move(m_root); }

    bool null() override { return m_sink != nullptr ? m_sink->null() : add(nullptr); }
    bool boolean(bool value) override {
        return m_sink != nullptr ? m_sink->boolean(value) : add(value);
    }
    bool number_integer(number_integer_t value) override {
        return m_sink != nullptr ? m_sink->number_integer(value) : add(value);
    }
    bool number_unsigned(number_unsigned_t value) override {
        return m_sink != nullptr ? m_sink->number_unsigned(value) : add(value);
    }
    bool number_float(number_float_t value, const string_t& text) override {
        if (!std::isfinite(value)) fail("number " + inQuotes(text) + " is out of range");
        // The parser turns integers beyond 64 bits into doubles: exactness is lost silently.
        if (!m_limits.allowHugeIntegers && text.find_first_of(".eE") == std::string::npos) {
            fail("integer " + inQuotes(text) + " does not fit 64 bits");
        }
        return m_sink != nullptr ? m_sink->number_float(value, text) : add(value);
    }
    bool string(string_t& value) override {
        return m_sink != nullptr ? m_sink->string(value) : add(std::move(value));
    }
    bool binary(binary_t&) override { fail("binary value"); }

    bool start_object(std::size_t size) override {
        descend();
        return m_sink != nullptr ? m_sink->start_object(size) : open(Json::object());
    }
    bool start_array(std::size_t size) override {
        descend();
        return m_sink != nullptr ? m_sink->start_array(size) : open(Json::array());
    }
    bool end_object() override {
        return m_sink != nullptr ? ascend(m_sink->end_object()) : close();
    }
    bool end_array() override { return m_sink != nullptr ? ascend(m_sink->end_array()) : close(); }

    bool key(string_t& value) override {
        if (m_sink != nullptr) return m_sink->key(value);
        if (m_open.back()->contains(value)) fail("key " + inQuotes(value) + " appears twice");
        m_key = std::move(value);
        return true;
    }

    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception& error) override {
        // The library's text repeats the input; keep its reason, cut to the last clause.
        std::string reason = error.what();
        if (const std::size_t at = reason.find("] "); at != std::string::npos)
            reason.erase(0, at + 2);
        throw Error(ErrorKind::InputFile, m_what + ": not valid JSON at byte " +
                                              std::to_string(position) + ": " +
                                              inQuotes(reason, 160));
    }

private:
    [[noreturn]] void fail(const std::string& message) const {
        throw Error(ErrorKind::InputFile, m_what + ": " + message);
    }

    Json* place(Json value) {
        if (m_open.empty()) {
            m_root = std::move(value);
            return &m_root;
        }
        Json& parent = *m_open.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return &parent.back();
        }
        return &(parent[m_key] = std::move(value));
    }

    bool add(Json value) {
        place(std::move(value));
        return true;
    }

    // Before a list or object opens: depth is counted, and a diverted one finds its sink.
    void descend() {
        if (static_cast<int>(m_path.size()) >= m_limits.maxDepth)
            fail("nested deeper than " + std::to_string(m_limits.maxDepth));
        const bool isMember = m_sink == nullptr && !m_open.empty() && m_open.back()->is_object();
        m_path.push_back(isMember ? m_key : std::string());
        for (std::size_t i = 0; isMember && i < m_diversions.size(); ++i) {
            const std::vector<std::string>& path = m_diversions[i].path;
            if (!std::equal(m_path.begin() + 1, m_path.end(), path.begin(), path.end())) continue;
            if (!m_diverted.insert(i).second) fail("key " + inQuotes(m_key) + " appears twice");
            m_sink = m_diversions[i].sink;
            m_sinkDepth = m_path.size();
        }
    }

    bool ascend(bool goesOn) {
        if (m_path.size() == m_sinkDepth) m_sink = nullptr;
        m_path.pop_back();
        return goesOn;
    }

    bool open(Json value) {
        m_open.push_back(place(std::move(value)));
        return true;
    }

    bool close() {
        m_open.pop_back();
        m_path.pop_back();
        return true;
    }

    std::string m_what;
    JsonLimits m_limits;
    Json m_root;
    std::vector<Json*> m_open;        // stable: a container is complete before its parent grows
    std::vector<std::string> m_path;  // a name per open container; empty for the root and in lists
    std::string m_key;
    std::span<const JsonDiversion> m_diversions;
    std::set<std::size_t> m_diverted;
    nlohmann::json_sax<Json>* m_sink = nullptr;
    std::size_t m_sinkDepth = 0;
};

void appendUtf16(std::string_view text, std::u16string& out) {
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t length = first < 0x80U ? 1 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
        std::uint32_t point = length == 1 ? first : first & (0xFFU >> (length + 1));
        for (std::size_t j = 1; j < length; ++j) {
            point = (point << 6U) | (static_cast<unsigned char>(text[i + j]) & 0x3FU);
        }
        if (point >= 0x10000U) {
            out += static_cast<char16_t>(0xD800U + ((point - 0x10000U) >> 10U));
            out += static_cast<char16_t>(0xDC00U + ((point - 0x10000U) & 0x3FFU));
        } else {
            out += static_cast<char16_t>(point);
        }
        i += length;
    }
}

// RFC 8785, 3.2.2.2: the two-character escapes, \u00xx for other control characters, nothing else.
void writeString(std::string_view text, std::string& out) {
    if (!isValidUtf8(text)) {
        throw Error(ErrorKind::Internal, "canonical JSON: " + inQuotes(text) + " is not UTF-8");
    }
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20U) {
                    constexpr std::string_view kHex = "0123456789abcdef";
                    out += "\\u00";
                    out += kHex[static_cast<unsigned char>(c) >> 4U];
                    out += kHex[static_cast<unsigned char>(c) & 15U];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

void writeInteger(const Json& value, std::string& out) {
    constexpr std::int64_t kLimit = (std::int64_t{1} << 53) - 1;
    const bool isTooLarge =
        value.is_number_unsigned()
            ? value.get<std::uint64_t>() > static_cast<std::uint64_t>(kLimit)
            : value.get<std::int64_t>() > kLimit || value.get<std::int64_t>() < -kLimit;
    if (isTooLarge) {
        throw Error(ErrorKind::Internal,
                    "canonical JSON: integer " + value.dump() + " must be given as a string");
    }
    out += std::to_string(value.get<std::int64_t>());
}

void write(const Json& value, std::string& out);

void writeObject(const Json& value, std::string& out) {
    std::vector<std::pair<std::u16string, const std::string*>> keys;
    for (const auto& item : value.items()) {
        keys.emplace_back(std::u16string(), &item.key());
        if (isValidUtf8(item.key())) appendUtf16(item.key(), keys.back().first);
    }
    std::sort(keys.begin(), keys.end());
    out += '{';
    for (const auto& [sortKey, key] : keys) {
        if (out.back() != '{') out += ',';
        writeString(*key, out);
        out += ':';
        write(value.at(*key), out);
    }
    out += '}';
}

void write(const Json& value, std::string& out) {
    switch (value.type()) {
        case Json::value_t::null:
            out += "null";
            return;
        case Json::value_t::boolean:
            out += value.get<bool>() ? "true" : "false";
            return;
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
            writeInteger(value, out);
            return;
        case Json::value_t::string:
            writeString(value.get_ref<const std::string&>(), out);
            return;
        case Json::value_t::object:
            writeObject(value, out);
            return;
        case Json::value_t::array:
            out += '[';
            for (std::size_t i = 0; i < value.size(); ++i) {
                if (i > 0) out += ',';
                write(value[i], out);
            }
            out += ']';
            return;
        default:
            throw Error(ErrorKind::Internal,
                        "canonical JSON: floating-point values must be given as strings");
    }
}

}  // namespace

Json parseJson(std::string_view text, std::string_view what, const JsonLimits& limits,
               std::span<const JsonDiversion> diversions) {
    const std::string name(what);
    if (text.size() > limits.maxBytes) {
        throw Error(ErrorKind::InputFile, name + ": " + std::to_string(text.size()) +
                                              " bytes, the limit is " +
                                              std::to_string(limits.maxBytes));
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        throw Error(ErrorKind::InputFile, name + ": starts with a byte-order mark");
    }
    if (!isValidUtf8(text)) throw Error(ErrorKind::InputFile, name + ": not valid UTF-8");
    StrictBuilder builder(name, limits, diversions);
    Json::sax_parse(text.data(), text.data() + text.size(), &builder);
    return builder.take();
}

Json readJsonFile(const std::filesystem::path& file, const JsonLimits& limits) {
    return parseJson(readFileText(file, limits.maxBytes), file.string(), limits);
}

std::string readFileText(const std::filesystem::path& file, std::size_t maxBytes) {
    std::error_code status;
    if (!std::filesystem::is_regular_file(file, status)) {
        throw Error(ErrorKind::InputFile, file.string() + ": no such file");
    }
    const std::uintmax_t size = std::filesystem::file_size(file, status);
    if (status || size > maxBytes) {
        throw Error(ErrorKind::InputFile, file.string() + ": unreadable, or larger than " +
                                              std::to_string(maxBytes) + " bytes");
    }
    std::ifstream stream(file, std::ios::binary);
    std::string text(static_cast<std::size_t>(size), '\0');
    stream.read(text.data(), static_cast<std::streamsize>(size));
    if (!stream) throw Error(ErrorKind::InputFile, file.string() + ": cannot be read");
    return text;
}

std::string canonicalJson(const Json& value) {
    std::string out;
    write(value, out);
    return out;
}

std::string exactNumber(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    std::array<char, 32> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), result.ptr};
}

double readExactNumber(std::string_view text, std::string_view what) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity" || text == "-Infinity") return text[0] == '-' ? -kInfinity : kInfinity;
    double value = 0.0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size())
        throw Error(ErrorKind::InputFile,
                    std::string(what) + ": " + inQuotes(text) + " is no number");
    return value;
}

Json jsonNumber(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

}  // namespace driftlens
