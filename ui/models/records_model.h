// The records of one run as a list that grows as it is scrolled.
#pragma once

#include "ui/models/audit_text.h"

#include <QAbstractListModel>

#include <vector>

namespace driftlens {

// Knows how many there are, and asks for those that a view wants to see. GUI thread only.
class RecordsModel : public QAbstractListModel {
    Q_OBJECT
public:
    static constexpr int kPage = 200;

    explicit RecordsModel(QObject* parent = nullptr) : QAbstractListModel(parent) {}

    void start(std::int64_t total);  // of another run, of which nothing is read yet
    void append(const std::vector<ShownRecord>& page);
    void stop();    // no more can be read
    void giveUp();  // what was asked for could not be read: it may be asked for again
    const std::vector<ShownRecord>& records() const { return m_records; }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

Q_SIGNALS:
    void pageWanted(qint64 after);  // the records after that one

private:
    std::vector<ShownRecord> m_records;
    std::int64_t m_total = 0;
    bool m_isAsking = false;
};

}  // namespace driftlens
