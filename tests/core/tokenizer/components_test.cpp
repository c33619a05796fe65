// Every row of the tables of components, closed cases of their behaviour, and hostile ones.
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/tokenizer/model.h"
#include "core/tokenizer/post_processor.h"
#include "core/tokenizer/regex.h"
#include "core/tokenizer/stages.h"
#include "core/tokenizer/tokenizer.h"

#include <gtest/gtest.h>

#include <chrono>

namespace driftlens {
namespace {

using Ids = std::vector<std::int64_t>;
using Texts2 = std::vector<std::string>;

// Lists of lists that cannot be mistaken for objects.
using Scored = std::vector<std::pair<std::string, double>>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

// A tokenizer whose pieces are unknown: their texts and ranges show what the stages do.
Json showing(const Json& normalizer, const Json& preTokenizer) {
    return {{"normalizer", normalizer},
            {"pre_tokenizer", preTokenizer},
            {"model", {{"type", "Unigram"}, {"unk_id", 0}, {"vocab", Scored{{"<unk>", 0.0}}}}}};
}

std::shared_ptr<const Tokenizer> made(const Json& json) {
    return Tokenizer::fromJson(json.dump(), "t");
}

// Pieces of a text as "piece@begin-end".
Texts2 shown(const Json& normalizer, const Json& preTokenizer, const std::string& text) {
    Texts2 out;
    for (const Token& token : made(showing(normalizer, preTokenizer))->encode(text).tokens)
        out.push_back(token.text + "@" + std::to_string(token.bytes->begin) + "-" +
                      std::to_string(token.bytes->end));
    return out;
}

ErrorKind kindOf(const Json& json) {
    try {
        made(json);
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
        return error.kind();
    }
    return ErrorKind::Internal;
}

// What a component of each type needs besides its type.
Json completed(std::string_view type) {
    Json out = {{"type", type},
                {"pattern", {{"String", "x"}}},
                {"content", "y"},
                {"behavior", "Isolated"},
                {"prepend", "_"},
                {"delimiter", "-"},
                {"sep", {"</s>", 0}},
                {"cls", {"<s>", 0}},
                {"single", Json::array({Json{{"Sequence", {{"id", "A"}, {"type_id", 0}}}}})},
                {"special_tokens", Json::object()}};
    for (const char* list : {"normalizers", "pretokenizers", "processors", "decoders"})
        out[list] = Json::array();
    return out;
}

TEST(Components, EveryRowIsMadeAndKeepsRangesInsideTheText) {
    const std::string text = "Ab é\tx-ﬁ 12\xE3\x82\xAB";
    for (const std::string_view type : normalizerTypes()) {
        const Json json = showing(completed(type), nullptr);
        for (const Token& token : made(json)->encode(text).tokens)
            EXPECT_LE(token.bytes->end, text.size()) << type;
    }
    for (const std::string_view type : preTokenizerTypes()) {
        const Json json = showing(nullptr, completed(type));
        for (const Token& token : made(json)->encode(text).tokens)
            EXPECT_LE(token.bytes->end, text.size()) << type;
    }
    for (const std::string_view type : postProcessorTypes()) {
        Json json = showing(nullptr, nullptr);
        json["post_processor"] = completed(type);
        EXPECT_GE(made(json)->encodePair("a", "b").tokens.size(), 2U) << type;
    }
    for (const std::string_view type : decoderTypes()) {
        Json json = showing(nullptr, nullptr);
        json["decoder"] = completed(type);
        if (type == "Strip") json["decoder"]["content"] = " ";
        EXPECT_FALSE(made(json)->decode(Ids{0}).empty()) << type;
        EXPECT_EQ(made(json)->decode(Ids{}), "") << type;
    }
    EXPECT_EQ(tokenModelTypes(),
              (std::vector<std::string_view>{"BPE", "Unigram", "WordLevel", "WordPiece"}));
}

TEST(Components, AreRefusedByTypeWithWhatThereIs) {
    for (const char* stage : {"normalizer", "pre_tokenizer", "post_processor", "decoder"}) {
        Json json = showing(nullptr, nullptr);
        json[stage] = {{"type", "Magic"}};
        try {
            made(json);
            ADD_FAILURE() << stage;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Unsupported);
            EXPECT_NE(std::string(error.what()).find("Magic"), std::string::npos);
            EXPECT_NE(std::string(error.what()).find("Sequence"), std::string::npos) << stage;
        }
    }
}

TEST(Normalizers, KeepTheSourceOfWhatTheyChange) {
    EXPECT_EQ(shown({{"type", "NFKC"}}, {{"type", "FixedLength"}, {"length", 1}}, "ﬁe\xCC\x81"),
              (Texts2{"f@0-3", "i@0-3", "é@3-4"}));
    EXPECT_EQ(shown({{"type", "Prepend"}, {"prepend", "▁"}}, nullptr, "é"), (Texts2{"▁é@0-2"}));
    EXPECT_EQ(shown({{"type", "Strip"}}, nullptr, "  a "), (Texts2{"a@2-3"}));
    const Json replace = {{"type", "Replace"}, {"pattern", {{"Regex", "b+"}}}, {"content", "xy"}};
    EXPECT_EQ(shown(replace, {{"type", "FixedLength"}, {"length", 1}}, "abbc"),
              (Texts2{"a@0-1", "x@2-3", "y@2-3", "c@3-4"}));
    EXPECT_EQ(shown({{"type", "Lowercase"}}, nullptr, "İA"), (Texts2{"i\xCC\x87"
                                                                     "a@0-3"}));
}

TEST(PreTokenizers, TreatDelimitersAsTheyAreTold) {
    const auto split = [](const char* behavior) {
        const Json config = {
            {"type", "Split"}, {"pattern", {{"String", "-"}}}, {"behavior", behavior}};
        Texts2 out;
        for (const Token& token : made(showing(nullptr, config))->encode("the-final--cut").tokens)
            out.push_back(token.text);
        return out;
    };
    EXPECT_EQ(split("Removed"), (Texts2{"the", "final", "cut"}));
    EXPECT_EQ(split("Isolated"), (Texts2{"the", "-", "final", "-", "-", "cut"}));
    EXPECT_EQ(split("MergedWithPrevious"), (Texts2{"the-", "final-", "-", "cut"}));
    EXPECT_EQ(split("MergedWithNext"), (Texts2{"the", "-final", "-", "-cut"}));
    EXPECT_EQ(split("Contiguous"), (Texts2{"the", "-", "final", "--", "cut"}));
}

// Oniguruma's classes, which PCRE2 gives other characters.
TEST(Regex, MatchesWhatOnigurumaMatches) {
    const auto covered = [](const char* pattern, const std::string& text) {
        std::vector<Match> matches;
        Regex(pattern, "t").findAll(text, matches);
        std::string out;
        for (const Match& match : matches) out += text.substr(match.begin, match.end - match.begin);
        return out;
    };
    EXPECT_EQ(covered("\\w+", "a²½৴\u0301-_"), "a²½\u0301_");
    EXPECT_EQ(covered("[^\\s\\w]", "a²-"), "²-");
    EXPECT_EQ(covered("\\s", " \u180E\u3000"), " \u3000");
    EXPECT_EQ(covered("\\h+", "xaf9"), "af9");
    EXPECT_EQ(covered("[[:punct:]]", "a€$."), "€$.");
    EXPECT_EQ(covered("\\p{Han}", "一、"), "一");
    EXPECT_EQ(covered("[\\p{L}&&[^\\p{Han}]]+", "a一b"), "ab");
    EXPECT_EQ(covered("^.", "a\nb"), "ab");
    EXPECT_THROW(Regex("[a[bc]]", "t"), Error);
}

Json withAdded(const Json& added) {
    Json json = showing({{"type", "Lowercase"}}, nullptr);
    json["added_tokens"] = added;
    return json;
}

TEST(AddedTokens, AreFoundRawOrNormalizedAndTakeTheirSpaces) {
    const auto tokenizer = made(
        withAdded({{{"id", 1}, {"content", "[M]"}, {"special", true}, {"lstrip", true}},
                   {{"id", 2}, {"content", "Day"}, {"normalized", true}},
                   {{"id", 3}, {"content", "it"}, {"normalized", false}, {"single_word", true}}}));
    const TokenizedInput input = tokenizer->encode("a  [M]DAY it its");
    EXPECT_EQ(input.ids(), (Ids{0, 1, 2, 0, 3, 0}));
    EXPECT_EQ(*input.tokens[1].bytes, (ByteRange{1, 6}));
    EXPECT_EQ(input.tokens[1].text, "  [M]");
    EXPECT_EQ(input.tokens[2].text, "day");
    EXPECT_EQ(tokenizer->encode("[M]", EncodeOptions{true, false}).ids(), (Ids{0}));
    EXPECT_EQ(tokenizer->decode(Ids{1, 2}, true), "day");
}

// A space that the token before has taken is found again, unless it would take spaces itself.
TEST(AddedTokens, ThatAreSpacesThemselvesGoTheReferencesWay) {
    const auto idsOf = [](bool takesLeft) {
        return made(withAdded({{{"id", 1},
                                {"content", " "},
                                {"normalized", false},
                                {"lstrip", takesLeft},
                                {"rstrip", true}}}))
            ->encode("  ")
            .ids();
    };
    EXPECT_EQ(idsOf(false), (Ids{1, 1}));
    EXPECT_EQ(idsOf(true), (Ids{1}));
}

Json batchTokenizer() {
    Json json = {
        {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
        {"post_processor", {{"type", "BertProcessing"}, {"sep", {"s", 1}}, {"cls", {"c", 2}}}},
        {"model",
         {{"type", "WordLevel"},
          {"unk_token", "u"},
          {"vocab", {{"u", 0}, {"s", 1}, {"c", 2}, {"a", 3}, {"b", 4}}}}}};
    json["truncation"] = {
        {"direction", "Left"}, {"max_length", 4}, {"strategy", "LongestFirst"}, {"stride", 0}};
    json["padding"] = {{"strategy", {{"Fixed", 5}}},
                       {"direction", "Left"},
                       {"pad_to_multiple_of", nullptr},
                       {"pad_id", 9},
                       {"pad_type_id", 0},
                       {"pad_token", "p"}};
    return json;
}

TEST(Batches, AreCutAndPaddedOnlyWhereTheCallerSaysSo) {
    const auto tokenizer = made(batchTokenizer());
    const std::vector<std::string> texts = {"a b a", "b"};
    EXPECT_EQ(tokenizer->encode("a b a").ids(), (Ids{2, 3, 4, 3, 1}));
    EXPECT_EQ(tokenizer->encodeBatch(texts)[0].ids(), (Ids{2, 3, 4, 3, 1}));
    BatchOptions options;
    options.truncation = tokenizer->declaredTruncation();
    options.padding = tokenizer->declaredPadding();
    const auto inputs = tokenizer->encodeBatch(texts, options);
    EXPECT_EQ(inputs[0].ids(), (Ids{9, 2, 4, 3, 1}));
    EXPECT_EQ(inputs[1].ids(), (Ids{9, 9, 2, 4, 1}));
    EXPECT_EQ(inputs[1].attentionMask(), (Ids{0, 0, 1, 1, 1}));
    EXPECT_EQ(inputs[1].specialTokensMask(), (Ids{1, 1, 1, 0, 1}));
    options.padding->fixedLength.reset();
    options.padding->multipleOf = 4;
    EXPECT_EQ(tokenizer->encodeBatch(texts, options)[1].tokens.size(), 4U);
}

TEST(Batches, CutPairsAsTheStrategySays) {
    const auto tokenizer = made(batchTokenizer());
    const std::vector<TextPair> pair = {{"a a a", "b b"}};
    const auto idsOf = [&](Truncation::Strategy strategy, std::size_t length) {
        BatchOptions options;
        options.truncation = Truncation{length, strategy, Side::Right, 0};
        return tokenizer->encodeBatch(pair, options)[0].ids();
    };
    EXPECT_EQ(idsOf(Truncation::Strategy::LongestFirst, 6), (Ids{2, 3, 3, 1, 4, 1}));
    EXPECT_EQ(idsOf(Truncation::Strategy::OnlyFirst, 6), (Ids{2, 3, 1, 4, 4, 1}));
    EXPECT_EQ(idsOf(Truncation::Strategy::OnlySecond, 7), (Ids{2, 3, 3, 3, 1, 4, 1}));
    EXPECT_THROW(idsOf(Truncation::Strategy::OnlySecond, 6), Error);
    EXPECT_THROW(idsOf(Truncation::Strategy::OnlyFirst, 2), Error);
}

Json bpe(const Json& vocabulary, const Json& merges) {
    return {{"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", merges}}}};
}

