// Checks the shape of JSON against tables of members, with the place of what is wrong.
#pragma once

#include "core/base/json.h"

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace driftlens {

enum class JsonKind { Text, Integer, Number, Flag, Object, List };

struct JsonField {
    std::string_view key;
    JsonKind kind = JsonKind::Text;
    enum Presence { Required, Nullable, Optional } presence = Required;
};

// One value of the document and where it stands. Keeps references: the document must outlive it.
class JsonShape {
public:
    JsonShape(const Json& value, std::string_view what, std::string path = "")
        : m_value(value), m_what(what), m_path(std::move(path)) {}

    const Json& value() const { return m_value; }
    bool has(std::string_view key) const { return m_value.contains(key); }

    // An object with these members and, if it is closed, no others.
    void fields(std::initializer_list<JsonField> fields, bool isClosed = false) const;

    // A member that is there, and every element or member of it.
    JsonShape member(std::string_view key) const;
    void each(const std::function<void(const JsonShape&)>& check) const;
    void eachMember(const std::function<void(const JsonShape&)>& check) const;

    // Every element is of that kind (numbers may be null).
    void listOf(JsonKind kind) const;
    void require(JsonKind kind) const;

    // Throws Error(InputFile): "WHAT: PATH: MESSAGE".
    [[noreturn]] void refuse(const std::string& message) const;

private:
    const Json& m_value;
    std::string_view m_what;
    std::string m_path;
};

}  // namespace driftlens
