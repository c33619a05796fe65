// A matrix that somebody else holds.
#pragma once

#include <cstddef>
#include <span>

namespace driftlens {

// Row-major; values.size() == rows * columns.
struct MatrixView {
    std::span<const double> values;
    std::size_t rows = 0;
    std::size_t columns = 0;

    std::span<const double> row(std::size_t i) const {
        return values.subspan(i * columns, columns);
    }
};

// Why a structure that the variant no longer has (a pruned head, a dropped block) has no figure.
inline constexpr const char* kAbsent = "absent";

}  // namespace driftlens
