#include "ui/panels/layers_panel.h"

#include "reports/figures/site_curves.h"
#include "ui/widgets/text.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QStackedWidget>
#include <QTableWidget>
#include <QVBoxLayout>

#include <array>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

struct FigureRow {
    const char* title;
    Figure SiteChange::*value;  // null: the mean over the layer's heads of their attention's JS
};
constexpr std::array<FigureRow, 5> kFigures = {{
    {"Relative error of activations", &SiteChange::relativeFrobenius},
    {"Linear CKA", &SiteChange::linearCka},
    {"Cosine of activations", &SiteChange::cosine},
    {"Signal to noise (SQNR), dB", &SiteChange::sqnrDecibel},
    {"Attention drift (mean JS of heads), bits", nullptr},
}};
constexpr std::array<const char*, 3> kModules = {"block", "attention", "mlp"};

// By layer; layers without a value are left out.
std::map<std::int64_t, double> valuesOf(const StructureDrift& drift, const FigureRow& figure,
                                        const QString& module) {
    std::map<std::int64_t, double> sum, count;
    const auto add = [&](std::int64_t layer, const Figure& value) {
        if (!value.value || layer < 0) return;
        sum[layer] += *value.value;
        count[layer] += 1.0;
    };
    if (figure.value == nullptr) {
        for (const HeadChange& head : drift.heads) add(head.layer, head.js);
    } else {
        // A module may have several sites: their mean.
        for (const SiteChange& site : drift.sites)
            if (qtText(site.module) == module) add(site.layer, site.*figure.value);
    }
    for (auto& [layer, value] : sum) value /= count[layer];
    return sum;
}

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
    for (const FigureRow& each : kFigures) m_figure->addItem(QString::fromUtf8(each.title));
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

ChartView LayersPanel::chartView() const {
    const FigureRow& figureRow = kFigures[static_cast<std::size_t>(m_figure->currentIndex())];
    const QString title = QString::fromUtf8(figureRow.title);
    ChartView out;
    out.hasWholeX = true;
    out.xTitle = tr("Layer");
    out.yTitle = title;
    out.why = tr("This figure was not measured.");
    for (const VariantResult& variant : m_result->comparison.variants) {
        ChartSeries& series = out.series.emplace_back();
        series.name = nameOf(variant.model);
        series.isLine = true;
        for (const auto& [layer, value] :
             valuesOf(variant.structure, figureRow, m_module->currentText())) {
            const QString meaning = tr("%1, layer %2: %3. Click for its attention.")
                                        .arg(series.name)
                                        .arg(layer)
                                        .arg(figure(value));
            series.points.push_back(
                {static_cast<double>(layer), value, 0.0, 0.0, meaning, static_cast<int>(layer)});
        }
    }
    return out;
}

void LayersPanel::rebuild() {
    if (m_result == nullptr) return;
    m_module->setEnabled(kFigures[static_cast<std::size_t>(m_figure->currentIndex())].value !=
                         nullptr);
    const ChartView view = chartView();
    QStringList reasons;
    for (const VariantResult& variant : m_result->comparison.variants)
        if (!variant.structure.reason.empty())
            reasons.push_back(nameOf(variant.model) + u": "_s +
                              QString::fromStdString(variant.structure.reason));
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

QString LayersPanel::asText() const {
    if (m_result == nullptr) return {};
    const ChartView view = chartView();
    QString out = view.yTitle + u'\n';
    for (const ChartSeries& series : view.series)
        for (const ChartPoint& point : series.points)
            out += u"%1\t%2\t%3\n"_s.arg(series.name).arg(point.x).arg(point.y);
    return out + m_reason->text();
}

QString LayersPanel::asSvg() const {
    if (m_result == nullptr) return {};
    const ChartView view = chartView();
    std::set<int> layers;
    for (const ChartSeries& series : view.series)
        for (const ChartPoint& point : series.points) layers.insert(point.tag);
    std::vector<std::string> names;
    for (const int layer : layers) names.push_back(std::to_string(layer));
    std::vector<NamedValues> rows;
    for (const ChartSeries& series : view.series) {
        NamedValues& row = rows.emplace_back();
        row.name = series.name.toStdString();
        for (const int layer : layers) {
            double value = std::numeric_limits<double>::quiet_NaN();
            for (const ChartPoint& point : series.points)
                if (point.tag == layer) value = point.y;
            row.values.push_back(value);
        }
    }
    const std::string title = view.yTitle.toStdString();
    return QString::fromStdString(siteCurvesSvg(names, rows, title, title + " by layer"));
}

QString LayersPanel::asJson() const {
    if (m_result == nullptr) return {};
    const ChartView view = chartView();
    Json all = Json::array();
    for (const ChartSeries& series : view.series) {
        Json layers = Json::array();
        for (const ChartPoint& point : series.points)
            layers.push_back({{"layer", point.tag}, {"value", point.y}});
        all.push_back({{"variant", series.name.toStdString()}, {"layers", layers}});
    }
    return QString::fromStdString(
        Json{{"figure", view.yTitle.toStdString()}, {"variants", all}}.dump(2));
}

}  // namespace driftlens
