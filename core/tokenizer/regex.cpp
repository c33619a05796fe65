#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/tokenizer/regex.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/aligned_text.h"

#include <pcre2.h>

#include <array>

namespace driftlens {
namespace {

constexpr std::uint32_t kMatchLimit = 10'000'000;
constexpr std::uint32_t kDepthLimit = 20'000;
constexpr std::size_t kSmallestJitStack = std::size_t{32} << 10;
constexpr std::size_t kLargestJitStack = std::size_t{1} << 20;

std::string errorText(int code) {
    std::array<PCRE2_UCHAR, 160> buffer{};
    pcre2_get_error_message(code, buffer.data(), buffer.size());
    return reinterpret_cast<const char*>(buffer.data());
}

using MatchData = std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)>;

// One per thread: patterns that backtrack over long runs need more than the machine stack gives.
pcre2_jit_stack* jitStack(void*) {
    thread_local const std::unique_ptr<pcre2_jit_stack, decltype(&pcre2_jit_stack_free)> stack(
        pcre2_jit_stack_create(kSmallestJitStack, kLargestJitStack, nullptr),
        &pcre2_jit_stack_free);
    return stack.get();
}

}  // namespace

struct Regex::State {
    pcre2_code* code = nullptr;
    pcre2_match_context* limits = nullptr;
    std::string what;
    std::string text;  // of a literal; then there is no code
    ~State() {
        pcre2_match_context_free(limits);
        pcre2_code_free(code);
    }

    void compile(std::string_view pattern) {
        int status = 0;
        PCRE2_SIZE at = 0;
        const std::string ours = pcre2Pattern(pattern, what);
        code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(ours.data()), ours.size(),
                             PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_MULTILINE,
                             &status, &at, nullptr);
        if (code == nullptr) {
            throw Error(ErrorKind::InputFile, what + ": pattern " + inQuotes(pattern) +
                                                  " fails at " + std::to_string(at) + ": " +
                                                  errorText(status));
        }
        // Without the compiler of PCRE2 (a system that forbids it) its interpreter matches.
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
        limits = pcre2_match_context_create(nullptr);
        pcre2_set_match_limit(limits, kMatchLimit);
        pcre2_set_depth_limit(limits, kDepthLimit);
        pcre2_jit_stack_assign(limits, &jitStack, nullptr);
    }

    // Nothing, or one match at or after `from`.
    bool find(std::string_view utf8, std::size_t from, pcre2_match_data* match) const {
        const auto run = [&](std::uint32_t options) {
            return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(utf8.data()), utf8.size(), from,
                               PCRE2_NO_UTF_CHECK | options, match, limits);
        };
        int status = run(0);
        if (status == PCRE2_ERROR_JIT_STACKLIMIT) status = run(PCRE2_NO_JIT);
        if (status == PCRE2_ERROR_NOMATCH) return false;
        if (status < 0) {
            throw Error(ErrorKind::InputFile,
                        what + ": pattern gives up on this text: " + errorText(status));
        }
        return true;
    }
};

Regex::Regex(std::unique_ptr<State> state) : m_state(std::move(state)) {}

Regex::Regex(std::string_view pattern, std::string_view what) : m_state(std::make_unique<State>()) {
    m_state->what = std::string(what);
    m_state->compile(pattern);
}

Regex Regex::literal(std::string_view text, std::string_view what) {
    if (text.empty()) {
        throw Error(ErrorKind::InputFile, std::string(what) + ": pattern \"\" is empty");
    }
    auto state = std::make_unique<State>();
    state->what = std::string(what);
    state->text = std::string(text);
    return Regex(std::move(state));
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;

void Regex::findAll(std::string_view utf8, std::vector<Match>& out) const {
    out.clear();
    if (utf8.empty()) return;
    if (m_state->code == nullptr) {
        const std::string& text = m_state->text;
        for (std::size_t at = 0; (at = utf8.find(text, at)) != std::string_view::npos;
             at += text.size())
            out.push_back({at, at + text.size()});
        return;
    }
    const MatchData match(pcre2_match_data_create_from_pattern(m_state->code, nullptr),
                          &pcre2_match_data_free);
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(match.get());
    std::size_t at = 0;
    while (at <= utf8.size() && m_state->find(utf8, at, match.get())) {
        if (ends[0] == ends[1] && !out.empty() && out.back().end == ends[1]) {
            if (at >= utf8.size()) return;
            nextPoint(utf8, at);
            continue;
        }
        out.push_back({ends[0], ends[1]});
        at = ends[1];
    }
}

}  // namespace driftlens
