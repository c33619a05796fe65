// How far the attention of one head moved. Free of LibTorch.
#pragma once

#include "core/base/figure.h"
#include "xai/metrics/matrix_view.h"

#include <optional>
#include <vector>

namespace driftlens {

// The sink is the key that heads attend to for want of anything else, mostly the first token (Xiao
// et al. 2023, "Efficient streaming language models with attention sinks"): its mass hides what the
// rest does.
struct HeadDrift {
    std::vector<Figure> rows;             // Jensen-Shannon divergence per query, in bits
    std::vector<Figure> rowsWithoutSink;  // of what is left without the sink, divided by its sum
    Figure js;                            // means over the queries that have a figure
    Figure jsWithoutSink;
    Figure entropyChange;  // mean over queries of H(variant) - H(reference), in bits
};

// Maps are [queries, keys]. Absent if there is no variant. Throws Error(Internal) if the shapes
// differ or the sink is no key.
HeadDrift headDrift(const MatrixView& reference, const std::optional<MatrixView>& variant,
                    std::size_t sink = 0);

}  // namespace driftlens
