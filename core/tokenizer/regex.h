// A Unicode regular expression (PCRE2) with limits: a hostile pattern ends in an error.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace driftlens {

// Immutable and thread-safe once made.
class Regex {
public:
    // Throws Error(InputFile), naming `what`, if the pattern does not compile.
    Regex(std::string_view pattern, std::string_view what);
    static Regex literal(std::string_view text, std::string_view what);
    ~Regex();
    Regex(Regex&&) noexcept;

    // Byte ranges of all non-overlapping matches. Throws Error(InputFile) at the match limit.
    std::vector<std::pair<std::size_t, std::size_t>> findAll(std::string_view utf8) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace driftlens
