// tokenizer.json to the parts of a tokenizer. Vocabulary and merges are read as they stream by.
#include "core/tokenizer/component.h"
#include "core/tokenizer/parts.h"

#include <algorithm>

namespace driftlens {
namespace {

// Refuses every event; tables override what they hold.
class TableSink : public nlohmann::json_sax<Json> {
public:
    explicit TableSink(std::string what) : m_what(std::move(what)) {}

    bool null() override { refuse("null"); }
    bool boolean(bool value) override { refuse(value ? "true" : "false"); }
    bool number_integer(number_integer_t value) override { refuse(std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { refuse(std::to_string(value)); }
    bool number_float(number_float_t, const string_t& text) override { refuse(text); }
    bool string(string_t& value) override { refuse(inQuotes(value)); }
    bool binary(binary_t&) override { refuse("binary"); }
    bool start_object(std::size_t) override { refuse("an object"); }
    bool key(string_t& value) override { refuse(inQuotes(value)); }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { refuse("a list"); }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

protected:
    [[noreturn]] void refuse(const std::string& value) const {
        malformed(m_what, "has an entry that does not belong there: " + value);
    }
    const std::string& what() const { return m_what; }

private:
    std::string m_what;
};

// {"piece": id} or [["piece", score]].
class VocabularySink final : public TableSink {
public:
    VocabularySink(ModelTables& tables, const std::string& what)
        : TableSink(what + ": vocab"), m_tables(tables) {}

    bool start_object(std::size_t) override {
        if (m_depth++ > 0) refuse("an object");
        return m_tables.hasVocabulary = true;
    }
    bool key(string_t& value) override {
        m_piece = std::move(value);
        return true;
    }
    bool start_array(std::size_t) override {
        if (m_depth == 2 || (m_depth == 1 && !m_tables.isScored)) refuse("a list");
        if (m_depth++ == 0) m_tables.hasVocabulary = m_tables.isScored = true;
        m_entries = 0;
        return true;
    }
    bool end_array() override {
        if (m_depth == 2 && m_entries != 2) refuse("a list of " + std::to_string(m_entries));
        --m_depth;
        return true;
    }
    bool string(string_t& value) override {
        if (m_depth != 2 || m_entries++ != 0) refuse(inQuotes(value));
        m_piece = std::move(value);
        return true;
    }
    bool number_unsigned(number_unsigned_t value) override {
        if (m_tables.isScored) return score(static_cast<double>(value), std::to_string(value));
        m_tables.vocabulary.add(
            m_piece, static_cast<std::int64_t>(std::min<number_unsigned_t>(value, INT64_MAX)),
            what());
        return true;
    }
    bool number_integer(number_integer_t value) override {
        if (m_tables.isScored) return score(static_cast<double>(value), std::to_string(value));
        m_tables.vocabulary.add(m_piece, value, what());
        return true;
    }
    bool number_float(number_float_t value, const string_t& text) override {
        return score(value, text);
    }

private:
    bool score(double value, const std::string& text) {
        if (m_depth != 2 || m_entries++ != 1) refuse(text);
        if (m_tables.scores.size() >= static_cast<std::size_t>(kLargestTokenId))
            refuse("more pieces than ids");
        m_tables.vocabulary.append(m_piece);
        m_tables.scores.push_back(value);
        return true;
    }

    ModelTables& m_tables;
    std::string m_piece;
    int m_depth = 0;
    std::size_t m_entries = 0;
};

// [["left", "right"]], or in old files ["left right"].
class MergesSink final : public TableSink {
public:
    MergesSink(ModelTables& tables, const std::string& what)
        : TableSink(what + ": merges"), m_tables(tables) {}

    bool start_array(std::size_t) override {
        if (m_depth++ >= 2) refuse("a list");
        m_entries = 0;
        return m_tables.hasMerges = true;
    }
    bool end_array() override {
        if (--m_depth == 1 && m_entries != 2) noPair("a list of " + std::to_string(m_entries));
        return true;
    }
    bool string(string_t& value) override {
        if (m_depth == 2) {
            if (++m_entries > 2) noPair("a list of more than 2");
            return side(value);
        }
        if (value.starts_with("#version")) return true;
        const std::size_t space = value.find(' ');
        const bool isPair =
            space != std::string::npos && value.find(' ', space + 1) == std::string::npos;
        if (!isPair) noPair(inQuotes(value));
        return side(std::string_view(value).substr(0, space)) &&
               side(std::string_view(value).substr(space + 1));
    }

private:
    [[noreturn]] void noPair(const std::string& shown) const {
        malformed(what(), "merge " + std::to_string(m_tables.mergeSizes.size() / 2) + " is " +
                              shown + ", no pair");
    }

    bool side(std::string_view text) {
        m_tables.mergeText += text;
        m_tables.mergeSizes.push_back(static_cast<std::uint32_t>(text.size()));
        return true;
    }

    ModelTables& m_tables;
    int m_depth = 0;
    std::size_t m_entries = 0;
};

}  // namespace

TokenizerParts partsOf(const JsonObject& config, std::unique_ptr<TokenModel> model) {
    const std::string& what = config.what();
    const auto part = [&](std::string_view key) -> const Json& {
        static const Json kNull;
        const Json* found = config.find(key);
        return found == nullptr ? kNull : *found;
    };
    TokenizerParts parts;
    parts.normalizer = makeNormalizer(part("normalizer"), what);
    parts.preTokenizer = makePreTokenizer(part("pre_tokenizer"), what);
    parts.model = std::move(model);
    parts.postProcessor = makePostProcessor(part("post_processor"), what);
    parts.decoder = makeDecoder(part("decoder"), what);
    parts.added = readAddedTokens(config);
    parts.truncation = readTruncation(config);
    parts.padding = readPadding(config);
    return parts;
}

TokenizerParts readTokenizerJson(std::string_view json, const std::string& what) {
    ModelTables tables;
    VocabularySink vocabulary(tables, what + ": model");
    MergesSink merges(tables, what + ": model");
    const JsonDiversion diversions[] = {{{"model", "vocab"}, &vocabulary},
                                        {{"model", "merges"}, &merges}};
    const Json root = parseJson(json, what, {}, diversions);
    const JsonObject config(root, what);
    return partsOf(config, makeTokenModel(config.object("model"), std::move(tables)));
}

}  // namespace driftlens