TEST(HostileTokenizers, EndInOneErrorOfTheFile) {
    const Json ab = {{"a", 0}, {"b", 1}};
    EXPECT_EQ(kindOf(bpe(ab, Texts2{"a b"})), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe(ab, Texts2{"ab"})), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe(ab, Texts2{"a b c"})), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe(ab, Json::array({Json::array({"a"})}))), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe(ab, Json::array({Json::array({"a", 1})}))), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe(ab, Json::array({Json::array({"a", "b", "c"})}))), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe({{"a", 0}, {"b", 0}}, Json::array())), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe({{"a", 2147483648}}, Json::array())), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe({{"a", 18446744073709551615ULL}}, Json::array())), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe({{"a", -1}}, Json::array())), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe({{"a", 1.5}}, Json::array())), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe({{"a", {1}}}, Json::array())), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe(Json::object(), Json::array())), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe(5, Json::array())), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(bpe(ab, 5)), ErrorKind::InputFile);
    EXPECT_EQ(
        kindOf({{"model", {{"type", "Unigram"}, {"vocab", Json::array({Json::array({"a"})})}}}}),
        ErrorKind::InputFile);
    EXPECT_EQ(
        kindOf({{"model", {{"type", "Unigram"}, {"vocab", Json::array({Json::array({1, "a"})})}}}}),
        ErrorKind::InputFile);
    EXPECT_EQ(
        kindOf({{"model", {{"type", "Unigram"}, {"unk_id", 1}, {"vocab", Scored{{"a", 0.5}}}}}}),
        ErrorKind::InputFile);
}

