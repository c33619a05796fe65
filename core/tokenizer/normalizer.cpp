#include "core/tokenizer/component.h"
#include "core/tokenizer/precompiled.h"
#include "core/tokenizer/stages.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace driftlens {
namespace {

// Maps each code point to any number of code points that keep its source.
template <typename Map>
void mapEach(AlignedText& text, Map map) {
    AlignedText out;
    out.text.reserve(text.text.size());
    out.spans.reserve(text.text.size());
    for (std::size_t at = 0; at < text.text.size();) {
        const Span source = text.spans[at];
        map(nextPoint(text.text, at), [&](char32_t point) { out.append(point, source); });
    }
    text = std::move(out);
}

template <typename Keep>
void filter(AlignedText& text, Keep keep) {
    mapEach(text, [&](char32_t point, const auto& put) {
        if (keep(point)) put(point);
    });
}

void lowercase(AlignedText& text) {
    if (isAscii(text.text)) {
        for (char& c : text.text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        return;
    }
    mapEach(text, [](char32_t point, const auto& put) {
        if (point < 0x80U) return put(point >= U'A' && point <= U'Z' ? point + 32U : point);
        const icu::UnicodeString lower =
            icu::UnicodeString(static_cast<UChar32>(point)).toLower(icu::Locale::getRoot());
        for (int32_t i = 0; i < lower.length(); i = lower.moveIndex32(i, 1))
            put(static_cast<char32_t>(lower.char32At(i)));
    });
}

void cleanText(AlignedText& text) {
    mapEach(text, [](char32_t point, const auto& put) {
        if (point == U'\t' || point == U'\n' || point == U'\r') return put(U' ');
        if (point >= 0x20U && point < 0x7FU) return put(point);
        if (point == 0 || point == 0xFFFDU || isControlPoint(point)) return;
        put(isSpacePoint(point) ? U' ' : point);
    });
}

bool isChinese(char32_t c) {
    return (c >= 0x4E00U && c <= 0x9FFFU) || (c >= 0x3400U && c <= 0x4DBFU) ||
           (c >= 0x20000U && c <= 0x2A6DFU) || (c >= 0x2A700U && c <= 0x2B73FU) ||
           (c >= 0x2B740U && c <= 0x2B81FU) || (c >= 0x2B920U && c <= 0x2CEAFU) ||
           (c >= 0xF900U && c <= 0xFAFFU) || (c >= 0x2F800U && c <= 0x2FA1FU);
}

void spaceOutChinese(AlignedText& text) {
    if (isAscii(text.text)) return;
    mapEach(text, [](char32_t point, const auto& put) {
        const bool isWide = isChinese(point);
        if (isWide) put(U' ');
        put(point);
        if (isWide) put(U' ');
    });
}

Normalizer makeBert(const JsonObject& config) {
    const bool clean = config.boolean("clean_text", true);
    const bool chinese = config.boolean("handle_chinese_chars", true);
    const bool lower = config.boolean("lowercase", true);
    const bool strip = config.boolean("strip_accents", lower);
    return [=](AlignedText& text) {
        if (clean) cleanText(text);
        if (chinese) spaceOutChinese(text);
        if (strip && !isAscii(text.text)) {
            normalizeForm(text, "NFD");
            filter(text, [](char32_t point) { return !isNonSpacingMark(point); });
        }
        if (lower) lowercase(text);
    };
}

Normalizer makeReplace(const JsonObject& config) {
    const auto regex = std::make_shared<Regex>(patternOf(config));
    const std::string content = config.string("content");
    return [regex, content](AlignedText& text) {
        std::vector<Match> matches;
        regex->findAll(text.text, matches);
        if (matches.empty()) return;
        AlignedText out;
        std::size_t at = 0;
        for (const Match& match : matches) {
            out.append(text, at, match.begin);
            const Span start{text.spans.front().begin, text.spans.front().begin};
            out.append(content, match.end == 0 ? start : text.spans[match.end - 1]);
            at = match.end;
        }
        out.append(text, at, text.text.size());
        text = std::move(out);
    };
}

Normalizer makePrepend(const JsonObject& config) {
    const std::string prefix = config.string("prepend");
    return [prefix](AlignedText& text) {
        if (text.empty()) return;
        text.spans.insert(text.spans.begin(), prefix.size(), text.spans.front());
        text.text.insert(0, prefix);
    };
}

Normalizer makeStrip(const JsonObject& config) {
    const bool left = config.boolean("strip_left", true);
    const bool right = config.boolean("strip_right", true);
    return [=](AlignedText& text) {
        std::size_t begin = text.text.size();
        std::size_t end = 0;
        for (std::size_t at = 0; at < text.text.size();) {
            const std::size_t start = at;
            if (isSpacePoint(nextPoint(text.text, at))) continue;
            begin = std::min(begin, start);
            end = at;
        }
        AlignedText out;
        if (begin < end || !(left || right))
            out.append(text, left ? begin : 0, right ? end : text.text.size());
        text = std::move(out);
    };
}

// The rules of Google's NMT models, as SentencePiece states them.
void normalizeNmt(AlignedText& text) {
    mapEach(text, [](char32_t c, const auto& put) {
        const bool isDropped = (c >= 0x1U && c <= 0x8U) || c == 0xBU || (c >= 0xEU && c <= 0x1FU) ||
                               c == 0x7FU || c == 0x8FU || c == 0x9FU;
        const bool isSpace = c == 0x9U || c == 0xAU || c == 0xCU || c == 0xDU || c == 0x1680U ||
                             (c >= 0x200BU && c <= 0x200FU) || c == 0x2028U || c == 0x2029U ||
                             c == 0x2581U || c == 0xFEFFU || c == 0xFFFDU;
        if (!isDropped) put(isSpace ? U' ' : c);
    });
}

void toByteLevel(AlignedText& text) {
    AlignedText out;
    for (std::size_t i = 0; i < text.text.size(); ++i)
        out.append(byteToPoint(static_cast<std::uint8_t>(text.text[i])), text.spans[i]);
    text = std::move(out);
}

Normalizer makePrecompiled(const JsonObject& config) {
    const std::string encoded = config.string("precompiled_charsmap", "");
    if (encoded.empty()) return [](AlignedText&) {};
    const auto bytes = decodeBase64(encoded);
    if (!bytes) malformed(config.what(), "precompiled_charsmap is no base64: " + inQuotes(encoded));
    const auto map = std::make_shared<PrecompiledMap>(*bytes, config.what());
    return [map](AlignedText& text) { map->normalizeGraphemes(text); };
}

Normalizer makeSequence(const JsonObject& config) {
    std::vector<Normalizer> steps;
    for (const Json& step : listOf(config, "normalizers"))
        steps.push_back(makeNormalizer(step, config.what()));
    return [steps](AlignedText& text) {
        for (const Normalizer& step : steps) step(text);
    };
}

template <void (*Apply)(AlignedText&)>
Normalizer plain(const JsonObject&) {
    return Apply;
}

Normalizer makeForm(const JsonObject& config) {
    const std::string form = config.string("type");
    return [form](AlignedText& text) { normalizeForm(text, form); };
}

void stripAccents(AlignedText& text) {
    filter(text, [](char32_t point) { return !isMark(point); });
}

constexpr ComponentRow<Normalizer> kNormalizers[] = {
    {"BertNormalizer", &makeBert},
    {"ByteLevel", &plain<toByteLevel>},
    {"Lowercase", &plain<lowercase>},
    {"NFC", &makeForm},
    {"NFD", &makeForm},
    {"NFKC", &makeForm},
    {"NFKD", &makeForm},
    {"Nmt", &plain<normalizeNmt>},
    {"Precompiled", &makePrecompiled},
    {"Prepend", &makePrepend},
    {"Replace", &makeReplace},
    {"Sequence", &makeSequence},
    {"Strip", &makeStrip},
    {"StripAccents", &plain<stripAccents>},
};

}  // namespace

Normalizer makeNormalizer(const Json& config, const std::string& what) {
    if (config.is_null()) return [](AlignedText&) {};
    return makeComponent<Normalizer>(kNormalizers, JsonObject(config, what + ": normalizer"));
}

std::vector<std::string_view> normalizerTypes() {
    return typesOf<Normalizer>(kNormalizers);
}

}  // namespace driftlens
