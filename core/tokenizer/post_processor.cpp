#include "core/tokenizer/post_processor.h"

#include "core/tokenizer/component.h"
#include "core/tokenizer/stages.h"

#include <algorithm>

namespace driftlens {
namespace {

struct NamedId {
    std::int64_t id = 0;
    std::string text;
};

Token inserted(const NamedId& token, std::int64_t typeId) {
    Token out{token.id, token.text, std::nullopt, true, typeId};
    out.isInserted = true;
    return out;
}

void setType(std::vector<Token>& tokens, std::int64_t typeId) {
    for (Token& token : tokens) token.typeId = typeId;
}

// A step of a template: one of the texts, or special tokens.
constexpr std::size_t kSpecial = 2;
struct TemplatePart {
    std::size_t text = 0;  // 0, 1, or kSpecial
    std::vector<NamedId> special;
    std::int64_t typeId = 0;
};
using TemplateParts = std::vector<TemplatePart>;

std::vector<NamedId> specialTokens(const JsonObject& config, const std::string& name) {
    const JsonObject token = config.object("special_tokens").object(name);
    const Json& ids = listOf(token, "ids");
    const Json* texts = token.find("tokens");
    if (texts != nullptr && (!texts->is_array() || texts->size() != ids.size()))
        malformed(token.what(), "ids and tokens differ in number");
    std::vector<NamedId> out;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const bool isId = ids[i].is_number_unsigned() && ids[i].get<std::uint64_t>() <= INT32_MAX;
        if (!isId) malformed(token.what(), "ids has an entry that is no id: " + ids[i].dump());
        if (texts != nullptr && !(*texts)[i].is_string())
            malformed(token.what(), "tokens has an entry that is no text");
        out.push_back(
            {ids[i].get<std::int64_t>(), texts == nullptr ? name : (*texts)[i].get<std::string>()});
    }
    return out;
}

// {"Sequence": {"id": "A", "type_id": 0}} or {"SpecialToken": {…}}; in old files "$A:0" or "[CLS]".
TemplatePart readPart(const JsonObject& config, const Json& step, const std::string& what) {
    TemplatePart part;
    if (step.is_string()) {
        const auto& text = step.get_ref<const std::string&>();
        const std::size_t colon = text.rfind(':');
        const std::string name = text.substr(0, colon);
        const std::string type = colon == std::string::npos ? "0" : text.substr(colon + 1);
        const bool isType = type.size() == 1 && type[0] >= '0' && type[0] <= '9';
        if (!isType) malformed(what, "part " + inQuotes(text) + " has no type id");
        part.typeId = type[0] - '0';
        if (name == "$A" || name == "$") return part;
        part.text = name == "$B" ? 1 : kSpecial;
        if (part.text == kSpecial) part.special = specialTokens(config, name);
        return part;
    }
    const JsonObject object(step, what);
    const bool isText = object.has("Sequence");
    const JsonObject inner = object.object(isText ? "Sequence" : "SpecialToken");
    const std::string id = inner.string("id");
    part.typeId = inner.integer("type_id", 0, INT32_MAX, 0);
    if (!isText) {
        part.text = kSpecial;
        part.special = specialTokens(config, id);
    } else if (id == "B") {
        part.text = 1;
    } else if (id != "A") {
        malformed(what, "names the sequence " + inQuotes(id));
    }
    return part;
}

TemplateParts readParts(const JsonObject& config, std::string_view key, std::size_t texts) {
    TemplateParts out;
    if (!config.has(key)) return out;
    const std::string what = config.what() + ": " + std::string(key);
    std::vector<Json> steps;
    if (config.find(key)->is_string()) {
        for (const std::string& step : splitText(config.string(key), ' ')) steps.emplace_back(step);
    } else {
        steps = listOf(config, key).get<std::vector<Json>>();
    }
    for (const Json& step : steps) {
        out.push_back(readPart(config, step, what));
        if (out.back().text != kSpecial && out.back().text >= texts)
            malformed(what, "names the second of one text");
    }
    return out;
}

std::size_t countAdded(const TemplateParts& parts) {
    std::size_t count = 0;
    for (const TemplatePart& part : parts) count += part.special.size();
    return count;
}

TokenLists fill(const TemplateParts& parts, const TokenLists& lists, bool addsSpecial) {
    TokenLists out;
    for (const TemplatePart& part : parts) {
        std::vector<Token> tokens;
        if (part.text != kSpecial) {
            tokens = lists[part.text];
            setType(tokens, part.typeId);
        }
        for (const NamedId& special : part.special) {
            if (addsSpecial) tokens.push_back(inserted(special, part.typeId));
        }
        out.push_back(std::move(tokens));
    }
    return out;
}

PostStep templateStep(TemplateParts single, TemplateParts pair) {
    PostStep step;
    step.isTemplate = true;
    step.addedToSingle = countAdded(single);
    step.addedToPair = countAdded(pair);
    step.apply = [single = std::move(single), pair = std::move(pair)](
                     TokenLists& lists, const Texts&, bool addsSpecial) {
        lists = fill(lists.size() == 2 ? pair : single, lists, addsSpecial);
    };
    return step;
}

PostProcessor makeTemplate(const JsonObject& config) {
    listOf(config, "single");
    TemplateParts pair = readParts(config, "pair", 2);
    // Old writers leave the pair out: the texts then follow one another.
    if (pair.empty()) pair = {{0, {}, 0}, {1, {}, 1}};
    return {templateStep(readParts(config, "single", 1), std::move(pair))};
}

NamedId tokenAndId(const JsonObject& config, std::string_view key) {
    const Json& pair = listOf(config, key);
    if (pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number_unsigned() ||
        pair[1].get<std::uint64_t>() > INT32_MAX)
        malformed(config.what(), std::string(key) + " is no token and id: " + pair.dump());
    return {pair[1].get<std::int64_t>(), pair[0].get<std::string>()};
}

// {"sep": ["[SEP]", 102], "cls": ["[CLS]", 101]}.
PostProcessor makeBert(const JsonObject& config) {
    const NamedId cls = tokenAndId(config, "cls");
    const NamedId sep = tokenAndId(config, "sep");
    PostStep step;
    step.isTemplate = true;
    step.addedToSingle = 2;
    step.addedToPair = 3;
    step.apply = [=](TokenLists& lists, const Texts&, bool addsSpecial) {
        if (!addsSpecial) return;
        lists[0].insert(lists[0].begin(), inserted(cls, 0));
        lists[0].push_back(inserted(sep, 0));
        if (lists.size() > 1) lists[1].push_back(inserted(sep, 1));
    };
    return {step};
}

bool isBlank(char32_t point) {
    return point == byteToPoint(' ') || isSpacePoint(point);
}

// A range moved by code points of its text, not past the other end.
void moveRange(std::string_view text, ByteRange& range, std::size_t leading, std::size_t trailing) {
    for (; leading > 0 && range.begin < range.end; --leading) nextPoint(text, range.begin);
    for (; trailing > 0 && range.end > range.begin; --trailing) {
        do --range.end;
        while (range.end > range.begin && isTailByte(text[range.end]));
    }
}

std::size_t countLeading(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size() && isBlank(nextPoint(text, at));) ++count;
    return count;
}

