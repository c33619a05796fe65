#include "tests/support/tokenizer_cases.h"

#include "core/base/json.h"
#include "core/files/gguf.h"
#include "core/tokenizer/read_gguf_vocabulary.h"
#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/vocabulary_files.h"

#include <algorithm>
#include <functional>
#include <sstream>

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

// Whether an encoding is one that `expected` allows.
bool isGolden(const Tokenizer& tokenizer, const Json& item) {
    const auto text = item["text"].get<std::string>();
    const bool isPair = item.contains("pair");
    const auto encode = [&](bool addsSpecial) {
        const EncodeOptions options{addsSpecial, true};
        return isPair ? tokenizer.encodePair(text, item["pair"].get<std::string>(), options)
                      : tokenizer.encode(text, options);
    };
    const TokenizedInput ours = encode(true);
    bool isEqual =
        ours.ids() == item["ids"].get<Ids>() &&
        encode(false).ids() == item["ids_no_special"].get<Ids>() &&
        ours.typeIds() == item["type_ids"].get<Ids>() &&
        ours.specialTokensMask() == item["special_tokens_mask"].get<Ids>() &&
        tokenizer.decode(ours.ids()) == item["decoded"].get<std::string>() &&
        tokenizer.decode(ours.ids(), true) == item["decoded_skip_special"].get<std::string>();
    for (std::size_t i = 0; isEqual && i < ours.tokens.size(); ++i) {
        const Token& token = ours.tokens[i];
        const ByteRange bytes = token.bytes.value_or(ByteRange{});
        const std::string& source = token.sequence == 0 ? ours.text : ours.pairText;
        const ByteRange points = codePointRange(source, bytes);
        isEqual = token.text == item["tokens"][i].get<std::string>() &&
                  Json{bytes.begin, bytes.end} == item["offsets_utf8"][i] &&
                  Json{points.begin, points.end} == item["offsets"][i];
    }
    return isEqual;
}

void count(CaseCount& out, bool passes, const std::string& name) {
    ++out.cases;
    if (!passes) out.failed.push_back(name);
}

CaseCount recorded(const RecordedCases& row, const fs::path& folder, const Json& cases,
                   const char* textKey, const std::function<Ids(const Json&)>& expected) {
    CaseCount out{row.model, 0, row.cases, {}};
    const auto tokenizer = Tokenizer::fromJson(row.tokenizer(folder).dump(), row.model);
    for (const auto& [name, item] : cases.items()) {
        const bool isOther = std::find(row.otherVocabulary.begin(), row.otherVocabulary.end(),
                                       name) != row.otherVocabulary.end();
        if (isOther) {
            --out.expected;
            continue;
        }
        Json texts = {{"text", item[textKey]}};
        if (item.contains("text_pair")) texts["text_pair"] = item["text_pair"];
        count(out, idsOf(*tokenizer, texts, row) == expected(item), name);
    }
    return out;
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

// Vocabularies of which only the cases lie with the others.
GgufVocabulary ggmlVocabulary(const fs::path& data, const std::string& name) {
    const fs::path file = data / "ggml-vocab" / ("ggml-vocab-" + name + ".gguf");
    if (fs::exists(file)) return readGgufVocabulary(GgufFile::open(file).metadata());
    const fs::path files = data / "tokenizers" /
                           (name == "llama-bpe"     ? "llama3.2"
                            : name == "roberta-bpe" ? "ortext/roberta-base"
                                                    : "qwen2");
    const bool isLlama = name == "llama-bpe";
    return fromFiles(files / (isLlama ? "encoder.json" : "vocab.json"),
                     files / (isLlama ? "vocab.bpe" : "merges.txt"), name);
}

}  // namespace

