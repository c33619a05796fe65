// What is put around the tokens of a text or of two texts.
#pragma once

#include "core/base/json.h"
#include "core/tokenizer/tokenizer.h"

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

using TokenLists = std::vector<std::vector<Token>>;  // one per text, later their parts in order
using Texts = std::array<std::string_view, 2>;

// One step, immutable. `apply` sets type ids even where no special tokens are wanted.
struct PostStep {
    std::function<void(TokenLists& lists, const Texts& texts, bool addsSpecial)> apply;
    std::size_t addedToSingle = 0, addedToPair = 0;  // tokens
    bool isTemplate = false;                         // takes one or two lists apart
};
using PostProcessor = std::vector<PostStep>;

// Throws Error(InputFile) for a malformed component, Error(Unsupported) for an unknown type and for
// two templates in one sequence.
PostProcessor makePostProcessor(const Json& config, const std::string& what);
std::vector<std::string_view> postProcessorTypes();

}  // namespace driftlens
