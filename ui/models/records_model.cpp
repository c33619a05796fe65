#include "ui/models/records_model.h"

namespace driftlens {

using namespace Qt::StringLiterals;

void RecordsModel::start(std::int64_t total) {
    beginResetModel();
    m_records.clear();
    m_total = total;
    m_isAsking = false;
    endResetModel();
    if (total > 0) fetchMore({});
}

void RecordsModel::append(const std::vector<ShownRecord>& page) {
    if (page.empty()) return stop();
    const auto first = static_cast<int>(m_records.size());
    beginInsertRows({}, first, first + static_cast<int>(page.size()) - 1);
    m_records.insert(m_records.end(), page.begin(), page.end());
    endInsertRows();
    m_isAsking = false;  // a view that asks while rows come in would get them twice
}

void RecordsModel::stop() {
    m_isAsking = false;
    m_total = static_cast<std::int64_t>(m_records.size());
}

void RecordsModel::giveUp() {
    m_isAsking = false;
}

int RecordsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_records.size());
}

QVariant RecordsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::ToolTipRole)) return {};
    const ShownRecord& record = m_records[static_cast<std::size_t>(index.row())];
    return role == Qt::ToolTipRole ? record.time : u"%1  %2"_s.arg(record.seq).arg(record.type);
}

bool RecordsModel::canFetchMore(const QModelIndex& parent) const {
    return !parent.isValid() && static_cast<std::int64_t>(m_records.size()) < m_total;
}

void RecordsModel::fetchMore(const QModelIndex& parent) {
    if (m_isAsking || !canFetchMore(parent)) return;
    m_isAsking = true;
    Q_EMIT pageWanted(m_records.empty() ? 0 : m_records.back().seq);
}

}  // namespace driftlens
