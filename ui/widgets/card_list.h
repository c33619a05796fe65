// Groups of verdict cards under one another, to be scrolled.
#pragma once

#include "ui/models/card_text.h"

#include <QScrollArea>

namespace driftlens {

class CardList : public QScrollArea {
    Q_OBJECT
public:
    explicit CardList(QWidget* parent);

    // Without groups it says `ifNone`.
    void setGroups(const std::vector<CardGroup>& groups, const QString& ifNone);
};

}  // namespace driftlens
