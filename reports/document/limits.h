// What a report does not establish: always said, and derived from what is in it.
#pragma once

#include "core/base/json.h"

#include <string>
#include <vector>

namespace driftlens {

std::vector<std::string> limitsOf(const Json& report);

// Which weights and arithmetic were explained, and that the deployed kernels were not, unless
// answers of the deployed runtime were observed.
std::string computeSentence(const Json& report);

}  // namespace driftlens
