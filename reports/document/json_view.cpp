#include "reports/document/json_view.h"

#include "core/base/text.h"

#include <charconv>

namespace driftlens {

const Json& memberOf(const Json& object, std::string_view key) {
    static const Json kAbsent;
    if (!object.is_object()) return kAbsent;
    const auto found = object.find(key);
    return found == object.end() ? kAbsent : *found;
}

const Json& valueAt(const Json& object, std::string_view path) {
    static const Json kAbsent;
    const Json* at = &object;
    for (const std::string& part : splitText(path.substr(1), '/')) {
        if (!at->is_array()) {
            at = &memberOf(*at, part);
            continue;
        }
        std::size_t index = at->size();  // of what is no number: absent
        std::from_chars(part.data(), part.data() + part.size(), index);
        at = index < at->size() ? &(*at)[index] : &kAbsent;
    }
    return *at;
}

std::string textOf(const Json& value, std::string_view fallback) {
    return value.is_string() ? value.get<std::string>() : std::string(fallback);
}

std::optional<double> numberOf(const Json& value) {
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::vector<double> numbersOf(const Json& list) {
    std::vector<double> out;
    for (const Json& each : list.is_array() ? list : Json::array())
        out.push_back(numberOf(each).value_or(0.0));
    return out;
}

bool isTrue(const Json& value) {
    return value.is_boolean() && value.get<bool>();
}

std::string modelName(const Json& model) {
    if (const Json& name = memberOf(model, "name"); name.is_string()) return name;
    if (const Json& name = memberOf(model, "model"); name.is_string()) return name;
    std::string path = textOf(memberOf(model, "path"), "(unnamed model)");
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    const std::string scheme = textOf(memberOf(model, "scheme"), "none");
    const std::string last = path.substr(path.rfind('/') + 1);
    return scheme == "none" || last.find('@') != std::string::npos ? last : last + "@" + scheme;
}

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string percentText(double share) {
    return formatNumber(share * 100.0, 3) + " %";
}

}  // namespace driftlens
