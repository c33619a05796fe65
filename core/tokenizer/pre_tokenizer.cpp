#include "core/tokenizer/component.h"
#include "core/tokenizer/split.h"
#include "core/tokenizer/stages.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <memory>

namespace driftlens {
namespace {

// GPT-2's pattern (openai/gpt-2, encoder.py): contractions, letters, digits, the rest, white space.
constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

Finder finderOf(Regex regex) {
    const auto shared = std::make_shared<Regex>(std::move(regex));
    return
        [shared](std::string_view piece, std::vector<Match>& out) { shared->findAll(piece, out); };
}

template <typename IsDelimiter>
Finder pointFinder(IsDelimiter isDelimiter) {
    return [isDelimiter](std::string_view piece, std::vector<Match>& out) {
        out.clear();
        for (std::size_t at = 0; at < piece.size();) {
            const std::size_t begin = at;
            if (isDelimiter(nextPoint(piece, at))) out.push_back({begin, at});
        }
    };
}

PreTokenizer splitter(Finder find, Behavior behavior, bool isInverted = false) {
    return [=](CutText& text) { splitPieces(text, find, behavior, isInverted); };
}

// Rewrites the text piece by piece; `put` appends a piece's new form to the new text.
template <typename Put>
void rewritePieces(CutText& text, Put put) {
    CutText out;
    out.aligned.text.reserve(text.aligned.text.size() * 5 / 4);
    out.aligned.spans.reserve(text.aligned.text.size() * 5 / 4);
    out.cuts.reserve(text.cuts.size());
    for (const Cut& cut : text.cuts) {
        const auto begin = static_cast<std::uint32_t>(out.aligned.text.size());
        if (cut.addedId >= 0) {
            out.aligned.append(text.aligned, cut.begin, cut.end);
        } else {
            put(cut, out.aligned);
        }
        out.cuts.push_back(
            {begin, static_cast<std::uint32_t>(out.aligned.text.size()), cut.addedId});
    }
    text = std::move(out);
}

// A mark before each piece for which `wants` says so; the source is that of its first character.
template <typename Wants>
void prependToPieces(CutText& text, const std::string& mark, Wants wants) {
    bool isNeeded = false;
    for (const Cut& cut : text.cuts) isNeeded = isNeeded || (cut.addedId < 0 && wants(cut));
    if (!isNeeded) return;
    rewritePieces(text, [&](const Cut& cut, AlignedText& out) {
        if (wants(cut)) out.append(mark, text.aligned.spans[cut.begin]);
        out.append(text.aligned, cut.begin, cut.end);
    });
}

PreTokenizer makeByteLevel(const JsonObject& config) {
    const bool addsSpace = config.boolean("add_prefix_space", true);
    const bool usesRegex = config.boolean("use_regex", true);
    const Finder find = usesRegex ? finderOf(Regex(kGpt2Pattern, config.what())) : Finder();
    return [=](CutText& text) {
        if (addsSpace) {
            prependToPieces(text, " ",
                            [&](const Cut& cut) { return text.aligned.text[cut.begin] != ' '; });
        }
        if (find) splitPieces(text, find, Behavior::Isolated);
        rewritePieces(text, [&](const Cut& cut, AlignedText& out) {
            for (std::size_t i = cut.begin; i < cut.end; ++i)
                out.append(byteToPoint(static_cast<std::uint8_t>(text.aligned.text[i])),
                           text.aligned.spans[i]);
        });
    };
}

enum class Prepends { Always, First, Never };

Prepends prependsOf(const JsonObject& config) {
    const std::string scheme = config.string("prepend_scheme", "always");
    const bool addsSpace = config.boolean("add_prefix_space", true);
    if (scheme != "always" && scheme != "first" && scheme != "never")
        malformed(config.what(), "prepend_scheme is " + inQuotes(scheme));
    if (!addsSpace && config.has("prepend_scheme") && scheme != "never")
        malformed(config.what(),
                  "add_prefix_space false contradicts prepend_scheme " + inQuotes(scheme));
    if (!addsSpace || scheme == "never") return Prepends::Never;
    return scheme == "first" ? Prepends::First : Prepends::Always;
}

PreTokenizer makeMetaspace(const JsonObject& config) {
    std::string mark;
    appendUtf8(pointOf(config, "replacement", U'▁'), mark);
    const Prepends prepends = prependsOf(config);
    const bool splits = config.boolean("split", true);
    const Finder find = finderOf(Regex::literal(mark, config.what()));
    return [=](CutText& text) {
        rewritePieces(text, [&](const Cut& cut, AlignedText& out) {
            for (std::size_t i = cut.begin; i < cut.end; ++i) {
                const char c = text.aligned.text[i];
                out.append(c == ' ' ? std::string_view(mark) : std::string_view(&c, 1),
                           text.aligned.spans[i]);
            }
        });
        if (prepends != Prepends::Never) {
            prependToPieces(text, mark, [&](const Cut& cut) {
                return !text.view(cut).starts_with(mark) &&
                       (prepends == Prepends::Always || text.aligned.spans[cut.begin].begin == 0);
            });
        }
        if (splits) splitPieces(text, find, Behavior::MergedWithNext);
    };
}

PreTokenizer makeSplit(const JsonObject& config) {
    return splitter(finderOf(patternOf(config)),
                    behaviorNamed(config.string("behavior"), config.what()),
                    config.boolean("invert", false));
}

PreTokenizer makeBert(const JsonObject&) {
    const Finder spaces = pointFinder(isSpacePoint);
    const Finder marks = pointFinder(isPunctuationPoint);
    return [=](CutText& text) {
        splitPieces(text, spaces, Behavior::Removed);
        splitPieces(text, marks, Behavior::Isolated);
    };
}

PreTokenizer makePunctuation(const JsonObject& config) {
    return splitter(pointFinder(isPunctuationPoint),
                    behaviorNamed(config.string("behavior", "Isolated"), config.what()));
}

PreTokenizer makeDigits(const JsonObject& config) {
    const auto isNumeric = [](char32_t point) {
        return (U_GET_GC_MASK(static_cast<UChar32>(point)) & U_GC_N_MASK) != 0;
    };
    return splitter(pointFinder(isNumeric), config.boolean("individual_digits", false)
                                                ? Behavior::Isolated
                                                : Behavior::Contiguous);
}

// Runs of \w and runs of what is neither \w nor white space.
PreTokenizer makeWhitespace(const JsonObject&) {
    return splitter(
        [](std::string_view piece, std::vector<Match>& out) {
            out.clear();
            const auto kindOf = [](char32_t point) {
                return isWordPoint(point) ? 'w' : isSpacePoint(point) ? ' ' : '.';
            };
            char last = ' ';
            for (std::size_t at = 0; at < piece.size();) {
                const std::size_t begin = at;
                const char kind = kindOf(nextPoint(piece, at));
                if (kind != ' ' && kind == last) {
                    out.back().end = at;
                } else if (kind != ' ') {
                    out.push_back({begin, at});
                }
                last = kind;
            }
        },
        Behavior::Removed, true);
}

PreTokenizer makeWhitespaceSplit(const JsonObject&) {
    return splitter(pointFinder(isSpacePoint), Behavior::Removed);
}

PreTokenizer makeCharDelimiterSplit(const JsonObject& config) {
    config.string("delimiter");
    const char32_t delimiter = pointOf(config, "delimiter", U' ');
    return splitter(pointFinder([=](char32_t point) { return point == delimiter; }),
                    Behavior::Removed);
}

constexpr int kScriptsUnicode = 9;  // the reference library's table

// Kana count as Han, as SentencePiece has it; a space and what has no script join any.
UScriptCode scriptOf(char32_t point) {
    UErrorCode status = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(static_cast<UChar32>(point), &status);
    if (point == U' ' || script == USCRIPT_UNKNOWN || !existedIn(point, kScriptsUnicode))
        return USCRIPT_INVALID_CODE;
    const bool isKana =
        script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || point == 0x30FCU;
    return isKana ? USCRIPT_HAN : script;
}

// Spaces before the first script are dropped, as the reference library does.
PreTokenizer makeUnicodeScripts(const JsonObject&) {
    return splitter(
        [](std::string_view piece, std::vector<Match>& out) {
            out.clear();
            UScriptCode last = USCRIPT_INVALID_CODE;
            for (std::size_t at = 0; at < piece.size();) {
                const std::size_t begin = at;
                const UScriptCode script = scriptOf(nextPoint(piece, at));
                const bool isAny = script == USCRIPT_INVALID_CODE;
                if (!isAny && script != last) {
                    out.push_back({begin, at});
                    last = script;
                } else if (!out.empty()) {
                    out.back().end = at;
                }
            }
        },
        Behavior::Removed, true);
}

PreTokenizer makeFixedLength(const JsonObject& config) {
    const auto length = static_cast<std::size_t>(config.integer("length", 1, 1 << 30, 5));
    return splitter(
        [=](std::string_view piece, std::vector<Match>& out) {
            out.clear();
            std::size_t points = 0;
            for (std::size_t at = 0; at < piece.size();) {
                const std::size_t begin = at;
                nextPoint(piece, at);
                if (points++ % length == 0) out.push_back({begin, at});
                out.back().end = at;
            }
        },
        Behavior::Isolated);
}

PreTokenizer makeSequence(const JsonObject& config) {
    std::vector<PreTokenizer> steps;
    for (const Json& step : listOf(config, "pretokenizers"))
        steps.push_back(makePreTokenizer(step, config.what()));
    return [steps](CutText& text) {
        for (const PreTokenizer& step : steps) step(text);
    };
}

constexpr ComponentRow<PreTokenizer> kPreTokenizers[] = {
    {"BertPreTokenizer", &makeBert},
    {"ByteLevel", &makeByteLevel},
    {"CharDelimiterSplit", &makeCharDelimiterSplit},
    {"Delimiter", &makeCharDelimiterSplit},
    {"Digits", &makeDigits},
    {"FixedLength", &makeFixedLength},
    {"Metaspace", &makeMetaspace},
    {"Punctuation", &makePunctuation},
    {"Sequence", &makeSequence},
    {"Split", &makeSplit},
    {"UnicodeScripts", &makeUnicodeScripts},
    {"Whitespace", &makeWhitespace},
    {"WhitespaceSplit", &makeWhitespaceSplit},
};

}  // namespace

PreTokenizer makePreTokenizer(const Json& config, const std::string& what) {
    if (config.is_null()) return [](CutText&) {};
    return makeComponent<PreTokenizer>(kPreTokenizers,
                                       JsonObject(config, what + ": pre_tokenizer"));
}

std::vector<std::string_view> preTokenizerTypes() {
    return typesOf<PreTokenizer>(kPreTokenizers);
}

}  // namespace driftlens
