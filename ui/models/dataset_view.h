// A data set's examples and result in the shapes that its tab draws.
#pragma once

#include "ui/models/card_text.h"
#include "ui/models/examples_model.h"
#include "ui/widgets/chart.h"

namespace driftlens {

// Output change over explanation drift; a point's tag is its row in the model.
ChartView scatterView(const ExamplesModel& examples, const QStringList& variants, double margin);
// How often the drift of explanations was how large.
ChartView histogramView(const ExamplesModel& examples, const QStringList& variants, double margin);
// Stored size against drift, with intervals.
ChartView paretoView(const DatasetResult& result, const QString& figure);

// Gates, the verdicts of each variant with their yardsticks, notes and warnings.
std::vector<CardGroup> verdictCards(const DatasetResult& result);
QString planLines(const DatasetPlan& plan);

}  // namespace driftlens
