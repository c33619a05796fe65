#include "ui/models/examples_model.h"

#include "engine/drift/endpoint.h"
#include "ui/models/result.h"

#include <algorithm>

namespace driftlens {

using namespace Qt::StringLiterals;

ExamplesModel::ExamplesModel(QObject* parent) : QAbstractTableModel(parent) {}

void ExamplesModel::start(const QStringList& variants, const QString& method, const QString& metric,
                          double margin) {
    beginResetModel();
    m_rows.clear();
    m_points.clear();
    m_variants = variants;
    m_method = method.toStdString();
    m_metric = metric.toStdString();
    m_margin = margin;
    endResetModel();
}

void ExamplesModel::append(const std::vector<ExampleRow>& rows) {
    if (rows.empty()) return;
    const auto first = static_cast<int>(m_rows.size());
    beginInsertRows({}, first, first + static_cast<int>(rows.size()) - 1);
    m_rows.insert(m_rows.end(), rows.begin(), rows.end());
    for (int row = first; row < static_cast<int>(m_rows.size()); ++row) addPoints(row);
    endInsertRows();
}

void ExamplesModel::addPoints(int row) {
    const ExampleOutcome& outcome = m_rows[static_cast<std::size_t>(row)].outcome;
    for (std::size_t i = 0; i < outcome.variants.size(); ++i) {
        const VariantOutcome& variant = outcome.variants[i];
        const Figure reasons = drift(row, static_cast<int>(i));
        const auto kl = variant.fidelity.find("kl");
        if (!reasons.value || kl == variant.fidelity.end()) continue;
        m_points.push_back({kl->second, *reasons.value, variant.answer != outcome.answer});
    }
}

const VariantOutcome* ExamplesModel::variantOf(int row, int variant) const {
    const auto& all = m_rows[static_cast<std::size_t>(row)].outcome.variants;
    const auto index = static_cast<std::size_t>(variant);
    return index < all.size() && all[index].failed.empty() ? &all[index] : nullptr;
}

Figure ExamplesModel::agreement(const VariantOutcome& variant) const {
    const auto method = variant.methods.find(m_method);
    if (method == variant.methods.end()) return undefinedFigure("not computed");
    const auto found = method->second.raw.find(m_metric);
    return found == method->second.raw.end() ? undefinedFigure("not computed") : found->second;
}

Figure ExamplesModel::drift(int row, int variant) const {
    const VariantOutcome* found = variantOf(row, variant);
    if (found == nullptr) return undefinedFigure("failed");
    return driftOf(endpointInfo(m_metric), agreement(*found));
}

namespace {

bool hasFlipped(const VariantOutcome& variant) {
    const auto found = variant.fidelity.find("flip_rate");
    return found != variant.fidelity.end() && found->second > 0.5;
}

}  // namespace

bool ExamplesModel::isFlip(int row) const {
    for (int i = 0; i < m_variants.size(); ++i)
        if (const VariantOutcome* found = variantOf(row, i); found != nullptr && hasFlipped(*found))
            return true;
    return false;
}

bool ExamplesModel::isFailed(int row) const {
    const ExampleOutcome& outcome = m_rows[static_cast<std::size_t>(row)].outcome;
    return !outcome.failed.empty() ||
           std::any_of(outcome.variants.begin(), outcome.variants.end(),
                       [](const VariantOutcome& each) { return !each.failed.empty(); });
}

bool ExamplesModel::isInQuadrant(int row, Quadrant quadrant) const {
    for (int i = 0; i < m_variants.size(); ++i) {
        const VariantOutcome* found = variantOf(row, i);
        const Figure reasons = drift(row, i);
        if (found == nullptr || !reasons.value) continue;
        const int place = (hasFlipped(*found) ? 2 : 0) + (*reasons.value > m_margin ? 1 : 0);
        if (place == static_cast<int>(quadrant)) return true;
    }
    return false;
}

int ExamplesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ExamplesModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0
                            : FixedColumns + VariantColumns * static_cast<int>(m_variants.size());
}

