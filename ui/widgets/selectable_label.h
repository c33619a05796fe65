// Plain text that wraps and can be selected.
#pragma once

#include <QLabel>

namespace driftlens {

// A label with a text that can be selected keeps a document of its own, which takes longer to make
// than all the rest: it is made when the pointer comes. GUI thread only.
class SelectableLabel : public QLabel {
    Q_OBJECT
public:
    explicit SelectableLabel(const QString& text, QWidget* parent = nullptr);
    explicit SelectableLabel(QWidget* parent = nullptr) : SelectableLabel({}, parent) {}

protected:
    void enterEvent(QEnterEvent* event) override;
};

}  // namespace driftlens
