#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/tokenizer/regex.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <pcre2.h>

#include <array>

namespace driftlens {
namespace {

constexpr std::uint32_t kMatchLimit = 10'000'000;
constexpr std::uint32_t kDepthLimit = 20'000;

std::string errorText(int code) {
    std::array<PCRE2_UCHAR, 160> buffer{};
    pcre2_get_error_message(code, buffer.data(), buffer.size());
    return reinterpret_cast<const char*>(buffer.data());
}

}  // namespace

struct Regex::State {
    pcre2_code* code = nullptr;
    pcre2_match_context* limits = nullptr;
    std::string what;
    ~State() {
        pcre2_match_context_free(limits);
        pcre2_code_free(code);
    }
};

Regex::Regex(std::string_view pattern, std::string_view what) : m_state(std::make_unique<State>()) {
    int status = 0;
    PCRE2_SIZE at = 0;
    m_state->what = std::string(what);
    m_state->code =
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                      PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &status, &at, nullptr);
    if (m_state->code == nullptr) {
        throw Error(ErrorKind::InputFile, m_state->what + ": pattern " + inQuotes(pattern) +
                                              " fails at " + std::to_string(at) + ": " +
                                              errorText(status));
    }
    m_state->limits = pcre2_match_context_create(nullptr);
    pcre2_set_match_limit(m_state->limits, kMatchLimit);
    pcre2_set_depth_limit(m_state->limits, kDepthLimit);
}

Regex Regex::literal(std::string_view text, std::string_view what) {
    std::string pattern = "\\Q";
    for (const char c : text) pattern += c == '\\' ? std::string("\\E\\\\\\Q") : std::string(1, c);
    return Regex(pattern + "\\E", what);
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;

std::vector<std::pair<std::size_t, std::size_t>> Regex::findAll(std::string_view utf8) const {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
        pcre2_match_data_create_from_pattern(m_state->code, nullptr), &pcre2_match_data_free);
    std::size_t at = 0;
    while (at < utf8.size()) {
        const int status =
            pcre2_match(m_state->code, reinterpret_cast<PCRE2_SPTR>(utf8.data()), utf8.size(), at,
                        PCRE2_NO_UTF_CHECK, match.get(), m_state->limits);
        if (status == PCRE2_ERROR_NOMATCH) break;
        if (status < 0) {
            throw Error(ErrorKind::InputFile,
                        m_state->what + ": pattern gives up on this text: " + errorText(status));
        }
        const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(match.get());
        if (ends[1] == ends[0]) {  // an empty match: step over one code point
            at = ends[1] + 1;
            while (at < utf8.size() && (static_cast<unsigned char>(utf8[at]) & 0xC0U) == 0x80U)
                ++at;
            continue;
        }
        out.emplace_back(ends[0], ends[1]);
        at = ends[1];
    }
    return out;
}

}  // namespace driftlens
