// The result of one job: token strips of the reference and its variants, and attention maps.
#pragma once

#include "ui/models/result_view.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QVBoxLayout;

namespace driftlens {

class AttentionMapWidget;

// Shows one ResultView at a time and owns it. GUI thread only.
class ResultPanel : public QWidget {
    Q_OBJECT
public:
    explicit ResultPanel(QWidget* parent);

    void setView(ResultView view);

private:
    void addStrips(QVBoxLayout* layout);
    void addStrip(QVBoxLayout* layout, const StripView& strip);
    void addAttention(QVBoxLayout* layout);
    void fillHeads();
    void showMaps();

    ResultView m_view;
    std::vector<int> m_widths;  // of the tokens, shared by all strips
    QWidget* m_content = nullptr;
    QComboBox* m_variant = nullptr;
    QComboBox* m_layer = nullptr;
    QComboBox* m_head = nullptr;
    QLabel* m_mapLegend = nullptr;
    AttentionMapWidget* m_referenceMap = nullptr;
    AttentionMapWidget* m_variantMap = nullptr;
    AttentionMapWidget* m_differenceMap = nullptr;
};

}  // namespace driftlens
