#include "core/tokenizer/tokenizer.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/chat_templates.h"
#include "core/tokenizer/parts.h"
#include "core/tokenizer/roles.h"
#include "core/tokenizer/vocabulary_files.h"
#include "core/tokenizer/word_cache.h"

#include <algorithm>
#include <limits>

namespace driftlens {
namespace {

template <typename Of>
std::vector<std::int64_t> eachToken(const std::vector<Token>& tokens, Of of) {
    std::vector<std::int64_t> out;
    out.reserve(tokens.size());
    for (const Token& token : tokens) out.push_back(of(token));
    return out;
}

}  // namespace

struct Tokenizer::State {
    TokenizerParts parts;
    AddedVocabulary added;
    std::int64_t vocabularySize = 0;

    bool isSpecial(std::int64_t id) const {
        const AddedToken* token = added.find(id);
        return token != nullptr && token->isSpecial;
    }

    std::optional<std::int64_t> find(std::string_view piece) const {
        if (const auto id = added.idOf(piece)) return id;
        const std::int32_t id = parts.model->vocabulary().find(piece);
        return id == PieceTable::kNone ? std::nullopt : std::optional<std::int64_t>(id);
    }

    bool has(std::int64_t id) const {
        return added.find(id) != nullptr || parts.model->vocabulary().hasId(id);
    }

    // As an input shows it, and as decoding takes it up: normalised if it is found so.
    std::string pieceOf(std::int64_t id, bool isDecoding) const {
        if (const AddedToken* token = added.find(id))
            return isDecoding ? token->shown : token->content;
        return std::string(parts.model->vocabulary().piece(static_cast<std::int32_t>(id)));
    }

    std::vector<Token> tokensOf(std::string_view text, std::size_t sequence,
                                bool findsSpecial) const {
        if (!isValidUtf8(text)) throw Error(ErrorKind::Usage, "the prompt is not valid UTF-8");
        if (text.size() >= std::numeric_limits<std::uint32_t>::max() / 4)
            throw Error(ErrorKind::Usage, "the prompt has a gigabyte or more");
        CutText cut = added.cut(text, parts.normalizer, findsSpecial);
        parts.preTokenizer(cut);
        std::vector<Token> out;
        WordCache words(*parts.model);
        for (const Cut& each : cut.cuts) putTokens(cut, each, sequence, words, out);
        return out;
    }

    void putTokens(const CutText& text, const Cut& cut, std::size_t sequence, WordCache& words,
                   std::vector<Token>& out) const {
        const std::string_view word = text.view(cut);
        const auto put = [&](std::int64_t id, std::string_view shown, std::size_t begin,
                             std::size_t end) {
            Token& token = out.emplace_back();
            token.id = id;
            token.text = shown;
            token.bytes = sourceOf(text.aligned, begin, end);
            token.isSpecial = isSpecial(id);
            token.typeId = static_cast<std::int64_t>(sequence);
            token.sequence = sequence;
        };
        if (cut.addedId >= 0) return put(cut.addedId, word, cut.begin, cut.end);
        for (const ModelPiece& piece : words.pieces(word)) {
            put(piece.id,
                piece.showsSurface ? word.substr(piece.begin, piece.end - piece.begin)
                                   : parts.model->vocabulary().piece(piece.id),
                cut.begin + piece.begin, std::min(cut.begin + piece.end, cut.end));
        }
    }

    static ByteRange sourceOf(const AlignedText& text, std::size_t begin, std::size_t end) {
        if (begin >= end) {
            const std::size_t at = text.spans[std::min(begin, text.spans.size() - 1)].begin;
            return {at, at};
        }
        const Span first = text.spans[begin];
        return {first.begin, std::max(text.spans[end - 1].end, first.begin)};
    }

