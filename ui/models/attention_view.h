// What the Attention tab shows and what is copied of it. Plain values: made on any thread.
#pragma once

#include "ui/models/result.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <optional>

namespace driftlens {

enum class AttentionView { Head, Mean, Rollout };

// A map of one model; `variant` -1 is the reference.
struct AttentionQuestion {
    AttentionView view = AttentionView::Head;
    std::int64_t layer = 0, head = 0;
    int variant = -1;
};

std::optional<AttentionMap> attentionMap(const Result& result, const AttentionQuestion& shown);
const AttentionMap* findMap(const std::vector<AttentionMap>* maps, std::int64_t layer,
                            std::int64_t head);

// Those of the text, behind the virtual tokens that the map has before them.
QStringList tokensOfMap(const QStringList& text, const std::optional<AttentionMap>& map);

// variant − reference over the tokens of the text; nothing if one of them is absent. Virtual
// tokens, which come first, are left out unless both have as many.
std::optional<AttentionMap> attentionDifference(const std::optional<AttentionMap>& reference,
                                                const std::optional<AttentionMap>& variant);

// The reference's map; the variant's, or the reference's where it has none; those of all models.
QString attentionText(const Result& result, AttentionQuestion shown);
QString attentionSvg(const Result& result, AttentionQuestion shown);
QString attentionJson(const Result& result, AttentionQuestion shown);

}  // namespace driftlens
