// What the Layer drift tab shows and what is copied of it. Plain values: made on any thread.
#pragma once

#include "ui/models/result.h"
#include "ui/widgets/chart.h"

#include <QString>
#include <QStringList>

namespace driftlens {

struct LayersQuestion {
    int figure = 0;  // an index into layerFigures()
    QString module;  // "block", "attention", "mlp"
};

QStringList layerFigures();
bool isOfModules(int figure);  // else it is of attention, whatever the module

// A line per variant, a point per layer.
ChartView layersView(const Result& result, const LayersQuestion& shown);
QStringList layerReasons(const Result& result);  // why a variant has no figures

QString layersText(const Result& result, const LayersQuestion& shown);
QString layersSvg(const Result& result, const LayersQuestion& shown);
QString layersJson(const Result& result, const LayersQuestion& shown);

}  // namespace driftlens
