#include "core/tokenizer/vocabulary_files.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <array>

namespace driftlens {

namespace fs = std::filesystem;

const std::string_view kLlama3Pattern =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| "
    "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const std::string_view kQwen2Pattern =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| "
    "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

namespace {

Json addedToken(const std::string& content, const Json& id) {
    return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
            {"rstrip", false}, {"normalized", false}, {"special", true}};
}

// "[CLS] A [SEP]" where both are in the vocabulary.
Json bertTemplate(const Json& vocabulary) {
    if (!vocabulary.contains("[CLS]") || !vocabulary.contains("[SEP]")) return nullptr;
    const auto special = [](const char* token) {
        return Json{{"SpecialToken", {{"id", token}, {"type_id", 0}}}};
    };
    const auto ids = [&](const char* token) {
        return Json{{"id", token}, {"ids", {vocabulary[token]}}, {"tokens", {token}}};
    };
    return {{"type", "TemplateProcessing"},
            {"single",
             {special("[CLS]"), {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}, special("[SEP]")}},
            {"pair", Json::array()},
            {"special_tokens", {{"[CLS]", ids("[CLS]")}, {"[SEP]", ids("[SEP]")}}}};
}

struct ClassRow {
    std::string_view name;  // without "Fast"
    bool isWordPiece;
    ByteLevelOptions options;
};

const std::array<ClassRow, 5> kClasses = {{
    {"BertTokenizer", true, {}},
    {"DistilBertTokenizer", true, {}},
    {"GPT2Tokenizer", false, {}},
    {"GPTNeoXTokenizer", false, {}},
    {"Qwen2Tokenizer", false, {kQwen2Pattern, true, false, false}},
}};

const ClassRow& classNamed(std::string name, const fs::path& folder) {
    if (name.ends_with("Fast")) name.resize(name.size() - 4);
    std::string known;
    for (const ClassRow& row : kClasses) {
        if (row.name == name) return row;
        known += (known.empty() ? "" : ", ") + std::string(row.name);
    }
    throw Error(ErrorKind::Unsupported,
                folder.string() + ": has no tokenizer.json, and tokenizer_class " + inQuotes(name) +
                    " cannot be made from vocabulary files; known: " + known);
}

}  // namespace

Json bertTokenizerJson(const fs::path& vocabulary, bool isLowercase) {
    Json ids = Json::object();
    std::int64_t id = 0;
    const std::string text = readFileText(vocabulary);
    for (std::string& piece : splitText(text, '\n')) {
        if (piece.ends_with('\r')) piece.pop_back();
        if (!isValidUtf8(piece)) {
            throw Error(ErrorKind::InputFile,
                        vocabulary.string() + ": line " + std::to_string(id + 1) + " is not UTF-8");
        }
        if (!piece.empty()) ids[piece] = id;
        ++id;
    }
    if (ids.empty()) throw Error(ErrorKind::InputFile, vocabulary.string() + ": holds no pieces");
    Json added = Json::array();
    for (const char* special : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
        if (ids.contains(special)) added.push_back(addedToken(special, ids[special]));
    }
    return {{"added_tokens", added},
            {"normalizer",
             {{"type", "BertNormalizer"},
              {"clean_text", true},
              {"handle_chinese_chars", true},
              {"strip_accents", nullptr},
              {"lowercase", isLowercase}}},
            {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
            {"post_processor", bertTemplate(ids)},
            {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
            {"model",
             {{"type", "WordPiece"},
              {"unk_token", "[UNK]"},
              {"continuing_subword_prefix", "##"},
              {"max_input_chars_per_word", 100},
              {"vocab", std::move(ids)}}}};
}

Json byteLevelTokenizerJson(const fs::path& vocabulary, const fs::path& merges,
                            const ByteLevelOptions& options) {
    Json ids = readJsonFile(vocabulary);
    Json list = Json::array();
    const std::string text = readFileText(merges);
    for (std::string& line : splitText(text, '\n')) {
        if (line.ends_with('\r')) line.pop_back();
        const bool isHeader = list.empty() && line.starts_with("#version");
        if (!line.empty() && !isHeader) list.push_back(std::move(line));
    }
    Json added = Json::array();
    constexpr const char* kEndOfText = "<|endoftext|>";
    if (ids.is_object() && ids.contains(kEndOfText))
        added.push_back(addedToken(kEndOfText, ids[kEndOfText]));
    const bool usesGpt2 = options.pattern.empty();
    const Json byteLevel = {{"type", "ByteLevel"},
                            {"add_prefix_space", options.addsPrefixSpace},
                            {"trim_offsets", false},
                            {"use_regex", usesGpt2}};
    const Json split = {{"type", "Split"},
                        {"pattern", {{"Regex", options.pattern}}},
                        {"behavior", "Isolated"},
                        {"invert", false}};
    return {
        {"added_tokens", added},
        {"normalizer", options.normalizesNfc ? Json{{"type", "NFC"}} : Json(nullptr)},
        {"pre_tokenizer",
         usesGpt2 ? byteLevel : Json{{"type", "Sequence"}, {"pretokenizers", {split, byteLevel}}}},
        {"post_processor", nullptr},
        {"decoder", {{"type", "ByteLevel"}}},
        {"model",
         {{"type", "BPE"},
          {"ignore_merges", options.ignoresMerges},
          {"vocab", std::move(ids)},
          {"merges", std::move(list)}}}};
}

std::optional<Json> tokenizerJsonOfFolder(const fs::path& folder) {
    std::error_code status;
    const auto has = [&](const char* name) { return fs::exists(folder / name, status); };
    const bool hasWordPiece = has("vocab.txt");
    const bool hasByteLevel = has("vocab.json") && has("merges.txt");
    if (!hasWordPiece && !hasByteLevel) {
        if (!has("tokenizer.model")) return std::nullopt;
        throw Error(ErrorKind::Unsupported,
                    (folder / "tokenizer.model").string() +
                        ": a SentencePiece model alone is not supported; save the tokenizer as "
                        "tokenizer.json, or give token ids with --ids");
    }
    Json config = Json::object();
    if (has("tokenizer_config.json")) {
        JsonLimits limits;
        limits.allowHugeIntegers = true;
        config = readJsonFile(folder / "tokenizer_config.json", limits);
    }
    const JsonObject object(config, (folder / "tokenizer_config.json").string());
    const ClassRow& row = classNamed(
        object.string("tokenizer_class", hasWordPiece ? "BertTokenizer" : "GPT2Tokenizer"), folder);
    if (row.isWordPiece != hasWordPiece && !(hasWordPiece && hasByteLevel)) {
        throw Error(ErrorKind::InputFile, folder.string() + ": tokenizer_class " +
                                              inQuotes(row.name) +
                                              " does not fit the vocabulary files that are there");
    }
    if (row.isWordPiece)
        return bertTokenizerJson(folder / "vocab.txt", object.boolean("do_lower_case", true));
    ByteLevelOptions options = row.options;
    options.addsPrefixSpace = object.boolean("add_prefix_space", false);
    return byteLevelTokenizerJson(folder / "vocab.json", folder / "merges.txt", options);
}

}  // namespace driftlens
