#include "engine/drift/calibration.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

void add(CalibrationBin& bin, const Prediction& prediction) {
    ++bin.count;  // sums until they are divided
    bin.meanConfidence += prediction.confidence;
    bin.accuracy += prediction.isRight ? 1.0 : 0.0;
}

void fillEqualWidth(std::span<const Prediction> predictions, std::vector<CalibrationBin>& bins) {
    const auto count = static_cast<double>(bins.size());
    for (const Prediction& prediction : predictions) {
        const double upperEnd = std::max(1.0, std::ceil(prediction.confidence * count));
        add(bins[std::min(bins.size(), static_cast<std::size_t>(upperEnd)) - 1], prediction);
    }
}

void fillEqualCount(std::span<const Prediction> predictions, std::vector<CalibrationBin>& bins) {
    std::vector<Prediction> sorted(predictions.begin(), predictions.end());
    std::sort(sorted.begin(), sorted.end(), [](const Prediction& a, const Prediction& b) {
        return a.confidence != b.confidence ? a.confidence < b.confidence : a.isRight < b.isRight;
    });
    for (std::size_t i = 0; i < sorted.size(); ++i)
        add(bins[i * bins.size() / sorted.size()], sorted[i]);
}

}  // namespace

Calibration calibrationOf(std::span<const Prediction> predictions, std::size_t bins,
                          CalibrationBins kind) {
    if (bins == 0) throw Error(ErrorKind::Usage, "calibration: no bins");
    Calibration out;
    const bool areProbabilities =
        std::all_of(predictions.begin(), predictions.end(), [](const Prediction& prediction) {
            return prediction.confidence >= 0.0 && prediction.confidence <= 1.0;
        });
    if (predictions.empty() || !areProbabilities) {
        out.expectedError = out.largestError = undefinedFigure(
            predictions.empty() ? "no predictions" : "a confidence is not in [0, 1]");
        return out;
    }
    out.bins.resize(bins);
    (kind == CalibrationBins::EqualWidth ? fillEqualWidth : fillEqualCount)(predictions, out.bins);
    double expected = 0.0, largest = 0.0;
    for (CalibrationBin& bin : out.bins) {
        if (bin.count == 0) continue;
        const auto count = static_cast<double>(bin.count);
        bin.meanConfidence /= count;
        bin.accuracy /= count;
        const double error = std::abs(bin.accuracy - bin.meanConfidence);
        expected += error * count / static_cast<double>(predictions.size());
        largest = std::max(largest, error);
    }
    out.expectedError = {expected, ""};
    out.largestError = {largest, ""};
    return out;
}

}  // namespace driftlens
