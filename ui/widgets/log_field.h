// In the status bar: what runs are recorded to, wherever one looks.
#pragma once

#include "ui/models/weight.h"

#include <QToolButton>

namespace driftlens {

class LogField : public QToolButton {
    Q_OBJECT
public:
    explicit LogField(QWidget* parent);

    void setState(Weight weight, const QString& line, const QString& details);

Q_SIGNALS:
    void shown();   // the tab is wanted
    void chosen();  // another log
    void created();
    void left();  // no log any more

protected:
    void changeEvent(QEvent* event) override;

private:
    void paintDot();

    Weight m_weight = Weight::Neutral;
};

}  // namespace driftlens
