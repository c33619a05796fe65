// Encodings that other tokenizers' own test suites recorded, over the vocabularies they name.
#include "core/tokenizer/vocabulary_files.h"

#include "core/base/error.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/support/fixtures.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

using Ids = std::vector<std::int64_t>;

struct RecordedCases {
    std::string family, model;
    std::size_t cases;
    std::function<Json(const fs::path& folder)> tokenizer;
    Ids prefix, suffix;  // special ids of the case around those of the text
};

Json bertUncased(const fs::path& f) {
    return bertTokenizerJson(f / "bert_base_uncased_vocab.txt", true);
}
Json bertCased(const fs::path& f) {
    return bertTokenizerJson(f / "bert_base_cased_vocab.txt", false);
}
Json gpt2(const fs::path& f) {
    return byteLevelTokenizerJson(f / "gpt2_bpe_encoder.json", f / "gpt2_bpe_vocab.bpe", {});
}
Json llama3(const fs::path& f) {
    return byteLevelTokenizerJson(f / "llama3.2/encoder.json", f / "llama3.2/vocab.bpe",
                                  {kLlama3Pattern, false, true, false});
}
Json qwen2(const fs::path& f) {
    return byteLevelTokenizerJson(f / "qwen2/vocab.json", f / "qwen2/merges.txt",
                                  {kQwen2Pattern, true, false, false});
}
auto stored(const std::string& name) {
    return
        [name](const fs::path& f) { return readJsonFile(f / "ortext" / name / "tokenizer.json"); };
}

const RecordedCases kRecorded[] = {
    {"bert", "Xenova/bert-base-uncased", 30, bertUncased, {101}, {102}},
    {"bert", "Xenova/bert-base-cased", 8, bertCased, {101}, {102}},
    {"distilbert",
     "Xenova/distilbert-base-uncased-finetuned-sst-2-english",
     12,
     bertUncased,
     {101},
     {102}},
    {"distilbert", "Xenova/distilbert-base-cased-distilled-squad", 25, bertCased, {101}, {102}},
    {"gpt2", "Xenova/gpt2", 26, gpt2, {}, {}},
    {"falcon", "tiiuae/falcon-rw-1b", 15, gpt2, {}, {}},
    {"falcon", "tiiuae/falcon-7b", 24, stored("falcon-tokenizer"), {}, {}},
    {"llama", "Xenova/llama-tokenizer", 37, stored("phi-3-mini"), {1}, {}},
    {"llama", "Xenova/llama3-tokenizer", 37, llama3, {}, {}},
    {"llama", "Xenova/llama3-tokenizer-new", 37, llama3, {128000}, {}},
    {"qwen2", "Xenova/Qwen1.5-0.5B-Chat", 25, qwen2, {}, {}},
    {"roberta", "Xenova/all-distilroberta-v1", 11, stored("roberta-base"), {0}, {2}},
    {"whisper",
     "distil-whisper/distil-large-v3",
     9,
     stored("whisper.tiny"),
     {50258, 50364},
     {50257}},
};

class EveryRecordedTokenizer : public ::testing::TestWithParam<RecordedCases> {};

TEST_P(EveryRecordedTokenizer, GivesTheRecordedIds) {
    REQUIRE_SHARED(folder, "data/tokenizers");
    const RecordedCases& row = GetParam();
    const auto tokenizer = Tokenizer::fromJson(row.tokenizer(folder).dump(), row.model);
    const Json cases = readJsonFile(folder / "transformersjs_cases.json")[row.family][row.model];
    EXPECT_EQ(cases.size(), row.cases);
    for (const auto& [name, item] : cases.items()) {
        if (item.contains("text_pair"))
            continue;  // two texts at once: not part of the command line
        Ids ids = tokenizer->encode(item["text"].get<std::string>(), false).ids();
        ids.insert(ids.begin(), row.prefix.begin(), row.prefix.end());
        ids.insert(ids.end(), row.suffix.begin(), row.suffix.end());
        EXPECT_EQ(ids, item["ids"].get<Ids>()) << row.model << " " << name;
    }
}

INSTANTIATE_TEST_SUITE_P(TransformersJs, EveryRecordedTokenizer, ::testing::ValuesIn(kRecorded),
                         [](const auto& row) {
                             std::string name = row.param.model;
                             for (char& c : name) c = std::isalnum(c) != 0 ? c : '_';
                             return name;
                         });

TEST(BertTokenizer, CutsTenThousandQuestionsAsRecorded) {
    REQUIRE_SHARED(folder, "data/tokenizers");
    const auto tokenizer = Tokenizer::fromJson(bertUncased(folder).dump(), "bert");
    int checked = 0;
    for (const Json& item : readJsonFile(folder / "question_tokens.json")) {
        std::vector<std::string> pieces;
        for (const Token& token :
             tokenizer->encode(item["original"].get<std::string>(), false).tokens)
            pieces.push_back(token.text);
        ASSERT_EQ(pieces, item["wordpiece"].get<std::vector<std::string>>());
        ++checked;
    }
    EXPECT_EQ(checked, 10570);
}

TEST(VocabularyFiles, ServeFoldersWithoutTokenizerJson) {
    const ScratchFolder folder;
    std::ofstream(folder / "vocab.txt") << "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nfilm\n##s\n";
    const auto tokenizer = Tokenizer::load(folder.path());
    EXPECT_EQ(tokenizer->encode("The films").ids(), (Ids{2, 5, 6, 7, 3}));
    EXPECT_EQ(tokenizer->specialTokens().mask, 4);
    std::ofstream(folder / "tokenizer_config.json") << R"({"do_lower_case": false})";
    EXPECT_EQ(Tokenizer::load(folder.path())->encode("The films").ids(), (Ids{2, 1, 6, 7, 3}));
}

TEST(VocabularyFiles, AreRefusedByNameWhereTheyCannotServe) {
    const auto kindOf = [](const ScratchFolder& folder) {
        try {
            Tokenizer::load(folder.path());
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::Internal;
    };
    const ScratchFolder sentencePiece;
    std::ofstream(sentencePiece / "tokenizer.model") << "x";
    EXPECT_EQ(kindOf(sentencePiece), ErrorKind::Unsupported);
    const ScratchFolder unknownClass;
    std::ofstream(unknownClass / "vocab.txt") << "a\n";
    std::ofstream(unknownClass / "tokenizer_config.json")
        << R"({"tokenizer_class": "MecabTokenizer"})";
    EXPECT_EQ(kindOf(unknownClass), ErrorKind::Unsupported);
    const ScratchFolder empty;
    std::ofstream(empty / "vocab.txt") << "";
    EXPECT_EQ(kindOf(empty), ErrorKind::InputFile);
    const ScratchFolder broken;
    std::ofstream(broken / "vocab.json") << "[1]";
    std::ofstream(broken / "merges.txt") << "a b\n";
    EXPECT_EQ(kindOf(broken), ErrorKind::InputFile);
}

}  // namespace
}  // namespace driftlens
