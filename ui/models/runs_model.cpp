#include "ui/models/runs_model.h"

#include "ui/widgets/text.h"

#include <algorithm>
#include <array>
#include <set>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype kToSeconds = 19;  // of an RFC 3339 time

// The last part of a path says which model; the tip has all of it.
QString shortModel(const std::string& model) {
    const QString text = qtText(model);
    const QString path = text.section(u'@', 0, 0);
    return path.section(u'/', -1, -1, QString::SectionSkipEmpty) + text.mid(path.size());
}

// Of what stands behind the first of the same path, only the scheme.
QString modelsText(const RunSummary& run) {
    QStringList out;
    QString first;
    for (const std::string& model : run.models) {
        const QString path = qtText(model).section(u'@', 0, 0);
        const QString scheme = qtText(model).mid(path.size());
        out.push_back(path == first && !scheme.isEmpty() ? scheme : shortModel(model));
        if (first.isEmpty()) first = path;
    }
    return out.join(u", "_s);
}

}  // namespace

void RunsModel::setRuns(std::vector<RunSummary> runs) {
    beginResetModel();
    m_runs = std::move(runs);
    std::reverse(m_runs.begin(), m_runs.end());
    endResetModel();
}

QStringList RunsModel::valuesOf(Column column) const {
    std::set<QString> out;
    for (const RunSummary& run : m_runs)
        out.insert(qtText(column == VerbName ? run.verb : run.status));
    return {out.begin(), out.end()};
}

int RunsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : Columns;
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::ToolTipRole)) return {};
    const RunSummary& run = m_runs[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
        case Started:
            return qtText(run.startedUtc).left(kToSeconds).replace(u'T', u' ');
        case VerbName:
            return qtText(run.verb);
        case Status:
            return qtText(run.status);
        case Models: {
            if (role == Qt::DisplayRole) return modelsText(run);
            QStringList all;
            for (const std::string& model : run.models)
                all.push_back(qtText(model).toHtmlEscaped());
            return all.join(u"<br>"_s);
        }
        default:
            return qtText(run.runId);
    }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 ||
        section >= Columns)
        return {};
    const std::array<QString, Columns> titles = {tr("Started (UTC)"), tr("Verb"), tr("Status"),
                                                 tr("Models"), tr("Run")};
    return titles[static_cast<std::size_t>(section)];
}

RunsFilter::RunsFilter(RunsModel& runs, QObject* parent)
    : QSortFilterProxyModel(parent), m_runs(runs) {
    setSourceModel(&runs);
}

void RunsFilter::setVerb(const QString& verb) {
    m_verb = verb;
    invalidateFilter();
}

void RunsFilter::setStatus(const QString& status) {
    m_status = status;
    invalidateFilter();
}

void RunsFilter::setText(const QString& text) {
    m_text = text;
    invalidateFilter();
}

bool RunsFilter::filterAcceptsRow(int row, const QModelIndex&) const {
    const RunSummary& run = m_runs.runs()[static_cast<std::size_t>(row)];
    if (!m_verb.isEmpty() && qtText(run.verb) != m_verb) return false;
    if (!m_status.isEmpty() && qtText(run.status) != m_status) return false;
    if (m_text.isEmpty()) return true;
    for (int column = 0; column < RunsModel::Columns; ++column) {
        const QString cell = m_runs.index(row, column).data().toString();
        if (cell.contains(m_text, Qt::CaseInsensitive)) return true;
    }
    return false;
}

}  // namespace driftlens
