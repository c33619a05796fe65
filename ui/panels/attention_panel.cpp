#include "ui/panels/attention_panel.h"

#include "reports/figures/attention_overview.h"
#include "ui/widgets/text.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

double largestOf(const std::optional<AttentionMap>& map) {
    return map && !map->values.empty()
               ? static_cast<double>(*std::max_element(map->values.begin(), map->values.end()))
               : 0.0;
}

}  // namespace

AttentionPanel::AttentionPanel(const PanelEntry& entry, Workbench&, QWidget* parent)
    : Panel(qtText(entry.title).remove(u'&'), qtText(entry.empty), parent) {
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(12, 8, 12, 8);
    layout->addWidget(makeBar());
    // The overview, the reference beside it; below them what changed, and the variant.
    auto* body = new QGridLayout;
    body->setSpacing(16);
    auto* left = new QVBoxLayout;
    m_overviewTitle = new QLabel(content);
    m_overviewTitle->setWordWrap(true);
    left->addWidget(m_overviewTitle);
    auto* scroll = new QScrollArea(content);
    m_heads = new HeadGrid(scroll);
    scroll->setWidget(m_heads);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(false);
    scroll->setMinimumWidth(250);
    left->addWidget(scroll, 1);
    body->addLayout(left, 0, 0);
    m_reference = new AttentionMatrix(content);
    m_other = new AttentionMatrix(content);
    m_difference = new AttentionMatrix(content);
    for (AttentionMatrix* map : {m_reference, m_other, m_difference}) {
        connect(map, &AttentionMatrix::columnClicked, this, [this, map](int column) {
            const auto whole = mapOf(map == m_reference ? -1 : variant());
            const auto extra = whole ? static_cast<int>(whole->size - m_tokens.size()) : 0;
            const int token = column - (map == m_difference ? 0 : std::max(0, extra));
            if (token >= 0) Q_EMIT tokenClicked(token);
        });
    }
    body->addWidget(m_reference, 0, 1);
    body->addWidget(m_difference, 1, 0);
    body->addWidget(m_other, 1, 1);
    for (int i = 0; i < 2; ++i) {
        body->setRowStretch(i, 1);
        body->setColumnStretch(i, 1);
    }
    layout->addLayout(body, 1);
    m_legend = new QLabel(content);
    m_legend->setWordWrap(true);
    layout->addWidget(m_legend);
    connect(m_heads, &HeadGrid::headChosen, this, &AttentionPanel::chooseHead);
    setContent(content);
}

QWidget* AttentionPanel::makeBar() {
    auto* bar = new QWidget(this);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    m_variant = new QComboBox(bar);
    m_variant->setAccessibleName(tr("Variant beside the reference"));
    m_view = new QComboBox(bar);
    m_view->setAccessibleName(tr("What is shown of attention"));
    m_view->addItem(tr("One head"), static_cast<int>(AttentionView::Head));
    m_view->addItem(tr("Mean of the layer's heads"), static_cast<int>(AttentionView::Mean));
    m_view->addItem(tr("Rollout through all layers"), static_cast<int>(AttentionView::Rollout));
    m_style = new QComboBox(bar);
    m_style->setAccessibleName(tr("Drawn as"));
    m_style->addItem(tr("Matrix"), static_cast<int>(AttentionStyle::Matrix));
    m_style->addItem(tr("Arcs"), static_cast<int>(AttentionStyle::Arcs));
    auto* variantLabel = new QLabel(tr("Var&iant"), bar);
    variantLabel->setBuddy(m_variant);
    auto* viewLabel = new QLabel(tr("Sho&w"), bar);
    viewLabel->setBuddy(m_view);
    auto* styleLabel = new QLabel(tr("&as"), bar);
    styleLabel->setBuddy(m_style);
    for (QWidget* each : std::initializer_list<QWidget*>{variantLabel, m_variant, viewLabel, m_view,
                                                         styleLabel, m_style})
        layout->addWidget(each);
    layout->addStretch(1);
    connect(m_variant, &QComboBox::currentIndexChanged, this, [this] {
        showHeads();
        showMaps();
    });
    connect(m_view, &QComboBox::currentIndexChanged, this, &AttentionPanel::showMaps);
    connect(m_style, &QComboBox::currentIndexChanged, this, [this] {
        const auto style = static_cast<AttentionStyle>(m_style->currentData().toInt());
        for (AttentionMatrix* map : {m_reference, m_other, m_difference}) map->setStyle(style);
    });
    return bar;
}

