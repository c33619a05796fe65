#include "ui/widgets/verdict_card.h"

#include "ui/theme.h"
#include "ui/widgets/selectable_label.h"

#include <QBoxLayout>
#include <QEvent>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {
constexpr int kBar = 4;  // pixels
constexpr double kRadius = 4.0;

// "95 %" is not broken in two.
QString unbroken(QString text) {
    return text.replace(u" %"_s, u"\u00A0%"_s);
}

}  // namespace

VerdictCard::VerdictCard(QWidget* parent) : QFrame(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kBar + 10, 8, 10, 8);
    layout->setSpacing(3);
    m_head = new SelectableLabel(this);
    QFont bold = font();
    bold.setBold(true);
    m_head->setFont(bold);
    m_figure = new QLabel(this);
    m_figure->setFont(bold);
    m_figure->setAlignment(Qt::AlignRight | Qt::AlignTop);
    m_figure->setTextFormat(Qt::PlainText);
    m_headRow = new QBoxLayout(QBoxLayout::LeftToRight);
    m_headRow->addWidget(m_head, 1);
    m_headRow->addWidget(m_figure);
    layout->addLayout(m_headRow);
    m_sentence = new SelectableLabel(this);
    m_more = new SelectableLabel(this);
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.9);
    m_more->setFont(small);
    layout->addWidget(m_sentence);
    layout->addWidget(m_more);
    layout->addStretch(1);  // beside taller cards its lines stay together
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
}

VerdictCard::VerdictCard(const CardText& text, QWidget* parent) : VerdictCard(parent) {
    setText(text);
}

void VerdictCard::setText(const CardText& text) {
    m_text = text;
    m_head->setText(text.label.isEmpty() ? text.word : text.label + u": "_s + text.word);
    m_figure->setText(text.figure);
    m_figure->setVisible(!text.figure.isEmpty());
    m_sentence->setText(unbroken(text.text));
    m_sentence->setVisible(!text.text.isEmpty());
    m_more->setText(unbroken(text.more.join(u'\n')));
    m_more->setVisible(!text.more.isEmpty());
    setAccessibleName(m_head->text());
    setAccessibleDescription(cardLines(text));
    paintLabels();
    placeFigure();
    update();
}

void VerdictCard::paintLabels() {
    QPalette head = palette();
    head.setColor(QPalette::WindowText, Colours(palette()).strong(m_text.weight));
    m_head->setPalette(head);
}

// In a narrow card the figure stands under its word, not beside it.
void VerdictCard::placeFigure() {
    const int room = contentsRect().width() - (kBar + 10) - 10 - m_headRow->spacing();
    const auto widthOf = [](const QLabel& label) {
        return QFontMetrics(label.font()).horizontalAdvance(label.text());
    };
    const bool isWide =
        m_text.figure.isEmpty() || widthOf(*m_head) + widthOf(*m_figure) + 8 <= room;
    m_headRow->setDirection(isWide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_figure->setAlignment((isWide ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop);
}

void VerdictCard::resizeEvent(QResizeEvent* event) {
    placeFigure();
    QFrame::resizeEvent(event);
}

void VerdictCard::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange && m_head != nullptr) paintLabels();
    QFrame::changeEvent(event);
}

void VerdictCard::paintEvent(QPaintEvent*) {
    const Colours colours(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colours.card(m_text.weight));
    painter.drawRoundedRect(QRectF(rect()), kRadius, kRadius);
    painter.setBrush(colours.strong(m_text.weight));
    painter.drawRect(0, 0, kBar, height());
}

}  // namespace driftlens
