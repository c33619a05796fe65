#include "core/tokenizer/added_tokens.h"

#include "core/tokenizer/component.h"

#include <algorithm>
#include <map>

namespace driftlens {
namespace {

// Longer contents would make finding them quadratic in hostile texts.
constexpr std::size_t kLongestContent = 1024;

std::size_t pointBefore(std::string_view text, std::size_t at) {
    do --at;
    while (at > 0 && isTailByte(text[at]));
    return at;
}

bool endsWithWord(std::string_view text) {
    if (text.empty()) return false;
    std::size_t at = pointBefore(text, text.size());
    return isWordPoint(nextPoint(text, at));
}

bool startsWithWord(std::string_view text) {
    std::size_t at = 0;
    return !text.empty() && isWordPoint(nextPoint(text, at));
}

}  // namespace

std::vector<AddedToken> readAddedTokens(const JsonObject& config) {
    std::vector<AddedToken> out;
    if (!config.has("added_tokens")) return out;
    std::map<std::int64_t, std::string> contents;
    for (const Json& item : listOf(config, "added_tokens")) {
        const JsonObject object(item, config.what() + ": added_tokens");
        const std::int64_t id = object.integer("id", 0, kLargestTokenId);
        AddedToken token;
        token.content = object.string("content");
        token.isSpecial = object.boolean("special", false);
        token.isSingleWord = object.boolean("single_word", false);
        token.takesLeft = object.boolean("lstrip", false);
        token.takesRight = object.boolean("rstrip", false);
        token.isNormalized = object.boolean("normalized", !token.isSpecial);
        if (token.content.size() > kLongestContent)
            malformed(object.what(), "content of " + std::to_string(token.content.size()) +
                                         " bytes, the limit is " + std::to_string(kLongestContent));
        const auto [known, isNew] = contents.emplace(id, token.content);
        if (!isNew && known->second != token.content)
            malformed(object.what(), inQuotes(known->second) + " and " + inQuotes(token.content) +
                                         " share the id " + std::to_string(id));
        if (!token.content.empty()) out.push_back(std::move(token));
    }
    return out;
}

AddedVocabulary::AddedVocabulary(std::vector<AddedToken> tokens, const TokenModel& model,
                                 const Normalizer& normalizer, const std::string& what) {
    std::int64_t next = static_cast<std::int64_t>(model.vocabulary().size());
    std::vector<std::int32_t> order;
    for (AddedToken& token : tokens) {
        const auto known = m_ids.find(token.content);
        std::int32_t id =
            known != m_ids.end() ? known->second : model.vocabulary().find(token.content);
        if (id == PieceTable::kNone) {
            if (next > kLargestTokenId) malformed(what, "added_tokens: no id is left");
            id = static_cast<std::int32_t>(next++);
        }
        AlignedText shown = AlignedText::of(token.content, 0);
        if (token.isNormalized) normalizer(shown);
        token.shown = shown.text;
        m_ids[token.content] = id;
        m_largestId = std::max<std::int64_t>(m_largestId, id);
        m_byId[id] = std::move(token);
        order.push_back(id);
    }
    build(order, true, m_all);
    build(order, false, m_notSpecial);
}

void AddedVocabulary::build(const std::vector<std::int32_t>& ids, bool withSpecial,
                            Finders& out) const {
    std::vector<std::pair<std::string_view, std::int32_t>> raw, normalized;
    for (const std::int32_t id : ids) {
        const AddedToken& token = m_byId.at(id);
        if (token.isSpecial && !withSpecial) continue;
        if (token.isNormalized) {
            normalized.emplace_back(token.shown, id);
        } else {
            raw.emplace_back(token.content, id);
        }
    }
    out.raw = ByteTrie(std::move(raw));
    out.normalized = ByteTrie(std::move(normalized));
}

const AddedToken* AddedVocabulary::find(std::int64_t id) const {
    const auto found = m_byId.find(id);
    return found == m_byId.end() ? nullptr : &found->second;
}

std::optional<std::int64_t> AddedVocabulary::idOf(std::string_view content) const {
    const auto found = m_ids.find(std::string(content));
    return found == m_ids.end() ? std::nullopt : std::optional<std::int64_t>(found->second);
}

bool AddedVocabulary::isSpecialContent(std::string_view content) const {
    const auto id = idOf(content);
    return id && find(*id)->isSpecial;
}

// With the white space that belongs to the token; nothing if it is not a word of its own. `claimed`
// is the end of the token before.
std::optional<Cut> AddedVocabulary::adjusted(std::string_view text, Cut cut,
                                             std::size_t claimed) const {
    const AddedToken& token = m_byId.at(cut.addedId);
    if (token.isSingleWord &&
        (endsWithWord(text.substr(0, cut.begin)) || startsWithWord(text.substr(cut.end))))
        return std::nullopt;
    std::size_t begin = cut.begin;
    while (token.takesLeft && begin > claimed) {
        const std::size_t before = pointBefore(text, begin);
        std::size_t at = before;
        if (!isSpacePoint(nextPoint(text, at))) break;
        begin = before;
    }
    if (token.takesLeft) begin = std::max(begin, claimed);
    std::size_t end = cut.end;
    for (std::size_t at = end; token.takesRight && at < text.size(); end = at) {
        if (!isSpacePoint(nextPoint(text, at))) break;
    }
    return Cut{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), cut.addedId};
}

// The leftmost, of those the longest. A match that is refused still moves the search past itself.
std::vector<Cut> AddedVocabulary::find(std::string_view text, const ByteTrie& trie) const {
    std::vector<Cut> out;
    std::size_t claimed = 0;
    const auto plain = [&](std::size_t end) {
        if (claimed < end)
            out.push_back({static_cast<std::uint32_t>(claimed), static_cast<std::uint32_t>(end)});
    };
    for (std::size_t at = 0; !trie.empty() && at < text.size();) {
        const auto [length, id] = trie.canStart(text[at])
                                      ? trie.longestPrefix(text.substr(at))
                                      : std::pair<std::size_t, std::int32_t>{0, ByteTrie::kNone};
        if (length == 0) {
            ++at;
            continue;
        }
        const Cut match{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + length),
                        id};
        at += length;
        const auto cut = adjusted(text, match, claimed);
        if (!cut) continue;
        plain(cut->begin);
        if (cut->begin < cut->end) out.push_back(*cut);
        claimed = cut->end;
    }
    plain(text.size());
    return out;
}

CutText AddedVocabulary::cut(std::string_view text, const Normalizer& normalizer,
                             bool findsSpecial) const {
    const Finders& finders = findsSpecial ? m_all : m_notSpecial;
    CutText out;
    for (const Cut& raw : find(text, finders.raw)) {
        AlignedText part = AlignedText::of(text.substr(raw.begin, raw.end - raw.begin), raw.begin);
        if (raw.addedId < 0) normalizer(part);
        const auto shift = static_cast<std::uint32_t>(out.aligned.text.size());
        const auto size = static_cast<std::uint32_t>(part.text.size());
        if (raw.addedId >= 0) {
            out.cuts.push_back({shift, shift + size, raw.addedId});
        } else {
            for (const Cut& cut : find(part.text, finders.normalized))
                out.cuts.push_back({cut.begin + shift, cut.end + shift, cut.addedId});
        }
        if (shift == 0) {
            out.aligned = std::move(part);
        } else {
            out.aligned.append(part, 0, size);
        }
    }
    return out;
}

}  // namespace driftlens
