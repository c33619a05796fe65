#include "ui/widgets/selectable_label.h"

#include <QEnterEvent>

namespace driftlens {

SelectableLabel::SelectableLabel(const QString& text, QWidget* parent) : QLabel(text, parent) {
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
    setCursor(Qt::IBeamCursor);
}

void SelectableLabel::enterEvent(QEnterEvent* event) {
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    QLabel::enterEvent(event);
}

}  // namespace driftlens
