// A Unicode regular expression with limits: a hostile pattern ends in an error.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Half-open range of bytes; empty for a match of nothing.
struct Match {
    std::size_t begin = 0, end = 0;
};

// Immutable and thread-safe once made. Patterns are written for Oniguruma with Ruby's syntax, as
// tokenizer.json files are; PCRE2 matches them.
class Regex {
public:
    // Throws Error(InputFile), naming `what`, if the pattern does not compile; Error(Unsupported)
    // for what only Oniguruma can express.
    Regex(std::string_view pattern, std::string_view what);
    // Throws Error(InputFile) if the text is empty.
    static Regex literal(std::string_view text, std::string_view what);
    ~Regex();
    Regex(Regex&&) noexcept;

    // All non-overlapping matches in `utf8`, an empty one not directly after another match. Throws
    // Error(InputFile) at the match limit.
    void findAll(std::string_view utf8, std::vector<Match>& out) const;

private:
    struct State;
    explicit Regex(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

// The same pattern in PCRE2's syntax.
std::string pcre2Pattern(std::string_view onigurumaPattern, std::string_view what);

}  // namespace driftlens
