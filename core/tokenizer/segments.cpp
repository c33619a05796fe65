#include "core/tokenizer/segments.h"

#include "core/base/error.h"
#include "core/tokenizer/aligned_text.h"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/utext.h>

#include <cstdint>
#include <memory>

namespace driftlens {
namespace {

using MakeIterator = icu::BreakIterator*(const icu::Locale&, UErrorCode&);

void check(UErrorCode status) {
    if (U_FAILURE(status))
        throw Error(ErrorKind::Internal,
                    std::string("text segmentation failed: ") + u_errorName(status));
}

std::vector<ByteRange> segmentsOf(std::string_view text, MakeIterator* make) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::BreakIterator> iterator(make(icu::Locale::getRoot(), status));
    check(status);
    // Positions in it are bytes.
    const std::unique_ptr<UText, decltype(&utext_close)> source(
        utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status),
        &utext_close);
    check(status);
    iterator->setText(source.get(), status);
    check(status);
    std::vector<ByteRange> out;
    auto begin = static_cast<std::size_t>(iterator->first());
    for (int next = iterator->next(); next != icu::BreakIterator::DONE; next = iterator->next()) {
        const auto end = static_cast<std::size_t>(next);
        const ByteRange range = withoutOuterSpace(text, {begin, end});
        if (range.begin < range.end) out.push_back(range);
        begin = end;
    }
    return out;
}

}  // namespace

ByteRange withoutOuterSpace(std::string_view text, ByteRange range) {
    const auto isSpaceAt = [&](std::size_t at) { return isSpacePoint(nextPoint(text, at)); };
    while (range.begin < range.end && isSpaceAt(range.begin)) nextPoint(text, range.begin);
    while (range.begin < range.end) {
        std::size_t last = range.end - 1;
        while (last > range.begin && isTailByte(text[last])) --last;
        if (!isSpaceAt(last)) break;
        range.end = last;
    }
    return range;
}

std::vector<ByteRange> wordsOf(std::string_view text) {
    return segmentsOf(text, &icu::BreakIterator::createWordInstance);
}

std::vector<ByteRange> sentencesOf(std::string_view text) {
    return segmentsOf(text, &icu::BreakIterator::createSentenceInstance);
}

}  // namespace driftlens
