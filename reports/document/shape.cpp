#include "reports/document/shape.h"

#include "core/base/display_text.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>

namespace driftlens {
namespace {

bool isOf(const Json& value, JsonKind kind) {
    switch (kind) {
        case JsonKind::Text:
            return value.is_string();
        case JsonKind::Integer:
            return value.is_number_integer();
        case JsonKind::Number:
            return value.is_number();
        case JsonKind::Flag:
            return value.is_boolean();
        case JsonKind::Object:
            return value.is_object();
        case JsonKind::List:
            return value.is_array();
    }
    return false;
}

const char* wanted(JsonKind kind) {
    switch (kind) {
        case JsonKind::Text:
            return "a text";
        case JsonKind::Integer:
            return "an integer";
        case JsonKind::Number:
            return "a number";
        case JsonKind::Flag:
            return "true or false";
        case JsonKind::Object:
            return "an object";
        case JsonKind::List:
            return "a list";
    }
    return "";
}

}  // namespace

void JsonShape::refuse(const std::string& message) const {
    throw Error(ErrorKind::InputFile,
                std::string(m_what) + ": " + (m_path.empty() ? "" : m_path + ": ") + message);
}

void JsonShape::require(JsonKind kind) const {
    if (!isOf(m_value, kind))
        refuse(std::string(wanted(kind)) + " is wanted, not " + m_value.type_name());
}

JsonShape JsonShape::member(std::string_view key) const {
    return {m_value.at(key), m_what, m_path + "/" + displayText(key)};
}

void JsonShape::fields(std::initializer_list<JsonField> fields, bool isClosed) const {
    require(JsonKind::Object);
    for (const JsonField& field : fields) {
        if (!has(field.key)) {
            if (field.presence == JsonField::Required)
                refuse("\"" + std::string(field.key) + "\" is missing");
            continue;
        }
        const JsonShape found = member(field.key);
        if (found.value().is_null() && field.presence != JsonField::Required) continue;
        found.require(field.kind);
    }
    if (!isClosed) return;
    for (const auto& [key, value] : m_value.items()) {
        const auto isKnown = [&, &name = key](const JsonField& field) { return field.key == name; };
        if (std::none_of(fields.begin(), fields.end(), isKnown))
            refuse("unknown member " + inQuotes(key));
    }
}

void JsonShape::each(const std::function<void(const JsonShape&)>& check) const {
    require(JsonKind::List);
    for (std::size_t i = 0; i < m_value.size(); ++i)
        check({m_value[i], m_what, m_path + "/" + std::to_string(i)});
}

void JsonShape::eachMember(const std::function<void(const JsonShape&)>& check) const {
    require(JsonKind::Object);
    for (const auto& [key, value] : m_value.items()) check(member(key));
}

void JsonShape::listOf(JsonKind kind) const {
    each([&](const JsonShape& element) {
        if (kind != JsonKind::Number || !element.value().is_null()) element.require(kind);
    });
}

}  // namespace driftlens
