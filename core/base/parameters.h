// Named settings of a registry row (a method, a scheme): declared once, read by the command line,
// the desktop's forms, help texts and reports.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace driftlens {

enum class ParameterKind { Integer, Number, Choice, Text };

struct ParameterInfo {
    std::string_view name;
    ParameterKind kind = ParameterKind::Integer;
    std::string_view fallback;  // the default, as text
    double low = 0.0;           // Integer, Number: inclusive range
    double high = 0.0;
    std::string_view choices;  // Choice: "zero|pad|mask"; Text: what is accepted, for people
    std::string_view meaning;  // one clause
};

// The values that a setting takes, for people: "an integer from 1 to 4096", "zero|pad|mask".
std::string allowedValues(const ParameterInfo& info);

// Settings with defaults filled in. Every name of the table is present.
class ParameterSet {
public:
    // Throws Error(Usage), naming `what`, the setting, its value and what is allowed.
    ParameterSet(std::string what, std::span<const ParameterInfo> table,
                 const std::map<std::string, std::string>& given);

    std::int64_t integer(std::string_view name) const;
    double number(std::string_view name) const;
    const std::string& text(std::string_view name) const;
    const std::map<std::string, std::string>& all() const { return m_values; }

private:
    std::string m_what;
    std::map<std::string, std::string> m_values;
};

// "name:key=value,key=value" → name and pairs. Values may be double-quoted. Throws Error(Usage).
struct NamedSettings {
    std::string name;
    std::map<std::string, std::string> settings;
};
NamedSettings parseNamedSettings(std::string_view text, std::string_view what);

// "id:key=value,…" with the pairs in the order of their names; just "id" without pairs.
std::string formatNamedSettings(std::string_view id,
                                const std::map<std::string, std::string>& settings);

}  // namespace driftlens
