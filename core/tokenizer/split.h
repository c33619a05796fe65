// Cutting a text at what matches, and what becomes of the matches.
#pragma once

#include "core/tokenizer/aligned_text.h"
#include "core/tokenizer/regex.h"

#include <functional>
#include <string>
#include <vector>

namespace driftlens {

// How a delimiter is treated ("tokenizers" calls it SplitDelimiterBehavior).
enum class Behavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

// Throws Error(InputFile), naming `what`, for another name.
Behavior behaviorNamed(const std::string& name, const std::string& what);

// Finds the delimiters of a piece, in order; clears `out` first.
using Finder = std::function<void(std::string_view piece, std::vector<Match>& out)>;

// Cuts every piece that is no added token; empty pieces vanish. `isInverted`: what lies between the
// matches are the delimiters.
void splitPieces(CutText& text, const Finder& find, Behavior behavior, bool isInverted = false);

}  // namespace driftlens
