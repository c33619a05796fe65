#include "core/tokenizer/vocabulary_files.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/sentence_piece.h"

#include <array>
#include <charconv>
#include <map>

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
    const auto special = [](const char* token, int type) {
        return Json{{"SpecialToken", {{"id", token}, {"type_id", type}}}};
    };
    const auto text = [](const char* name, int type) {
        return Json{{"Sequence", {{"id", name}, {"type_id", type}}}};
    };
    const auto ids = [&](const char* token) {
        return Json{{"id", token}, {"ids", {vocabulary[token]}}, {"tokens", {token}}};
    };
    return {{"type", "TemplateProcessing"},
            {"single", {special("[CLS]", 0), text("A", 0), special("[SEP]", 0)}},
            {"pair",
             {special("[CLS]", 0), text("A", 0), special("[SEP]", 0), text("B", 1),
              special("[SEP]", 1)}},
            {"special_tokens", {{"[CLS]", ids("[CLS]")}, {"[SEP]", ids("[SEP]")}}}};
}

// What a class puts around a text.
enum class Wrapping { None, Begin, BeginAndEnd };

struct ClassRow {
    std::string_view name;  // without "Fast"
    bool isWordPiece;
    ByteLevelOptions options;
    Wrapping wrapping = Wrapping::None;
};

const std::array<ClassRow, 7> kClasses = {{
    {"BertTokenizer", true, {}},
    {"CodeGenTokenizer", false, {}},
    {"DistilBertTokenizer", true, {}},
    {"GPT2Tokenizer", false, {}},
    {"GPTNeoXTokenizer", false, {}},
    {"Qwen2Tokenizer", false, {kQwen2Pattern, true, false, false}},
    {"RobertaTokenizer", false, {}, Wrapping::BeginAndEnd},
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

// "bos_token": "<s>", or an object with "content".
std::string tokenNamed(const JsonObject& config, std::string_view key, std::string_view fallback) {
    const Json* named = config.find(key);
    if (named != nullptr && named->is_object())
        return JsonObject(*named, config.what()).string("content", fallback);
    return config.string(key, fallback);
}

Json idOfToken(const Json& ids, const std::string& token, const fs::path& folder) {
    if (!ids.contains(token)) {
        throw Error(ErrorKind::InputFile,
                    folder.string() + ": vocab.json lacks the special token " + inQuotes(token));
    }
    return ids[token];
}

Json robertaProcessing(const JsonObject& config, const Json& ids, const fs::path& folder) {
    const std::string cls = tokenNamed(config, "cls_token", "<s>");
    const std::string sep = tokenNamed(config, "sep_token", "</s>");
    return {{"type", "RobertaProcessing"},
            {"sep", {sep, idOfToken(ids, sep, folder)}},
            {"cls", {cls, idOfToken(ids, cls, folder)}},
            {"trim_offsets", true},
            {"add_prefix_space", config.boolean("add_prefix_space", false)}};
}

// OPT's way to use GPT-2's class: the begin of text before each text.
Json beginTemplate(const JsonObject& config, const Json& ids, const fs::path& folder) {
    const std::string bos = tokenNamed(config, "bos_token", "<|endoftext|>");
    const Json begin = {{"SpecialToken", {{"id", bos}, {"type_id", 0}}}};
    const Json first = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
    const Json second = {{"Sequence", {{"id", "B"}, {"type_id", 1}}}};
    return {{"type", "TemplateProcessing"},
            {"single", {begin, first}},
            {"pair", {begin, first, begin, second}},
            {"special_tokens",
             {{bos, {{"id", bos}, {"ids", {idOfToken(ids, bos, folder)}}, {"tokens", {bos}}}}}}};
}

Json postProcessorOf(Wrapping wrapping, const JsonObject& config, const Json& ids,
                     const fs::path& folder) {
    switch (wrapping) {
        case Wrapping::BeginAndEnd:
            return robertaProcessing(config, ids, folder);
        case Wrapping::Begin:
            return beginTemplate(config, ids, folder);
        case Wrapping::None:
            break;
    }
    return nullptr;
}

std::int64_t idFromKey(const std::string& key, const std::string& what) {
    std::int64_t id = -1;
    const auto [end, status] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (status != std::errc() || end != key.data() + key.size())
        throw Error(ErrorKind::InputFile, what + ": " + inQuotes(key) + " is no token id");
    return id;
}

// added_tokens.json gives ids; added_tokens_decoder of the configuration says how they are found.
std::map<std::int64_t, Json> addedTokensOf(const fs::path& folder, const JsonObject& config) {
    std::map<std::int64_t, Json> out;
    std::error_code status;
    const fs::path file = folder / "added_tokens.json";
    if (fs::exists(file, status)) {
        const Json ids = readJsonFile(file);
        const JsonObject object(ids, file.string());
        for (const auto& [content, id] : ids.items()) {
            const std::int64_t value = object.integer(content, 0, INT32_MAX);
            out[value] = addedToken(content, value);
        }
    }
    if (!config.has("added_tokens_decoder")) return out;
    const JsonObject decoder = config.object("added_tokens_decoder");
    for (const auto& [key, value] : decoder.value().items()) {
        const std::int64_t id = idFromKey(key, decoder.what());
        Json token = JsonObject(value, decoder.what() + ": " + key).value();
        token["id"] = id;
        out[id] = std::move(token);
    }
    return out;
}

void mergeAddedTokens(const std::map<std::int64_t, Json>& added, Json& tokenizer) {
    Json& list = tokenizer["added_tokens"];
    std::map<std::int64_t, Json> all;
    for (const Json& token : list) all[token["id"].get<std::int64_t>()] = token;
    for (const auto& [id, token] : added) all[id] = token;
    list = Json::array();
    for (const auto& [id, token] : all) list.push_back(token);
}

Json readTokenizerConfig(const fs::path& file) {
    std::error_code status;
    if (!fs::exists(file, status)) return Json::object();
    JsonLimits limits;
    limits.allowHugeIntegers = true;
    return readJsonFile(file, limits);
}

// Throws Error(InputFile) if a line is not UTF-8: JSON could not hold it.
std::vector<std::string> linesOf(const fs::path& file) {
    std::vector<std::string> lines = splitText(readFileText(file), '\n');
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].ends_with('\r')) lines[i].pop_back();
        if (!isValidUtf8(lines[i])) {
            throw Error(ErrorKind::InputFile,
                        file.string() + ": line " + std::to_string(i + 1) + " is not UTF-8");
        }
    }
    return lines;
}

}  // namespace

