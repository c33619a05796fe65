#include "core/tokenizer/gguf_pre_tokenizers.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/gguf_vocabulary.h"
#include "core/tokenizer/vocabulary_files.h"

#include <array>
#include <span>
#include <vector>

namespace driftlens {
namespace {

// Patterns are applied one after the other; what a pattern does not match stays a piece. They are
// those of llama.cpp's vocabularies (ggml-org/llama.cpp, src/llama-vocab.cpp), or where it adapts a
// model's own pattern to its engine, the model's.
constexpr std::string_view kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S))";
constexpr std::string_view kDigit = R"(\p{N})";
constexpr std::string_view kLineBreak = "[\r\n]";
constexpr std::string_view kThreeDigits = "[0-9][0-9][0-9]";
constexpr std::string_view kCjk = "[一-龥ࠀ-一가-퟿]+";
constexpr std::string_view kBloom = R"( ?[^(\s|.,!?…。，、।۔،)]+)";
constexpr std::string_view kTekken =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kGpt4o =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

using Patterns = std::span<const std::string_view>;
constexpr std::string_view kGpt2Kind[] = {kGpt2};
const std::string_view kLlama3Kind[] = {kLlama3Pattern};
const std::string_view kQwen2Kind[] = {kQwen2Pattern};
constexpr std::string_view kDigitsKind[] = {kDigit, kGpt2};
constexpr std::string_view kFalconKind[] = {R"([\p{P}\$\+<=>\^~\|`]+)", kGpt2, kThreeDigits};
constexpr std::string_view kDefaultKind[] = {R"([\p{P}\$\+<=>\^~\|]+)", kGpt2, R"(\p{N}+)",
                                             kThreeDigits};
constexpr std::string_view kDeepSeekCoderKind[] = {kLineBreak, R"(\s?\p{L}+)", R"(\s?\p{P}+)", kCjk,
                                                   kDigit};
constexpr std::string_view kDeepSeekLlmKind[] = {
    kLineBreak,
    "\\s?["
    "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ"
    "-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK"
    "-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-"
    "𐳲𑢠-𑣟𞤀-𞥃"
    "]+",
    "\\s?[!-/:-~！-／：-～‘-‟　-。]+",
    R"(\s+$)",
    kCjk,
    R"(\p{N}+)"};
constexpr std::string_view kDeepSeek3Kind[] = {
    R"(\p{N}{1,3})", "[一-龥぀-ゟ゠-ヿ]+",
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
    R"(| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"};
constexpr std::string_view kBloomKind[] = {kBloom};
constexpr std::string_view kVikingKind[] = {kBloom, kDigit};
constexpr std::string_view kTekkenKind[] = {kTekken};
constexpr std::string_view kGpt4oKind[] = {kGpt4o};
constexpr std::string_view kChameleonKind[] = {
    "<sentinel:[0-9]+>",       "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z",
    R"(([\t\n]|    |  ))",     kDigit,
    R"([\p{P}!-/:-@\[-`{-~])", kGpt2};

struct Row {
    std::string_view name;
    Patterns patterns;
    bool ignoresMerges = false, addsBos = false, addsEos = false;
};

const Row kRows[] = {
    {"default", kDefaultKind},
    {"bloom", kBloomKind},
    {"chameleon", kChameleonKind, false, true},
    {"chatglm-bpe", kLlama3Kind},
    {"codeshell", kDigitsKind},
    {"command-r", kDigitsKind},
    {"dbrx", kLlama3Kind},
    {"deepseek-coder", kDeepSeekCoderKind},
    {"deepseek-llm", kDeepSeekLlmKind},
    {"deepseek-r1-qwen", kQwen2Kind},
    {"deepseek-v3", kDeepSeek3Kind},
    {"exaone", kDigitsKind},
    {"falcon", kFalconKind},
    {"falcon3", kLlama3Kind, true, true},
    {"gigachat", kGpt2Kind},
    {"gpt-2", kGpt2Kind},
    {"gpt-4o", kGpt4oKind},
    {"gpt3-finnish", kBloomKind},
    {"jais", kGpt2Kind},
    {"jina-de", kGpt2Kind},
    {"jina-es", kGpt2Kind},
    {"jina-v1-en", kGpt2Kind},
    {"jina-v2-code", kGpt2Kind},
    {"jina-v2-de", kGpt2Kind},
    {"jina-v2-es", kGpt2Kind},
    {"llama-bpe", kLlama3Kind, true, true},
    {"llama-v3", kLlama3Kind, true, true},
    {"llama3", kLlama3Kind, true, true},
    {"llama4", kGpt4oKind, false, true},
    {"megrez", kQwen2Kind},
    {"minerva-7b", kDigitsKind},
    {"mpt", kGpt2Kind},
    {"olmo", kGpt2Kind},
    {"phi-2", kGpt2Kind},
    {"poro-chat", kBloomKind},
    {"qwen2", kQwen2Kind},
    {"refact", kDigitsKind},
    {"roberta-bpe", kGpt2Kind, false, true, true},
    {"smaug-bpe", kLlama3Kind},
    {"smollm", kDigitsKind},
    {"stablelm2", kQwen2Kind},
    {"starcoder", kDigitsKind},
    {"tekken", kTekkenKind, true, true},
    {"viking", kVikingKind},
};

Json configOf(Patterns patterns) {
    Json steps = Json::array();
    for (const std::string_view pattern : patterns) {
        steps.push_back({{"type", "Split"},
                         {"pattern", {{"Regex", pattern}}},
                         {"behavior", "Isolated"},
                         {"invert", false}});
    }
    steps.push_back({{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}});
    return {{"type", "Sequence"}, {"pretokenizers", steps}};
}

}  // namespace

GgufPreTokenizer ggufPreTokenizer(const std::string& name, const std::string& what) {
    std::string known;
    for (const Row& row : kRows) {
        if (row.name == (name.empty() ? "default" : name))
            return {configOf(row.patterns), row.ignoresMerges, row.addsBos, row.addsEos};
        known += (known.empty() ? "" : ", ") + std::string(row.name);
    }
    throw Error(ErrorKind::Unsupported, what + ": tokenizer.ggml.pre " + inQuotes(name) +
                                            " is not supported; known: " + known);
}

std::vector<std::string_view> ggufPreTokenizers() {
    std::vector<std::string_view> out;
    for (const Row& row : kRows) out.push_back(row.name);
    return out;
}

}  // namespace driftlens
