#include "ui/panels/result_panel.h"

#include "ui/widgets/attention_map.h"
#include "ui/widgets/colour_scale.h"
#include "ui/widgets/token_strip.h"

#include <QComboBox>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <set>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

QLabel* addLabel(QVBoxLayout* layout, const QString& text, bool isHeading) {
    auto* label = new QLabel(text, layout->parentWidget());
    label->setTextFormat(Qt::PlainText);  // the text may quote a prompt or a path
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    if (isHeading) {
        QFont font = label->font();
        font.setBold(true);
        label->setFont(font);
    }
    layout->addWidget(label);
    return label;
}

void addRule(QVBoxLayout* layout) {
    auto* rule = new QFrame(layout->parentWidget());
    rule->setFrameShape(QFrame::HLine);
    rule->setFrameShadow(QFrame::Sunken);
    layout->addSpacing(4);
    layout->addWidget(rule);
}

double largestOf(const AttentionMap* map) {
    double largest = 0.0;
    if (map == nullptr) return largest;
    for (const float value : map->values)
        largest = std::max(largest, std::abs(static_cast<double>(value)));
    return largest;
}

AttentionMap copyOf(const AttentionMap* map) {
    return map == nullptr ? AttentionMap{} : *map;
}

}  // namespace

ResultPanel::ResultPanel(QWidget* parent) : QWidget(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_content = new QWidget(this);
    auto* hint = new QVBoxLayout(m_content);
    addLabel(hint,
             u"Name a reference and its variants, write a prompt and press Run: you will see which "
             "tokens the answer rests on, and what compression changed about that."_s,
             false);
    hint->addStretch(1);
    layout->addWidget(m_content);
}

void ResultPanel::setView(ResultView view) {
    m_view = std::move(view);
    m_widths = TokenStrip::widthsFor(m_view, fontMetrics());
    m_variant = m_layer = m_head = nullptr;
    delete m_content;
    m_content = new QWidget(this);
    auto* inner = new QVBoxLayout(m_content);
    addLabel(inner, m_view.headline, true);
    inner->addWidget(new ScaleLegend(m_view.scale, m_content));
    addStrips(inner);
    for (const QString& warning : m_view.warnings) addLabel(inner, u"Warning: "_s + warning, false);
    addAttention(inner);
    addLabel(inner, m_view.footnote, false);
    inner->addStretch(1);
    layout()->addWidget(m_content);
}

void ResultPanel::addStrip(QVBoxLayout* layout, const StripView& strip) {
    layout->addWidget(new TokenStrip(m_view.columns, strip, m_view.scale, m_widths, m_content));
}

void ResultPanel::addStrips(QVBoxLayout* layout) {
    addLabel(layout, m_view.reference.title, true);
    addStrip(layout, m_view.reference);
    for (const VariantView& variant : m_view.variants) {
        addRule(layout);
        addLabel(layout, u"Variant, %1"_s.arg(variant.name), true);
        addLabel(layout, variant.fidelity, false);
        addLabel(layout, u"Verdict: "_s + variant.verdict, false);
        addStrip(layout, variant.scores);
        addLabel(layout, variant.difference.title, false);
        addStrip(layout, variant.difference);
    }
}

void ResultPanel::addAttention(QVBoxLayout* layout) {
    if (m_view.referenceMaps.empty()) return;
    addRule(layout);
    auto* choices = new QHBoxLayout;
    const auto addChoice = [&](const QString& name) {
        auto* label = new QLabel(name, m_content);
        auto* combo = new QComboBox(m_content);
        label->setBuddy(combo);
        combo->setAccessibleName(name);
        choices->addWidget(label);
        choices->addWidget(combo);
        return combo;
    };
    m_variant = addChoice(u"Attention maps of"_s);
    m_layer = addChoice(u"Layer"_s);
    m_head = addChoice(u"Head"_s);
    choices->addStretch(1);
    layout->addLayout(choices);
    for (const VariantView& variant : m_view.variants) m_variant->addItem(variant.name);
    if (m_view.variants.empty()) m_variant->addItem(m_view.reference.title);
    std::set<std::int64_t> layers;
    for (const AttentionMap& map : m_view.referenceMaps) layers.insert(map.layer);
    for (const std::int64_t each : layers)
        m_layer->addItem(QString::number(each), QVariant::fromValue<qlonglong>(each));

    auto* maps = new QHBoxLayout;
    m_referenceMap = new AttentionMapWidget(u"Reference"_s, m_content);
    m_variantMap = new AttentionMapWidget(u"Variant"_s, m_content);
    m_differenceMap = new AttentionMapWidget(u"Difference, variant − reference"_s, m_content);
    for (AttentionMapWidget* map : {m_referenceMap, m_variantMap, m_differenceMap})
        maps->addWidget(map, 1);
    layout->addLayout(maps);
    m_variantMap->setVisible(!m_view.variants.empty());
    m_differenceMap->setVisible(!m_view.variants.empty());
    m_mapLegend = addLabel(layout, {}, false);

    fillHeads();
    showMaps();
    connect(m_variant, &QComboBox::currentIndexChanged, this, &ResultPanel::showMaps);
    connect(m_head, &QComboBox::currentIndexChanged, this, &ResultPanel::showMaps);
    connect(m_layer, &QComboBox::currentIndexChanged, this, [this] {
        fillHeads();
        showMaps();
    });
}

void ResultPanel::fillHeads() {
    const QSignalBlocker silence(m_head);
    const QVariant chosen = m_head->currentData();
    m_head->clear();
    for (const AttentionMap& map : m_view.referenceMaps) {
        if (map.layer != m_layer->currentData().toLongLong()) continue;
        m_head->addItem(map.head < 0 ? u"mean"_s : QString::number(map.head),
                        QVariant::fromValue<qlonglong>(map.head));
    }
    m_head->setCurrentIndex(std::max(0, m_head->findData(chosen)));
}

void ResultPanel::showMaps() {
    const std::int64_t layer = m_layer->currentData().toLongLong();
    const std::int64_t head = m_head->currentData().toLongLong();
    const AttentionMap* reference = findMap(m_view.referenceMaps, layer, head);
    const auto row = static_cast<std::size_t>(std::max(0, m_variant->currentIndex()));
    const AttentionMap* variant =
        row < m_view.variants.size() ? findMap(m_view.variants[row].maps, layer, head) : nullptr;
    const double largest = std::max(largestOf(reference), largestOf(variant));
    m_mapLegend->setText(
        u"Rows attend to columns. Full colour stands for %1, in all maps. Point at a cell for its value."_s
            .arg(QString::number(largest, 'g', 3)));
    const QString missing = u"This model has no such layer or head."_s;
    m_referenceMap->show(copyOf(reference), m_view.tokens, largest, false, missing);
    m_variantMap->show(copyOf(variant), m_view.tokens, largest, false, missing);
    const AttentionMap difference = reference != nullptr && variant != nullptr
                                        ? differenceOf(*reference, *variant)
                                        : AttentionMap{};
    // The same scale as the probabilities beside it, so that a small change looks small.
    m_differenceMap->show(difference, m_view.tokens, largest, true, missing);
}

}  // namespace driftlens