Json bertTokenizerJson(const fs::path& vocabulary, bool isLowercase) {
    Json ids = Json::object();
    std::int64_t id = 0;
    for (const std::string& piece : linesOf(vocabulary)) {
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
    for (std::string& line : linesOf(merges)) {
        const bool isHeader = list.empty() && line.starts_with("#version");
        if (!line.empty() && !isHeader) list.push_back(std::move(line));
    }
    Json added = Json::array();
    constexpr const char* kEndOfText = "<|endoftext|>";
    if (ids.is_object() && ids.contains(kEndOfText) && ids[kEndOfText].is_number_integer())
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

std::optional<GgufVocabulary> sentencePieceOfFolder(const fs::path& folder) {
    struct Row {
        std::string_view name;
        bool addsBos, addsEos;
    };
    constexpr std::array<Row, 5> kSentencePieceClasses = {{{"", false, false},
                                                           {"CodeLlamaTokenizer", true, false},
                                                           {"GemmaTokenizer", true, false},
                                                           {"LlamaTokenizer", true, false},
                                                           {"T5Tokenizer", false, true}}};
    const fs::path file = folder / "tokenizer.model";
    const fs::path spiece = folder / "spiece.model";
    std::error_code status;
    const bool isSpiece = !fs::exists(file, status);
    if (isSpiece && !fs::exists(spiece, status)) return std::nullopt;
    const Json json = readTokenizerConfig(folder / "tokenizer_config.json");
    const JsonObject config(json, (folder / "tokenizer_config.json").string());
    std::string name = config.string("tokenizer_class", "");
    if (name.ends_with("Fast")) name.resize(name.size() - 4);
    std::string known;
    for (const Row& row : kSentencePieceClasses) {
        if (row.name != name) {
            known += (known.empty() ? "" : ", ") + std::string(row.name);
            continue;
        }
        const fs::path& model = isSpiece ? spiece : file;
        GgufVocabulary out = readSentencePieceModel(readFileText(model), model.string());
        out.addsBos = config.boolean("add_bos_token", row.addsBos);
        out.addsEos = config.boolean("add_eos_token", row.addsEos);
        return out;
    }
    throw Error(ErrorKind::Unsupported,
                folder.string() + ": has no tokenizer.json, and tokenizer_class " + inQuotes(name) +
                    " cannot be made from a SentencePiece model; known: " + known +
                    "; save the tokenizer as tokenizer.json, or give token ids with --ids");
}

std::optional<Json> tokenizerJsonOfFolder(const fs::path& folder) {
    std::error_code status;
    const auto has = [&](const char* name) { return fs::exists(folder / name, status); };
    const bool hasWordPiece = has("vocab.txt");
    const bool hasByteLevel = has("vocab.json") && has("merges.txt");
    if (!hasWordPiece && !hasByteLevel) return std::nullopt;
    const Json config = readTokenizerConfig(folder / "tokenizer_config.json");
    const JsonObject object(config, (folder / "tokenizer_config.json").string());
    const ClassRow& row = classNamed(
        object.string("tokenizer_class", hasWordPiece ? "BertTokenizer" : "GPT2Tokenizer"), folder);
    if (row.isWordPiece != hasWordPiece && !(hasWordPiece && hasByteLevel)) {
        throw Error(ErrorKind::InputFile, folder.string() + ": tokenizer_class " +
                                              inQuotes(row.name) +
                                              " does not fit the vocabulary files that are there");
    }
    Json out;
    if (row.isWordPiece) {
        out = bertTokenizerJson(folder / "vocab.txt", object.boolean("do_lower_case", true));
    } else {
        ByteLevelOptions options = row.options;
        options.addsPrefixSpace = object.boolean("add_prefix_space", false);
        out = byteLevelTokenizerJson(folder / "vocab.json", folder / "merges.txt", options);
        const bool addsBegin =
            row.wrapping == Wrapping::None && object.boolean("add_bos_token", false);
        out["post_processor"] = postProcessorOf(addsBegin ? Wrapping::Begin : row.wrapping, object,
                                                out["model"]["vocab"], folder);
    }
    mergeAddedTokens(addedTokensOf(folder, object), out);
    return out;
}

}  // namespace driftlens
