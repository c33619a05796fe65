// Cutting and padding.
#include "core/tokenizer/component.h"
#include "core/tokenizer/parts.h"

#include <algorithm>

namespace driftlens {
namespace {

using Strategy = Truncation::Strategy;

void cutTo(std::vector<Token>& tokens, std::size_t size, Side side) {
    if (size >= tokens.size()) return;
    const auto excess = static_cast<std::ptrdiff_t>(tokens.size() - size);
    if (side == Side::Right) {
        tokens.erase(tokens.end() - excess, tokens.end());
    } else {
        tokens.erase(tokens.begin(), tokens.begin() + excess);
    }
}

// The longer of two texts is cut to the length of the shorter, then both to half each.
void cutLongestFirst(TokenLists& lists, std::size_t limit, Side side) {
    if (lists.size() == 1) return cutTo(lists[0], limit, side);
    const bool isSwapped = lists[0].size() > lists[1].size();
    std::size_t shorter = std::min(lists[0].size(), lists[1].size());
    std::size_t longer = shorter > limit ? shorter : std::max(shorter, limit - shorter);
    if (shorter + longer > limit) {
        shorter = limit / 2;
        longer = shorter + limit % 2;
    }
    cutTo(lists[0], isSwapped ? longer : shorter, side);
    cutTo(lists[1], isSwapped ? shorter : longer, side);
}

void cutOne(TokenLists& lists, std::size_t index, std::size_t excess, Side side) {
    if (index >= lists.size())
        throw Error(ErrorKind::Usage, "truncation of the second text, but there is one text");
    if (lists[index].size() <= excess) {
        throw Error(ErrorKind::Usage, "truncation: the text to cut has " +
                                          std::to_string(lists[index].size()) + " tokens, and " +
                                          std::to_string(excess) + " would have to go");
    }
    cutTo(lists[index], lists[index].size() - excess, side);
}

template <typename Value>
Value oneOf(const JsonObject& config, std::string_view key, const std::string& name,
            std::initializer_list<std::pair<std::string_view, Value>> values) {
    for (const auto& [known, value] : values) {
        if (known == name) return value;
    }
    malformed(config.what(), std::string(key) + " is " + inQuotes(name));
}

constexpr std::int64_t kLargestLength = std::int64_t{1} << 31;

Side sideOf(const JsonObject& config) {
    return oneOf<Side>(config, "direction", config.string("direction", "Right"),
                       {{"Left", Side::Left}, {"Right", Side::Right}});
}

}  // namespace

void truncate(TokenLists& lists, const Truncation& truncation, std::size_t added) {
    if (added > truncation.maxLength) {
        throw Error(ErrorKind::Usage, "truncation to " + std::to_string(truncation.maxLength) +
                                          " tokens leaves no room for " + std::to_string(added) +
                                          " special tokens");
    }
    const std::size_t limit = truncation.maxLength - added;
    std::size_t total = 0;
    for (const auto& list : lists) total += list.size();
    if (total <= limit) return;
    if (limit == 0) {
        for (auto& list : lists) list.clear();
    } else if (truncation.strategy == Strategy::LongestFirst) {
        cutLongestFirst(lists, limit, truncation.side);
    } else {
        cutOne(lists, truncation.strategy == Strategy::OnlyFirst ? 0 : 1, total - limit,
               truncation.side);
    }
}

void pad(std::vector<TokenizedInput>& inputs, const Padding& padding) {
    std::size_t length = padding.fixedLength.value_or(0);
    for (const TokenizedInput& input : inputs) {
        if (!padding.fixedLength) length = std::max(length, input.tokens.size());
    }
    if (padding.multipleOf > 1)
        length = (length + padding.multipleOf - 1) / padding.multipleOf * padding.multipleOf;
    Token token{padding.id, padding.piece, std::nullopt, true, padding.typeId};
    token.isInserted = token.isPadding = true;
    for (TokenizedInput& input : inputs) {
        if (input.tokens.size() >= length) continue;
        const auto at = padding.side == Side::Left ? input.tokens.begin() : input.tokens.end();
        input.tokens.insert(at, length - input.tokens.size(), token);
    }
}

std::optional<Truncation> readTruncation(const JsonObject& root) {
    if (!root.has("truncation")) return std::nullopt;
    const JsonObject config = root.object("truncation");
    Truncation out;
    out.maxLength = static_cast<std::size_t>(config.integer("max_length", 0, kLargestLength));
    out.stride = static_cast<std::size_t>(config.integer("stride", 0, kLargestLength, 0));
    out.side = sideOf(config);
    out.strategy = oneOf<Strategy>(config, "strategy", config.string("strategy", "LongestFirst"),
                                   {{"LongestFirst", Strategy::LongestFirst},
                                    {"OnlyFirst", Strategy::OnlyFirst},
                                    {"OnlySecond", Strategy::OnlySecond}});
    return out;
}

std::optional<Padding> readPadding(const JsonObject& root) {
    if (!root.has("padding")) return std::nullopt;
    const JsonObject config = root.object("padding");
    Padding out;
    const Json* strategy = config.find("strategy");
    if (strategy != nullptr && strategy->is_object()) {
        out.fixedLength =
            static_cast<std::size_t>(JsonObject(*strategy, config.what() + ": strategy")
                                         .integer("Fixed", 0, kLargestLength));
    } else {
        oneOf<bool>(config, "strategy", config.string("strategy", "BatchLongest"),
                    {{"BatchLongest", true}});
    }
    out.side = sideOf(config);
    out.multipleOf =
        static_cast<std::size_t>(config.integer("pad_to_multiple_of", 0, kLargestLength, 1));
    out.id = config.integer("pad_id", 0, kLargestTokenId, 0);
    out.typeId = config.integer("pad_type_id", 0, kLargestTokenId, 0);
    out.piece = config.string("pad_token", "[PAD]");
    return out;
}

}  // namespace driftlens
