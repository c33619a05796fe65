// SentencePiece's precompiled table of replacements: a Darts double array over UTF-8 prefixes.
#pragma once

#include "core/tokenizer/aligned_text.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Nothing if the text is no base64 (RFC 4648, padded).
std::optional<std::string> decodeBase64(std::string_view text);

// Immutable and thread-safe.
class PrecompiledMap {
public:
    struct Replacement {
        std::size_t length = 0;  // bytes of the text that are replaced
        std::string_view text;
    };

    // Throws Error(InputFile), naming `what`, if the table is cut, its trie leaves it, or its texts
    // are not UTF-8.
    PrecompiledMap(std::string_view bytes, const std::string& what);

    // The replacement of the shortest or of the longest prefix that has one.
    std::optional<Replacement> find(std::string_view text, bool takesLongest) const;

    // As the tokenizers library does: clusters of fewer than 6 bytes first, of which the shortest
    // prefix decides, then single code points.
    void normalizeGraphemes(AlignedText& text) const;

private:
    void check(const std::string& what) const;
    std::vector<std::uint32_t> m_units;
    std::string m_texts;  // each ends with a zero byte
};

}  // namespace driftlens
