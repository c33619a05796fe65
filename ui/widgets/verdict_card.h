// A statement that must not be missed: a bar, a word, a sentence and what it rests on.
#pragma once

#include "ui/models/weight.h"

#include <QFrame>
#include <QString>
#include <QStringList>

class QLabel;

namespace driftlens {

struct CardText {
    Weight weight = Weight::Neutral;
    QString label;     // what it is about: "flip_rate"; may be empty
    QString word;      // the meaning without the colour: "VERIFIED", "material"
    QString text;      // a sentence
    QStringList more;  // smaller lines: figures, yardsticks
};

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

private:
    void paintLabels();

    CardText m_text;
    QLabel *m_head = nullptr, *m_sentence = nullptr, *m_more = nullptr;
};

}  // namespace driftlens
