#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <cmath>

namespace driftlens {
namespace {

[[noreturn]] void fail(const std::string& what, std::string_view key, const std::string& message) {
    throw Error(ErrorKind::InputFile, what + ": " + std::string(key) + " " + message);
}

std::string shown(const Json& value) {
    return inQuotes(value.is_string() ? value.get<std::string>() : value.dump(), 40);
}

}  // namespace

JsonObject::JsonObject(const Json& value, std::string what)
    : m_value(&value), m_what(std::move(what)) {
    if (!value.is_object()) throw Error(ErrorKind::InputFile, m_what + ": is no JSON object");
}

bool JsonObject::has(std::string_view key) const {
    return find(key) != nullptr;
}

const Json* JsonObject::find(std::string_view key) const {
    const auto found = m_value->find(key);
    return found == m_value->end() || found->is_null() ? nullptr : &*found;
}

std::int64_t JsonObject::integer(std::string_view key, std::int64_t low, std::int64_t high) const {
    const Json* value = find(key);
    if (value == nullptr) fail(m_what, key, "is missing");
    const bool fits = value->is_number_unsigned()
                          ? value->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)
                          : value->is_number_integer();
    if (!fits || value->get<std::int64_t>() < low || value->get<std::int64_t>() > high) {
        fail(m_what, key,
             "is " + shown(*value) + ", must be an integer from " + std::to_string(low) + " to " +
                 std::to_string(high));
    }
    return value->get<std::int64_t>();
}

std::int64_t JsonObject::integer(std::string_view key, std::int64_t low, std::int64_t high,
                                 std::int64_t fallback) const {
    return has(key) ? integer(key, low, high) : fallback;
}

double JsonObject::number(std::string_view key, double low, double high) const {
    const Json* value = find(key);
    if (value == nullptr) fail(m_what, key, "is missing");
    if (!value->is_number() || value->get<double>() < low || value->get<double>() > high) {
        fail(m_what, key,
             "is " + shown(*value) + ", must be a number from " + formatNumber(low, 10) + " to " +
                 formatNumber(high, 10));
    }
    return value->get<double>();
}

double JsonObject::number(std::string_view key, double low, double high, double fallback) const {
    return has(key) ? number(key, low, high) : fallback;
}

bool JsonObject::boolean(std::string_view key, bool fallback) const {
    const Json* value = find(key);
    if (value == nullptr) return fallback;
    if (!value->is_boolean()) fail(m_what, key, "is " + shown(*value) + ", must be true or false");
    return value->get<bool>();
}

std::string JsonObject::string(std::string_view key) const {
    const Json* value = find(key);
    if (value == nullptr) fail(m_what, key, "is missing");
    if (!value->is_string()) fail(m_what, key, "is " + shown(*value) + ", must be a string");
    return value->get<std::string>();
}

std::string JsonObject::string(std::string_view key, std::string_view fallback) const {
    return has(key) ? string(key) : std::string(fallback);
}

JsonObject JsonObject::object(std::string_view key) const {
    const Json* value = find(key);
    if (value == nullptr) fail(m_what, key, "is missing");
    return JsonObject(*value, m_what + ": " + std::string(key));
}

}  // namespace driftlens
