// The session's models as a table.
#pragma once

#include <QAbstractTableModel>

namespace driftlens {

class Workbench;

// Rows in the session's order; the first column marks the reference. Reads the workbench, which
// outlives it.
class VariantsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        Reference,
        Name,
        State,
        Family,
        Form,
        Size,
        Bits,
        Compute,
        Gradient,
        Digest,
        ColumnCount
    };

    explicit VariantsModel(Workbench& workbench, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void refresh();
    QString text(int row, int column) const;
    QString tip(int row) const;

    Workbench& m_workbench;
    int m_rows = 0;
};

}  // namespace driftlens
