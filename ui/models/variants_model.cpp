#include "ui/models/variants_model.h"

#include "ui/theme.h"
#include "ui/workbench.h"

#include <QApplication>
#include <QFileInfo>
#include <QFont>

#include <array>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr qsizetype kShortDigest = 10;

QString shortName(const SessionModel& model) {
    QString name = QFileInfo(model.path).fileName();
    if (name.isEmpty()) name = model.path;
    return model.scheme.isEmpty() ? name : name + u'@' + model.scheme;
}

}  // namespace

VariantsModel::VariantsModel(Workbench& workbench, QObject* parent)
    : QAbstractTableModel(parent), m_workbench(workbench) {
    connect(&workbench, &Workbench::modelsChanged, this, &VariantsModel::refresh);
    refresh();
}

void VariantsModel::refresh() {
    const int rows = static_cast<int>(m_workbench.session().models.size());
    if (rows == m_rows) {
        if (rows > 0) Q_EMIT dataChanged(index(0, 0), index(rows - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_rows = rows;
    endResetModel();
}

int VariantsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_rows;
}

int VariantsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QString VariantsModel::text(int row, int column) const {
    const VariantInfo& info = m_workbench.info(row);
    if (column == Reference) return row == m_workbench.session().reference ? u"◉"_s : u"○"_s;
    if (column == Name)
        return shortName(m_workbench.session().models[static_cast<std::size_t>(row)]);
    if (column == State) {
        if (!info.problem.isEmpty()) return tr("not comparable");
        if (!info.warnings.isEmpty() && info.state == LoadState::Loaded)
            return tr("loaded, %n warning(s)", "", static_cast<int>(info.warnings.size()))
                .replace(u"(s)"_s, info.warnings.size() == 1 ? u""_s : u"s"_s);
        return stateText(info.state);
    }
    if (info.state != LoadState::Loaded) return {};
    switch (column) {
        case Family:
            return QString::fromStdString(info.identity.family);
        case Form:
            return QString::fromStdString(info.identity.storedForm);
        case Size:
            return sizeText(info.identity.storedBytes);
        case Bits:
            return QString::number(info.bitsPerWeight, 'f', 1);
        case Compute:
            return QString::fromStdString(info.identity.compute);
        case Gradient:
            return gradientText(info.gradient);
        case Digest:
            return QString::fromStdString(info.identity.digest).left(kShortDigest);
        default:
            return {};
    }
}

QString VariantsModel::tip(int row) const {
    const VariantInfo& info = m_workbench.info(row);
    QStringList lines = {m_workbench.session().models[static_cast<std::size_t>(row)].text()};
    if (!info.message.isEmpty()) lines << info.message << info.advice;
    if (!info.problem.isEmpty()) lines << info.problem;
    if (!info.identity.digest.empty())
        lines << tr("digest %1").arg(QString::fromStdString(info.identity.digest));
    return (lines + info.warnings).join(u'\n');
}

QVariant VariantsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= m_rows) return {};
    const int row = index.row();
    const bool isReference = row == m_workbench.session().reference;
    const VariantInfo& info = m_workbench.info(row);
    switch (role) {
        case Qt::DisplayRole:
            return text(row, index.column());
        case Qt::ToolTipRole:
            return tip(row);
        case Qt::FontRole: {
            QFont font = QApplication::font();
            font.setBold(isReference && index.column() == Name);
            return font;
        }
        case Qt::ForegroundRole: {
            const bool isWrong = !info.message.isEmpty() || !info.problem.isEmpty();
            if (index.column() != State || !isWrong) return {};
            return Colours(QApplication::palette()).warning();
        }
        case Qt::TextAlignmentRole:
            return index.column() == Size || index.column() == Bits
                       ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                       : QVariant();
        case Qt::AccessibleTextRole:
            if (index.column() == Reference) return isReference ? tr("reference") : tr("variant");
            return text(row, index.column());
        default:
            return {};
    }
}

QVariant VariantsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    const std::array<QString, ColumnCount> titles = {
        QString(),  tr("Model"), tr("State"),   tr("Family"),   tr("Stored form"),
        tr("Size"), tr("Bits"),  tr("Compute"), tr("Gradient"), tr("Digest")};
    if (role == Qt::DisplayRole) return titles[static_cast<std::size_t>(section)];
    if (role == Qt::ToolTipRole && section == Reference)
        return tr("The filled one is the reference; click another to choose it");
    if (role == Qt::ToolTipRole && section == Gradient)
        return tr("How gradients through this model come about");
    return {};
}

}  // namespace driftlens
