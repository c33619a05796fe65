// The Layer drift tab: how far activations and attention moved, layer by layer.
#pragma once

#include "ui/models/layers_view.h"
#include "ui/panels/panel.h"
#include "ui/panels/registry.h"
#include "ui/widgets/chart.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QStackedWidget;
class QTableWidget;

namespace driftlens {

class LayersPanel : public Panel {
    Q_OBJECT
public:
    LayersPanel(const PanelEntry& entry, Workbench& workbench, QWidget* parent);

    Chart& chart() { return *m_chart; }
    bool has(CopyFormat format) const override;
    CopyWork copyWork(CopyFormat format) const override;

protected:
    bool showResult(const ResultPtr& result) override;

private:
    QWidget* makeBar();
    void rebuild();
    LayersQuestion shown() const;
    void fillTable(const ChartView& view);

    ResultPtr m_result;
    QComboBox* m_figure = nullptr;
    QComboBox* m_module = nullptr;
    QCheckBox* m_values = nullptr;
    QLabel* m_reason = nullptr;
    QStackedWidget* m_pages = nullptr;
    Chart* m_chart = nullptr;
    QTableWidget* m_table = nullptr;
};

}  // namespace driftlens
