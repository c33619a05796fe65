// Small text helpers that several folders need.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// True if the bytes are well-formed UTF-8 (no surrogates, no overlong forms).
bool isValidUtf8(std::string_view text);

// The text in quotes for an error message: control characters escaped, cut after maxBytes.
std::string inQuotes(std::string_view text, std::size_t maxBytes = 60);

std::vector<std::string> splitText(std::string_view text, char separator);
std::string_view trimmed(std::string_view text);

// "12.3 MB", "640 B": decimal units.
std::string formatBytes(unsigned long long bytes);

// A number for a table, with that many significant digits ("0.0123", "1.2e-07", "n/a" if not
// finite).
std::string formatNumber(double value, int significantDigits = 4);

// The text with &, <, >, and quotes replaced, for HTML and SVG.
std::string escapeXml(std::string_view text);

}  // namespace driftlens
