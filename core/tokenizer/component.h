// What the tables of tokenizer components share: rows from a type's name to its maker.
#pragma once

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokenizer/aligned_text.h"
#include "core/tokenizer/regex.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

template <typename Product>
struct ComponentRow {
    std::string_view type;
    Product (*make)(const JsonObject& config);
};

template <typename Product>
std::vector<std::string_view> typesOf(std::span<const ComponentRow<Product>> rows) {
    std::vector<std::string_view> out;
    for (const auto& row : rows) out.push_back(row.type);
    return out;
}

// Throws Error(Unsupported), listing what there is, for a type without a row. Recursion through
// sequences is bounded by the depth that JSON may have.
template <typename Product>
Product makeComponent(std::span<const ComponentRow<Product>> rows, const JsonObject& config) {
    const std::string type = config.string("type");
    std::string known;
    for (const auto& row : rows) {
        if (row.type == type) return row.make(config);
        known += (known.empty() ? "" : ", ") + std::string(row.type);
    }
    throw Error(ErrorKind::Unsupported,
                config.what() + " " + inQuotes(type) + " is not supported; known: " + known);
}

[[noreturn]] inline void malformed(const std::string& what, const std::string& message) {
    throw Error(ErrorKind::InputFile, what + ": " + message);
}

// Throws Error(InputFile) if the member is no list.
inline const Json& listOf(const JsonObject& config, std::string_view key) {
    const Json* list = config.find(key);
    if (list == nullptr || !list->is_array())
        malformed(config.what(), std::string(key) + " is no list");
    return *list;
}

// {"Regex": "…"} or {"String": "…"}.
inline Regex patternOf(const JsonObject& config) {
    const JsonObject pattern = config.object("pattern");
    return pattern.has("Regex") ? Regex(pattern.string("Regex"), config.what())
                                : Regex::literal(pattern.string("String"), config.what());
}

// A text of exactly one code point. Throws Error(InputFile) for any other.
inline char32_t pointOf(const JsonObject& config, std::string_view key, char32_t fallback) {
    if (!config.has(key)) return fallback;
    const std::string text = config.string(key);
    std::size_t at = 0;
    const char32_t point = text.empty() ? 0 : nextPoint(text, at);
    if (text.empty() || at != text.size())
        malformed(config.what(), std::string(key) + " is " + inQuotes(text) + ", no one character");
    return point;
}

}  // namespace driftlens
