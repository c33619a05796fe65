#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/regex.h"
#include "core/tokenizer/stages.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <utility>

namespace driftlens {
namespace {

// Maps each unit to any number of code points that keep its range.
template <typename Map>
Units mapEach(const Units& units, Map map) {
    Units out;
    out.reserve(units.size());
    for (const Unit& unit : units) {
        map(unit.point, [&](char32_t point) { out.push_back({point, unit.source}); });
    }
    return out;
}

const icu::Normalizer2& normalizerOf(std::string_view form) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* found = form == "NFC"    ? icu::Normalizer2::getNFCInstance(status)
                                    : form == "NFD"  ? icu::Normalizer2::getNFDInstance(status)
                                    : form == "NFKC" ? icu::Normalizer2::getNFKCInstance(status)
                                                     : icu::Normalizer2::getNFKDInstance(status);
    if (U_FAILURE(status)) throw Error(ErrorKind::Internal, "Unicode data is missing");
    return *found;
}

// Normalises between boundaries, so that ranges stay as local as the form permits.
Units normalizeForm(const Units& units, std::string_view form) {
    const icu::Normalizer2& normalizer = normalizerOf(form);
    Units out;
    for (std::size_t begin = 0; begin < units.size();) {
        std::size_t end = begin + 1;
        while (end < units.size() &&
               !normalizer.hasBoundaryBefore(static_cast<UChar32>(units[end].point))) {
            ++end;
        }
        icu::UnicodeString text;
        for (std::size_t i = begin; i < end; ++i) text.append(static_cast<UChar32>(units[i].point));
        UErrorCode status = U_ZERO_ERROR;
        const icu::UnicodeString normal = normalizer.normalize(text, status);
        if (U_FAILURE(status)) throw Error(ErrorKind::Internal, "Unicode normalisation failed");
        std::size_t source = begin;
        for (int32_t i = 0; i < normal.length(); i = normal.moveIndex32(i, 1)) {
            out.push_back({static_cast<char32_t>(normal.char32At(i)), units[source].source});
            if (end - begin > 1 && source + 1 < end) ++source;
        }
        begin = end;
    }
    return out;
}

Units lowercase(const Units& units) {
    return mapEach(units, [](char32_t point, const auto& put) {
        if (point < 0x80U) {
            put(point >= U'A' && point <= U'Z' ? point + 32U : point);
            return;
        }
        const icu::UnicodeString lower =
            icu::UnicodeString(static_cast<UChar32>(point)).toLower(icu::Locale::getRoot());
        for (int32_t i = 0; i < lower.length(); i = lower.moveIndex32(i, 1)) {
            put(static_cast<char32_t>(lower.char32At(i)));
        }
    });
}

Units stripMarks(const Units& units) {
    return mapEach(units, [](char32_t point, const auto& put) {
        if (u_charType(static_cast<UChar32>(point)) != U_NON_SPACING_MARK) put(point);
    });
}

Units cleanText(const Units& units) {
    return mapEach(units, [](char32_t point, const auto& put) {
        if (point == 0 || point == 0xFFFDU) return;
        if (point == U'\t' || point == U'\n' || point == U'\r' || isSpacePoint(point)) {
            put(U' ');
            return;
        }
        const int8_t type = u_charType(static_cast<UChar32>(point));
        const bool isControl = type == U_CONTROL_CHAR || type == U_FORMAT_CHAR ||
                               type == U_PRIVATE_USE_CHAR || type == U_SURROGATE ||
                               type == U_UNASSIGNED;
        if (!isControl) put(point);
    });
}

bool isChinese(char32_t c) {
    return (c >= 0x4E00U && c <= 0x9FFFU) || (c >= 0x3400U && c <= 0x4DBFU) ||
           (c >= 0x20000U && c <= 0x2A6DFU) || (c >= 0x2A700U && c <= 0x2B73FU) ||
           (c >= 0x2B740U && c <= 0x2B81FU) || (c >= 0x2B920U && c <= 0x2CEAFU) ||
           (c >= 0xF900U && c <= 0xFAFFU) || (c >= 0x2F800U && c <= 0x2FA1FU);
}

Normalizer makeBert(const JsonObject& config) {
    const bool clean = config.boolean("clean_text", true);
    const bool chinese = config.boolean("handle_chinese_chars", true);
    const bool lower = config.boolean("lowercase", true);
    const bool strip = config.boolean("strip_accents", lower);
    return [=](Units units) {
        if (clean) units = cleanText(units);
        if (chinese) {
            units = mapEach(units, [](char32_t point, const auto& put) {
                const bool isWide = isChinese(point);
                if (isWide) put(U' ');
                put(point);
                if (isWide) put(U' ');
            });
        }
        if (strip) units = stripMarks(normalizeForm(units, "NFD"));
        if (lower) units = lowercase(units);
        return units;
    };
}

Normalizer makeReplace(const JsonObject& config) {
    const JsonObject pattern = config.object("pattern");
    auto regex = std::make_shared<Regex>(
        pattern.has("Regex") ? Regex(pattern.string("Regex"), config.what())
                             : Regex::literal(pattern.string("String"), config.what()));
    const std::u32string content = toPoints(config.string("content"));
    return [regex, content](Units units) {
        const std::string text = toUtf8(units);
        Units out;
        std::size_t unit = 0;
        std::size_t byte = 0;
        const auto advance = [&](std::size_t to, bool keep) {
            while (byte < to) {
                std::string one;
                appendUtf8(units[unit].point, one);
                byte += one.size();
                if (keep) out.push_back(units[unit]);
                ++unit;
            }
        };
        for (const auto& [begin, end] : regex->findAll(text)) {
            advance(begin, true);
            advance(end, false);
            for (const char32_t point : content) out.push_back({point, units[unit - 1].source});
        }
        advance(text.size(), true);
        return out;
    };
}

Normalizer makePrepend(const JsonObject& config) {
    const std::u32string text = toPoints(config.string("prepend"));
    return [text](Units units) {
        if (units.empty()) return units;
        Units out;
        for (const char32_t point : text) out.push_back({point, units.front().source});
        out.insert(out.end(), units.begin(), units.end());
        return out;
    };
}

Normalizer makeStrip(const JsonObject& config) {
    const bool left = config.boolean("strip_left", true);
    const bool right = config.boolean("strip_right", true);
    return [=](Units units) {
        const auto isText = [](const Unit& unit) { return !isSpacePoint(unit.point); };
        if (left) units.erase(units.begin(), std::find_if(units.begin(), units.end(), isText));
        if (right) {
            units.erase(std::find_if(units.rbegin(), units.rend(), isText).base(), units.end());
        }
        return units;
    };
}

Normalizer makeSequence(const JsonObject& config) {
    std::vector<Normalizer> steps;
    const Json* list = config.find("normalizers");
    if (list == nullptr || !list->is_array()) {
        throw Error(ErrorKind::InputFile, config.what() + ": normalizers is no list");
    }
    for (const Json& step : *list) steps.push_back(makeNormalizer(step, config.what()));
    return [steps](Units units) {
        for (const Normalizer& step : steps) units = step(std::move(units));
        return units;
    };
}

}  // namespace

Normalizer makeNormalizer(const Json& config, const std::string& what) {
    if (config.is_null()) return [](Units units) { return units; };
    const JsonObject object(config, what + ": normalizer");
    const std::string type = object.string("type");
    if (type == "BertNormalizer") return makeBert(object);
    if (type == "Lowercase") return lowercase;
    if (type == "StripAccents") return stripMarks;
    if (type == "NFC" || type == "NFD" || type == "NFKC" || type == "NFKD") {
        return [type](Units units) { return normalizeForm(units, type); };
    }
    if (type == "Replace") return makeReplace(object);
    if (type == "Prepend") return makePrepend(object);
    if (type == "Strip") return makeStrip(object);
    if (type == "Sequence") return makeSequence(object);
    throw Error(ErrorKind::Unsupported, object.what() + " " + inQuotes(type) + " is not supported");
}

}  // namespace driftlens
