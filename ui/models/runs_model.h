// The runs of a log as a table, newest first.
#pragma once

#include "engine/audit/log.h"

#include <QAbstractTableModel>

#include <vector>

namespace driftlens {

// Owns copies. Rows are runs: time, verb, status, run.
class RunsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit RunsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void setRuns(std::vector<RunSummary> runs);  // as AuditLog::runs() gives them

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<RunSummary> m_runs;
};

}  // namespace driftlens
