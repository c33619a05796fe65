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
