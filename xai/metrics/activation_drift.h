// How far the activations at one site moved. Free of LibTorch.
#pragma once

#include "core/base/figure.h"
#include "xai/metrics/matrix_view.h"

#include <optional>

namespace driftlens {

struct ActivationDrift {
    Figure cosine;             // mean over the rows that are not zero
    Figure relativeFrobenius;  // |reference - variant| by |reference|
    Figure sqnrDecibel;        // 10 lg of their squares' ratio, the other way up
    Figure linearCka;
};

// Activations are [positions, width]. Absent if there is no variant; of other width, only linearCka
// has a value. Throws Error(Internal) if the numbers of positions differ.
ActivationDrift activationDrift(const MatrixView& reference,
                                const std::optional<MatrixView>& variant);

// Linear centred kernel alignment (Kornblith et al. 2019, "Similarity of neural network
// representations revisited", equation 5), in [0, 1]; the same under rotation, shift and scale of
// either side. Rows correspond, widths may differ. Undefined for fewer than two rows, for rows that
// are all equal and for a value that is not finite.
Figure linearCka(const MatrixView& x, const MatrixView& y);

}  // namespace driftlens
