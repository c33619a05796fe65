#include "core/tokenizer/tokenizer.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/stages.h"
#include "core/tokenizer/vocabulary_files.h"

#include <algorithm>
#include <array>
#include <map>

namespace driftlens {
namespace {

struct AddedToken {
    std::int64_t id = 0;
    std::string content;
    bool isSpecial = false, singleWord = false, stripLeft = false, stripRight = false;
};

std::vector<AddedToken> readAddedTokens(const JsonObject& config) {
    std::vector<AddedToken> out;
    const Json* list = config.find("added_tokens");
    if (list == nullptr) return out;
    if (!list->is_array())
        throw Error(ErrorKind::InputFile, config.what() + ": added_tokens is no list");
    for (const Json& item : *list) {
        const JsonObject token(item, config.what() + ": added_tokens");
        AddedToken added;
        added.id = token.integer("id", 0, INT32_MAX);
        added.content = token.string("content");
        added.isSpecial = token.boolean("special", false);
        added.singleWord = token.boolean("single_word", false);
        added.stripLeft = token.boolean("lstrip", false);
        added.stripRight = token.boolean("rstrip", false);
        if (!added.content.empty()) out.push_back(std::move(added));
    }
    return out;
}

struct RoleRow {
    std::optional<std::int64_t> SpecialTokenIds::*member;
    std::string_view key;  // in tokenizer_config.json
    std::vector<std::string_view> usual;
};

const std::array<RoleRow, 7> kRoles = {
    {{&SpecialTokenIds::bos, "bos_token", {"<s>", "<bos>", "<|begin_of_text|>"}},
     {&SpecialTokenIds::eos, "eos_token", {"</s>", "<eos>", "<|end_of_text|>", "<|endoftext|>"}},
     {&SpecialTokenIds::unknown, "unk_token", {"[UNK]", "<unk>"}},
     {&SpecialTokenIds::separator, "sep_token", {"[SEP]"}},
     {&SpecialTokenIds::padding, "pad_token", {"[PAD]", "<pad>"}},
     {&SpecialTokenIds::classification, "cls_token", {"[CLS]"}},
     {&SpecialTokenIds::mask, "mask_token", {"[MASK]", "<mask>"}}}};

bool isWordByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

struct Tokenizer::State {
    Normalizer normalizer;
    PreTokenizer preTokenizer;
    std::unique_ptr<TokenModel> model;
    Template wrapping;
    Decoder decoder;
    std::vector<AddedToken> added;  // longest content first
    std::map<std::int64_t, const AddedToken*> addedById;
    std::unordered_map<std::int64_t, std::string> pieces;
    Vocabulary ids;
    std::int64_t vocabularySize = 0;
    SpecialTokenIds roles;

    const AddedToken* addedAt(std::string_view text, std::size_t at) const {
        for (const AddedToken& token : added) {
            if (!text.substr(at).starts_with(token.content)) continue;
            const std::size_t end = at + token.content.size();
            const bool isWithin = (at > 0 && isWordByte(text[at - 1])) ||
                                  (end < text.size() && isWordByte(text[end]));
            if (!token.singleWord || !isWithin) return &token;
        }
        return nullptr;
    }

    void encodePlain(std::string_view text, std::size_t at, std::vector<Token>& out) const {
        if (text.empty()) return;
        Units units = normalizer(toUnits(text, at));
        for (const Units& word : preTokenizer({std::move(units)})) {
            for (Piece& piece : model->tokenize(word)) {
                const auto special = addedById.find(piece.id);
                const bool isSpecial = special != addedById.end() && special->second->isSpecial;
                out.push_back({piece.id, std::move(piece.text), piece.source, isSpecial, 0});
            }
        }
    }

    // RoBERTa's trim_offsets: a range does not cover the space that belongs to the piece.
    static void trim(Token& token, std::string_view text) {
        ByteRange& range = *token.bytes;
        while (range.begin < range.end && text[range.begin] == ' ') ++range.begin;
        while (range.end > range.begin && text[range.end - 1] == ' ') --range.end;
    }

