#include "engine/drift/behaviour.h"

#include "core/base/statistics/distributions.h"

#include <cmath>
#include <numeric>

namespace driftlens {

Proportion proportionOf(std::uint64_t count, std::uint64_t of, double level) {
    if (of == 0) {
        constexpr const char* kNone = "no examples";
        return {count, of, undefinedFigure(kNone), undefinedInterval(kNone)};
    }
    return {count,
            of,
            {static_cast<double>(count) / static_cast<double>(of), ""},
            {clopperPearson(count, of, level), ""}};
}

Behaviour behaviourOf(std::span<const AnswerPair> pairs) {
    std::uint64_t flips = 0, labelled = 0, bothRight = 0, onlyReference = 0, onlyVariant = 0;
    for (const AnswerPair& pair : pairs) {
        flips += pair.reference != pair.variant ? 1 : 0;
        if (!pair.label) continue;
        const bool isReferenceRight = pair.reference == *pair.label;
        const bool isVariantRight = pair.variant == *pair.label;
        ++labelled;
        bothRight += isReferenceRight && isVariantRight ? 1 : 0;
        onlyReference += isReferenceRight && !isVariantRight ? 1 : 0;
        onlyVariant += isVariantRight && !isReferenceRight ? 1 : 0;
    }
    Behaviour out;
    out.flips = proportionOf(flips, pairs.size());
    out.rightToWrong = proportionOf(onlyReference, labelled);
    out.wrongToRight = proportionOf(onlyVariant, labelled);
    out.referenceAccuracy = proportionOf(bothRight + onlyReference, labelled);
    out.variantAccuracy = proportionOf(bothRight + onlyVariant, labelled);
    out.accuracyChange =
        labelled == 0
            ? undefinedFigure("no example has a label")
            : Figure{*out.variantAccuracy.share.value - *out.referenceAccuracy.share.value, ""};
    out.netAccuracyChange = mcNemar(onlyReference, onlyVariant);
    return out;
}

Figure perplexity(std::span<const double> tokenLogProbabilities) {
    if (tokenLogProbabilities.empty()) return undefinedFigure("no tokens");
    if (!allFinite(tokenLogProbabilities))
        return undefinedFigure("a log-probability is not finite");
    const double sum =
        std::accumulate(tokenLogProbabilities.begin(), tokenLogProbabilities.end(), 0.0);
    return finiteFigure(std::exp(-sum / static_cast<double>(tokenLogProbabilities.size())));
}

}  // namespace driftlens
