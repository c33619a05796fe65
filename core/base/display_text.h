// Text of unknown origin for people's eyes: tokens, labels and prompts in tables and figures.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace driftlens {

// One line of well-formed UTF-8 that leaves what stands around it as it is: control characters as
// their pictures (␉, ⏎), invisible ones that reorder or hide text as their code (⟨U+202E⟩), bytes
// that are no UTF-8 as ⟨FF⟩. All else stays.
std::string displayText(std::string_view text);

// Columns that a terminal takes for the text: two for wide characters (Unicode Standard Annex 11),
// none for marks that combine with the one before.
std::size_t displayColumns(std::string_view text);

// The text with U+FFFD in the place of what XML cannot hold: bytes that are no UTF-8, control
// characters but tab and line ends, U+FFFE and U+FFFF. escapeXml() of text.h does this, too.
std::string textForXml(std::string_view text);

}  // namespace driftlens
