#include "ui/models/card_text.h"

namespace driftlens {

using namespace Qt::StringLiterals;

QString marked(Weight weight, const QString& word) {
    switch (weight) {
        case Weight::Good:
            return u"✔ "_s + word;
        case Weight::Caution:
            return u"▲ "_s + word;
        case Weight::Bad:
            return u"✘ "_s + word;
        case Weight::Neutral:
            break;
    }
    return word;
}

QString cardLines(const CardText& card) {
    QString head = card.label.isEmpty() ? card.word : card.label + u": "_s + card.word;
    if (!card.figure.isEmpty()) head += u"  "_s + card.figure;
    QStringList out = {head};
    if (!card.text.isEmpty()) out.push_back(card.text);
    return (out + card.more).join(u'\n');
}

QString cardLines(const std::vector<CardGroup>& groups) {
    QStringList out;
    for (const CardGroup& group : groups) {
        if (!group.title.isEmpty()) out.push_back(group.title);
        for (const CardText& card : group.cards) out.push_back(cardLines(card));
        out += group.lines;
        out.push_back({});
    }
    return out.join(u'\n');
}

}  // namespace driftlens
