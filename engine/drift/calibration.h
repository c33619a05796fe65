// Does a model's confidence say how often it is right?
#pragma once

#include "core/base/figure.h"

#include <cstddef>
#include <span>
#include <vector>

namespace driftlens {

struct Prediction {
    double confidence = 0.0;  // the probability of the answer given, in [0, 1]
    bool isRight = false;
};

enum class CalibrationBins {
    // (0, 1/m], (1/m, 2/m], …, ((m - 1)/m, 1]; 0 is in the first (Guo et al. 2017, "On calibration
    // of modern neural networks").
    EqualWidth,
    // As many predictions in each, up to one, by rising confidence, of equal confidence the wrong
    // ones first (Nixon et al. 2019, "Measuring calibration in deep learning").
    EqualCount,
};

struct CalibrationBin {
    std::size_t count = 0;
    double meanConfidence = 0.0;  // both 0 in an empty bin
    double accuracy = 0.0;
};

struct Calibration {
    Figure expectedError;  // mean of |accuracy - mean confidence| over predictions
    Figure largestError;   // over bins that are not empty
    std::vector<CalibrationBin> bins;
};

// Undefined for no predictions and for a confidence outside [0, 1]. Throws Error(Usage) for no
// bins.
Calibration calibrationOf(std::span<const Prediction> predictions, std::size_t bins = 15,
                          CalibrationBins kind = CalibrationBins::EqualWidth);

}  // namespace driftlens
