#include "core/base/parameters.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <charconv>
#include <cmath>

namespace driftlens {
namespace {

template <typename Value>
bool parseWhole(const std::string& text, Value& value) {
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    return result.ec == std::errc() && result.ptr == end;
}

[[noreturn]] void throwValue(const std::string& what, const ParameterInfo& info,
                             const std::string& value) {
    throw Error(ErrorKind::Usage, what + ": setting " + std::string(info.name) + "=" +
                                      inQuotes(value) +
                                      " is not allowed; allowed: " + allowedValues(info));
}

void checkValue(const std::string& what, const ParameterInfo& info, const std::string& value) {
    if (info.kind == ParameterKind::Text) return;
    if (info.kind == ParameterKind::Choice) {
        for (const std::string& choice : splitText(info.choices, '|')) {
            if (choice == value) return;
        }
        throwValue(what, info, value);
    }
    double number = 0.0;
    std::int64_t integer = 0;
    const bool isRead = info.kind == ParameterKind::Integer ? parseWhole(value, integer)
                                                            : parseWhole(value, number);
    if (info.kind == ParameterKind::Integer) number = static_cast<double>(integer);
    if (!isRead || !std::isfinite(number) || number < info.low || number > info.high) {
        throwValue(what, info, value);
    }
}

}  // namespace

std::string allowedValues(const ParameterInfo& info) {
    if (info.kind == ParameterKind::Choice || info.kind == ParameterKind::Text)
        return std::string(info.choices);
    return std::string(info.kind == ParameterKind::Integer ? "an integer" : "a number") + " from " +
           formatNumber(info.low, 10) + " to " + formatNumber(info.high, 10);
}

ParameterSet::ParameterSet(std::string what, std::span<const ParameterInfo> table,
                           const std::map<std::string, std::string>& given)
    : m_what(std::move(what)) {
    std::string known;
    for (const ParameterInfo& info : table) {
        m_values[std::string(info.name)] = std::string(info.fallback);
        known += (known.empty() ? "" : ", ") + std::string(info.name);
    }
    for (const auto& [name, value] : given) {
        if (!m_values.contains(name)) {
            throw Error(ErrorKind::Usage, m_what + ": unknown setting " + inQuotes(name) +
                                              "; known: " + (known.empty() ? "none" : known));
        }
        m_values[name] = value;
    }
    for (const ParameterInfo& info : table) {
        checkValue(m_what, info, m_values[std::string(info.name)]);
    }
}

std::int64_t ParameterSet::integer(std::string_view name) const {
    std::int64_t value = 0;
    parseWhole(text(name), value);
    return value;
}

double ParameterSet::number(std::string_view name) const {
    double value = 0.0;
    parseWhole(text(name), value);
    return value;
}

const std::string& ParameterSet::text(std::string_view name) const {
    const auto found = m_values.find(std::string(name));
    if (found == m_values.end()) {
        throw Error(ErrorKind::Internal,
                    m_what + ": setting " + std::string(name) + " is not declared");
    }
    return found->second;
}

NamedSettings parseNamedSettings(std::string_view text, std::string_view what) {
    NamedSettings out;
    const std::size_t colon = text.find(':');
    out.name = std::string(text.substr(0, colon));
    if (out.name.empty()) {
        throw Error(ErrorKind::Usage,
                    std::string(what) + " " + inQuotes(text) + ": the name is empty");
    }
    if (colon == std::string_view::npos) return out;
    std::size_t at = colon + 1;
    while (at <= text.size()) {
        const std::size_t equals = text.find('=', at);
        if (equals == std::string_view::npos || equals == at) {
            throw Error(ErrorKind::Usage, std::string(what) + " " + inQuotes(text) +
                                              ": expected key=value after the colon");
        }
        const std::string key(text.substr(at, equals - at));
        std::size_t end = equals + 1;
        std::string value;
        if (end < text.size() && text[end] == '"') {
            const std::size_t close = text.find('"', end + 1);
            if (close == std::string_view::npos) {
                throw Error(ErrorKind::Usage,
                            std::string(what) + " " + inQuotes(text) + ": a quote is not closed");
            }
            value = std::string(text.substr(end + 1, close - end - 1));
            end = close + 1;
        } else {
            end = std::min(text.find(',', end), text.size());
            value = std::string(text.substr(equals + 1, end - equals - 1));
        }
        if (!out.settings.emplace(key, value).second) {
            throw Error(ErrorKind::Usage, std::string(what) + " " + inQuotes(text) + ": " +
                                              inQuotes(key) + " is given twice");
        }
        if (end == text.size()) return out;
        if (text[end] != ',') {
            throw Error(ErrorKind::Usage, std::string(what) + " " + inQuotes(text) +
                                              ": expected a comma after the value of " +
                                              inQuotes(key));
        }
        at = end + 1;
    }
    throw Error(ErrorKind::Usage, std::string(what) + " " + inQuotes(text) + ": ends in a comma");
}

std::string formatNamedSettings(std::string_view id,
                                const std::map<std::string, std::string>& settings) {
    std::string out(id);
    char separator = ':';
    for (const auto& [key, value] : settings) {
        const bool needsQuotes = value.find_first_of(",+\"@") != std::string::npos;
        out += separator + key + "=" + (needsQuotes ? "\"" + value + "\"" : value);
        separator = ',';
    }
    return out;
}

}  // namespace driftlens
