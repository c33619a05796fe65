#include "ui/panels/variants_dock.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

namespace driftlens {

using namespace Qt::StringLiterals;

VariantsDock::VariantsDock(QWidget* parent) : QDockWidget(u"Models"_s, parent) {
    setObjectName(u"variants"_s);
    setFeatures(QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetFloatable);
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->addWidget(new QLabel(u"Reference"_s, content));
    layout->addWidget(makeReferenceRow());
    layout->addSpacing(8);
    layout->addWidget(new QLabel(u"Variants"_s, content));
    m_variants = new QListWidget(content);
    m_variants->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_variants->setTextElideMode(Qt::ElideLeft);
    m_variants->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_variants->setAccessibleName(u"Variants"_s);
    layout->addWidget(m_variants, 1);
    m_new = new QLineEdit(content);
    m_new->setPlaceholderText(u"PATH, PATH@SCHEME or @SCHEME"_s);
    m_new->setToolTip(
        u"A model folder, a folder compressed in memory such as PATH@int4:group=32, or "
        u"@int4:group=32 "
        "for the reference compressed so"_s);
    m_new->setAccessibleName(u"New variant"_s);
    layout->addWidget(m_new);
    layout->addWidget(makeButtons());
    setWidget(content);
    connect(m_new, &QLineEdit::returnPressed, this, &VariantsDock::takeNewVariant);
}

QWidget* VariantsDock::makeReferenceRow() {
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    m_reference = new QLineEdit(row);
    m_reference->setPlaceholderText(u"Model folder"_s);
    m_reference->setAccessibleName(u"Reference"_s);
    auto* choose = new QPushButton(u"Folder…"_s, row);
    layout->addWidget(m_reference, 1);
    layout->addWidget(choose);
    connect(choose, &QPushButton::clicked, this, [this] {
        const QString folder = chooseFolder();
        if (!folder.isEmpty()) m_reference->setText(folder);
    });
    return row;
}

QWidget* VariantsDock::makeButtons() {
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* add = new QPushButton(u"Add"_s, row);
    auto* folder = new QPushButton(u"Folder…"_s, row);
    auto* file = new QPushButton(u"GGUF…"_s, row);
    auto* remove = new QPushButton(u"Remove"_s, row);
    for (QPushButton* button : {add, folder, file, remove}) layout->addWidget(button);
    connect(add, &QPushButton::clicked, this, &VariantsDock::takeNewVariant);
    connect(folder, &QPushButton::clicked, this, [this] { addVariant(chooseFolder()); });
    connect(file, &QPushButton::clicked, this, [this] { addVariant(chooseFile()); });
    connect(remove, &QPushButton::clicked, this, &VariantsDock::removeSelected);
    return row;
}

QString VariantsDock::chooseFolder() {
    return QFileDialog::getExistingDirectory(this, u"Model folder"_s, m_reference->text());
}

QString VariantsDock::chooseFile() {
    return QFileDialog::getOpenFileName(this, u"GGUF file"_s, m_reference->text(),
                                        u"GGUF models (*.gguf)"_s);
}

void VariantsDock::setModels(const QString& reference, const QStringList& variants) {
    m_reference->setText(reference);
    m_variants->clear();
    for (const QString& variant : variants) addVariant(variant);
}

QString VariantsDock::reference() const {
    return m_reference->text().trimmed();
}

QStringList VariantsDock::variants() const {
    QStringList out;
    for (int row = 0; row < m_variants->count(); ++row) {
        const QString text = m_variants->item(row)->text().trimmed();
        if (text.isEmpty()) continue;
        out.push_back(text.startsWith(u'@') ? reference() + text : text);
    }
    return out;
}

void VariantsDock::addVariant(const QString& text) {
    if (text.isEmpty()) return;
    auto* item = new QListWidgetItem(text, m_variants);
    item->setFlags(item->flags() | Qt::ItemIsEditable);
    item->setToolTip(text);
}

void VariantsDock::takeNewVariant() {
    addVariant(m_new->text().trimmed());
    m_new->clear();
}

void VariantsDock::removeSelected() {
    qDeleteAll(m_variants->selectedItems());
}

}  // namespace driftlens
