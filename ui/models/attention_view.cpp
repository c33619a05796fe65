#include "ui/models/attention_view.h"

#include "core/base/json.h"
#include "reports/figures/attention_matrix.h"
#include "ui/widgets/text.h"

#include <QCoreApplication>

#include <algorithm>

namespace driftlens {

using namespace Qt::StringLiterals;

const AttentionMap* findMap(const std::vector<AttentionMap>* maps, std::int64_t layer,
                            std::int64_t head) {
    if (maps == nullptr) return nullptr;
    const auto found = std::find_if(maps->begin(), maps->end(), [&](const AttentionMap& map) {
        return map.layer == layer && map.head == head;
    });
    return found == maps->end() ? nullptr : &*found;
}

std::optional<AttentionMap> attentionMap(const Result& result, const AttentionQuestion& shown) {
    const bool isRollout = shown.view == AttentionView::Rollout;
    const auto* maps =
        mapsOf(result.comparison, shown.variant, isRollout ? "attention_rollout" : "attention");
    const AttentionMap* found =
        isRollout ? findMap(maps, -1, -1)
                  : findMap(maps, shown.layer, shown.view == AttentionView::Head ? shown.head : -1);
    return found == nullptr ? std::nullopt : std::optional(*found);
}

QStringList tokensOfMap(const QStringList& text, const std::optional<AttentionMap>& map) {
    QStringList out = text;
    const auto size = map ? static_cast<qsizetype>(map->size) : 0;
    for (auto extra = size - text.size(); extra > 0; --extra)
        out.push_front(qtText(virtualTokenText(static_cast<std::size_t>(extra - 1))));
    return out;
}

std::optional<AttentionMap> attentionDifference(const std::optional<AttentionMap>& reference,
                                                const std::optional<AttentionMap>& variant) {
    if (!reference || !variant) return std::nullopt;
    const std::int64_t size = std::min(reference->size, variant->size);
    AttentionMap out{variant->layer, variant->head, size, {}};
    out.values.reserve(static_cast<std::size_t>(size * size));
    const auto at = [&](const AttentionMap& map, std::int64_t query, std::int64_t key) {
        const std::int64_t first = map.size - size;
        return map.values[static_cast<std::size_t>((first + query) * map.size + first + key)];
    };
    for (std::int64_t query = 0; query < size; ++query)
        for (std::int64_t key = 0; key < size; ++key)
            out.values.push_back(at(*variant, query, key) - at(*reference, query, key));
    return out;
}

QString attentionText(const Result& result, AttentionQuestion shown) {
    shown.variant = -1;
    const auto map = attentionMap(result, shown);
    if (!map) return {};
    const QStringList tokens = tokensOfMap(shownTokens(result.comparison.input), map);
    QStringList lines = {u"\t"_s + tokens.join(u'\t')};
    for (std::int64_t row = 0; row < map->size; ++row) {
        QStringList fields = {tokens.value(row)};
        for (std::int64_t column = 0; column < map->size; ++column) {
            const float value = map->values[static_cast<std::size_t>(row * map->size + column)];
            fields.push_back(QString::number(static_cast<double>(value), 'g', 6));
        }
        lines.push_back(fields.join(u'\t'));
    }
    return lines.join(u'\n') + u'\n';
}

QString attentionSvg(const Result& result, AttentionQuestion shown) {
    auto map = attentionMap(result, shown);
    shown.variant = -1;
    if (!map) map = attentionMap(result, shown);  // the variant has no such head
    if (!map) return {};
    std::vector<Token> labels;
    for (const QString& text : tokensOfMap(shownTokens(result.comparison.input), map)) {
        Token token;
        token.text = text.toStdString();
        labels.push_back(std::move(token));
    }
    return qtText(attentionMatrixSvg(*map, labels));
}

QString attentionJson(const Result& result, AttentionQuestion shown) {
    Json models = Json::array();
    const auto& variants = result.comparison.variants;
    for (int i = -1; i < static_cast<int>(variants.size()); ++i) {
        shown.variant = i;
        const auto map = attentionMap(result, shown);
        const QString name = i < 0 ? QCoreApplication::translate("AttentionView", "Reference")
                                   : nameOf(variants[static_cast<std::size_t>(i)].model);
        models.push_back({{"model", name.toStdString()},
                          {"layer", shown.layer},
                          {"head", shown.head},
                          {"size", map ? map->size : 0},
                          {"values", map ? Json(map->values) : Json()}});
    }
    return qtText(Json{{"attention", models}}.dump(2));
}

}  // namespace driftlens
