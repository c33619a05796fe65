#include "ui/widgets/card_list.h"

#include "ui/widgets/selectable_label.h"
#include "ui/widgets/verdict_card.h"

#include <QLabel>
#include <QVBoxLayout>

namespace driftlens {
CardList::CardList(QWidget* parent) : QScrollArea(parent) {
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void CardList::setGroups(const std::vector<CardGroup>& groups, const QString& ifNone) {
    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 8, 8, 8);
    layout->setSpacing(6);
    if (groups.empty()) layout->addWidget(new SelectableLabel(ifNone, content));
    for (const CardGroup& group : groups) {
        if (!group.title.isEmpty()) {
            QLabel* title = new SelectableLabel(group.title, content);
            QFont font = title->font();
            font.setBold(true);
            font.setPointSizeF(font.pointSizeF() * 1.1);
            title->setFont(font);
            title->setContentsMargins(0, 8, 0, 0);
            layout->addWidget(title);
        }
        for (const CardText& card : group.cards) layout->addWidget(new VerdictCard(card, content));
        for (const QString& text : group.lines)
            layout->addWidget(new SelectableLabel(text, content));
    }
    layout->addStretch(1);
    setWidget(content);
}

}  // namespace driftlens
