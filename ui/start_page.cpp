#include "ui/start_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

namespace driftlens {

namespace {
constexpr int kWidth = 620;
}

StartPage::StartPage(QWidget* parent) : QWidget(parent) {
    auto* whole = new QHBoxLayout(this);
    whole->addStretch(1);
    auto* column = new QVBoxLayout;
    whole->addLayout(column, 4);
    whole->addStretch(1);
    auto* title = new QLabel(tr("Driftlens"), this);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 2.0);
    large.setBold(true);
    title->setFont(large);
    auto* about = new QLabel(tr("See why a language model answered as it did, and what compression "
                                "did to its reasons. Nothing leaves this machine."),
                             this);
    about->setWordWrap(true);
    about->setMaximumWidth(kWidth);
    column->addStretch(1);
    column->addWidget(title);
    column->addWidget(about);
    column->addSpacing(16);
    auto* row = new QHBoxLayout;
    const auto add = [&](const QString& text, void (StartPage::*signal)()) {
        auto* button = new QPushButton(text, this);
        button->setMinimumSize(button->sizeHint().width() + 24, 36);
        row->addWidget(button);
        connect(button, &QPushButton::clicked, this, signal);
        return button;
    };
    add(tr("Open the &sample"), &StartPage::sampleWanted)->setDefault(true);
    add(tr("&Add a model folder…"), &StartPage::modelWanted);
    add(tr("Open a sess&ion…"), &StartPage::fileWanted);
    row->addStretch(1);
    column->addLayout(row);
    column->addSpacing(16);
    m_recentTitle = new QLabel(tr("Recent sessions"), this);
    column->addWidget(m_recentTitle);
    m_recent = new QListWidget(this);
    m_recent->setAccessibleName(tr("Recent sessions"));
    m_recent->setMaximumSize(kWidth, 160);
    m_recent->setTextElideMode(Qt::ElideLeft);
    column->addWidget(m_recent);
    auto* hint =
        new QLabel(tr("Or drop a model folder, a GGUF file, a data file, a log or a session "
                      "on this window."),
                   this);
    hint->setWordWrap(true);
    column->addWidget(hint);
    column->addStretch(2);
    connect(m_recent, &QListWidget::itemActivated, this,
            [this](const QListWidgetItem* item) { Q_EMIT recentWanted(item->text()); });
}

void StartPage::setRecent(const QStringList& files) {
    m_recent->clear();
    m_recent->addItems(files);
    m_recent->setVisible(!files.isEmpty());
    m_recentTitle->setVisible(!files.isEmpty());
}

}  // namespace driftlens