    std::size_t addedCount(bool isPair) const {
        std::size_t count = 0;
        for (const PostStep& step : parts.postProcessor)
            count += isPair ? step.addedToPair : step.addedToSingle;
        return count;
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

ByteRange codePointRange(std::string_view text, ByteRange bytes) {
    const std::size_t before = countPoints(text.substr(0, bytes.begin));
    return {before, before + countPoints(text.substr(bytes.begin, bytes.end - bytes.begin))};
}

std::vector<std::int64_t> TokenizedInput::ids() const {
    return eachToken(tokens, [](const Token& token) { return token.id; });
}
std::vector<std::int64_t> TokenizedInput::typeIds() const {
    return eachToken(tokens, [](const Token& token) { return token.typeId; });
}
std::vector<std::int64_t> TokenizedInput::attentionMask() const {
    return eachToken(tokens, [](const Token& token) { return token.isPadding ? 0 : 1; });
}
std::vector<std::int64_t> TokenizedInput::specialTokensMask() const {
    return eachToken(tokens, [](const Token& token) { return token.isInserted ? 1 : 0; });
}

Tokenizer::Tokenizer(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Tokenizer::~Tokenizer() = default;

std::shared_ptr<Tokenizer> Tokenizer::make(TokenizerParts parts, const std::string& what) {
    auto state = std::make_unique<State>();
    state->parts = std::move(parts);
    State& s = *state;
    s.added = AddedVocabulary(std::move(s.parts.added), *s.parts.model, s.parts.normalizer, what);
    s.vocabularySize = std::max(s.parts.model->vocabulary().largestId(), s.added.largestId()) + 1;
    guessRoles([&s](std::string_view piece) { return s.find(piece); }, s.parts.roles);
    return std::shared_ptr<Tokenizer>(new Tokenizer(std::move(state)));
}

std::shared_ptr<const Tokenizer> Tokenizer::fromJson(std::string_view json, std::string_view what) {
    const std::string name(what);
    return make(readTokenizerJson(json, name), name);
}

std::shared_ptr<const Tokenizer> Tokenizer::fromGgufVocabulary(const GgufVocabulary& vocabulary,
                                                               std::string_view what) {
    const std::string name(what);
    return make(partsOfGguf(vocabulary, name), name);
}

std::shared_ptr<const Tokenizer> Tokenizer::load(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "tokenizer.json";
    std::error_code status;
    std::shared_ptr<Tokenizer> tokenizer;
    if (std::filesystem::exists(file, status)) {
        tokenizer = make(readTokenizerJson(readFileText(file), file.string()), file.string());
    } else if (const auto made = tokenizerJsonOfFolder(folder)) {
        tokenizer = make(readTokenizerJson(made->dump(), folder.string()), folder.string());
    } else if (const auto pieces = sentencePieceOfFolder(folder)) {
        tokenizer = make(partsOfGguf(*pieces, folder.string()), folder.string());
    } else {
        throw Error(ErrorKind::InputFile,
                    folder.string() +
                        ": has neither tokenizer.json nor "
                        "vocabulary files; give token ids with --ids instead");
    }
    State& state = *tokenizer->m_state;
    readRoles(
        folder, [&state](std::string_view piece) { return state.find(piece); }, state.parts.roles);
    state.parts.chatTemplates = readChatTemplates(folder);
    return tokenizer;
}

TokenizedInput Tokenizer::finish(std::vector<std::vector<Token>> lists, TokenizedInput input,
                                 bool addsSpecial) const {
    for (const PostStep& step : m_state->parts.postProcessor)
        step.apply(lists, {input.text, input.pairText}, addsSpecial);
    input.tokens = std::move(lists.front());
    for (std::size_t i = 1; i < lists.size(); ++i) {
        input.tokens.insert(input.tokens.end(), std::make_move_iterator(lists[i].begin()),
                            std::make_move_iterator(lists[i].end()));
    }
    return input;
}

TokenizedInput Tokenizer::encodeTexts(const TextPair& texts, const EncodeOptions& options,
                                      const std::optional<Truncation>& truncation) const {
    TokenizedInput input;
    input.text = texts.first;
    TokenLists lists = {m_state->tokensOf(texts.first, 0, options.findsSpecialTokens)};
    if (texts.second) {
        input.pairText = *texts.second;
        lists.push_back(m_state->tokensOf(*texts.second, 1, options.findsSpecialTokens));
    }
    if (truncation) {
        const bool isPair = texts.second.has_value();
        truncate(lists, *truncation, options.addsSpecialTokens ? m_state->addedCount(isPair) : 0);
    }
    return finish(std::move(lists), std::move(input), options.addsSpecialTokens);
}

TokenizedInput Tokenizer::encode(std::string_view text, bool addSpecialTokens) const {
    return encodeTexts({std::string(text), std::nullopt}, {addSpecialTokens, true}, std::nullopt);
}

TokenizedInput Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
    return encodeTexts({std::string(text), std::nullopt}, options, std::nullopt);
}

TokenizedInput Tokenizer::encodePair(std::string_view first, std::string_view second,
                                     const EncodeOptions& options) const {
    return encodeTexts({std::string(first), std::string(second)}, options, std::nullopt);
}

std::vector<TokenizedInput> Tokenizer::encodeBatch(std::span<const std::string> texts,
                                                   const BatchOptions& options) const {
    std::vector<TextPair> pairs;
    for (const std::string& text : texts) pairs.push_back({text, std::nullopt});
    return encodeBatch(pairs, options);
}

std::vector<TokenizedInput> Tokenizer::encodeBatch(std::span<const TextPair> texts,
                                                   const BatchOptions& options) const {
    std::vector<TokenizedInput> out;
    for (const TextPair& each : texts)
        out.push_back(encodeTexts(each, options.encode, options.truncation));
    if (options.padding) pad(out, *options.padding);
    return out;
}

TokenizedInput Tokenizer::fromIds(std::span<const std::int64_t> ids) const {
    TokenizedInput out;
    for (const std::int64_t id : ids) {
        if (!m_state->has(id)) {
            throw Error(ErrorKind::Usage, "token id " + std::to_string(id) +
                                              " is not in the vocabulary of " +
                                              std::to_string(m_state->vocabularySize) + " ids");
        }
        out.tokens.push_back(
            {id, m_state->pieceOf(id, false), std::nullopt, m_state->isSpecial(id)});
    }
    return out;
}

std::string Tokenizer::decode(std::span<const std::int64_t> ids, bool skipSpecialTokens) const {
    std::vector<std::string> pieces;
    for (const Token& token : fromIds(ids).tokens) {
        std::string piece = m_state->pieceOf(token.id, true);
        if (!skipSpecialTokens || !m_state->added.isSpecialContent(piece))
            pieces.push_back(std::move(piece));
    }
    if (pieces.empty()) return {};
    std::string out;
    for (const std::string& piece : m_state->parts.decoder(std::move(pieces))) out += piece;
    return out;
}

std::optional<std::int64_t> Tokenizer::idOf(std::string_view piece) const {
    return m_state->find(piece);
}

std::optional<std::string> Tokenizer::pieceOf(std::int64_t id) const {
    return m_state->has(id) ? std::optional(m_state->pieceOf(id, false)) : std::nullopt;
}

const std::optional<Truncation>& Tokenizer::declaredTruncation() const {
    return m_state->parts.truncation;
}
const std::optional<Padding>& Tokenizer::declaredPadding() const {
    return m_state->parts.padding;
}
std::int64_t Tokenizer::vocabularySize() const {
    return m_state->vocabularySize;
}
const SpecialTokenIds& Tokenizer::specialTokens() const {
    return m_state->parts.roles;
}
std::string_view Tokenizer::modelType() const {
    return m_state->parts.model->type();
}
const std::map<std::string, std::string>& Tokenizer::chatTemplates() const {
    return m_state->parts.chatTemplates;
}

}  // namespace driftlens
