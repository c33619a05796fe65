// The examples of a data set as a table, and what of it is shown.
#pragma once

#include "reports/figures/quadrant_scatter.h"
#include "ui/dataset_job.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <vector>

namespace driftlens {

// A row per example, three columns per variant after the fixed ones. Rows are only appended. GUI
// thread only.
class ExamplesModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Row, Text, Label, Answer, FixedColumns };
    enum VariantColumn { Flip, Kl, Agreement, VariantColumns };
    static constexpr int kSortRole = Qt::UserRole;

    explicit ExamplesModel(QObject* parent = nullptr);
    // Empties it. Reasons are other ones where drift by the metric is above the margin.
    void start(const QStringList& variants, const QString& method, const QString& metric,
               double margin);
    void append(const std::vector<ExampleRow>& rows);
    const std::vector<ExampleRow>& rows() const { return m_rows; }
    // Of all examples and variants that have both figures, for a drawing of all of them.
    const std::vector<ScatterPoint>& points() const { return m_points; }

    bool isFlip(int row) const;  // of any variant
    bool isFailed(int row) const;
    bool isInQuadrant(int row, Quadrant quadrant) const;  // of any variant
    Figure drift(int row, int variant) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QVariant value(int row, int column) const;
    const VariantOutcome* variantOf(int row, int variant) const;
    Figure agreement(const VariantOutcome& variant) const;

    void addPoints(int row);

    std::vector<ExampleRow> m_rows;
    std::vector<ScatterPoint> m_points;
    QStringList m_variants;
    std::string m_method, m_metric;
    double m_margin = 0.1;
};

enum class ExampleFilter { All, Flips, Quadrant0, Quadrant1, Quadrant2, Quadrant3, Failed };

class ExamplesFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit ExamplesFilter(ExamplesModel& examples, QObject* parent = nullptr);
    void setFilter(ExampleFilter filter);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    ExamplesModel& m_examples;
    ExampleFilter m_filter = ExampleFilter::All;
};

}  // namespace driftlens