std::vector<CaseCount> tinyTokenizers(const fs::path& data) {
    std::vector<CaseCount> out;
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(data / "hf-tiny")) {
        if (fs::exists(entry.path() / "tokenizer.json")) folders.push_back(entry.path());
    }
    std::sort(folders.begin(), folders.end());
    for (const fs::path& folder : folders) {
        const Json items = readJsonFile(folder / "golden.json")["tokenizer"];
        CaseCount row{folder.filename().string(), 0, items.size(), {}};
        const auto tokenizer = Tokenizer::load(folder);
        for (const Json& item : items)
            count(row, isGolden(*tokenizer, item), item["text"].get<std::string>());
        out.push_back(std::move(row));
    }
    return out;
}

std::vector<CaseCount> transformersJsTokenizers(const fs::path& data) {
    const fs::path folder = data / "tokenizers";
    const Json all = readJsonFile(folder / "transformersjs_cases.json");
    const auto ids = [](const Json& item) { return item["ids"].get<Ids>(); };
    std::vector<CaseCount> out;
    for (const RecordedCases& row : kRecorded)
        out.push_back(recorded(row, folder, all[row.family][row.model], "text", ids));
    // Its vocabulary lies in a GGUF file.
    const std::string deepseek = "Xenova/deepseek-coder-1.3b-instruct";
    CaseCount row{deepseek, 0, 37, {}};
    const auto tokenizer = Tokenizer::fromGgufVocabulary(ggmlVocabulary(data, "deepseek-coder"));
    for (const auto& [name, item] : all["llama"][deepseek].items()) {
        Ids ours = tokenizer->encode(item["text"].get<std::string>(), false).ids();
        ours.insert(ours.begin(), 32013);
        count(row, ours == ids(item), name);
    }
    out.push_back(std::move(row));
    return out;
}

std::vector<CaseCount> swiftTokenizers(const fs::path& data) {
    const fs::path folder = data / "tokenizers";
    const Json all = readJsonFile(folder / "tokenizer_tests.json");
    const auto ids = [](const Json& item) { return item["encoded"]["input_ids"].get<Ids>(); };
    std::vector<CaseCount> out;
    for (const RecordedCases& row : kSwift)
        out.push_back(recorded(row, folder, all[row.model], "input", ids));
    return out;
}

CaseCount bertQuestions(const fs::path& data) {
    const fs::path folder = data / "tokenizers";
    const auto tokenizer = Tokenizer::fromJson(bert(kUncased, true)(folder).dump(), "bert");
    const Json ids = readJsonFile(folder / "tokenized_questions.json");
    CaseCount out{"bert-base-uncased, questions", 0, ids.size(), {}};
    for (const Json& item : readJsonFile(folder / "question_tokens.json")) {
        const auto text = item["original"].get<std::string>();
        const TokenizedInput ours = tokenizer->encode(text, false);
        std::vector<std::string> pieces;
        for (const Token& token : ours.tokens) pieces.push_back(token.text);
        const bool passes = pieces == item["wordpiece"].get<std::vector<std::string>>() &&
                            ours.ids() == ids[out.cases].get<Ids>();
        count(out, passes, text);
    }
    return out;
}

std::vector<CaseCount> ggmlVocabularies(const fs::path& data) {
    std::vector<CaseCount> out;
    for (const std::string name : {"bert-bge", "llama-spm", "phi-3", "gpt-2", "falcon", "mpt",
                                   "refact", "starcoder", "deepseek-coder", "deepseek-llm",
                                   "llama-bpe", "qwen2", "deepseek-r1-qwen", "roberta-bpe"}) {
        const std::string base = (data / "ggml-vocab" / ("ggml-vocab-" + name + ".gguf")).string();
        const std::vector<std::string> texts = readTexts(base + ".inp");
        const std::vector<Ids> ids = readIds(base + ".out");
        CaseCount row{name, 0, texts.size(), {}};
        const auto tokenizer = Tokenizer::fromGgufVocabulary(ggmlVocabulary(data, name));
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const bool passes =
                i < ids.size() &&
                tokenizer->encode(texts[i], EncodeOptions{false, false}).ids() == ids[i];
            count(row, passes, std::to_string(i));
        }
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace driftlens