bool AttentionPanel::showResult(const ResultPtr& result) {
    if (mapsOf(result->comparison, -1, "attention") == nullptr) return false;
    m_result = result;
    m_tokens = shownTokens(result->comparison.input);
    fillModels();
    showHeads();
    showMaps();
    return true;
}

void AttentionPanel::fillModels() {
    const QSignalBlocker silence(m_variant);
    const QString chosen = m_variant->currentText();
    m_variant->clear();
    for (const VariantResult& each : m_result->comparison.variants)
        m_variant->addItem(nameOf(each.model));
    m_variant->setCurrentIndex(
        std::max(m_variant->count() > 0 ? 0 : -1, m_variant->findText(chosen)));
    const bool hasVariants = m_variant->count() > 0;
    m_variant->setEnabled(hasVariants);
    m_other->setVisible(hasVariants);
    m_difference->setVisible(hasVariants);
}

int AttentionPanel::variant() const {
    return m_variant->currentIndex();
}

std::vector<HeadCell> AttentionPanel::headsOf(int variant) const {
    std::vector<HeadCell> out;
    const Comparison& comparison = m_result->comparison;
    const auto* reference = mapsOf(comparison, -1, "attention");
    const auto* other = variant < 0 ? reference : mapsOf(comparison, variant, "attention");
    const auto row = static_cast<std::size_t>(std::max(0, variant));
    const HeadDrift* drift =
        variant >= 0 && row < m_result->headDrifts.size() && !m_result->headDrifts[row].empty()
            ? &m_result->headDrifts[row]
            : nullptr;
    for (const AttentionMap& map : *reference) {
        if (map.head < 0) continue;
        HeadCell cell{map.layer, map.head, std::numeric_limits<double>::quiet_NaN(), u"–"_s,
                      tr("absent in the variant")};
        const AttentionMap* shown = findMap(other, map.layer, map.head);
        if (shown != nullptr && drift != nullptr) {
            const auto found = drift->find({map.layer, map.head});
            if (found == drift->end()) {
                cell.meaning = tr("not measured");
            } else {
                cell.share = found->second;
                cell.value = figure(found->second, 2);  // drifts span decades
                cell.meaning = tr("Jensen–Shannon drift %1 bits").arg(cell.value);
            }
        } else if (shown != nullptr) {
            const double keys = headFigures(*shown).effectiveKeys;
            cell.share = shown->size > 0 ? 1.0 - keys / static_cast<double>(shown->size) : 0.0;
            cell.value = QString::number(keys, 'f', 1);
            cell.meaning = tr("looks at %1 tokens").arg(cell.value);
        }
        out.push_back(std::move(cell));
    }
    return out;
}

void AttentionPanel::showHeads() {
    const auto row = static_cast<std::size_t>(std::max(0, variant()));
    const bool hasDrift = row < m_result->headDrifts.size() && !m_result->headDrifts[row].empty();
    const QString whose = variant() < 0 ? tr("the reference") : m_variant->currentText();
    m_overviewTitle->setText(
        hasDrift
            ? tr("Drift per head (Jensen–Shannon, bits), %1. Rows are layers; hatched: absent.")
                  .arg(whose)
            : tr("Tokens that each head looks at, %1. Rows are layers; darker heads look at "
                 "fewer.")
                  .arg(whose));
    m_heads->setHeads(headsOf(variant()));
    m_heads->setChosen(m_layer, m_head);
}

