// Tokens on top of a model's vocabulary: found in the text before the model sees it.
#pragma once

#include "core/base/json.h"
#include "core/tokenizer/byte_trie.h"
#include "core/tokenizer/model.h"
#include "core/tokenizer/stages.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace driftlens {

struct AddedToken {
    std::string content;
    bool isSpecial = false;
    bool isSingleWord = false;                   // not beside a letter, mark, digit or "_"
    bool takesLeft = false, takesRight = false;  // white space on that side belongs to it
    bool isNormalized = false;                   // found in the normalised text, after all others
    std::string shown;  // what decoding begins from; filled by the vocabulary
};

// Reads "added_tokens" of a tokenizer.json. Throws Error(InputFile) for an id that is none, and for
// two contents with one id.
std::vector<AddedToken> readAddedTokens(const JsonObject& config);

// Immutable and thread-safe.
class AddedVocabulary {
public:
    AddedVocabulary() = default;
    // Ids are those that the model gives the same text, else the next free ones, as the reference
    // library counts them.
    AddedVocabulary(std::vector<AddedToken> tokens, const TokenModel& model,
                    const Normalizer& normalizer, const std::string& what);

    const AddedToken* find(std::int64_t id) const;
    std::optional<std::int64_t> idOf(std::string_view content) const;
    // Whether a special token has this content: what decoding leaves out on demand.
    bool isSpecialContent(std::string_view content) const;
    std::int64_t largestId() const { return m_largestId; }

    // The text cut at added tokens, the rest normalised. Without special tokens only those that are
    // not special are found.
    CutText cut(std::string_view text, const Normalizer& normalizer, bool findsSpecial) const;

private:
    struct Finders {
        ByteTrie raw, normalized;
    };

    void build(const std::vector<std::int32_t>& ids, bool withSpecial, Finders& out) const;
    std::vector<Cut> find(std::string_view text, const ByteTrie& trie) const;
    std::optional<Cut> adjusted(std::string_view text, Cut cut, std::size_t claimed) const;

    std::unordered_map<std::int64_t, AddedToken> m_byId;
    std::unordered_map<std::string, std::int32_t> m_ids;
    std::int64_t m_largestId = -1;
    Finders m_all, m_notSpecial;
};

}  // namespace driftlens
