// Agreement with a human rationale: which tokens people say the answer rests on (DeYoung et al.
// 2020, "ERASER"). That is plausibility, not faithfulness: a model may be right for other reasons.
#pragma once

#include "core/base/figure.h"
#include "xai/coalitions/coalition.h"

namespace driftlens::faithfulness {

// Bit i is 1 if token i belongs to it.
using TokenSet = coalitions::Coalition;

// Two spans are the same one from this intersection over union on; below 0.5 one span could match
// two.
inline constexpr double kSpanMatch = 0.5;

// The k tokens of the highest signed scores, ties to the earlier one. Throws Error(Usage) for more
// than there are and for scores that ranking refuses.
TokenSet topTokens(std::span<const double> scores, std::size_t k);

// The tokens whose signed score is above the threshold. Throws Error(Usage) for a threshold that is
// not a number and for scores that ranking refuses.
TokenSet tokensAbove(std::span<const double> scores, double threshold);

// Both of equal size, else Error(Usage). Undefined where no token is in the rationale.
Figure tokenF1(const TokenSet& predicted, const TokenSet& rationale);   // 2|A∩B| / (|A| + |B|)
Figure tokenIou(const TokenSet& predicted, const TokenSet& rationale);  // |A∩B| / |A∪B|
// F1 over spans, the runs of neighbouring tokens: a predicted span counts if a span of the
// rationale has an intersection over union with it of kSpanMatch or more.
Figure spanF1(const TokenSet& predicted, const TokenSet& rationale);

// Σ (R_n − R_{n−1}) P_n over the falling distinct scores n, precision and recall of the tokens that
// score as much or more: tied tokens enter together and nothing is interpolated, as in
// scikit-learn's average_precision_score. Undefined where none or all tokens are in the rationale.
Figure averagePrecision(std::span<const double> scores, const TokenSet& rationale);

struct RationaleAgreement {
    // Of the top k tokens, k the length of the rationale. Undefined where none or all tokens are
    // in it: any scores would agree then.
    Figure f1, iou, spanF1;
    // Of the tokens above a threshold.
    Figure thresholdF1;
    Figure averagePrecision;
};

RationaleAgreement rationaleAgreementOf(std::span<const double> scores, const TokenSet& rationale,
                                        double threshold = 0.0);

}  // namespace driftlens::faithfulness
