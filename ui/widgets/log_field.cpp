#include "ui/widgets/log_field.h"

#include "ui/theme.h"

#include <QEvent>
#include <QMenu>
#include <QPainter>
#include <QPixmap>

namespace driftlens {

namespace {
constexpr int kMostWidth = 260;  // pixels of the line
constexpr int kDot = 10;
}  // namespace

LogField::LogField(QWidget* parent) : QToolButton(parent) {
    setAutoRaise(true);
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setPopupMode(QToolButton::MenuButtonPopup);
    setIconSize({kDot, kDot});
    auto* menu = new QMenu(this);
    menu->addAction(tr("Show the audit &log"), this, &LogField::shown);
    menu->addAction(tr("&Choose another log…"), this, &LogField::chosen);
    menu->addAction(tr("C&reate a log…"), this, &LogField::created);
    menu->addAction(tr("Log &nothing"), this, &LogField::left);
    setMenu(menu);
    connect(this, &QToolButton::clicked, this, &LogField::shown);
}

void LogField::setState(Weight weight, const QString& line, const QString& details) {
    m_weight = weight;
    setText(fontMetrics().elidedText(line, Qt::ElideMiddle, kMostWidth));
    setToolTip(details.toHtmlEscaped());
    setAccessibleName(tr("Audit log: %1").arg(line));
    paintDot();
}

void LogField::paintDot() {
    const qreal ratio = devicePixelRatioF();
    QPixmap dot(QSize(kDot, kDot) * ratio);
    dot.setDevicePixelRatio(ratio);
    dot.fill(Qt::transparent);
    QPainter painter(&dot);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor colour = Colours(palette()).strong(m_weight);
    painter.setPen(colour);
    // Nothing is recorded, or nothing yet: an empty ring.
    painter.setBrush(m_weight == Weight::Neutral ? QBrush(Qt::NoBrush) : QBrush(colour));
    painter.drawEllipse(QRectF(1.5, 1.5, kDot - 3.0, kDot - 3.0));
    painter.end();
    setIcon(QIcon(dot));
}

void LogField::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) paintDot();
    QToolButton::changeEvent(event);
}

}  // namespace driftlens
