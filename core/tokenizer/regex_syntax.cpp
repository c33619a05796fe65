// Oniguruma's syntax to PCRE2's, where they give the same words other meanings.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/regex.h"

#include <algorithm>
#include <array>

namespace driftlens {
namespace {

struct EscapeRow {
    char letter;
    std::string_view outside, inside;  // of a character class; empty: as it is
};

// White_Space without U+180E, Oniguruma's words, and hexadecimal digits (PCRE2: white space).
constexpr std::array<EscapeRow, 6> kEscapes = {{
    {'s', "\\p{White_Space}", "\\p{White_Space}"},
    {'S', "\\P{White_Space}", "\\P{White_Space}"},
    {'w', "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}]", "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"},
    {'W', "[^\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}]", ""},
    {'h', "[0-9a-fA-F]", "0-9a-fA-F"},
    {'H', "[^0-9a-fA-F]", ""},
}};

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
        const auto row = std::find_if(kEscapes.begin(), kEscapes.end(),
                                      [&](const EscapeRow& each) { return each.letter == letter; });
        if (row == kEscapes.end()) return {'\\', letter};
        if (isInClass && row->inside.empty()) unsupported("a negated escape in a character class");
        return std::string(isInClass ? row->inside : row->outside);
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
                const std::size_t end = m_in.find(":]", m_at);
                if (end == std::string_view::npos) unsupported("a nested character class");
                out += m_in.substr(m_at, end + 2 - m_at);
                m_at = end + 2;
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
