#include "reports/figures/storage_bars.h"

#include "core/base/display_text.h"
#include "core/base/text.h"
#include "reports/figures/plot.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::size_t kMostModels = 4, kMostRows = 16;  // of one figure
constexpr int kWidth = 720, kLabelWidth = 104, kGap = 14;
constexpr int kHeader = 26, kRowHeight = 48, kFooter = 40;
constexpr int kValueWidth = 84;  // beside a bar
constexpr double kCharacter = 6.3;

constexpr const char* kBits = "#0072b2";
constexpr const char* kZeros = "#d55e00";
constexpr const char* kTrack = "#eef1f4";

std::size_t columnsIn(int pixels) {
    return static_cast<std::size_t>(std::max(4.0, pixels / kCharacter));
}

std::string bitsText(double bits) {
    return formatNumber(bits, 3) + (bits == 1.0 ? " bit" : " bits");
}

std::string zerosText(double share) {
    constexpr double kLeast = 0.01;  // per cent: what is less needs more room than there is
    const double percent = 100.0 * share;
    const bool isTiny = percent > 0.0 && percent < kLeast;
    return (isTiny ? "< 0.01" : formatNumber(percent, 3)) + " % zeros";
}

// A bar on its track, with its value to the right.
std::string bar(int x, int y, int width, int height, double share, const char* colour,
                const std::string& value) {
    const int full = width - kValueWidth;
    const int own = static_cast<int>(std::lround(full * std::clamp(share, 0.0, 1.0)));
    std::string out = svgRect(x, y, full, height, kTrack);
    if (own > 0) out += svgRect(x, y, own, height, colour);
    return out + svgText(x + full + 6, y + height, value, "start", kLabelFont);
}

struct Band {
    const std::vector<std::string>& models;
    const std::vector<StorageRow>& rows;
    std::size_t firstModel, lastModel, firstRow, lastRow;
    double mostBits;

    int cellWidth() const {
        const auto count = static_cast<int>(lastModel - firstModel);
        return std::min(300, (kWidth - kLabelWidth) / std::max(1, count) - kGap);
    }
    int xOf(std::size_t model) const {
        return kLabelWidth + static_cast<int>(model - firstModel) * (cellWidth() + kGap);
    }

    std::string cell(const std::optional<StorageCell>& own, int x, int y) const {
        if (!own) return svgText(x, y + 18, "no such part", "start", kLabelFont);
        const int width = cellWidth();
        const std::string form = own->form.empty() ? "no matrices" : own->form;
        std::string out = "<g><title>" + escapeXml(form + ", " + storageText(*own)) + "</title>" +
                          svgText(x, y + 12, cutText(form, columnsIn(width)), "start", kLabelFont) +
                          bar(x, y + 17, width, 9, mostBits > 0.0 ? own->bits / mostBits : 0.0,
                              kBits, bitsText(own->bits));
        if (own->zeros)
            out += bar(x, y + 31, width, 7, *own->zeros, kZeros, zerosText(*own->zeros));
        else
            out += svgText(x, y + 39, "zeros not counted", "start", kLabelFont);
        return out + "</g>";
    }

    Drawing drawing() const {
        Drawing out;
        out.width = kWidth;
        for (std::size_t m = firstModel; m < lastModel; ++m)
            out.elements += svgText(xOf(m), 14, cutText(models[m], columnsIn(cellWidth()) - 2),
                                    "start", "font-size=\"12\" font-weight=\"bold\"");
        int y = kHeader;
        for (std::size_t r = firstRow; r < lastRow; ++r, y += kRowHeight) {
            out.elements += svgLine(0, y - 2, kWidth, y - 2, "stroke=\"#e2e5e9\"") +
                            svgText(0, y + 25, cutText(rows[r].part, columnsIn(kLabelWidth)),
                                    "start", kLabelFont);
            for (std::size_t m = firstModel; m < lastModel; ++m)
                out.elements += cell(rows[r].cells[m], xOf(m), y);
        }
        out.elements +=
            svgLine(0, y - 2, kWidth, y - 2, "stroke=\"#667\"") +
            svgText(0, y + 14,
                    "Upper bar: bits per weight, scales included; a full bar is " +
                        bitsText(mostBits) + ".",
                    "start", kLabelFont) +
            svgText(0, y + 30,
                    "Lower bar: share of exact zeros in the matrices of the blocks; a full bar is "
                    "100 %.",
                    "start", kLabelFont);
        out.height = y + kFooter;
        return out;
    }
};

}  // namespace

std::string storageText(const StorageCell& cell) {
    return bitsText(cell.bits) + ", " +
           (cell.zeros ? zerosText(*cell.zeros) : std::string("zeros not counted"));
}

std::vector<std::string> storageBarsSvg(const std::vector<std::string>& models,
                                        const std::vector<StorageRow>& rows,
                                        const SvgCaption& caption) {
    double most = 0.0;
    for (const StorageRow& row : rows)
        for (const auto& cell : row.cells)
            if (cell) most = std::max(most, cell->bits);
    std::vector<std::string> out;
    for (std::size_t m = 0; m < models.size(); m += kMostModels) {
        for (std::size_t r = 0; r < rows.size(); r += kMostRows) {
            const Band band = {models, rows,
                               m,      std::min(m + kMostModels, models.size()),
                               r,      std::min(r + kMostRows, rows.size()),
                               most};
            out.push_back(svgFigure(band.drawing(), caption));
        }
    }
    return out;
}

}  // namespace driftlens