    std::optional<std::int64_t> find(std::string_view piece) const {
        const auto found = ids.find(std::string(piece));
        return found == ids.end() ? std::nullopt : std::optional(found->second);
    }

    // For a tokenizer.json alone: roles by the contents that the field's models use.
    void guessRoles() {
        for (const RoleRow& row : kRoles) {
            for (const std::string_view content : row.usual) {
                if (roles.*row.member = find(content); roles.*row.member) break;
            }
        }
    }

    // "mask_token": "[MASK]", or an object with "content". Names that are no token are left out.
    void readRoles(const JsonObject& config) {
        for (const RoleRow& row : kRoles) {
            const Json* named = config.find(row.key);
            if (named == nullptr) continue;
            const std::string content =
                named->is_object() ? JsonObject(*named, config.what()).string("content", "")
                                   : config.string(row.key);
            if (const auto id = find(content)) roles.*row.member = id;
        }
    }
};

std::string readablePiece(std::string_view piece) {
    std::string bytes;
    bool isByteLevel = true;
    for (const char32_t point : toPoints(piece)) {
        const int byte = pointToByte(point);
        isByteLevel = isByteLevel && byte >= 0;
        if (isByteLevel) bytes.push_back(static_cast<char>(byte));
    }
    if (isByteLevel && isValidUtf8(bytes)) return bytes;
    constexpr std::string_view kSpaceMark = "▁";
    std::string out(piece);
    for (std::size_t at = 0; (at = out.find(kSpaceMark, at)) != std::string::npos; ++at)
        out.replace(at, kSpaceMark.size(), " ");
    return out;
}

std::vector<std::int64_t> TokenizedInput::ids() const {
    std::vector<std::int64_t> out;
    for (const Token& token : tokens) out.push_back(token.id);
    return out;
}

Tokenizer::Tokenizer(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Tokenizer::~Tokenizer() = default;

std::shared_ptr<const Tokenizer> Tokenizer::fromJson(std::string_view json, std::string_view what) {
    const std::string name(what);
    const Json root = parseJson(json, name);
    const JsonObject config(root, name);
    const auto part = [&](std::string_view key) -> const Json& {
        static const Json kNull;
        const Json* found = config.find(key);
        return found == nullptr ? kNull : *found;
    };
    auto state = std::make_unique<State>();
    state->normalizer = makeNormalizer(part("normalizer"), name);
    state->preTokenizer = makePreTokenizer(part("pre_tokenizer"), name);
    state->model = makeTokenModel(part("model"), name);
    state->wrapping = makeTemplate(part("post_processor"), name);
    state->decoder = makeDecoder(part("decoder"), name);
    state->added = readAddedTokens(config);
    state->ids = state->model->vocabulary();
    for (const AddedToken& token : state->added) state->ids[token.content] = token.id;
    for (const auto& [piece, id] : state->ids) {
        state->pieces[id] = piece;
        state->vocabularySize = std::max(state->vocabularySize, id + 1);
    }
    std::stable_sort(state->added.begin(), state->added.end(),
                     [](const AddedToken& a, const AddedToken& b) {
                         return a.content.size() > b.content.size();
                     });
    for (const AddedToken& token : state->added) state->addedById[token.id] = &token;
    state->guessRoles();
    return std::shared_ptr<const Tokenizer>(new Tokenizer(std::move(state)));
}

std::shared_ptr<const Tokenizer> Tokenizer::load(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "tokenizer.json";
    std::error_code status;
    std::shared_ptr<const Tokenizer> tokenizer;
    if (std::filesystem::exists(file, status)) {
        tokenizer = fromJson(readFileText(file), file.string());
    } else if (const auto made = tokenizerJsonOfFolder(folder)) {
        tokenizer = fromJson(made->dump(), folder.string());
    } else {
        throw Error(ErrorKind::InputFile,
                    folder.string() +
                        ": has neither tokenizer.json nor "
                        "vocabulary files; give token ids with --ids instead");
    }
    for (const char* name : {"special_tokens_map.json", "tokenizer_config.json"}) {
        const std::filesystem::path roles = folder / name;
        if (!std::filesystem::exists(roles, status)) continue;
        JsonLimits limits;
        limits.allowHugeIntegers = true;
        const Json json = readJsonFile(roles, limits);
        tokenizer->m_state->readRoles(JsonObject(json, roles.string()));
    }
    return tokenizer;
}

TokenizedInput Tokenizer::encode(std::string_view text, bool addSpecialTokens) const {
    if (!isValidUtf8(text)) throw Error(ErrorKind::Usage, "the prompt is not valid UTF-8");
    TokenizedInput out;
    out.text = std::string(text);
    const auto wrap = [&](const std::vector<std::pair<std::int64_t, std::string>>& tokens) {
        if (!addSpecialTokens) return;
        for (const auto& [id, piece] : tokens)
            out.tokens.push_back({id, piece, std::nullopt, true, 0});
    };
    wrap(m_state->wrapping.prefix);
    std::size_t plain = 0;  // begin of the text that no added token has claimed
    for (std::size_t at = 0; at < text.size() && !m_state->added.empty();) {
        const AddedToken* token = m_state->addedAt(text, at);
        if (token == nullptr) {
            ++at;
            continue;
        }
        std::size_t begin = at;
        std::size_t end = at + token->content.size();
        while (token->stripLeft && begin > plain && text[begin - 1] == ' ') --begin;
        while (token->stripRight && end < text.size() && text[end] == ' ') ++end;
        m_state->encodePlain(text.substr(plain, begin - plain), plain, out.tokens);
        out.tokens.push_back({token->id, std::string(text.substr(begin, end - begin)),
                              ByteRange{begin, end}, token->isSpecial, 0});
        plain = at = end;
    }
    m_state->encodePlain(text.substr(plain), plain, out.tokens);
    if (m_state->wrapping.trimOffsets) {
        for (Token& token : out.tokens) {
            if (token.bytes) State::trim(token, text);
        }
    }
    wrap(m_state->wrapping.suffix);
    return out;
}

TokenizedInput Tokenizer::fromIds(std::span<const std::int64_t> ids) const {
    TokenizedInput out;
    for (const std::int64_t id : ids) {
        const auto piece = m_state->pieces.find(id);
        if (piece == m_state->pieces.end()) {
            throw Error(ErrorKind::Usage, "token id " + std::to_string(id) +
                                              " is not in the vocabulary of " +
                                              std::to_string(m_state->vocabularySize) + " ids");
        }
        const auto added = m_state->addedById.find(id);
        const bool isSpecial = added != m_state->addedById.end() && added->second->isSpecial;
        out.tokens.push_back({id, piece->second, std::nullopt, isSpecial, 0});
    }
    return out;
}

std::string Tokenizer::decode(std::span<const std::int64_t> ids, bool skipSpecialTokens) const {
    std::vector<std::string> pieces;
    for (const Token& token : fromIds(ids).tokens) {
        if (!skipSpecialTokens || !token.isSpecial) pieces.push_back(token.text);
    }
    std::string out;
    for (const std::string& piece : m_state->decoder(std::move(pieces))) out += piece;
    return out;
}

std::optional<std::int64_t> Tokenizer::idOf(std::string_view piece) const {
    return m_state->find(piece);
}

std::optional<std::string> Tokenizer::pieceOf(std::int64_t id) const {
    const auto found = m_state->pieces.find(id);
    return found == m_state->pieces.end() ? std::nullopt : std::optional(found->second);
}

std::int64_t Tokenizer::vocabularySize() const {
    return m_state->vocabularySize;
}
const SpecialTokenIds& Tokenizer::specialTokens() const {
    return m_state->roles;
}
std::string_view Tokenizer::modelType() const {
    return m_state->model->type();
}

}  // namespace driftlens
