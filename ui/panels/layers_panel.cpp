#include "ui/panels/layers_panel.h"

#include "ui/models/layers_view.h"
#include "ui/widgets/text.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QStackedWidget>
#include <QTableWidget>
#include <QVBoxLayout>

#include <array>
#include <map>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr std::array<const char*, 3> kModules = {"block", "attention", "mlp"};

}  // namespace

LayersPanel::LayersPanel(const PanelEntry& entry, Workbench&, QWidget* parent)
    : Panel(qtText(entry.title).remove(u'&'), qtText(entry.empty), parent) {
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(12, 8, 12, 8);
    layout->addWidget(makeBar());
    m_reason = new QLabel(content);
    m_reason->setTextFormat(Qt::PlainText);
    m_reason->setWordWrap(true);
    layout->addWidget(m_reason);
    m_pages = new QStackedWidget(content);
    m_chart = new Chart(m_pages);
    m_table = new QTableWidget(m_pages);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setAccessibleName(tr("Values per layer"));
    m_pages->addWidget(m_chart);
    m_pages->addWidget(m_table);
    layout->addWidget(m_pages, 1);
    connect(m_chart, &Chart::clicked, this, &Panel::layerChosen);
    connect(m_table, &QTableWidget::cellActivated, this, [this](int row) {
        Q_EMIT layerChosen(m_table->verticalHeaderItem(row)->data(Qt::UserRole).toInt());
    });
    setContent(content);
}

QWidget* LayersPanel::makeBar() {
    auto* bar = new QWidget(this);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    m_figure = new QComboBox(bar);
    m_figure->addItems(layerFigures());
    m_module = new QComboBox(bar);
    for (const char* each : kModules) m_module->addItem(QString::fromUtf8(each));
    m_values = new QCheckBox(tr("As a ta&ble"), bar);
    const auto add = [&](const QString& text, QComboBox* box) {
        auto* label = new QLabel(text, bar);
        label->setBuddy(box);
        box->setAccessibleName(QString(text).remove(u'&'));
        layout->addWidget(label);
        layout->addWidget(box);
        connect(box, &QComboBox::currentIndexChanged, this, &LayersPanel::rebuild);
    };
    add(tr("F&igure"), m_figure);
    add(tr("&after the module"), m_module);
    layout->addWidget(m_values);
    layout->addStretch(1);
    connect(m_values, &QCheckBox::toggled, this,
            [this](bool isTable) { m_pages->setCurrentIndex(isTable ? 1 : 0); });
    return bar;
}

bool LayersPanel::showResult(const ResultPtr& result) {
    if (result->comparison.variants.empty()) return false;
    m_result = result;
    rebuild();
    return true;
}

LayersQuestion LayersPanel::shown() const {
    return {m_figure->currentIndex(), m_module->currentText()};
}

void LayersPanel::rebuild() {
    if (m_result == nullptr) return;
    m_module->setEnabled(isOfModules(m_figure->currentIndex()));
    const ChartView view = layersView(*m_result, shown());
    const QStringList reasons = layerReasons(*m_result);
    m_reason->setText(reasons.join(u'\n'));
    m_reason->setVisible(!reasons.isEmpty());
    fillTable(view);
    m_chart->show(view);
}

void LayersPanel::fillTable(const ChartView& view) {
    std::map<int, std::map<int, double>> rows;  // by layer, by variant
    for (int i = 0; i < static_cast<int>(view.series.size()); ++i)
        for (const ChartPoint& point : view.series[static_cast<std::size_t>(i)].points)
            rows[point.tag][i] = point.y;
    m_table->clear();
    m_table->setRowCount(static_cast<int>(rows.size()));
    m_table->setColumnCount(static_cast<int>(view.series.size()));
    QStringList names;
    for (const ChartSeries& each : view.series) names.push_back(each.name);
    m_table->setHorizontalHeaderLabels(names);
    int row = 0;
    for (const auto& [layer, values] : rows) {
        auto* head = new QTableWidgetItem(tr("Layer %1").arg(layer));
        head->setData(Qt::UserRole, layer);
        m_table->setVerticalHeaderItem(row, head);
        for (int i = 0; i < m_table->columnCount(); ++i) {
            const auto found = values.find(i);
            auto* cell =
                new QTableWidgetItem(found == values.end() ? u"–"_s : figure(found->second));
            cell->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_table->setItem(row, i, cell);
        }
        ++row;
    }
    m_table->resizeColumnsToContents();
}

bool LayersPanel::has(CopyFormat) const {
    return m_result != nullptr;
}

CopyWork LayersPanel::copyWork(CopyFormat format) const {
    if (format == CopyFormat::Picture) return Panel::copyWork(format);
    return copyOf([result = m_result, shown = shown(), format] {
        return format == CopyFormat::SvgText    ? layersSvg(*result, shown)
               : format == CopyFormat::JsonText ? layersJson(*result, shown)
                                                : layersText(*result, shown);
    });
}

}  // namespace driftlens