QVariant ExamplesModel::value(int row, int column) const {
    const ExampleRow& example = m_rows[static_cast<std::size_t>(row)];
    const ExampleOutcome& outcome = example.outcome;
    if (column == Row) return static_cast<qulonglong>(outcome.number);
    if (column == Text) return example.text;
    if (column == Label) return outcome.label ? QVariant(example.label) : QVariant();
    if (!outcome.failed.empty()) return {};
    if (column == Answer) return example.answer;
    const int place = (column - FixedColumns) / VariantColumns;
    const VariantOutcome* variant = variantOf(row, place);
    if (variant == nullptr) return {};
    switch ((column - FixedColumns) % VariantColumns) {
        case Flip:
            return hasFlipped(*variant) ? tr("flip to %1").arg(example.variantAnswers.value(place))
                                        : QString();
        case Kl: {
            const auto found = variant->fidelity.find("kl");
            return found == variant->fidelity.end() ? QVariant() : found->second;
        }
        default: {
            const Figure found = agreement(*variant);
            return found.value ? QVariant(*found.value) : QVariant();
        }
    }
}

QVariant ExamplesModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const QVariant found = value(index.row(), index.column());
    if (role == kSortRole) return found;
    const int column = index.column();
    const bool isWord =
        column == Text || column == Label || column == Answer ||
        (column >= FixedColumns && (column - FixedColumns) % VariantColumns == Flip);
    if (role == Qt::TextAlignmentRole && !isWord)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole) {
        const ExampleRow& row = m_rows[static_cast<std::size_t>(index.row())];
        QString tip = row.text;
        if (!row.outcome.failed.empty()) tip += u'\n' + QString::fromStdString(row.outcome.failed);
        for (const VariantOutcome& each : row.outcome.variants)
            if (!each.failed.empty()) tip += u'\n' + QString::fromStdString(each.failed);
        return tip.toHtmlEscaped();
    }
    if (role != Qt::DisplayRole) return {};
    if (found.typeId() == QMetaType::Double) return figure(found.toDouble());
    if (!found.isValid() && index.column() >= Answer)
        return isFailed(index.row()) ? tr("failed") : u"–"_s;
    return found.isValid() ? found.toString() : u"–"_s;
}

QVariant ExamplesModel::headerData(int section, Qt::Orientation orientation, int role) const {
    const bool isTip = role == Qt::ToolTipRole;
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && !isTip)) return {};
    static const QStringList kFixed = {tr("Row"), tr("Text"), tr("Label"), tr("Answer")};
    if (section < FixedColumns) return kFixed.value(section);
    QString variant = m_variants.value((section - FixedColumns) / VariantColumns);
    // Variants of one model differ behind the @; the tip has the whole name.
    if (!isTip && variant.contains(u'@')) variant = variant.section(u'@', 1);
    const QStringList figures = {tr("flip"), tr("KL, nats"), QString::fromStdString(m_metric)};
    return variant + u'\n' + figures.value((section - FixedColumns) % VariantColumns);
}

ExamplesFilter::ExamplesFilter(ExamplesModel& examples, QObject* parent)
    : QSortFilterProxyModel(parent), m_examples(examples) {
    setSourceModel(&examples);
    setSortRole(ExamplesModel::kSortRole);
}

void ExamplesFilter::setFilter(ExampleFilter filter) {
    m_filter = filter;
    invalidateFilter();
}

bool ExamplesFilter::filterAcceptsRow(int row, const QModelIndex&) const {
    switch (m_filter) {
        case ExampleFilter::All:
            return true;
        case ExampleFilter::Flips:
            return m_examples.isFlip(row);
        case ExampleFilter::Failed:
            return m_examples.isFailed(row);
        default:
            return m_examples.isInQuadrant(
                row, static_cast<Quadrant>(static_cast<int>(m_filter) -
                                           static_cast<int>(ExampleFilter::Quadrant0)));
    }
}

}  // namespace driftlens
