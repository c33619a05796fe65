// Reading the JSON of a report for people: what is absent is a value, never an error.
#pragma once

#include "core/base/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// The member, or null where there is none or `object` is no object.
const Json& memberOf(const Json& object, std::string_view key);
// The same along "/a/b/0".
const Json& valueAt(const Json& object, std::string_view path);

std::string textOf(const Json& value, std::string_view fallback = "");
std::optional<double> numberOf(const Json& value);
// Numbers of a list; whatever is none counts as 0.
std::vector<double> numbersOf(const Json& list);
bool isTrue(const Json& value);

// Short, for tables: as the engine names the model, else the last part of its path.
std::string modelName(const Json& model);

// "1 variant", "3 variants".
std::string counted(std::size_t count, std::string_view noun);

// A share as people say it: 0.0213 is "2.1 %".
std::string percentText(double share);

}  // namespace driftlens
