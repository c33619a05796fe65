// The metric table.
#include "xai/faithfulness/metrics.h"

#include <array>
#include <limits>

namespace driftlens::faithfulness {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Range kShare = {0.0, 1.0};
constexpr Range kCorrelation = {-1.0, 1.0};
constexpr Range kDifference = {-1.0, 1.0};  // of two probabilities
constexpr Range kNotNegative = {0.0, kInfinity};

// What several rows say.
constexpr std::string_view kEraser = "DeYoung et al. 2020, arXiv 1911.03429";
constexpr std::string_view kCarton = "Carton et al. 2020, arXiv 2010.04736";
constexpr std::string_view kRise = "Petsiuk et al. 2018, arXiv 1806.07421";
constexpr std::string_view kNaopc = "Edin et al. 2025, arXiv 2408.08137";
constexpr std::string_view kInfidelity = "Yeh et al. 2019, arXiv 1901.09392";
constexpr std::string_view kSparsity = "Hurley and Rickard 2009, arXiv 0811.4706";
constexpr std::string_view kEntropy = "Bhatt et al. 2020, arXiv 2005.00631";

using enum Direction;

constexpr std::array<MetricRow, 28> kMetrics = {{
    {"comprehensiveness", "Comprehensiveness",
     "mean over bins q of v(all) − v(all but the first ⌈qn⌉)", HigherIsBetter, kDifference, kEraser,
     &MetricFigures::comprehensiveness},
    {"sufficiency", "Sufficiency", "mean over bins q of v(all) − v(the first ⌈qn⌉)", LowerIsBetter,
     kDifference, kEraser, &MetricFigures::sufficiency},
    {"comprehensiveness_paper", "Comprehensiveness (paper's form)",
     "Σ over bins q of (v(all) − v(all but the first ⌈qn⌉)) / (bins + 1)", HigherIsBetter,
     kDifference, kEraser, &MetricFigures::comprehensivenessPaper},
    {"sufficiency_paper", "Sufficiency (paper's form)",
     "Σ over bins q of (v(all) − v(the first ⌈qn⌉)) / (bins + 1)", LowerIsBetter, kDifference,
     kEraser, &MetricFigures::sufficiencyPaper},
    {"normalised_comprehensiveness", "Normalised comprehensiveness",
     "mean over bins of max(0, comprehensiveness) / max(0, v(all) − v(none))", HigherIsBetter,
     kNotNegative, kCarton, &MetricFigures::normalisedComprehensiveness},
    {"normalised_sufficiency",
     "Normalised sufficiency",
     "mean over bins of 1 − max(0, sufficiency) / max(0, v(all) − v(none))",
     HigherIsBetter,
     {-kInfinity, 1.0},
     kCarton,
     &MetricFigures::normalisedSufficiency},
    {"deletion_auc", "Area under the deletion curve",
     "trapezoidal area of v(all but the first k) over k/n", LowerIsBetter, kShare, kRise,
     &MetricFigures::deletionAuc},
    {"insertion_auc", "Area under the insertion curve",
     "trapezoidal area of v(the first k) over k/n", HigherIsBetter, kShare, kRise,
     &MetricFigures::insertionAuc},
    {"aopc", "AOPC", "mean over k = 1 … n of v(all) − v(all but the first k)", HigherIsBetter,
     kDifference, "Samek et al. 2017, arXiv 1509.06321", &MetricFigures::aopc},
    {"aopc_lower", "Lowest AOPC", "least AOPC of all orders, or of a beam's and the explanation's",
     Neither, kDifference, kNaopc, &MetricFigures::aopcLower},
    {"aopc_upper", "Highest AOPC",
     "largest AOPC of all orders, or of a beam's and the explanation's", Neither, kDifference,
     kNaopc, &MetricFigures::aopcUpper},
    {"naopc", "Normalised AOPC", "(AOPC − lowest) / (highest − lowest)", HigherIsBetter, kShare,
     kNaopc, &MetricFigures::normalisedAopc},
    {"random_aopc", "AOPC of random orders", "mean AOPC of seeded random orders", Neither,
     kDifference, kNaopc, &MetricFigures::randomAopc},
    {"random_aopc_error", "Standard error of the random AOPC",
     "standard deviation between random orders / √orders", Neither, kShare, kNaopc,
     &MetricFigures::randomAopcError},
    {"above_random",
     "AOPC above random",
     "AOPC − mean AOPC of random orders",
     HigherIsBetter,
     {-2.0, 2.0},
     kNaopc,
     &MetricFigures::aboveRandom},
    {"tau_loo", "Kendall's tau with leave-one-out",
     "tau-b of the scores and v(all) − v(all but unit i)", HigherIsBetter, kCorrelation,
     "Jain and Wallace 2019, arXiv 1902.10186", &MetricFigures::tauLeaveOneOut},
    {"gini", "Gini index", "Σ (2i − n − 1) a_i / (n Σ a_i), a = |scores| ascending", HigherIsBetter,
     kShare, kSparsity, &MetricFigures::gini},
    {"entropy", "Entropy (nats)", "−Σ p ln p, p = |score| / Σ |scores|", LowerIsBetter,
     kNotNegative, kEntropy, &MetricFigures::entropy},
    {"effective_count",
     "Effective number of units",
     "exp(entropy)",
     LowerIsBetter,
     {1.0, kInfinity},
     kEntropy,
     &MetricFigures::effectiveCount},
    {"hoyer", "Hoyer sparsity", "(√n − ‖scores‖₁ / ‖scores‖₂) / (√n − 1)", HigherIsBetter, kShare,
     kSparsity, &MetricFigures::hoyer},
    {"infidelity", "Infidelity", "mean of (Σ I ⊙ φ − (F(x) − F(x − I)))²", LowerIsBetter,
     kNotNegative, kInfidelity, &MetricFigures::infidelity},
    {"normalised_infidelity", "Normalised infidelity",
     "mean of (β Σ I ⊙ φ − (F(x) − F(x − I)))² with the β that makes it least", LowerIsBetter,
     kNotNegative, kInfidelity, &MetricFigures::normalisedInfidelity},
    {"max_sensitivity", "Maximum sensitivity", "max of ‖φ(x) − φ(x + I)‖ / ‖φ(x)‖", LowerIsBetter,
     kNotNegative, kInfidelity, &MetricFigures::maxSensitivity},
    {"rationale_f1", "F1 with the rationale", "token F1 of the top k, k = length of the rationale",
     HigherIsBetter, kShare, kEraser, &MetricFigures::rationaleF1},
    {"rationale_threshold_f1", "F1 with the rationale, by threshold",
     "token F1 of the tokens that score above the threshold", HigherIsBetter, kShare, kEraser,
     &MetricFigures::rationaleThresholdF1},
    {"rationale_iou", "Intersection over union with the rationale",
     "|A ∩ B| / |A ∪ B| of the top k, k = length of the rationale", HigherIsBetter, kShare, kEraser,
     &MetricFigures::rationaleIou},
    {"rationale_iou_f1", "IoU-F1 with the rationale",
     "F1 of the spans of the top k; a span matches from an IoU of 0.5", HigherIsBetter, kShare,
     kEraser, &MetricFigures::rationaleSpanF1},
    {"rationale_auprc", "Average precision for the rationale",
     "Σ (R_n − R_{n−1}) P_n over falling distinct scores", HigherIsBetter, kShare, kEraser,
     &MetricFigures::averagePrecision},
}};

static_assert(sizeof(MetricFigures) == kMetrics.size() * sizeof(Figure),
              "every figure has its row");

}  // namespace

std::span<const MetricRow> metricTable() {
    return kMetrics;
}

}  // namespace driftlens::faithfulness
