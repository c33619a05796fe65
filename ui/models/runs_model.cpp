#include "ui/models/runs_model.h"

#include <algorithm>
#include <array>

namespace driftlens {

namespace {
constexpr int kColumns = 4;
constexpr qsizetype kToSeconds = 19;  // of an RFC 3339 time
}  // namespace

void RunsModel::setRuns(std::vector<RunSummary> runs) {
    beginResetModel();
    m_runs = std::move(runs);
    std::reverse(m_runs.begin(), m_runs.end());
    endResetModel();
}

int RunsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumns;
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::ToolTipRole)) return {};
    const RunSummary& run = m_runs[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
        case 0:
            return QString::fromStdString(run.startedUtc).left(kToSeconds).replace(u'T', u' ');
        case 1:
            return QString::fromStdString(run.verb);
        case 2:
            return QString::fromStdString(run.status);
        default:
            return QString::fromStdString(run.runId);
    }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 ||
        section >= kColumns)
        return {};
    const std::array<QString, kColumns> titles = {tr("Started (UTC)"), tr("Verb"), tr("Status"),
                                                  tr("Run")};
    return titles[static_cast<std::size_t>(section)];
}

}  // namespace driftlens
