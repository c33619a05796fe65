// Vocabularies of GGUF files against the ids that llama.cpp recorded for 46 texts.
#include "core/tokenizer/gguf_vocabulary.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/files/gguf.h"
#include "core/tokenizer/read_gguf_vocabulary.h"
#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/vocabulary_files.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <sstream>

namespace driftlens {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::int64_t>;

GgufVocabulary readVocabulary(const fs::path& file) {
    return readGgufVocabulary(GgufFile::open(file).metadata());
}

// The texts are separated by a line; the last piece is empty and no test.
std::vector<std::string> readTexts(const fs::path& file) {
    constexpr std::string_view kSeparator = "\n__ggml_vocab_test__\n";
    const std::string all = readFileText(file);
    std::vector<std::string> out;
    std::size_t begin = 0;
    for (std::size_t end; (end = all.find(kSeparator, begin)) != std::string::npos;
         begin = end + kSeparator.size())
        out.push_back(all.substr(begin, end - begin));
    return out;
}

std::vector<Ids> readIds(const fs::path& file) {
    std::vector<Ids> out;
    std::istringstream lines(readFileText(file));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream numbers(line);
        Ids& ids = out.emplace_back();
        for (std::int64_t id; numbers >> id;) ids.push_back(id);
    }
    return out;
}

void expectRecordedIds(const Tokenizer& tokenizer, const fs::path& folder,
                       const std::string& name) {
    const auto texts = readTexts(folder / ("ggml-vocab-" + name + ".gguf.inp"));
    const auto ids = readIds(folder / ("ggml-vocab-" + name + ".gguf.out"));
    ASSERT_EQ(texts.size(), 46U);
    ASSERT_EQ(ids.size(), 46U);
    for (std::size_t i = 0; i < texts.size(); ++i)
        EXPECT_EQ(tokenizer.encode(texts[i], EncodeOptions{false, false}).ids(), ids[i])
            << name << " " << i << ": " << texts[i];
}

class EveryGgufVocabulary : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryGgufVocabulary, GivesTheRecordedIds) {
    REQUIRE_SHARED(folder, "data/ggml-vocab");
    const std::string name = GetParam();
    const auto tokenizer =
        Tokenizer::fromGgufVocabulary(readVocabulary(folder / ("ggml-vocab-" + name + ".gguf")));
    expectRecordedIds(*tokenizer, folder, name);
}

std::string testName(const ::testing::TestParamInfo<const char*>& row) {
    std::string name = row.param;
    for (char& c : name) c = c == '-' ? '_' : c;
    return name;
}

INSTANTIATE_TEST_SUITE_P(LlamaCpp, EveryGgufVocabulary,
                         ::testing::Values("bert-bge", "llama-spm", "phi-3", "gpt-2", "falcon",
                                           "mpt", "refact", "starcoder", "deepseek-coder",
                                           "deepseek-llm"),
                         testName);

// The same texts for kinds whose vocabularies lie elsewhere.
class EveryPreTokenizer : public ::testing::TestWithParam<const char*> {};

GgufVocabulary fromFiles(const fs::path& encoder, const fs::path& merges, const std::string& pre) {
    const Json json = byteLevelTokenizerJson(encoder, merges, {});
    GgufVocabulary out;
    out.model = "gpt2";
    out.pre = pre;
    out.tokens.resize(json["model"]["vocab"].size());
    for (const auto& [piece, id] : json["model"]["vocab"].items())
        out.tokens[id.get<std::size_t>()] = piece;
    for (const Json& merge : json["model"]["merges"]) out.merges.push_back(merge);
    return out;
}

TEST_P(EveryPreTokenizer, GivesTheRecordedIds) {
    REQUIRE_SHARED(folder, "data");
    const std::string pre = GetParam();
    const fs::path files = folder / "tokenizers" /
                           (pre == "llama-bpe"     ? "llama3.2"
                            : pre == "roberta-bpe" ? "ortext/roberta-base"
                                                   : "qwen2");
    const bool isLlama = pre == "llama-bpe";
    const auto tokenizer = Tokenizer::fromGgufVocabulary(
        fromFiles(files / (isLlama ? "encoder.json" : "vocab.json"),
                  files / (isLlama ? "vocab.bpe" : "merges.txt"), pre));
    expectRecordedIds(*tokenizer, folder / "ggml-vocab", pre);
}

INSTANTIATE_TEST_SUITE_P(LlamaCpp, EveryPreTokenizer,
                         ::testing::Values("llama-bpe", "qwen2", "deepseek-r1-qwen", "roberta-bpe"),
                         testName);

