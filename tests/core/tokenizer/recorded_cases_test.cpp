// Encodings that other tokenizers' own test suites recorded, over the vocabularies they name.
#include "core/base/json.h"
#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/vocabulary_files.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace driftlens {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::int64_t>;
using Make = std::function<Json(const fs::path& folder)>;

Make bert(const char* file, bool isLowercase) {
    return [=](const fs::path& f) { return bertTokenizerJson(f / file, isLowercase); };
}
Make gpt2(std::vector<std::string> special = {}) {
    return [=](const fs::path& f) {
        Json json =
            byteLevelTokenizerJson(f / "gpt2_bpe_encoder.json", f / "gpt2_bpe_vocab.bpe", {});
        for (const std::string& content : special) {
            json["added_tokens"].push_back(
                {{"id", json["model"]["vocab"].size() + json["added_tokens"].size() - 1},
                 {"content", content},
                 {"special", true},
                 {"normalized", false}});
        }
        return json;
    };
}
Json llama3(const fs::path& f) {
    return byteLevelTokenizerJson(f / "llama3.2/encoder.json", f / "llama3.2/vocab.bpe",
                                  {kLlama3Pattern, false, true, false});
}
Json qwen2(const fs::path& f) {
    return byteLevelTokenizerJson(f / "qwen2/vocab.json", f / "qwen2/merges.txt",
                                  {kQwen2Pattern, true, false, false});
}
Make stored(const char* name, const std::function<void(Json&)>& edit = {}) {
    return [=](const fs::path& f) {
        Json json = readJsonFile(f / "ortext" / name / "tokenizer.json");
        if (edit) edit(json);
        return json;
    };
}
void useMetaspaceFirst(Json& json) {
    json["normalizer"] = {
        {"type", "Sequence"},
        {"normalizers",
         {json["normalizer"],
          {{"type", "Replace"}, {"pattern", {{"Regex", " {2,}"}}}, {"content", "▁"}}}}};
    json["pre_tokenizer"] = {
        {"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "first"}};
}
void useMetaspaceAlways(Json& json) {
    json["pre_tokenizer"] = {
        {"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "always"}};
}
void addPrefixSpace(Json& json) {
    json["pre_tokenizer"]["add_prefix_space"] = true;
}
// distil-small.en takes the white space around special tokens away.
Json strippingWhisper(const fs::path& f) {
    Json json = gpt2({"<|startoftranscript|>", "<|en|>"})(f);
    for (Json& token : json["added_tokens"]) token["lstrip"] = token["rstrip"] = true;
    return json;
}

struct RecordedCases {
    const char* family;
    const char* model;
    std::size_t cases;
    Make tokenizer;
    Ids prefix, suffix;  // special ids of the case around those of the text
    std::vector<std::string> otherVocabulary = {};  // cases made with other merges
};

const char* const kUncased = "bert_base_uncased_vocab.txt";
const char* const kCased = "bert_base_cased_vocab.txt";

const RecordedCases kRecorded[] = {
    {"bert", "Xenova/bert-base-uncased", 30, bert(kUncased, true), {101}, {102}},
    {"bert", "Xenova/bert-base-cased", 8, bert(kCased, false), {101}, {102}},
    {"bert", "google-bert/bert-base-cased", 1, bert(kCased, false), {101}, {102}},
    {"bert", "Xenova/spanbert-large-cased", 2, bert(kCased, true), {101}, {102}},
    {"distilbert",
     "Xenova/distilbert-base-uncased-finetuned-sst-2-english",
     12,
     bert(kUncased, true),
     {101},
     {102}},
    {"distilbert",
     "Xenova/distilbert-base-cased-distilled-squad",
     25,
     bert(kCased, false),
     {101},
     {102}},
    {"gpt2", "Xenova/gpt2", 26, gpt2(), {}, {}},
    {"gpt2", "openai-community/gpt2", 26, gpt2(), {}, {}},
    {"falcon", "tiiuae/falcon-rw-1b", 15, gpt2(), {}, {}},
    {"falcon", "tiiuae/falcon-7b", 24, stored("falcon-tokenizer"), {}, {}},
    {"whisper",
     "onnx-community/whisper-tiny.en",
     24,
     gpt2({"<|startoftranscript|>", "<|en|>"}),
     {50257, 50362},
     {50256}},
    {"whisper", "distil-whisper/distil-small.en", 1, strippingWhisper, {50257, 50362}, {50256}},
    {"whisper",
     "distil-whisper/distil-large-v3",
     9,
     stored("whisper.tiny"),
     {50258, 50364},
     {50257}},
    {"whisper",
     "distil-whisper/distil-large-v2",
     24,
     stored("whisper.tiny"),
     {50258, 50259, 50359, 50363},
     {50257},
     {"SIMPLE_WITH_PUNCTUATION", "CURRENCY", "CURRENCY_WITH_DECIMALS"}},
    {"whisper",
     "Xenova/nb-whisper-tiny-beta",
     24,
     stored("whisper.tiny", addPrefixSpace),
     {50258, 50288, 50359, 50363},
     {50257},
     {"SIMPLE_WITH_PUNCTUATION", "CURRENCY", "CURRENCY_WITH_DECIMALS", "TRAILING_SPACE"}},
    {"clip", "Xenova/clip-vit-base-patch16", 25, stored("clip"), {49406}, {49407}},
    {"llama", "Xenova/llama-tokenizer", 37, stored("phi-3-mini"), {1}, {}},
    {"llama", "Xenova/llama3-tokenizer", 37, llama3, {}, {}},
    {"llama", "Xenova/llama3-tokenizer-new", 37, llama3, {128000}, {}},
    {"qwen2", "Xenova/Qwen1.5-0.5B-Chat", 25, qwen2, {}, {}},
    {"roberta", "Xenova/all-distilroberta-v1", 11, stored("roberta-base"), {0}, {2}},
    {"t5", "Xenova/t5-small", 29, stored("t5-small"), {}, {1}},
    {"t5", "google-t5/t5-small", 29, stored("t5-small"), {}, {1}},
    {"t5", "Xenova/t5-tokenizer-new", 8, stored("t5-small", useMetaspaceFirst), {}, {1}},
    {"t5", "Xenova/LaMini-Flan-T5-783M", 1, stored("t5-small", useMetaspaceAlways), {}, {1}},
};

class EveryRecordedTokenizer : public ::testing::TestWithParam<RecordedCases> {};

// Special tokens of the case around each text; a pair has one more suffix between.
Ids idsOf(const Tokenizer& tokenizer, const Json& item, const RecordedCases& row) {
    const auto plain = [&](const char* key) {
        return tokenizer.encode(item[key].get<std::string>(), false).ids();
    };
    Ids ids = row.prefix;
    const auto add = [&](const Ids& more) { ids.insert(ids.end(), more.begin(), more.end()); };
    add(plain("text"));
    add(row.suffix);
    if (!item.contains("text_pair")) return ids;
    if (std::string_view(row.family) == "roberta") add(row.suffix);
    add(plain("text_pair"));
    add(row.suffix);
    return ids;
}

TEST_P(EveryRecordedTokenizer, GivesTheRecordedIds) {
    REQUIRE_SHARED(folder, "data/tokenizers");
    const RecordedCases& row = GetParam();
    const auto tokenizer = Tokenizer::fromJson(row.tokenizer(folder).dump(), row.model);
    const Json cases = readJsonFile(folder / "transformersjs_cases.json")[row.family][row.model];
    EXPECT_EQ(cases.size(), row.cases);
    for (const auto& [name, item] : cases.items()) {
        const bool isOther = std::find(row.otherVocabulary.begin(), row.otherVocabulary.end(),
                                       name) != row.otherVocabulary.end();
        if (isOther) continue;
        EXPECT_EQ(idsOf(*tokenizer, item, row), item["ids"].get<Ids>()) << name;
    }
}

INSTANTIATE_TEST_SUITE_P(TransformersJs, EveryRecordedTokenizer, ::testing::ValuesIn(kRecorded),
                         [](const auto& row) {
                             std::string name = row.param.model;
                             for (char& c : name) c = std::isalnum(c) != 0 ? c : '_';
                             return name;
                         });

TEST(RecordedTokenizers, HoldAllCasesThatCanBeRun) {
    std::size_t cases = 0;
    for (const RecordedCases& row : kRecorded) cases += row.cases - row.otherVocabulary.size();
    EXPECT_EQ(cases, 479U - 37U + 41U);  // deepseek-coder's 37 are with the GGUF vocabularies
}

const RecordedCases kSwift[] = {
    {"", "bert-base-uncased", 18, bert(kUncased, true), {101}, {102}},
    {"", "google-bert/bert-base-uncased", 18, bert(kUncased, true), {101}, {102}},
    {"", "distilgpt2", 18, gpt2(), {}, {}},
    {"", "openai/whisper-tiny.en", 18, gpt2(), {50257, 50362}, {50256}},
    {"", "openai/whisper-large-v2", 18, stored("whisper.tiny"), {50258, 50363}, {50257}},
    {"", "coreml-projects/Llama-2-7b-chat-coreml", 18, stored("phi-3-mini"), {1}, {}},
    {"", "pcuenq/Llama-3.2-1B-Instruct-tokenizer", 18, llama3, {128000}, {}},
    {"", "tiiuae/falcon-7b", 19, stored("falcon-tokenizer"), {}, {}},
    {"", "t5-base", 18, stored("t5-small"), {}, {1}},
};

TEST(SwiftTransformersCases, GiveTheRecordedIds) {
    REQUIRE_SHARED(folder, "data/tokenizers");
    const Json all = readJsonFile(folder / "tokenizer_tests.json");
    std::size_t checked = 0;
    for (const RecordedCases& row : kSwift) {
        const auto tokenizer = Tokenizer::fromJson(row.tokenizer(folder).dump(), row.model);
        EXPECT_EQ(all[row.model].size(), row.cases) << row.model;
        for (const Json& item : all[row.model]) {
            EXPECT_EQ(idsOf(*tokenizer, {{"text", item["input"]}}, row),
                      item["encoded"]["input_ids"].get<Ids>())
                << row.model << " " << item["input"];
            ++checked;
        }
    }
    EXPECT_EQ(checked, 163U);
}

TEST(BertTokenizer, CutsTenThousandQuestionsAsRecorded) {
    REQUIRE_SHARED(folder, "data/tokenizers");
    const auto tokenizer = Tokenizer::fromJson(bert(kUncased, true)(folder).dump(), "bert");
    const Json ids = readJsonFile(folder / "tokenized_questions.json");
    std::size_t checked = 0;
    for (const Json& item : readJsonFile(folder / "question_tokens.json")) {
        const auto ours = tokenizer->encode(item["original"].get<std::string>(), false);
        std::vector<std::string> pieces;
        for (const Token& token : ours.tokens) pieces.push_back(token.text);
        ASSERT_EQ(pieces, item["wordpiece"].get<std::vector<std::string>>());
        ASSERT_EQ(ours.ids(), ids[checked].get<Ids>());
        ++checked;
    }
    EXPECT_EQ(checked, 10570U);
}

}  // namespace
}  // namespace driftlens
