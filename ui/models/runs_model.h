// The runs of a log as a table, newest first, and what of it is shown.
#pragma once

#include "engine/audit/log.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <QStringList>

#include <vector>

namespace driftlens {

// Owns copies. GUI thread only.
class RunsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Started, VerbName, Status, Models, Run, Columns };

    explicit RunsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void setRuns(std::vector<RunSummary> runs);  // as AuditLog::runs() gives them
    const std::vector<RunSummary>& runs() const { return m_runs; }
    QStringList valuesOf(Column column) const;  // that occur, each once, sorted

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<RunSummary> m_runs;
};

// Empty texts stand for all.
class RunsFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit RunsFilter(RunsModel& runs, QObject* parent = nullptr);
    void setVerb(const QString& verb);
    void setStatus(const QString& status);
    void setText(const QString& text);  // in any column, whatever its case

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    RunsModel& m_runs;
    QString m_verb, m_status, m_text;
};

}  // namespace driftlens