void AttentionPanel::showLayer(int layer) {
    if (m_result != nullptr) chooseHead(layer, m_head);
}

void AttentionPanel::chooseHead(std::int64_t layer, std::int64_t head) {
    m_layer = layer;
    m_head = head;
    m_heads->setChosen(layer, head);
    if (m_view->currentData().toInt() == static_cast<int>(AttentionView::Rollout))
        m_view->setCurrentIndex(0);
    showMaps();
}

std::optional<AttentionMap> AttentionPanel::mapOf(int variant) const {
    if (m_result == nullptr) return std::nullopt;
    return attentionMap(*m_result, {static_cast<AttentionView>(m_view->currentData().toInt()),
                                    m_layer, m_head, variant});
}

QStringList AttentionPanel::tokensFor(const std::optional<AttentionMap>& map) const {
    return tokensOfMap(m_tokens, map);
}

AttentionPicture AttentionPanel::pictureOf(int variant, double largest) const {
    AttentionPicture out;
    out.map = mapOf(variant);
    out.tokens = tokensFor(out.map);
    out.largest = largest;
    return out;
}

void AttentionPanel::showMaps() {
    if (m_result == nullptr) return;
    const auto reference = mapOf(-1);
    const auto other = variant() < 0 ? std::nullopt : mapOf(variant());
    const double largest = std::max(largestOf(reference), largestOf(other));
    AttentionPicture first = pictureOf(-1, largest);
    first.title = tr("Reference");
    m_reference->show(std::move(first));
    AttentionPicture second = pictureOf(variant(), largest);
    if (variant() < 0) second.map.reset();
    second.title = m_variant->currentText();
    m_other->show(std::move(second));
    // The same scale as the probabilities beside it, so that a small change looks small.
    AttentionPicture change{tr("Difference, variant − reference"),
                            attentionDifference(reference, other),
                            {},
                            largest,
                            true};
    change.tokens = m_tokens;
    m_difference->show(std::move(change));
    const auto view = static_cast<AttentionView>(m_view->currentData().toInt());
    const QString what =
        view == AttentionView::Head   ? tr("Layer %1, head %2").arg(m_layer).arg(m_head)
        : view == AttentionView::Mean ? tr("Layer %1, mean of its heads").arg(m_layer)
                                      : tr("Rollout");
    m_legend->setText(tr("%1. Rows look at columns; full colour stands for %2 in all three. Point "
                         "at a cell for its value; click to pin its token.")
                          .arg(what, figure(largest)));
    pinToken(m_pinned);
}

void AttentionPanel::pinToken(int token) {
    m_pinned = token;
    if (m_result == nullptr) return;
    const auto columnIn = [&](int variant) {
        const auto map = mapOf(variant);
        const auto extra = map ? static_cast<int>(map->size - m_tokens.size()) : 0;
        return token < 0 ? -1 : token + std::max(0, extra);
    };
    m_reference->setPinned(columnIn(-1));
    m_other->setPinned(columnIn(variant()));
    m_difference->setPinned(token);
}

bool AttentionPanel::has(CopyFormat format) const {
    const bool hasReference = mapOf(-1).has_value();
    return format == CopyFormat::SvgText ? hasReference || mapOf(variant()).has_value()
                                         : format != CopyFormat::PlainText || hasReference;
}

CopyWork AttentionPanel::copyWork(CopyFormat format) const {
    if (format == CopyFormat::Picture) return Panel::copyWork(format);
    const AttentionQuestion shown{static_cast<AttentionView>(m_view->currentData().toInt()),
                                  m_layer, m_head, variant()};
    return copyOf([result = m_result, shown, format] {
        return format == CopyFormat::SvgText    ? attentionSvg(*result, shown)
               : format == CopyFormat::JsonText ? attentionJson(*result, shown)
                                                : attentionText(*result, shown);
    });
}

}  // namespace driftlens
