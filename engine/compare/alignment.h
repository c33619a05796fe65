// Tokens of one text as several tokenizers cut it, brought to one footing by their byte ranges.
#pragma once

#include "xai/attribution.h"

#include <cstddef>
#include <span>
#include <vector>

namespace driftlens {

// The finest pieces of the text that every tokenizer cuts at. A unit of several tokens has the
// text that they cover and the id of the first one.
struct TokenUnits {
    std::vector<Token> tokens;
    // Per input, in the order given: the unit of each of its tokens.
    std::vector<std::vector<std::size_t>> unitOf;
};

// Special tokens have no bytes: those before the text are matched from its front, those behind it
// in their order. A unit that an input has no token for scores 0 there.
TokenUnits alignByBytes(std::span<const TokenizedInput* const> inputs);

// Scores of the tokens of one unit are added, the text's sum stays what it was; of attention maps
// the keys of a unit are added, its queries averaged. Virtual tokens stay as they are.
std::vector<double> inUnits(const std::vector<double>& scores,
                            const std::vector<std::size_t>& unitOf, std::size_t units);
Attribution inUnits(Attribution attribution, const std::vector<std::size_t>& unitOf,
                    std::size_t units);

}  // namespace driftlens
