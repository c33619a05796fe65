// Oniguruma's syntax to PCRE2's, where they give the same words other meanings.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/regex.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <utility>

namespace driftlens {
namespace {

struct EscapeRow {
    char letter;
    std::string_view outside, inside;  // of a character class; empty: as it is
};

// White_Space without U+180E, Oniguruma's words (superscripts and fractions of Latin-1 count, but
// not inside a character class) and their bounds, and hexadecimal digits (PCRE2:
// white space).
#define DRIFTLENS_CLASS_WORD "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"
#define DRIFTLENS_WORD DRIFTLENS_CLASS_WORD "\\x{B2}\\x{B3}\\x{B9}\\x{BC}-\\x{BE}"
constexpr std::array<EscapeRow, 8> kEscapes = {{
    {'s', "\\p{White_Space}", "\\p{White_Space}"},
    {'S', "\\P{White_Space}", "\\P{White_Space}"},
    {'w', "[" DRIFTLENS_WORD "]", DRIFTLENS_CLASS_WORD},
    {'W', "[^" DRIFTLENS_WORD "]", ""},
    {'h', "[0-9a-fA-F]", "0-9a-fA-F"},
    {'H', "[^0-9a-fA-F]", ""},
    {'b',
     "(?:(?<=[" DRIFTLENS_WORD "])(?![" DRIFTLENS_WORD "])|(?<![" DRIFTLENS_WORD
     "])(?=[" DRIFTLENS_WORD "]))",
     "\\x08"},
    {'B',
     "(?:(?<=[" DRIFTLENS_WORD "])(?=[" DRIFTLENS_WORD "])|(?<![" DRIFTLENS_WORD
     "])(?![" DRIFTLENS_WORD "]))",
     ""},
}};

// POSIX classes that hold more in Oniguruma.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kPosix = {{
    {"alpha", "\\p{Alphabetic}"},
    {"alnum", "\\p{Alphabetic}\\p{Nd}"},
    {"lower", "\\p{Lowercase}"},
    {"punct", "\\p{P}\\p{S}"},
    {"space", "\\p{White_Space}"},
    {"upper", "\\p{Uppercase}"},
    {"word", DRIFTLENS_CLASS_WORD},
}};
#undef DRIFTLENS_WORD
#undef DRIFTLENS_CLASS_WORD

// PCRE2's script names take in the characters that several scripts share, and it has no long names
// of categories.
std::string propertyName(const std::string& name) {
    const int32_t script = u_getPropertyValueEnum(UCHAR_SCRIPT, name.c_str());
    if (name.size() > 2 && script != UCHAR_INVALID_CODE) return "sc:" + name;
    const int32_t mask = u_getPropertyValueEnum(UCHAR_GENERAL_CATEGORY_MASK, name.c_str());
    const char* category =
        mask == UCHAR_INVALID_CODE
            ? nullptr
            : u_getPropertyValueName(UCHAR_GENERAL_CATEGORY_MASK, mask, U_SHORT_PROPERTY_NAME);
    return name.size() > 2 && category != nullptr ? category : name;
}

class Translator {
public:
    Translator(std::string_view pattern, std::string_view what) : m_in(pattern), m_what(what) {}

    std::string run() {
        std::string out;
        while (m_at < m_in.size()) {
            if (m_in[m_at] == '\\') {
                out += escape(false);
            } else if (m_in[m_at] == '[') {
                out += characterClass();
            } else {
                out += m_in[m_at++];
            }
        }
        return out;
    }

private:
    [[noreturn]] void unsupported(std::string_view why) const {
        throw Error(ErrorKind::Unsupported, std::string(m_what) + ": pattern " + inQuotes(m_in) +
                                                " uses " + std::string(why) +
                                                ", which is not supported");
    }

    bool isHex(std::size_t at) const {
        constexpr std::string_view kHex = "0123456789abcdefABCDEF";
        return at < m_in.size() && kHex.find(m_in[at]) != std::string_view::npos;
    }

    std::string escape(bool isInClass) {
        if (m_at + 1 >= m_in.size()) return std::string(1, m_in[m_at++]);
        const char letter = m_in[m_at + 1];
        if (letter == 'u' && isHex(m_at + 2) && isHex(m_at + 3) && isHex(m_at + 4) &&
            isHex(m_at + 5)) {
            const std::string digits(m_in.substr(m_at + 2, 4));
            m_at += 6;
            return "\\x{" + digits + "}";
        }
        m_at += 2;
        if ((letter == 'p' || letter == 'P') && take("{")) return property(letter);
        const auto row = std::find_if(kEscapes.begin(), kEscapes.end(),
                                      [&](const EscapeRow& each) { return each.letter == letter; });
        if (row == kEscapes.end()) return {'\\', letter};
        if (isInClass && row->inside.empty()) unsupported("a negated escape in a character class");
        return std::string(isInClass ? row->inside : row->outside);
    }

    std::string property(char letter) {
        const std::size_t end = m_in.find('}', m_at);
        std::string name(m_in.substr(m_at, end - m_at));
        m_at = std::min(m_in.size(), end == std::string_view::npos ? end : end + 1);
        const bool isNegated = name.starts_with("^");
        if (isNegated) name.erase(0, 1);
        const bool isClosed = end != std::string_view::npos;
        return std::string{'\\', letter, '{'} + (isNegated ? "^" : "") + propertyName(name) +
               (isClosed ? "}" : "");
    }

    std::string posixClass() {
        const std::size_t end = m_in.find(":]", m_at);
        if (end == std::string_view::npos) unsupported("a nested character class");
        const std::string_view name = m_in.substr(m_at + 2, end - m_at - 2);
        const std::string_view whole = m_in.substr(m_at, end + 2 - m_at);
        m_at = end + 2;
        for (const auto& [known, content] : kPosix) {
            if (name == known) return std::string(content);
        }
        return std::string(whole);
    }

    // [a-z], [^…], [[:alpha:]], and the intersection [a-z&&[^b]] as a lookahead and a class.
    std::string characterClass() {
        std::string out(1, m_in[m_at++]);
        if (take("^")) out += '^';
        if (take("]")) out += "\\]";
        while (m_at < m_in.size() && m_in[m_at] != ']') {
            if (m_in[m_at] == '\\') {
                out += escape(true);
            } else if (m_in.substr(m_at).starts_with("[:")) {
                out += posixClass();
            } else if (take("&&")) {
                return intersection(out);
            } else if (m_in[m_at] == '[') {
                unsupported("a nested character class");
            } else {
                out += m_in[m_at++];
            }
        }
        if (take("]")) out += ']';
        return out;
    }

    std::string intersection(const std::string& left) {
        if (m_at >= m_in.size() || m_in[m_at] != '[' || left.starts_with("[^"))
            unsupported("an intersection of character classes");
        const std::string right = characterClass();
        if (!take("]")) unsupported("an intersection of character classes");
        return "(?:(?=" + right + ")" + left + "])";
    }

    bool take(std::string_view text) {
        const bool isThere = m_in.substr(m_at).starts_with(text);
        if (isThere) m_at += text.size();
        return isThere;
    }

    std::string_view m_in, m_what;
    std::size_t m_at = 0;
};

}  // namespace

std::string pcre2Pattern(std::string_view onigurumaPattern, std::string_view what) {
    return Translator(onigurumaPattern, what).run();
}

}  // namespace driftlens
