#include "ui/panels/panel.h"

#include "ui/models/card_text.h"
#include "ui/panels/copies.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
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

CopyWork copyOf(TextWork text) {
    return [text = std::move(text)] { return Copied{text(), {}}; };
}

CopyWork Panel::copyWork(CopyFormat format) const {
    if (format != CopyFormat::Picture) return {};
    // Widgets are painted on the GUI thread.
    const QImage image = const_cast<QWidget*>(m_content)->grab().toImage();
    return [image] { return Copied{{}, image}; };
}

Copied Panel::inForm(CopyFormat format) const {
    if (!m_hasContent || !has(format)) return {};
    const CopyWork work = copyWork(format);
    return work ? work() : Copied{};
}

bool Panel::copy(CopyFormat format) {
    if (!m_hasContent || !has(format)) return false;
    const CopyWork work = copyWork(format);
    if (!work) return false;
    m_copying.drop(Lane::Files);
    Q_EMIT said(tr("Copying…"));
    m_copying.add(
        Lane::Files,
        [this, work, format](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
            const Copied made = work();
            return [this, format, made, bytes = made.text.toUtf8()] {
                putOnClipboard(format, made, bytes);
            };
        },
        [this](ErrorKind, const QString& message) {
            Q_EMIT said(tr("Not copied: %1").arg(message));
        });
    return true;
}

void Panel::putOnClipboard(CopyFormat format, const Copied& made, const QByteArray& bytes) {
    if (made.text.isEmpty() && made.image.isNull()) {
        Q_EMIT said(tr("There is nothing to copy in that form"));
        return;
    }
    auto* mime = new QMimeData;  // the clipboard's from now on
    if (!made.image.isNull()) mime->setImageData(made.image);
    if (!made.text.isEmpty()) mime->setText(made.text);
    if (format == CopyFormat::SvgText) mime->setData(u"image/svg+xml"_s, bytes);
    if (format == CopyFormat::JsonText) mime->setData(u"application/json"_s, bytes);
    QApplication::clipboard()->setMimeData(mime);
    Q_EMIT said(
        made.image.isNull()
            ? tr("Copied: %1").arg(QLocale().formattedDataSize(bytes.size()))
            : tr("Copied: %1 × %2 pixels").arg(made.image.width()).arg(made.image.height()));
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
