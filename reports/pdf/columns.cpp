#include "reports/pdf/columns.h"

#include <algorithm>
#include <numeric>

namespace driftlens::pdf {

namespace {

constexpr double kStep = 4.0;

// By how many lines the rows together become lower if each column is so much wider: a row is as
// high as its highest cell, so only that counts.
std::vector<double> gains(const std::vector<double>& widths,
                          const std::vector<std::vector<double>>& rows) {
    std::vector<double> out(widths.size(), 0.0);
    for (const std::vector<double>& row : rows) {
        std::size_t highest = 0;
        double lines = 1.0;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            if (row[i] / widths[i] <= lines) continue;
            lines = row[i] / widths[i];
            highest = i;
        }
        if (lines > 1.0) out[highest] += lines - row[highest] / (widths[highest] + kStep);
    }
    return out;
}

double sumOf(const std::vector<double>& widths) {
    return std::accumulate(widths.begin(), widths.end(), 0.0);
}

}  // namespace

std::vector<double> columnWidths(const std::vector<ColumnNeed>& needs,
                                 const std::vector<std::vector<double>>& rows, double width) {
    std::vector<double> natural;
    std::vector<double> out;
    for (const ColumnNeed& need : needs) {
        natural.push_back(need.natural);
        out.push_back(std::min(need.least, need.natural));
    }
    if (needs.empty() || sumOf(natural) <= width) return natural;
    if (sumOf(out) > width) {
        const double shrink = width / sumOf(out);
        for (double& each : out) each *= shrink;
    }
    for (double left = width - sumOf(out); left >= kStep; left -= kStep) {
        const std::vector<double> gained = gains(out, rows);
        const auto best = std::max_element(gained.begin(), gained.end());
        if (*best <= 0.0) break;
        out[static_cast<std::size_t>(best - gained.begin())] += kStep;
    }
    // What is still left makes no row lower: all get of it.
    const double spread = width / sumOf(out);
    for (double& each : out) each *= spread;
    return out;
}

std::vector<std::vector<std::size_t>> columnBands(const std::vector<ColumnNeed>& needs,
                                                  double width) {
    std::vector<std::vector<std::size_t>> out;
    double used = 0.0;
    for (std::size_t i = 0; i < needs.size(); ++i) {
        const bool isFull = !out.empty() && used + needs[i].least > width && out.back().size() > 1;
        if (out.empty() || isFull) {
            out.emplace_back();
            used = 0.0;
            if (i > 0) {
                out.back().push_back(0);
                used = needs.front().least;
            }
        }
        out.back().push_back(i);
        used += needs[i].least;
    }
    return out;
}

}  // namespace driftlens::pdf