TEST(HostileTokenizers, HaveNoMalformedComponent) {
    const auto normalizer = [](const Json& config) { return kindOf(showing(config, nullptr)); };
    const auto charsmap = [&](const char* base64) {
        return normalizer({{"type", "Precompiled"}, {"precompiled_charsmap", base64}});
    };
    EXPECT_EQ(charsmap("%%%%"), ErrorKind::InputFile);
    EXPECT_EQ(charsmap("AAAA"), ErrorKind::InputFile);          // shorter than its head
    EXPECT_EQ(charsmap("/////wAAAAA="), ErrorKind::InputFile);  // a trie of 4 GB
    EXPECT_EQ(normalizer({{"type", "Replace"}, {"pattern", {{"String", ""}}}, {"content", "a"}}),
              ErrorKind::InputFile);
    EXPECT_EQ(normalizer({{"type", "Replace"}, {"pattern", {{"Regex", "("}}}, {"content", "a"}}),
              ErrorKind::InputFile);
    EXPECT_EQ(normalizer({{"type", "Prepend"}}), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(withAdded({{{"id", 5}, {"content", "a"}}, {{"id", 5}, {"content", "b"}}})),
              ErrorKind::InputFile);
    EXPECT_EQ(kindOf(withAdded({{{"id", -1}, {"content", "a"}}})), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(withAdded({{{"id", 2147483648}, {"content", "a"}}})), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(withAdded({{{"id", 1}, {"content", std::string(2000, 'a')}}})),
              ErrorKind::InputFile);
    Json nested = {{"type", "Lowercase"}};
    for (int i = 0; i < 70; ++i)
        nested = {{"type", "Sequence"}, {"normalizers", Json::array({nested})}};
    EXPECT_EQ(normalizer(nested), ErrorKind::InputFile);
    Json wrapped = showing(nullptr, nullptr);
    wrapped["post_processor"] = {
        {"type", "TemplateProcessing"},
        {"single", Json::array({Json{{"SpecialToken", {{"id", "x"}, {"type_id", 0}}}}})},
        {"special_tokens", Json::object()}};
    EXPECT_EQ(kindOf(wrapped), ErrorKind::InputFile);
}

