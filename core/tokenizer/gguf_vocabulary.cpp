#include "core/tokenizer/gguf_vocabulary.h"

#include "core/tokenizer/component.h"
#include "core/tokenizer/gguf_pre_tokenizers.h"
#include "core/tokenizer/parts.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::string_view kSpaceMark = "▁";

using Type = GgufTokenType;

// What a kind of vocabulary makes of the file.
struct Made {
    std::unique_ptr<TokenModel> model;
    Json config = Json::object();  // stages, as tokenizer.json has them
    Normalizer normalizer;         // where JSON has none like it
    bool addsBos = false, addsEos = false;
};

class Builder {
public:
    Builder(const GgufVocabulary& vocabulary, std::string what)
        : m_in(vocabulary), m_what(std::move(what)) {}

    TokenizerParts run() {
        check();
        Made made = makeKind();
        made.config["added_tokens"] = Json::array();
        made.config["post_processor"] = wrapping(made);
        TokenizerParts parts = partsOf(JsonObject(made.config, m_what), std::move(made.model));
        if (made.normalizer) parts.normalizer = std::move(made.normalizer);
        parts.added = addedTokens();
        parts.roles = {m_in.bos,       m_in.eos,     m_in.unknown,
                       m_in.separator, m_in.padding, m_in.classification,
                       m_in.mask};
        if (!m_in.chatTemplate.empty()) parts.chatTemplates["default"] = m_in.chatTemplate;
        return parts;
    }

private:
    [[noreturn]] void fail(const std::string& message) const { malformed(m_what, message); }

    Type typeOf(std::size_t id) const {
        return m_in.tokenTypes.empty() ? Type::Normal : static_cast<Type>(m_in.tokenTypes[id]);
    }

    void check() const {
        const std::size_t count = m_in.tokens.size();
        if (count == 0) fail("tokenizer.ggml.tokens is empty");
        if (count > static_cast<std::size_t>(kLargestTokenId)) fail("has more tokens than ids");
        const auto one = [&](std::string_view key, std::size_t entries) {
            if (entries != 0 && entries != count)
                fail("tokenizer.ggml." + std::string(key) + " has " + std::to_string(entries) +
                     " entries for " + std::to_string(count) + " tokens");
        };
        one("scores", m_in.scores.size());
        one("token_type", m_in.tokenTypes.size());
        for (const std::string& token : m_in.tokens) {
            if (!isValidUtf8(token)) fail("token " + inQuotes(token) + " is not UTF-8");
        }
        for (const float score : m_in.scores) {
            if (!std::isfinite(score))
                fail("tokenizer.ggml.scores has an entry that is not finite");
        }
        for (const auto& id : {m_in.bos, m_in.eos, m_in.unknown, m_in.separator, m_in.padding,
                               m_in.classification, m_in.mask}) {
            if (id && (*id < 0 || *id >= static_cast<std::int64_t>(count)))
                fail("special token id " + std::to_string(*id) + " is no token");
        }
    }

    Made makeKind() const {
        struct KindRow {
            std::string_view name;
            Made (Builder::*make)() const;
        };
        constexpr KindRow kKinds[] = {{"llama", &Builder::scoredBpe},
                                      {"gpt2", &Builder::byteLevelBpe},
                                      {"bert", &Builder::wordPiece},
                                      {"t5", &Builder::unigram}};
        std::string known;
        for (const KindRow& row : kKinds) {
            if (row.name == m_in.model) return (this->*row.make)();
            known += (known.empty() ? "" : ", ") + std::string(row.name);
        }
        throw Error(ErrorKind::Unsupported, m_what + ": tokenizer.ggml.model " +
                                                inQuotes(m_in.model) +
                                                " is not supported; known: " + known);
    }

    PieceTable pieces() const {
        PieceTable out;
        for (const std::string& token : m_in.tokens) out.append(token);
        return out;
    }

    std::int32_t unknownId() const {
        if (m_in.unknown) return static_cast<std::int32_t>(*m_in.unknown);
        for (std::size_t id = 0; id < m_in.tokens.size(); ++id) {
            if (typeOf(id) == Type::Unknown) return static_cast<std::int32_t>(id);
        }
        return 0;
    }

    void requireScores() const {
        if (m_in.scores.empty()) fail("tokenizer.ggml.scores is missing");
    }

    bool addsSpacePrefix() const { return m_in.addsSpacePrefix.value_or(true); }

    Normalizer sentencePieceNormalizer() const {
        return makeSentencePieceNormalizer(
            {m_in.precompiledCharsmap, m_in.removesExtraSpaces, addsSpacePrefix()}, m_what);
    }

    Json sentencePieceDecoder() const {
        const Json marks = {
            {"type", "Replace"}, {"pattern", {{"String", kSpaceMark}}}, {"content", " "}};
        Json steps = {marks, {{"type", "ByteFallback"}}, {{"type", "Fuse"}}};
        if (addsSpacePrefix())
            steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
        return {{"type", "Sequence"}, {"decoders", steps}};
    }

    Made scoredBpe() const {
        requireScores();
        Made made;
        made.model = makeScoredBpe(pieces(), m_in.scores, unknownId(), m_what);
        made.normalizer = sentencePieceNormalizer();
        made.config["decoder"] = sentencePieceDecoder();
        made.addsBos = true;
        return made;
    }

