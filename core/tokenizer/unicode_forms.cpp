// Unicode normalisation that knows where each code point came from.
#include "core/base/error.h"
#include "core/tokenizer/stages.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace driftlens {
namespace {

const icu::Normalizer2& instance(bool isCompatible) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* found = isCompatible ? icu::Normalizer2::getNFKDInstance(status)
                                                 : icu::Normalizer2::getNFDInstance(status);
    if (U_FAILURE(status)) throw Error(ErrorKind::Internal, "Unicode data is missing");
    return *found;
}

// A code point of a decomposition: the first takes the place of what is decomposed, the rest are
// inserted. Canonical ordering moves the changes along with their code points, as the reference
// library does, so sources of reordered marks follow their places.
std::vector<Change> decompose(const std::string& utf8, const icu::Normalizer2& form) {
    std::vector<Change> out;
    std::size_t starter = 0;  // first of the marks that are still to be ordered
    const auto order = [&] {
        std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(starter), out.end(),
                         [&](const Change& a, const Change& b) {
                             return form.getCombiningClass(static_cast<UChar32>(a.point)) <
                                    form.getCombiningClass(static_cast<UChar32>(b.point));
                         });
    };
    const auto put = [&](char32_t point, bool isFirst) {
        const bool isStarter = form.getCombiningClass(static_cast<UChar32>(point)) == 0;
        if (isStarter) order();
        out.push_back({point, isFirst ? 0 : 1});
        if (isStarter) starter = out.size();
    };
    icu::UnicodeString parts;
    for (std::size_t at = 0; at < utf8.size();) {
        const char32_t point = nextPoint(utf8, at);
        if (point < 0x80U || !form.getDecomposition(static_cast<UChar32>(point), parts)) {
            put(point, true);
            continue;
        }
        for (int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1))
            put(static_cast<char32_t>(parts.char32At(i)), i == 0);
    }
    order();
    return out;
}

// Canonical composition (UAX 15): a mark joins the last starter unless another of its class or a
// higher one stands between.
std::vector<Change> compose(const std::vector<Change>& in, const icu::Normalizer2& form) {
    std::vector<Change> out;
    std::size_t starter = in.size();  // its index in out
    std::uint8_t lastClass = 0;       // of the mark before, 0 if there is none
    for (const Change& each : in) {
        const std::uint8_t combining = form.getCombiningClass(static_cast<UChar32>(each.point));
        const bool hasStarter = starter < out.size();
        const bool isBlocked = lastClass != 0 && lastClass >= combining;
        const UChar32 joined = hasStarter && !isBlocked
                                   ? form.composePair(static_cast<UChar32>(out[starter].point),
                                                      static_cast<UChar32>(each.point))
                                   : U_SENTINEL;
        if (joined >= 0) {
            out[starter].point = static_cast<char32_t>(joined);
            out[starter].change += each.change - 1;
            continue;
        }
        out.push_back(each);
        if (combining == 0) starter = out.size() - 1;
        lastClass = combining;
    }
    return out;
}

bool isNormal(const std::string& utf8, std::string_view form) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* found = form == "NFC"    ? icu::Normalizer2::getNFCInstance(status)
                                    : form == "NFD"  ? icu::Normalizer2::getNFDInstance(status)
                                    : form == "NFKC" ? icu::Normalizer2::getNFKCInstance(status)
                                                     : icu::Normalizer2::getNFKDInstance(status);
    const bool isSame = U_SUCCESS(status) && found->isNormalizedUTF8(utf8, status);
    return U_SUCCESS(status) && isSame;
}

}  // namespace

void normalizeForm(AlignedText& text, std::string_view form) {
    if (isAscii(text.text) || isNormal(text.text, form)) return;
    const icu::Normalizer2& decomposing = instance(form == "NFKC" || form == "NFKD");
    std::vector<Change> changes = decompose(text.text, decomposing);
    if (form == "NFC" || form == "NFKC") changes = compose(changes, instance(false));
    text.transform(changes);
}

}  // namespace driftlens
