#include "ui/models/layers_view.h"

#include "core/base/json.h"
#include "reports/figures/site_curves.h"
#include "ui/widgets/text.h"

#include <QCoreApplication>

#include <array>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

QString tr(const char* text) {
    return QCoreApplication::translate("driftlens::LayersView", text);
}

struct FigureRow {
    const char* title;
    Figure SiteChange::*value;  // null: the mean over the layer's heads of their attention's JS
};
constexpr std::array<FigureRow, 5> kFigures = {{
    {"Relative error of activations", &SiteChange::relativeFrobenius},
    {"Linear CKA", &SiteChange::linearCka},
    {"Cosine of activations", &SiteChange::cosine},
    {"Signal to noise (SQNR), dB", &SiteChange::sqnrDecibel},
    {"Attention drift (mean JS of heads), bits", nullptr},
}};

// By layer; layers without a value are left out.
std::map<std::int64_t, double> valuesOf(const StructureDrift& drift, const FigureRow& figure,
                                        const QString& module) {
    std::map<std::int64_t, double> sum, count;
    const auto add = [&](std::int64_t layer, const Figure& value) {
        if (!value.value || layer < 0) return;
        sum[layer] += *value.value;
        count[layer] += 1.0;
    };
    if (figure.value == nullptr) {
        for (const HeadChange& head : drift.heads) add(head.layer, head.js);
    } else {
        // A module may have several sites: their mean.
        for (const SiteChange& site : drift.sites)
            if (qtText(site.module) == module) add(site.layer, site.*figure.value);
    }
    for (auto& [layer, value] : sum) value /= count[layer];
    return sum;
}

const FigureRow& rowOf(const LayersQuestion& shown) {
    return kFigures.at(static_cast<std::size_t>(shown.figure));
}

}  // namespace

QStringList layerFigures() {
    QStringList out;
    for (const FigureRow& each : kFigures) out.push_back(QString::fromUtf8(each.title));
    return out;
}

bool isOfModules(int figure) {
    return kFigures.at(static_cast<std::size_t>(figure)).value != nullptr;
}

ChartView layersView(const Result& result, const LayersQuestion& shown) {
    const FigureRow& figureRow = rowOf(shown);
    const QString title = QString::fromUtf8(figureRow.title);
    ChartView out;
    out.hasWholeX = true;
    out.xTitle = tr("Layer");
    out.yTitle = title;
    out.why = tr("This figure was not measured.");
    for (const VariantResult& variant : result.comparison.variants) {
        ChartSeries& series = out.series.emplace_back();
        series.name = nameOf(variant.model);
        series.isLine = true;
        for (const auto& [layer, value] : valuesOf(variant.structure, figureRow, shown.module)) {
            const QString meaning = tr("%1, layer %2: %3. Click for its attention.")
                                        .arg(series.name)
                                        .arg(layer)
                                        .arg(figure(value));
            series.points.push_back(
                {static_cast<double>(layer), value, 0.0, 0.0, meaning, static_cast<int>(layer)});
        }
    }
    return out;
}

QStringList layerReasons(const Result& result) {
    QStringList out;
    for (const VariantResult& variant : result.comparison.variants)
        if (!variant.structure.reason.empty())
            out.push_back(nameOf(variant.model) + u": "_s + qtText(variant.structure.reason));
    return out;
}

QString layersText(const Result& result, const LayersQuestion& shown) {
    const ChartView view = layersView(result, shown);
    QString out = view.yTitle + u'\n';
    for (const ChartSeries& series : view.series)
        for (const ChartPoint& point : series.points)
            out += u"%1\t%2\t%3\n"_s.arg(series.name).arg(point.x).arg(point.y);
    return out + layerReasons(result).join(u'\n');
}

QString layersSvg(const Result& result, const LayersQuestion& shown) {
    const ChartView view = layersView(result, shown);
    std::set<int> layers;
    for (const ChartSeries& series : view.series)
        for (const ChartPoint& point : series.points) layers.insert(point.tag);
    std::vector<std::string> names;
    for (const int layer : layers) names.push_back(std::to_string(layer));
    std::vector<NamedValues> rows;
    for (const ChartSeries& series : view.series) {
        NamedValues& row = rows.emplace_back();
        row.name = series.name.toStdString();
        for (const int layer : layers) {
            double value = std::numeric_limits<double>::quiet_NaN();
            for (const ChartPoint& point : series.points)
                if (point.tag == layer) value = point.y;
            row.values.push_back(value);
        }
    }
    const std::string title = view.yTitle.toStdString();
    return QString::fromStdString(siteCurvesSvg(names, rows, title, title + " by layer"));
}

QString layersJson(const Result& result, const LayersQuestion& shown) {
    const ChartView view = layersView(result, shown);
    Json all = Json::array();
    for (const ChartSeries& series : view.series) {
        Json layers = Json::array();
        for (const ChartPoint& point : series.points)
            layers.push_back({{"layer", point.tag}, {"value", point.y}});
        all.push_back({{"variant", series.name.toStdString()}, {"layers", layers}});
    }
    return QString::fromStdString(
        Json{{"figure", view.yTitle.toStdString()}, {"variants", all}}.dump(2));
}

}  // namespace driftlens
