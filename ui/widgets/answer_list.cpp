#include "ui/widgets/answer_list.h"

#include "ui/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {
constexpr int kMarkWidth = 18;
constexpr int kLeastTrack = 24;  // of the bars
constexpr int kWidestText = 130;
}  // namespace

AnswerList::AnswerList(std::vector<AnswerView> answers, QWidget* parent)
    : QWidget(parent), m_answers(std::move(answers)) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setToolTip(tr("Click an answer to explain it; the dot marks what is explained"));
    setAccessibleName(tr("Answers"));
    QStringList spoken;
    for (const AnswerView& answer : m_answers)
        spoken.push_back(u"%1 %2"_s.arg(answer.text, QString::number(answer.probability, 'f', 3)));
    setAccessibleDescription(spoken.join(u", "_s));
}

int AnswerList::rowHeight() const {
    return fontMetrics().height() + 6;
}

QSize AnswerList::sizeHint() const {
    return {200, rowHeight() * std::max(1, static_cast<int>(m_answers.size()))};
}

void AnswerList::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Colours colours(palette());
    const int number = fontMetrics().horizontalAdvance(u"0.0000"_s) + 8;
    int widest = 0;
    for (const AnswerView& answer : m_answers)
        widest = std::max(widest, fontMetrics().horizontalAdvance(answer.text) + 6);
    const int room = width() - kMarkWidth - number - kLeastTrack;
    const int text =
        std::max(std::min(width() / 3, kWidestText), std::min({widest, kWidestText, room}));
    for (int row = 0; row < static_cast<int>(m_answers.size()); ++row) {
        const AnswerView& answer = m_answers[static_cast<std::size_t>(row)];
        const int top = row * rowHeight();
        const QRect line(0, top, width(), rowHeight());
        painter.setPen(palette().color(QPalette::WindowText));
        if (answer.isTarget) {
            painter.setBrush(palette().color(QPalette::Highlight));
            painter.setPen(Qt::NoPen);
            painter.drawEllipse(QPointF(kMarkWidth / 2.0 - 2, line.center().y() + 0.5), 4, 4);
        }
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(line.adjusted(kMarkWidth, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                         fontMetrics().elidedText(answer.text, Qt::ElideRight, text - 6));
        const QRectF track(kMarkWidth + text, top + 5, width() - kMarkWidth - text - number,
                           rowHeight() - 10);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colours.neutral());
        painter.drawRoundedRect(track, 2, 2);
        painter.setBrush(colours.sequential(answer.isTarget ? 0.8 : 0.45));
        QRectF bar = track;
        bar.setWidth(track.width() * std::clamp(answer.probability, 0.0, 1.0));
        painter.drawRoundedRect(bar, 2, 2);
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(line, Qt::AlignVCenter | Qt::AlignRight,
                         QString::number(answer.probability, 'f', 4));
        if (hasFocus() && row == m_current) {
            painter.setPen(QPen(palette().color(QPalette::Highlight), 1));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(QRectF(line).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
        }
    }
}

void AnswerList::choose(int row) {
    if (row < 0 || row >= static_cast<int>(m_answers.size())) return;
    m_current = row;
    update();
    Q_EMIT targetChosen(m_answers[static_cast<std::size_t>(row)].target);
}

void AnswerList::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) choose(event->pos().y() / rowHeight());
}

void AnswerList::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_answers.size()) - 1;
    if (event->key() == Qt::Key_Down || event->key() == Qt::Key_Up) {
        m_current =
            std::clamp(m_current + (event->key() == Qt::Key_Down ? 1 : -1), 0, std::max(0, last));
        update();
    } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Space) {
        choose(m_current);
    } else {
        QWidget::keyPressEvent(event);
    }
}

}  // namespace driftlens
