#include "ui/panels/panel.h"

#include "ui/models/card_text.h"
#include "ui/panels/copies.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <array>
#include <utility>

namespace driftlens {

using namespace Qt::StringLiterals;

Panel::Panel(const QString& title, const QString& whyEmpty, QWidget* parent)
    : QWidget(parent), m_title(title), m_whyEmpty(whyEmpty) {
    setAccessibleName(title);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_banner = new QLabel(this);
    m_banner->setTextFormat(Qt::PlainText);
    m_banner->setContentsMargins(12, 4, 12, 4);
    m_banner->setAutoFillBackground(true);
    m_banner->setBackgroundRole(QPalette::AlternateBase);
    m_banner->hide();
    layout->addWidget(m_banner);
    m_pages = new QStackedWidget(this);
    auto* message = new QWidget(m_pages);
    auto* lines = new QVBoxLayout(message);
    lines->setContentsMargins(48, 48, 48, 48);
    lines->addStretch(2);
    m_line = new QLabel(message);
    QFont larger = font();
    larger.setPointSizeF(larger.pointSizeF() * 1.25);
    m_line->setFont(larger);
    m_more = new QLabel(message);
    for (QLabel* label : {m_line, m_more}) {
        label->setTextFormat(Qt::PlainText);
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        lines->addWidget(label);
    }
    m_ways = new QWidget(message);
    auto* ways = new QHBoxLayout(m_ways);
    ways->setAlignment(Qt::AlignCenter);
    lines->addSpacing(8);
    lines->addWidget(m_ways);
    lines->addStretch(3);
    m_pages->addWidget(message);
    layout->addWidget(m_pages, 1);
    setEmpty();
}

void Panel::setContent(QWidget* content) {
    m_content = content;
    m_pages->addWidget(content);
}

void Panel::addWay(const QString& text, const std::function<void()>& act) {
    auto* button = new QPushButton(text, m_ways);
    m_ways->layout()->addWidget(button);
    connect(button, &QPushButton::clicked, this, act);
}

void Panel::showMessage(PanelState state, const QString& line, const QString& more) {
    m_state = state;
    m_banner->hide();
    m_line->setText(state == PanelState::Failed ? marked(Weight::Bad, line) : line);
    m_more->setText(more);
    paintLine();
    m_more->setVisible(!more.isEmpty());
    m_ways->setVisible(state != PanelState::Busy);
    m_pages->setCurrentIndex(0);
}

void Panel::paintLine() {
    QPalette colours = palette();
    if (m_state == PanelState::Failed)
        colours.setColor(QPalette::WindowText, Colours(palette()).strong(Weight::Bad));
    m_line->setPalette(colours);
}

void Panel::setEmpty(const QString& why) {
    m_hasContent = false;
    showMessage(PanelState::Empty, why.isEmpty() ? m_whyEmpty : why, {});
}

void Panel::setBusy(const QString& what) {
    if (!m_hasContent) {
        showMessage(PanelState::Busy, what, {});
        return;
    }
    m_state = PanelState::Busy;
    m_banner->setText(tr("%1 What is shown is the last result.").arg(what));
    m_banner->show();
    m_pages->setCurrentWidget(m_content);
}

void Panel::setError(const QString& message, const QString& advice) {
    m_hasContent = false;
    showMessage(PanelState::Failed, message, advice);
}

void Panel::setResult(const ResultPtr& result) {
    if (result == nullptr || !showResult(result)) {
        setEmpty();
        return;
    }
    showContent();
}

void Panel::showContent() {
    m_hasContent = true;
    m_state = PanelState::Content;
    m_banner->hide();
    m_pages->setCurrentWidget(m_content);
}

QImage Panel::asImage() const {
    if (!m_hasContent) return {};
    return const_cast<QWidget*>(m_content)->grab().toImage();
}

bool Panel::copy(CopyFormat format) const {
    auto* mime = new QMimeData;
    const QString text = format == CopyFormat::PlainText  ? asText()
                         : format == CopyFormat::SvgText  ? asSvg()
                         : format == CopyFormat::JsonText ? asJson()
                                                          : QString();
    const QImage image = format == CopyFormat::Picture ? asImage() : QImage();
    if (!m_hasContent || (text.isEmpty() && image.isNull())) {
        delete mime;
        return false;
    }
    if (!image.isNull()) mime->setImageData(image);
    if (!text.isEmpty()) mime->setText(text);
    if (format == CopyFormat::SvgText) mime->setData(u"image/svg+xml"_s, text.toUtf8());
    if (format == CopyFormat::JsonText) mime->setData(u"application/json"_s, text.toUtf8());
    QApplication::clipboard()->setMimeData(mime);
    return true;
}

void Panel::contextMenuEvent(QContextMenuEvent* event) {
    QMenu menu(this);
    menu.setToolTipsVisible(true);
    const std::array<std::pair<QString, CopyFormat>, 4> entries = {
        {{tr("Copy as &text"), CopyFormat::PlainText},
         {tr("Copy as &image"), CopyFormat::Picture},
         {tr("Copy as &SVG"), CopyFormat::SvgText},
         {tr("Copy as &JSON"), CopyFormat::JsonText}}};
    for (const auto& [text, format] : entries) {
        QAction* action = menu.addAction(text, this, [this, format = format] { copy(format); });
        offerCopy(*action, this, format);
    }
    menu.exec(event->globalPos());
}

void Panel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) {
        paintLine();
        themeChanged();
    }
    QWidget::changeEvent(event);
}

}  // namespace driftlens