std::size_t countTrailing(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        std::size_t begin = text.size() - 1;
        while (begin > 0 && isTailByte(text[begin])) --begin;
        std::size_t at = begin;
        if (!isBlank(nextPoint(text, at))) break;
        text = text.substr(0, begin);
        ++count;
    }
    return count;
}

// A range does not cover the spaces that its piece begins or ends with, except the one that was put
// before the text.
void trimOffsets(std::vector<Token>& tokens, const Texts& texts, bool addsPrefixSpace) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        Token& token = tokens[i];
        if (!token.bytes) continue;
        std::size_t leading = countLeading(token.text);
        const bool isFirst = i == 0 || token.bytes->begin == 0;
        if (isFirst && addsPrefixSpace && leading == 1) leading = 0;
        moveRange(texts[token.sequence], *token.bytes, leading, countTrailing(token.text));
    }
}

PostStep trimStep(const JsonObject& config) {
    const bool addsPrefixSpace = config.boolean("add_prefix_space", true);
    PostStep step;
    step.apply = [=](TokenLists& lists, const Texts& texts, bool) {
        for (auto& tokens : lists) trimOffsets(tokens, texts, addsPrefixSpace);
    };
    return step;
}

PostProcessor makeByteLevel(const JsonObject& config) {
    if (!config.boolean("trim_offsets", true)) return {};
    return {trimStep(config)};
}

// <s> A </s>, and for two texts <s> A </s></s> B </s>; every type is 0.
PostProcessor makeRoberta(const JsonObject& config) {
    const NamedId cls = tokenAndId(config, "cls");
    const NamedId sep = tokenAndId(config, "sep");
    PostProcessor out;
    if (config.boolean("trim_offsets", true)) out.push_back(trimStep(config));
    const TemplatePart start{kSpecial, {cls}, 0};
    const TemplatePart end{kSpecial, {sep}, 0};
    out.push_back(
        templateStep({start, {0, {}, 0}, end}, {start, {0, {}, 0}, end, end, {1, {}, 0}, end}));
    return out;
}

PostProcessor makeSequence(const JsonObject& config) {
    PostProcessor out;
    for (const Json& each : listOf(config, "processors")) {
        for (PostStep& step : makePostProcessor(each, config.what()))
            out.push_back(std::move(step));
    }
    const auto templates =
        std::count_if(out.begin(), out.end(), [](const PostStep& step) { return step.isTemplate; });
    if (templates > 1) {
        throw Error(ErrorKind::Unsupported,
                    config.what() + " \"Sequence\" with " + std::to_string(templates) +
                        " processors that add tokens is not supported; one is");
    }
    return out;
}

constexpr ComponentRow<PostProcessor> kPostProcessors[] = {
    {"BertProcessing", &makeBert},         {"ByteLevel", &makeByteLevel},
    {"RobertaProcessing", &makeRoberta},   {"Sequence", &makeSequence},
    {"TemplateProcessing", &makeTemplate},
};

}  // namespace

PostProcessor makePostProcessor(const Json& config, const std::string& what) {
    if (config.is_null()) return {};
    return makeComponent<PostProcessor>(kPostProcessors,
                                        JsonObject(config, what + ": post_processor"));
}

std::vector<std::string_view> postProcessorTypes() {
    return typesOf<PostProcessor>(kPostProcessors);
}

}  // namespace driftlens