    Made unigram() const {
        requireScores();
        Made made;
        UnigramOptions options;
        options.unknownId = unknownId();
        options.leftOut.resize(m_in.tokens.size());
        bool hasBytes = false;
        for (std::size_t id = 0; id < m_in.tokens.size(); ++id) {
            const Type type = typeOf(id);
            options.leftOut[id] =
                type == Type::Control || type == Type::Unknown || type == Type::Byte;
            hasBytes = hasBytes || type == Type::Byte;
        }
        options.hasByteFallback = hasBytes;
        made.model =
            makeUnigram(pieces(), {m_in.scores.begin(), m_in.scores.end()}, options, m_what);
        made.normalizer = sentencePieceNormalizer();
        made.config["decoder"] = sentencePieceDecoder();
        made.addsEos = true;
        return made;
    }

    // "▁word" begins a word, everything else continues one; "[…]" entries are special. Turned into
    // BERT's own spelling.
    Made wordPiece() const {
        PieceTable table;
        for (const std::string& token : m_in.tokens) {
            const bool isBracketed = token.starts_with("[") && token.ends_with("]");
            if (token.starts_with(kSpaceMark) && token.size() > kSpaceMark.size()) {
                table.append(token.substr(kSpaceMark.size()));
            } else {
                table.append(isBracketed ? token : "##" + token);
            }
        }
        WordPieceOptions options;
        options.unknown = m_in.tokens[static_cast<std::size_t>(unknownId())];
        Made made;
        made.model = makeWordPiece(std::move(table), options);
        made.config["normalizer"] = {{"type", "BertNormalizer"},
                                     {"clean_text", true},
                                     {"handle_chinese_chars", true},
                                     {"strip_accents", true},
                                     {"lowercase", true}};
        made.config["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
        made.config["decoder"] = {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
        made.addsBos = made.addsEos = true;
        return made;
    }

    Made byteLevelBpe() const {
        const GgufPreTokenizer pre = ggufPreTokenizer(m_in.pre, m_what);
        ModelTables tables;
        tables.vocabulary = pieces();
        for (const std::string& merge : m_in.merges) addMerge(merge, tables);
        BpeOptions options;
        options.ignoresMerges = pre.ignoresMerges;
        Made made;
        made.model = makeBpe(std::move(tables), options, m_what);
        made.config["pre_tokenizer"] = pre.config;
        made.config["decoder"] = {{"type", "ByteLevel"}};
        made.addsBos = pre.addsBos;
        made.addsEos = pre.addsEos;
        return made;
    }

    void addMerge(const std::string& merge, ModelTables& tables) const {
        const std::size_t space = merge.find(' ', 1);
        if (space == std::string::npos) fail("merge " + inQuotes(merge) + " is no pair");
        tables.mergeText += merge.substr(0, space) + merge.substr(space + 1);
        tables.mergeSizes.push_back(static_cast<std::uint32_t>(space));
        tables.mergeSizes.push_back(static_cast<std::uint32_t>(merge.size() - space - 1));
    }

    std::vector<AddedToken> addedTokens() const {
        std::vector<AddedToken> out;
        for (std::size_t id = 0; id < m_in.tokens.size(); ++id) {
            const Type type = typeOf(id);
            const bool isSpecial = type == Type::Control || type == Type::Unknown;
            if ((!isSpecial && type != Type::UserDefined) || m_in.tokens[id].empty()) continue;
            AddedToken token;
            token.content = m_in.tokens[id];
            token.isSpecial = isSpecial;
            out.push_back(std::move(token));
        }
        return out;
    }

    // BERT's kind has [CLS] and [SEP] in the roles of begin and end.
    Json wrapping(const Made& made) const {
        const bool isBert = m_in.model == "bert";
        const auto begin = isBert && m_in.classification ? m_in.classification : m_in.bos;
        const auto end = isBert && m_in.separator ? m_in.separator : m_in.eos;
        Json tokens = Json::object();
        const auto special = [&](std::optional<std::int64_t> id, int type) {
            const std::string& text = m_in.tokens[static_cast<std::size_t>(*id)];
            tokens[text] = {
                {"id", text}, {"ids", {static_cast<std::uint64_t>(*id)}}, {"tokens", {text}}};
            return Json{{"SpecialToken", {{"id", text}, {"type_id", type}}}};
        };
        const auto sequence = [](const char* name, int type) {
            return Json{{"Sequence", {{"id", name}, {"type_id", type}}}};
        };
        const bool hasBegin = begin && m_in.addsBos.value_or(made.addsBos);
        const bool hasEnd = end && m_in.addsEos.value_or(made.addsEos);
        Json single = Json::array();
        if (hasBegin) single.push_back(special(begin, 0));
        single.push_back(sequence("A", 0));
        if (hasEnd) single.push_back(special(end, 0));
        Json pair = single;
        if (hasBegin && !isBert) pair.push_back(special(begin, 1));
        pair.push_back(sequence("B", 1));
        if (hasEnd) pair.push_back(special(end, 1));
        return {{"type", "TemplateProcessing"},
                {"single", single},
                {"pair", pair},
                {"special_tokens", tokens}};
    }

    const GgufVocabulary& m_in;
    std::string m_what;
};

}  // namespace

TokenizerParts partsOfGguf(const GgufVocabulary& vocabulary, const std::string& what) {
    return Builder(vocabulary, what).run();
}

}  // namespace driftlens
