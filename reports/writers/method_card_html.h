// The card of an explanation method, folded, for the pages that show its scores.
#pragma once

#include <string>
#include <string_view>

namespace driftlens {

std::string methodCardHtml(std::string_view method);

}  // namespace driftlens
