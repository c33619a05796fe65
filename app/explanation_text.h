// Explanations and the cards of methods for the terminal.
#pragma once

#include "engine/compare/explain.h"
#include "engine/compare/method_card.h"

#include <string>

namespace driftlens {

// A row per token, part or group with its score, and a bar that needs no colour; coloured if asked.
std::string explanationText(const Explanation& explanation, bool isColoured);

std::string methodCardText(const MethodCard& card);

}  // namespace driftlens
