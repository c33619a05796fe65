#include "ui/widgets/svg_figure.h"

#include <QHelpEvent>
#include <QPainter>
#include <QSvgRenderer>
#include <QToolTip>
#include <QXmlStreamReader>

#include <algorithm>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {
constexpr int kMargin = 8;  // of paper around the figure
constexpr double kRadius = 4.0;
}  // namespace

SvgFigure::SvgFigure(const QString& title, const std::string& svg, QWidget* parent)
    : QWidget(parent), m_svg(svg), m_renderer(new QSvgRenderer(this)) {
    m_renderer->load(QByteArray::fromStdString(svg));
    m_size = m_renderer->defaultSize();
    readMeanings();
    setAccessibleName(title);
    QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

// A box with a title, "<g><title>what it is</title><rect …/>": what the figure says there.
void SvgFigure::readMeanings() {
    QXmlStreamReader reader(QByteArray::fromStdString(m_svg));
    QString title;
    QStringList spoken;
    while (!reader.atEnd()) {
        if (reader.readNext() != QXmlStreamReader::StartElement) continue;
        if (reader.name() == u"g"_s) title.clear();
        if (reader.name() == u"title"_s) title = reader.readElementText();
        if (reader.name() != u"rect"_s || title.isEmpty()) continue;
        const QXmlStreamAttributes at = reader.attributes();
        m_meanings.emplace_back(
            QRectF(at.value(u"x"_s).toDouble(), at.value(u"y"_s).toDouble(),
                   at.value(u"width"_s).toDouble(), at.value(u"height"_s).toDouble()),
            title);
        spoken.push_back(title);
    }
    setAccessibleDescription(spoken.join(u"; "_s));
}

double SvgFigure::scaleFor(int width) const {
    if (m_size.width() <= 0.0) return 1.0;
    return std::clamp((width - 2 * kMargin) / m_size.width(), 0.1, 1.0);
}

int SvgFigure::heightForWidth(int width) const {
    return static_cast<int>(m_size.height() * scaleFor(width)) + 2 * kMargin;
}

QSize SvgFigure::sizeHint() const {
    const int width = static_cast<int>(m_size.width()) + 2 * kMargin;
    return {width, heightForWidth(width)};
}

QSize SvgFigure::minimumSizeHint() const {
    return {200, 40};
}

void SvgFigure::paintEvent(QPaintEvent*) {
    const double scale = scaleFor(width());
    const QSizeF drawn = m_size * scale;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Qt::white);
    painter.drawRoundedRect(QRectF(0, 0, drawn.width() + 2 * kMargin, drawn.height() + 2 * kMargin),
                            kRadius, kRadius);
    m_renderer->render(&painter, QRectF(QPointF(kMargin, kMargin), drawn));
}

QString SvgFigure::meaningAt(const QPointF& place) const {
    for (const auto& [box, meaning] : m_meanings)
        if (box.contains(place)) return meaning;
    return {};
}

bool SvgFigure::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString meaning =
        meaningAt((QPointF(help->pos()) - QPointF(kMargin, kMargin)) / scaleFor(width()));
    if (meaning.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), meaning.toHtmlEscaped(), this);
    return true;
}

}  // namespace driftlens
