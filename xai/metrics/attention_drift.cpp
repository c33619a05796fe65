#include "xai/metrics/attention_drift.h"

#include "core/base/error.h"
#include "xai/metrics/distribution.h"

namespace driftlens {
namespace {

std::vector<double> without(std::span<const double> row, std::size_t key) {
    std::vector<double> out(row.begin(), row.end());
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(key));
    return out;
}

Figure meanOfDefined(const std::vector<Figure>& figures) {
    double sum = 0.0, count = 0.0;
    for (const Figure& figure : figures) {
        sum += figure.value.value_or(0.0);
        count += figure.value ? 1.0 : 0.0;
    }
    if (count > 0.0) return finiteFigure(sum / count);
    return undefinedFigure(figures.empty() ? "no queries" : "no query: " + figures[0].reason);
}

Figure entropyChange(std::span<const double> reference, std::span<const double> variant) {
    const Figure before = entropyBits(reference);
    const Figure after = entropyBits(variant);
    if (!before.value) return before;
    if (!after.value) return after;
    return {*after.value - *before.value, ""};
}

}  // namespace

HeadDrift headDrift(const MatrixView& reference, const std::optional<MatrixView>& variant,
                    std::size_t sink) {
    HeadDrift out;
    if (!variant) {
        out.js = out.jsWithoutSink = out.entropyChange = undefinedFigure(kAbsent);
        return out;
    }
    if (reference.rows != variant->rows || reference.columns != variant->columns)
        throw Error(ErrorKind::Internal, "attention drift: the maps differ in shape");
    if (sink >= reference.columns)
        throw Error(ErrorKind::Internal, "attention drift: the sink is no key");
    std::vector<Figure> entropies;
    for (std::size_t i = 0; i < reference.rows; ++i) {
        const auto before = reference.row(i), after = variant->row(i);
        out.rows.push_back(jensenShannonBits(before, after));
        out.rowsWithoutSink.push_back(
            jensenShannonBits(without(before, sink), without(after, sink)));
        entropies.push_back(entropyChange(before, after));
    }
    out.js = meanOfDefined(out.rows);
    out.jsWithoutSink = meanOfDefined(out.rowsWithoutSink);
    out.entropyChange = meanOfDefined(entropies);
    return out;
}

}  // namespace driftlens
