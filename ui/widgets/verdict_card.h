// A statement that must not be missed: a bar, a word, a sentence and what it rests on.
#pragma once

#include "ui/models/card_text.h"

#include <QFrame>

class QBoxLayout;
class QLabel;

namespace driftlens {

// Its texts can be selected; screen readers get them in one piece.
class VerdictCard : public QFrame {
    Q_OBJECT
public:
    explicit VerdictCard(QWidget* parent);
    VerdictCard(const CardText& text, QWidget* parent);

    void setText(const CardText& text);
    const CardText& text() const { return m_text; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void paintLabels();
    void placeFigure();

    CardText m_text;
    QBoxLayout* m_headRow = nullptr;
    QLabel *m_head = nullptr, *m_figure = nullptr, *m_sentence = nullptr, *m_more = nullptr;
};

}  // namespace driftlens
