#include "xai/groups.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/segments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

namespace driftlens {
namespace {

constexpr std::string_view kSpans = "spans=";

struct UnitName {
    GroupUnit unit;
    std::string_view name, plural;
};
constexpr std::array<UnitName, 4> kUnits = {{{GroupUnit::Token, "token", "tokens"},
                                             {GroupUnit::Word, "word", "words"},
                                             {GroupUnit::Sentence, "sentence", "sentences"},
                                             {GroupUnit::Span, "span", "spans"}}};

const UnitName& nameOf(GroupUnit unit) {
    return *std::find_if(kUnits.begin(), kUnits.end(),
                         [&](const UnitName& each) { return each.unit == unit; });
}

std::string rangeText(ByteRange range) {
    return std::to_string(range.begin) + "-" + std::to_string(range.end);
}

[[noreturn]] void refuse(const std::string& span, const std::string& why) {
    throw Error(ErrorKind::Usage, "--group spans: " + span + " " + why);
}

ByteRange parseSpan(const std::string& text) {
    ByteRange out;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, out.begin);
    const bool hasDash = first.ec == std::errc() && first.ptr != end && *first.ptr == '-';
    const auto last = hasDash ? std::from_chars(first.ptr + 1, end, out.end) : first;
    if (!hasDash || last.ec != std::errc() || last.ptr != end)
        refuse(inQuotes(text), "is no byte range BEGIN-END, as in spans=0-12,13-30");
    if (out.begin >= out.end) refuse(rangeText(out), "is empty");
    return out;
}

std::vector<ByteRange> parseSpans(std::string_view text) {
    std::vector<ByteRange> out;
    for (const std::string& part : splitText(text, ',')) {
        const ByteRange span = parseSpan(std::string(trimmed(part)));
        if (!out.empty() && span.begin < out.back().end)
            refuse(rangeText(span), "begins before " + rangeText(out.back()) +
                                        " ends; spans ascend and do not overlap");
        out.push_back(span);
    }
    return out;
}

bool isInsideCharacter(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

void checkSpan(std::string_view text, ByteRange span) {
    if (span.end > text.size())
        refuse(rangeText(span),
               "ends outside the prompt, which has " + std::to_string(text.size()) + " bytes");
    for (const std::size_t at : {span.begin, span.end}) {
        if (isInsideCharacter(text, at))
            refuse(rangeText(span), "cuts a character at byte " + std::to_string(at));
    }
}

std::vector<ByteRange> unitsOf(std::string_view text, const Grouping& grouping) {
    if (grouping.unit == GroupUnit::Word) return wordsOf(text);
    if (grouping.unit == GroupUnit::Sentence) return sentencesOf(text);
    return grouping.spans;
}

// Of the unit that holds the token's first byte which is not white space.
std::optional<std::size_t> unitOf(const Token& token, std::string_view text,
                                  const std::vector<ByteRange>& units) {
    if (!token.bytes || token.sequence != 0) return std::nullopt;
    const ByteRange visible = withoutOuterSpace(text, *token.bytes);
    if (visible.begin == visible.end) return std::nullopt;
    const auto after =
        std::upper_bound(units.begin(), units.end(), visible.begin,
                         [](std::size_t at, const ByteRange& unit) { return at < unit.begin; });
    if (after == units.begin() || visible.begin >= std::prev(after)->end) return std::nullopt;
    return static_cast<std::size_t>(after - units.begin()) - 1;
}

ScoreGroup unitGroup(std::string_view text, ByteRange unit) {
    return {std::string(text.substr(unit.begin, unit.end - unit.begin)), unit, {}, 0.0};
}

ScoreGroup loneGroup(const Token& token) {
    return {readablePiece(token.text), token.bytes.value_or(ByteRange{}), {}, 0.0};
}

// Groups with their tokens, without scores.
std::vector<ScoreGroup> groupsOf(const TokenizedInput& input, const std::vector<ByteRange>& units) {
    std::vector<ScoreGroup> out;
    std::map<std::size_t, std::size_t> groupOfUnit;
    for (std::size_t i = 0; i < input.tokens.size(); ++i) {
        const Token& token = input.tokens[i];
        const std::optional<std::size_t> unit = unitOf(token, input.text, units);
        std::size_t group = out.size();
        if (unit) group = groupOfUnit.emplace(*unit, group).first->second;
        if (group == out.size())
            out.push_back(unit ? unitGroup(input.text, units[*unit]) : loneGroup(token));
        out[group].tokens.push_back(i);
    }
    return out;
}

std::string ruleOf(GroupUnit unit) {
    const UnitName& name = nameOf(unit);
    const std::string units(name.plural);
    const std::string found =
        unit == GroupUnit::Span ? units + " as given" : units + " by Unicode Standard Annex 29";
    return found + "; scores of the tokens of a " + std::string(name.name) +
           " are added; a token belongs to where its first byte that is not white space lies; "
           "tokens in none, special ones among them, stand alone";
}

}  // namespace

Grouping Grouping::parse(std::string_view text) {
    if (text.starts_with(kSpans)) return {GroupUnit::Span, parseSpans(text.substr(kSpans.size()))};
    for (const UnitName& each : kUnits) {
        if (each.unit != GroupUnit::Span && (text == each.name || text == each.plural))
            return {each.unit, {}};
    }
    throw Error(ErrorKind::Usage, "--group " + inQuotes(text) +
                                      " is unknown; known: token, word, sentence, spans=A-B,C-D");
}

std::string Grouping::text() const {
    if (unit != GroupUnit::Span) return std::string(nameOf(unit).name);
    std::string out;
    for (const ByteRange& span : spans)
        out += std::string(out.empty() ? kSpans : ",") + rangeText(span);
    return out;
}

void checkGrouping(const TokenizedInput& input, const Grouping& grouping) {
    if (grouping.unit == GroupUnit::Token) return;
    if (input.text.empty())
        throw Error(ErrorKind::Usage, "--group " + grouping.text() +
                                          " needs a text: the input was given as token ids, which "
                                          "have no byte ranges; use --prompt or --group token");
    for (const ByteRange& span : grouping.spans) {
        checkSpan(input.text, span);
        const bool holdsToken = std::any_of(
            input.tokens.begin(), input.tokens.end(),
            [&](const Token& token) { return unitOf(token, input.text, {span}).has_value(); });
        if (!holdsToken)
            refuse(rangeText(span),
                   "holds the beginning of no token; tokenize prints their ranges");
    }
}

GroupedScores groupScores(const Attribution& attribution, const TokenizedInput& input,
                          const Grouping& grouping) {
    checkGrouping(input, grouping);
    if (grouping.unit == GroupUnit::Token) return {};
    if (!attribution.parts.empty()) {
        return {{},
                "none: the scores belong to parts of the network, which are in no " +
                    std::string(nameOf(grouping.unit).name)};
    }
    GroupedScores out{groupsOf(input, unitsOf(input.text, grouping)), ruleOf(grouping.unit)};
    for (ScoreGroup& group : out.groups)
        for (const std::size_t token : group.tokens) group.score += attribution.scores[token];
    return out;
}

}  // namespace driftlens
