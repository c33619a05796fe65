// The files that explain writes.
#pragma once

#include "engine/compare/explain.h"

#include <string>
#include <string_view>

namespace driftlens {

enum class ExplanationFormat { Text, JsonText, CsvTable, HtmlPage, SvgPicture };

// By the ending of a file's name, whatever its case; another ending than those is text.
ExplanationFormat explanationFormatOf(const std::string& file);

std::string_view explanationFormatName(ExplanationFormat format);  // "text", "json", …

// `command` is what a page says it was made with.
std::string explanationIn(ExplanationFormat format, const Explanation& explanation,
                          const std::string& command, const JsonOptions& options);

}  // namespace driftlens
