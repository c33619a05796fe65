// A model's most probable answers as bars.
#pragma once

#include "ui/models/explain_view.h"

#include <QWidget>

#include <vector>

namespace driftlens {

// One row per answer; a click or Return makes it the target. GUI thread only.
class AnswerList : public QWidget {
    Q_OBJECT
public:
    AnswerList(std::vector<AnswerView> answers, QWidget* parent);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

Q_SIGNALS:
    void targetChosen(const QString& target);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    int rowHeight() const;
    void choose(int row);

    std::vector<AnswerView> m_answers;
    int m_current = 0;
};

}  // namespace driftlens