double secondsOf(const Tokenizer& tokenizer, const std::string& text) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(tokenizer.encode(text).tokens.empty());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Megabytes without white space: a quadratic algorithm would take hours.
TEST(HostileTexts, TakeTimeThatGrowsWithTheirLength) {
    const std::string text(2 << 20, 'a');
    const Json merges = Pairs{{"a", "a"}, {"aa", "aa"}};
    const Json vocabulary = {{"a", 0}, {"aa", 1}, {"aaaa", 2}};
    EXPECT_LT(secondsOf(*made(bpe(vocabulary, merges)), text), 20.0);
    const Json pieces = Scored{{"u", 0.0}, {"a", -1.0}, {"aa", -1.5}, {"aaaa", -2.0}};
    EXPECT_LT(secondsOf(*made({{"model", {{"type", "Unigram"}, {"unk_id", 0}, {"vocab", pieces}}}}),
                        text),
              20.0);
    const Json words = {{"[UNK]", 0}, {"a", 1}, {"##a", 2}};
    EXPECT_LT(secondsOf(*made({{"model", {{"type", "WordPiece"}, {"vocab", words}}}}), text), 20.0);
    EXPECT_LT(
        secondsOf(
            *made(withAdded(
                {{{"id", 1}, {"content", std::string(1000, 'a') + "b"}, {"normalized", false}}})),
            std::string(1 << 18, 'a')),
        20.0);
}

TEST(HostileTexts, EndAnExplodingPattern) {
    const auto tokenizer = made(
        showing(nullptr,
                {{"type", "Split"}, {"pattern", {{"Regex", "(a+)+$"}}}, {"behavior", "Isolated"}}));
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THROW(tokenizer->encode(std::string(4000, 'a') + "b"), Error);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace driftlens
