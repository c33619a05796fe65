// Ids, byte ranges and decoded text against the tokenizers library.
#include "core/tokenizer/tokenizer.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "tests/support/fixtures.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <chrono>

namespace driftlens {
namespace {

class EveryTinyTokenizer : public ::testing::TestWithParam<const char*> {};

using Ids = std::vector<std::int64_t>;

void expectOffsets(const TokenizedInput& ours, const Json& item, const std::string& shown) {
    for (std::size_t i = 0; i < ours.tokens.size(); ++i) {
        const Token& token = ours.tokens[i];
        const ByteRange bytes = token.bytes.value_or(ByteRange{});
        const std::string& text = token.sequence == 0 ? ours.text : ours.pairText;
        const ByteRange points = codePointRange(text, bytes);
        EXPECT_EQ(token.text, item["tokens"][i].get<std::string>()) << shown << " " << i;
        EXPECT_EQ((Json{bytes.begin, bytes.end}), item["offsets_utf8"][i]) << shown << " " << i;
        EXPECT_EQ((Json{points.begin, points.end}), item["offsets"][i]) << shown << " " << i;
    }
}

void expectGolden(const Tokenizer& tokenizer, const Json& item) {
    const auto text = item["text"].get<std::string>();
    const bool isPair = item.contains("pair");
    const auto encode = [&](bool addsSpecial) {
        const EncodeOptions options{addsSpecial, true};
        return isPair ? tokenizer.encodePair(text, item["pair"].get<std::string>(), options)
                      : tokenizer.encode(text, options);
    };
    const TokenizedInput ours = encode(true);
    ASSERT_EQ(ours.ids(), item["ids"].get<Ids>()) << text;
    EXPECT_EQ(encode(false).ids(), item["ids_no_special"].get<Ids>()) << text;
    EXPECT_EQ(ours.typeIds(), item["type_ids"].get<Ids>()) << text;
    EXPECT_EQ(ours.specialTokensMask(), item["special_tokens_mask"].get<Ids>()) << text;
    EXPECT_EQ(ours.attentionMask(), Ids(ours.tokens.size(), 1)) << text;
    expectOffsets(ours, item, text);
    EXPECT_EQ(tokenizer.decode(ours.ids()), item["decoded"].get<std::string>()) << text;
    EXPECT_EQ(tokenizer.decode(ours.ids(), true), item["decoded_skip_special"].get<std::string>())
        << text;
}

TEST_P(EveryTinyTokenizer, MatchesTokenizersLibrary) {
    REQUIRE_SHARED(folder, std::string("data/hf-tiny/") + GetParam());
    const auto tokenizer = Tokenizer::load(folder);
    const Json golden = readJsonFile(folder / "golden.json");
    for (const Json& item : golden["tokenizer"]) expectGolden(*tokenizer, item);
    EXPECT_GE(golden["tokenizer"].size(), 14U);
}

INSTANTIATE_TEST_SUITE_P(HfTiny, EveryTinyTokenizer,
                         ::testing::Values("bert-cls", "bert-mlm", "clip", "distilbert-cls",
                                           "gemma-lm", "gemma2-lm", "gemma3-text-lm", "gpt2-lm",
                                           "gpt_neox-lm", "llama-lm", "llama-unigram", "llama3-lm",
                                           "mistral-lm", "mixtral-fused", "mixtral-lm", "opt-lm",
                                           "phi-lm", "phi3-lm", "qwen2-lm", "qwen3-lm",
                                           "roberta-cls", "roberta-mlm"),
                         [](const auto& row) {
                             std::string name = row.param;
                             for (char& c : name) c = c == '-' ? '_' : c;
                             return name;
                         });

TEST(TrainedTokenizers, GiveTheirKnownIds) {
    for (const std::string name : {"sentiment-bert", "spam-bert-teacher", "spam-distilbert"}) {
        REQUIRE_SHARED(folder, "data/trained/" + name);
        const auto tokenizer = Tokenizer::load(folder);
        const Json metrics = readJsonFile(folder / "metrics.json");
        for (const Json& known : metrics["known_outputs"]) {
            EXPECT_EQ(tokenizer->encode(known["text"].get<std::string>()).ids(),
                      known["ids"].get<std::vector<std::int64_t>>());
        }
    }
}

TEST(Tokenizer, RefusesMalformedFilesByName) {
    const auto kindOf = [](const std::string& json) {
        try {
            Tokenizer::fromJson(json, "t");
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::Internal;
    };
    EXPECT_EQ(kindOf("{}"), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(R"({"model":{"type":"Magic","vocab":{"a":0}}})"), ErrorKind::Unsupported);
    EXPECT_EQ(kindOf(R"({"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}})"),
              ErrorKind::InputFile);
    EXPECT_EQ(kindOf(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}})"),
              ErrorKind::InputFile);
    EXPECT_EQ(
        kindOf(
            R"({"normalizer":{"type":"Replace","pattern":{"Regex":"("},"content":""},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}})"),
        ErrorKind::InputFile);
}

TEST(Tokenizer, EndsOnAHostilePatternAndAHugeWord) {
    const std::string bomb =
        R"({"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a+)+$"},"behavior":"Isolated"},)"
        R"("model":{"type":"BPE","vocab":{"a":0,"aa":1},"merges":["a a"]}})";
    EXPECT_THROW(Tokenizer::fromJson(bomb, "t")->encode(std::string(4000, 'a') + "b"), Error);
    const std::string plain = R"({"model":{"type":"BPE","vocab":{"a":0,"aa":1},"merges":["a a"]}})";
    EXPECT_EQ(Tokenizer::fromJson(plain, "t")->encode(std::string(1 << 20, 'a')).tokens.size(),
              std::size_t{1} << 19);
}

TEST(Tokenizer, ShowsPiecesAsPeopleReadThem) {
    EXPECT_EQ(readablePiece("Ġlamp"), " lamp");
    EXPECT_EQ(readablePiece("Ã©t"), "ét");
    EXPECT_EQ(readablePiece("Ċ"), "\n");
    EXPECT_EQ(readablePiece("▁le▁bois"), " le bois");
    EXPECT_EQ(readablePiece("été"), "été");  // not byte-level: its bytes are no text
    EXPECT_EQ(readablePiece("##ing"), "##ing");
}

// The roles that its folder names count, not only the usual contents.
TEST(Tokenizer, TakesRolesFromTheFolder) {
    const auto tokenizer = Tokenizer::load("samples/retrieval-llama-mini");
    EXPECT_EQ(tokenizer->specialTokens().eos, 0);
    EXPECT_FALSE(tokenizer->specialTokens().mask.has_value());
}

// transformers writes 10^30 for a length without limit.
TEST(Tokenizer, ReadsAFolderWhoseLengthHasNoLimit) {
    const ScratchFolder scratch;
    std::ofstream(scratch / "tokenizer.json")
        << R"({"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[]}})";
    std::ofstream(scratch / "tokenizer_config.json")
        << R"({"model_max_length":1000000000000000019884624838656,"pad_token":{"content":"b"}})";
    EXPECT_EQ(Tokenizer::load(scratch.path())->specialTokens().padding, 1);
}

TEST(Tokenizer, RefusesPromptsThatAreNotUtf8) {
    const auto tokenizer =
        Tokenizer::fromJson(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":[]}})", "t");
    EXPECT_THROW(tokenizer->encode("\xff"), Error);
    EXPECT_TRUE(tokenizer->encode("").tokens.empty());
}

}  // namespace
}  // namespace driftlens
