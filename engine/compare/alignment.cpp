#include "engine/compare/alignment.h"

#include <algorithm>
#include <map>
#include <utility>

namespace driftlens {
namespace {

// Where a unit stands: before, in or behind the text, and its number or first byte there.
using UnitKey = std::pair<int, std::size_t>;

// The first byte of the segment that holds each byte: a segment ends where no token crosses.
std::vector<std::size_t> segmentStarts(std::span<const TokenizedInput* const> inputs,
                                       std::size_t length) {
    std::vector<bool> isBoundary(length + 1, false), isCrossed(length + 1, false);
    for (const TokenizedInput* input : inputs) {
        for (const Token& token : input->tokens) {
            if (!token.bytes) continue;
            isBoundary[token.bytes->begin] = isBoundary[token.bytes->end] = true;
            for (std::size_t p = token.bytes->begin + 1; p < token.bytes->end; ++p)
                isCrossed[p] = true;
        }
    }
    std::vector<std::size_t> starts(length + 1, 0);
    for (std::size_t p = 1; p <= length; ++p)
        starts[p] = isBoundary[p] && !isCrossed[p] ? p : starts[p - 1];
    return starts;
}

std::vector<UnitKey> keysOf(const TokenizedInput& input, const std::vector<std::size_t>& starts) {
    std::vector<UnitKey> keys;
    bool isInText = false;
    std::size_t before = 0, behind = 0;
    for (const Token& token : input.tokens) {
        isInText = isInText || token.bytes.has_value();
        if (token.bytes) {
            // A token without bytes of its own belongs to what stands before it.
            const bool isEmpty = token.bytes->begin == token.bytes->end && token.bytes->begin > 0;
            keys.emplace_back(1, starts[token.bytes->begin - (isEmpty ? 1 : 0)]);
        } else {
            keys.push_back(isInText ? UnitKey(2, behind++) : UnitKey(0, before++));
        }
    }
    return keys;
}

void widen(Token& unit, const Token& token, const std::string& text) {
    if (!unit.bytes || !token.bytes) return;
    const ByteRange whole{std::min(unit.bytes->begin, token.bytes->begin),
                          std::max(unit.bytes->end, token.bytes->end)};
    if (whole == *unit.bytes) return;  // a token of the first input keeps its text
    unit.bytes = whole;
    unit.text = text.substr(unit.bytes->begin, unit.bytes->end - unit.bytes->begin);
}

AttentionMap inUnits(const AttentionMap& map, const std::vector<std::size_t>& unitOf,
                     std::size_t units) {
    const auto size = static_cast<std::size_t>(map.size);
    const std::size_t first = size - unitOf.size();  // virtual tokens
    const auto place = [&](std::size_t i) { return i < first ? i : first + unitOf[i - first]; };
    const std::size_t newSize = first + units;
    std::vector<double> sums(newSize * newSize, 0.0);
    std::vector<double> queries(newSize, 0.0);
    for (std::size_t q = 0; q < size; ++q) {
        ++queries[place(q)];
        for (std::size_t k = 0; k < size; ++k)
            sums[place(q) * newSize + place(k)] += map.values[q * size + k];
    }
    AttentionMap out{map.layer, map.head, static_cast<std::int64_t>(newSize), {}};
    for (std::size_t i = 0; i < sums.size(); ++i)
        out.values.push_back(static_cast<float>(sums[i] / std::max(1.0, queries[i / newSize])));
    return out;
}

}  // namespace

TokenUnits alignByBytes(std::span<const TokenizedInput* const> inputs) {
    std::size_t length = 0;
    for (const TokenizedInput* input : inputs) {
        for (const Token& token : input->tokens)
            if (token.bytes) length = std::max(length, token.bytes->end);
    }
    const std::vector<std::size_t> starts = segmentStarts(inputs, length);
    std::map<UnitKey, Token> units;
    std::vector<std::vector<UnitKey>> keys;
    for (const TokenizedInput* input : inputs) {
        keys.push_back(keysOf(*input, starts));
        for (std::size_t i = 0; i < input->tokens.size(); ++i) {
            const auto [unit, isNew] = units.emplace(keys.back()[i], input->tokens[i]);
            if (!isNew) widen(unit->second, input->tokens[i], input->text);
        }
    }
    TokenUnits out;
    std::map<UnitKey, std::size_t> places;
    for (auto& [key, token] : units) {
        places[key] = out.tokens.size();
        out.tokens.push_back(std::move(token));
    }
    for (const std::vector<UnitKey>& own : keys) {
        std::vector<std::size_t>& unitOf = out.unitOf.emplace_back();
        for (const UnitKey& key : own) unitOf.push_back(places.at(key));
    }
    return out;
}

std::vector<double> inUnits(const std::vector<double>& scores,
                            const std::vector<std::size_t>& unitOf, std::size_t units) {
    std::vector<double> out(units, 0.0);
    for (std::size_t i = 0; i < unitOf.size(); ++i) out[unitOf[i]] += scores[i];
    return out;
}

Attribution inUnits(Attribution attribution, const std::vector<std::size_t>& unitOf,
                    std::size_t units) {
    attribution.scores = inUnits(attribution.scores, unitOf, units);
    for (AttentionMap& map : attribution.attention) map = inUnits(map, unitOf, units);
    for (AnswerTokenScores& token : attribution.answerTokens)
        token.scores = inUnits(token.scores, unitOf, units);
    if (attribution.interactions) {
        for (std::vector<std::size_t>& tokens : attribution.interactions->units) {
            for (std::size_t& token : tokens) token = unitOf[token];
            std::sort(tokens.begin(), tokens.end());
            tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
        }
    }
    for (Edit& edit : attribution.edits)
        for (std::size_t& token : edit.tokens) token = unitOf[token];
    // Of a sum's parts they say nothing of the sum.
    attribution.standardError.clear();
    attribution.norms.clear();
    return attribution;
}

}  // namespace driftlens
