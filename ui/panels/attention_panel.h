// The Attention tab: what the heads of each model look at.
#pragma once

#include "ui/models/attention_view.h"
#include "ui/panels/panel.h"
#include "ui/panels/registry.h"
#include "ui/widgets/attention_matrix.h"
#include "ui/widgets/head_grid.h"

#include <optional>
#include <vector>

class QComboBox;
class QLabel;

namespace driftlens {

class AttentionPanel : public Panel {
    Q_OBJECT
public:
    AttentionPanel(const PanelEntry& entry, Workbench& workbench, QWidget* parent);

    void pinToken(int token) override;
    void showLayer(int layer) override;
    bool has(CopyFormat format) const override;
    CopyWork copyWork(CopyFormat format) const override;

protected:
    bool showResult(const ResultPtr& result) override;

private:
    QWidget* makeBar();
    void fillModels();
    void showHeads();
    void showMaps();
    void chooseHead(std::int64_t layer, std::int64_t head);
    int variant() const;  // index into the variants; -1: none
    std::optional<AttentionMap> mapOf(int variant) const;
    QStringList tokensFor(const std::optional<AttentionMap>& map) const;
    std::vector<HeadCell> headsOf(int variant) const;
    AttentionPicture pictureOf(int variant, double largest) const;

    ResultPtr m_result;
    QStringList m_tokens;
    std::int64_t m_layer = 0, m_head = 0;
    int m_pinned = -1;
    QComboBox* m_variant = nullptr;
    QComboBox* m_view = nullptr;
    QComboBox* m_style = nullptr;
    QLabel* m_overviewTitle = nullptr;
    HeadGrid* m_heads = nullptr;
    QLabel* m_legend = nullptr;
    AttentionMatrix* m_reference = nullptr;
    AttentionMatrix* m_other = nullptr;
    AttentionMatrix* m_difference = nullptr;
};

}  // namespace driftlens