TEST(GgufVocabulary, GivesDeepSeekCodersCasesOfTransformersJs) {
    REQUIRE_SHARED(folder, "data");
    const auto tokenizer = Tokenizer::fromGgufVocabulary(
        readVocabulary(folder / "ggml-vocab/ggml-vocab-deepseek-coder.gguf"));
    const Json cases = readJsonFile(
        folder /
        "tokenizers/transformersjs_cases.json")["llama"]["Xenova/deepseek-coder-1.3b-instruct"];
    EXPECT_EQ(cases.size(), 37U);
    for (const auto& [name, item] : cases.items()) {
        Ids ids = tokenizer->encode(item["text"].get<std::string>(), false).ids();
        ids.insert(ids.begin(), 32013);
        EXPECT_EQ(ids, item["ids"].get<Ids>()) << name;
    }
}

GgufVocabulary tiny(const std::string& model) {
    GgufVocabulary out;
    out.model = model;
    out.tokens = {"<unk>", "<s>", "</s>", "▁", "a", "b", "ab", "▁ab", "<0x0A>", "<tool>"};
    out.tokenTypes = {2, 3, 3, 1, 1, 1, 1, 1, 6, 4};
    out.scores = {0, 0, 0, -3, -4, -5, -1, -2, 0, 0};
    out.unknown = 0;
    out.bos = 1;
    out.eos = 2;
    return out;
}

TEST(GgufVocabulary, JoinsByScoreAndFallsBackToBytes) {
    const auto tokenizer = Tokenizer::fromGgufVocabulary(tiny("llama"));
    EXPECT_EQ(tokenizer->encode("ab b\n").ids(), (Ids{1, 7, 3, 5, 8}));
    EXPECT_EQ(tokenizer->decode(Ids{1, 7, 3, 5, 8}, true), "ab b\n");
    EXPECT_EQ(tokenizer->encode("éé", false).ids(), (Ids{3, 0}));
    // User-defined tokens are found in any case, control tokens on demand.
    EXPECT_EQ(tokenizer->encode("<tool></s>", EncodeOptions{false, true}).ids(), (Ids{9, 2}));
    EXPECT_EQ(tokenizer->encode("<tool>", EncodeOptions{false, false}).ids(), (Ids{9}));
    EXPECT_NE(tokenizer->encode("</s>", EncodeOptions{false, false}).ids(), (Ids{2}));
}

TEST(GgufVocabulary, TakesTheLikeliestPiecesForT5) {
    const auto tokenizer = Tokenizer::fromGgufVocabulary(tiny("t5"));
    EXPECT_EQ(tokenizer->encode("ab").ids(), (Ids{7, 2}));
}

TEST(GgufVocabulary, KnowsEveryRowOfPreTokenizers) {
    for (const std::string_view name : ggufPreTokenizers()) {
        GgufVocabulary vocabulary;
        vocabulary.model = "gpt2";
        vocabulary.pre = name;
        for (int byte = 33; byte < 127; ++byte)
            vocabulary.tokens.emplace_back(1, static_cast<char>(byte));
        vocabulary.tokens.insert(vocabulary.tokens.end(), {"Ġ", "Ċ", "ab"});
        vocabulary.merges = {"a b"};
        const auto tokenizer = Tokenizer::fromGgufVocabulary(vocabulary);
        const std::string text = "It's 2024: ab,  AB\n\n x";
        EXPECT_EQ(tokenizer->decode(tokenizer->encode(text).ids()), text) << name;
    }
}

TEST(GgufVocabulary, IsRefusedByNameWhereItContradictsItself) {
    const auto kindOf = [](const GgufVocabulary& vocabulary) {
        try {
            Tokenizer::fromGgufVocabulary(vocabulary);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::Internal;
    };
    GgufVocabulary unknownModel = tiny("rwkv");
    EXPECT_EQ(kindOf(unknownModel), ErrorKind::Unsupported);
    GgufVocabulary unknownPre = tiny("gpt2");
    unknownPre.pre = "magic";
    EXPECT_EQ(kindOf(unknownPre), ErrorKind::Unsupported);
    GgufVocabulary shortScores = tiny("llama");
    shortScores.scores.pop_back();
    EXPECT_EQ(kindOf(shortScores), ErrorKind::InputFile);
    GgufVocabulary strangeId = tiny("llama");
    strangeId.bos = 10;
    EXPECT_EQ(kindOf(strangeId), ErrorKind::InputFile);
    GgufVocabulary noPair = tiny("gpt2");
    noPair.merges = {"ab"};
    EXPECT_EQ(kindOf(noPair), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(GgufVocabulary{}), ErrorKind::InputFile);
}

}  // namespace
}  // namespace driftlens
