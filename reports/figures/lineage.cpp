#include "reports/figures/lineage.h"

#include "core/base/text.h"
#include "reports/figures/plot.h"

#include <algorithm>

namespace driftlens {
namespace {

constexpr std::size_t kMostVariants = 6;  // of one figure
constexpr int kBoxWidth = 212, kStepWidth = 206, kLink = 45;
constexpr int kWidth = 2 * kBoxWidth + kStepWidth + 2 * kLink;
constexpr int kLine = 15, kPadding = 9, kRowGap = 16;
constexpr int kStepHeight = 24, kStepGap = 12;
constexpr std::size_t kBoxColumns = 31, kStepColumns = 31;
constexpr const char* kInk = "#14304f";
constexpr const char* kLinkLine = "stroke=\"#14304f\" stroke-width=\"1.5\"";

int heightOf(const LineageModel& model) {
    return 2 * kPadding + kLine * static_cast<int>(model.lines.size() + 1);
}

int heightOf(const LineageVariant& variant) {
    const int count = static_cast<int>(variant.steps.size());
    return kLine + 6 + count * kStepHeight + std::max(0, count - 1) * kStepGap;
}

std::string box(const LineageModel& model, int x, int y, const char* fill) {
    std::string out = "<g><title>" + escapeXml(model.name) + "</title>" +
                      svgRect(x, y, kBoxWidth, heightOf(model), fill,
                              "stroke=\"" + std::string(kInk) + "\" rx=\"4\"") +
                      svgText(x + kPadding, y + kPadding + 11, cutText(model.name, kBoxColumns - 2),
                              "start", "font-size=\"12\" font-weight=\"bold\"");
    int line = y + kPadding + 11;
    for (const std::string& text : model.lines)
        out +=
            svgText(x + kPadding, line += kLine, cutText(text, kBoxColumns), "start", kLabelFont);
    return out + "</g>";
}

std::string arrow(double x1, double y1, double x2, double y2, bool isDashed) {
    const std::string line = std::string(kLinkLine) + (isDashed ? " stroke-dasharray=\"5 4\"" : "");
    const bool isDown = x1 == x2;
    const auto at = [](double x, double y) { return plotNumber(x) + " " + plotNumber(y); };
    const std::string head =
        isDown ? "M" + at(x2, y2) + "L" + at(x2 - 4, y2 - 6) + "L" + at(x2 + 4, y2 - 6) + "Z"
               : "M" + at(x2, y2) + "L" + at(x2 - 7, y2 - 4) + "L" + at(x2 - 7, y2 + 4) + "Z";
    return svgLine(x1, y1, isDown ? x2 : x2 - 6, isDown ? y2 - 5 : y2, line) +
           svgPath(head, "fill=\"" + std::string(kInk) + "\"");
}

// What was done, one under the other, centred at `middle`.
std::string steps(const LineageVariant& variant, int x, int middle) {
    int y = middle - heightOf(variant) / 2;
    std::string out = svgText(x + kStepWidth / 2, y + 11, cutText(variant.origin, kStepColumns + 1),
                              "middle", kLabelFont);
    y += kLine + 6;
    for (std::size_t i = 0; i < variant.steps.size(); ++i) {
        if (i > 0) {
            out += arrow(x + kStepWidth / 2.0, y, x + kStepWidth / 2.0, y + kStepGap, false);
            y += kStepGap;
        }
        out += svgRect(x, y, kStepWidth, kStepHeight, "#fff",
                       "stroke=\"#667\" rx=\"12\"" +
                           std::string(variant.isDerived ? "" : " stroke-dasharray=\"5 4\"")) +
               svgText(x + kStepWidth / 2, y + 16, cutText(variant.steps[i], kStepColumns),
                       "middle", kLabelFont);
        y += kStepHeight;
    }
    return out;
}

Drawing drawingOf(const LineageModel& reference, const std::vector<LineageVariant>& variants,
                  std::size_t first, std::size_t last) {
    std::vector<int> middles;  // of rows; arrows meet the steps, which stand under their origin
    constexpr int kBelow = (kLine + 6) / 2;
    int y = 2;
    for (std::size_t i = first; i < last; ++i) {
        const int height = std::max(heightOf(variants[i].model), heightOf(variants[i]));
        middles.push_back(y + height / 2);
        y += height + kRowGap;
    }
    const int bottom = std::max(y - kRowGap, heightOf(reference) + 2) + 2;
    const int referenceTop = (bottom - heightOf(reference)) / 2;
    const int spine = kBoxWidth + kLink / 2;
    const int stepX = kBoxWidth + kLink, boxX = stepX + kStepWidth + kLink;
    Drawing out{box(reference, 0, referenceTop, "#eef4fa"), kWidth, bottom};
    const double referenceMiddle = referenceTop + heightOf(reference) / 2.0;
    out.elements +=
        svgLine(kBoxWidth, referenceMiddle, spine, referenceMiddle, kLinkLine) +
        svgLine(spine, std::min<double>(middles.front() + kBelow, referenceMiddle), spine,
                std::max<double>(middles.back() + kBelow, referenceMiddle), kLinkLine);
    for (std::size_t i = first; i < last; ++i) {
        const int middle = middles[i - first];
        const LineageVariant& variant = variants[i];
        const int stepMiddle = middle + kBelow;
        out.elements += arrow(spine, stepMiddle, stepX, stepMiddle, !variant.isDerived) +
                        steps(variant, stepX, middle) +
                        arrow(stepX + kStepWidth, stepMiddle, boxX, stepMiddle, false) +
                        box(variant.model, boxX, middle - heightOf(variant.model) / 2, "#fff");
    }
    return out;
}

}  // namespace

std::vector<std::string> lineageSvg(const LineageModel& reference,
                                    const std::vector<LineageVariant>& variants,
                                    const SvgCaption& caption) {
    std::vector<std::string> out;
    for (std::size_t first = 0; first < variants.size(); first += kMostVariants)
        out.push_back(svgFigure(
            drawingOf(reference, variants, first, std::min(first + kMostVariants, variants.size())),
            caption));
    return out;
}

}  // namespace driftlens
