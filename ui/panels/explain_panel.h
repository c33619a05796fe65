// The Explain tab: each model's answers and reasons, side by side.
#pragma once

#include "ui/models/explain_view.h"
#include "ui/models/explanation_details.h"
#include "ui/panels/panel.h"
#include "ui/panels/registry.h"

#include <memory>
#include <utility>
#include <vector>

class QCheckBox;
class QComboBox;
class QGridLayout;
class QLabel;
class QScrollArea;

namespace driftlens {

class DetailsView;
class ScaleLegend;
class TokenStrip;
struct StripLayout;

class ExplainPanel : public Panel {
    Q_OBJECT
public:
    ExplainPanel(const PanelEntry& entry, Workbench& workbench, QWidget* parent);

    void pinToken(int token) override;
    void setShowsValues(bool shows) override;
    bool has(CopyFormat format) const override;
    CopyWork copyWork(CopyFormat format) const override;

protected:
    bool showResult(const ResultPtr& result) override;
    void themeChanged() override;

private:
    QWidget* makeBar();
    void fillMethods();
    void rebuild();
    void addColumn(QGridLayout* grid, int index, const ColumnView& column,
                   const std::shared_ptr<const StripLayout>& layout);
    void addStrip(QGridLayout* grid, int row, int index, const StripView& strip,
                  const std::shared_ptr<const StripLayout>& layout);
    QWidget* makeDetails();
    ExplanationDetails detailsOf(int column) const;
    void showDetails();
    int unitOf(int token) const;
    QLabel* label(const QString& text, bool isFaint);

    ResultPtr m_result;
    ExplainView m_view;
    QString m_detailsModel;  // by its name, which stays when there is a newer result
    int m_pinned = -1;
    bool m_showsValues = true;
    QComboBox* m_method = nullptr;
    QComboBox* m_unit = nullptr;
    QCheckBox* m_values = nullptr;
    QCheckBox* m_differences = nullptr;
    QCheckBox* m_facts = nullptr;
    ScaleLegend* m_legend = nullptr;
    QLabel* m_headline = nullptr;
    QScrollArea* m_scroll = nullptr;
    // Owned by the scrolled widget.
    std::vector<TokenStrip*> m_strips;
    QComboBox* m_detailsOf = nullptr;
    DetailsView* m_details = nullptr;
};

}  // namespace driftlens
