#include "ui/widgets/text_files_form.h"

#include "ui/widgets/text.h"
#include "xai/methods/method.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {

constexpr int kNameWidth = 96;
enum Column { kName, kPath, kRemove };

QString filesTip(const TextFileInfo& info) {
    return u"--%1 %2\n%3"_s.arg(qtText(info.option), info.isNamed ? u"NAME=FILE"_s : u"FILE"_s,
                                qtText(info.meaning));
}

}  // namespace

TextFilesForm::TextFilesForm(QWidget* parent) : QWidget(parent) {
    m_grid = new QGridLayout(this);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(4);
    m_grid->setVerticalSpacing(4);
    m_grid->setColumnStretch(kPath, 1);
    choose = [this](const QString& title, bool isOne) {
        const QString kinds = tr("Texts, one per line (*.txt);;All files (*)");
        if (!isOne) return QFileDialog::getOpenFileNames(this, title, {}, kinds);
        const QString file = QFileDialog::getOpenFileName(this, title, {}, kinds);
        return file.isEmpty() ? QStringList() : QStringList{file};
    };
}

void TextFilesForm::setFiles(std::span<const TextFileInfo> table,
                             const std::vector<SessionTexts>& files) {
    if (table.data() == m_table.data() && files == m_files) return;  // the form itself changed it
    m_table = table;
    m_files = files;
    rebuild();
}

void TextFilesForm::rebuild() {
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        // A button may be what is being clicked. A field that is hidden while it has the focus ends
        // its editing: it is not to be heard any more, since its file may be gone.
        if (item->widget() != nullptr) {
            item->widget()->disconnect(this);
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    m_rows = 0;
    for (const TextFileInfo& info : m_table) {
        bool hasFile = false;
        for (std::size_t i = 0; i < m_files.size(); ++i) {
            if (m_files[i].option.toStdString() != info.option) continue;
            addFile(info, i);
            hasFile = true;
        }
        addChooser(info, hasFile);
    }
}

QLineEdit* TextFilesForm::makeField(const QString& text, const QString& what, const QString& tip,
                                    std::function<void(const QString&)> take) {
    auto* field = new QLineEdit(text, this);
    field->setAccessibleName(what);
    field->setPlaceholderText(what);
    field->setToolTip(tip);
    connect(field, &QLineEdit::editingFinished, this, [this, field, take = std::move(take)] {
        if (!field->isModified()) return;
        field->setModified(false);
        take(field->text().trimmed());
        Q_EMIT changed();
    });
    return field;
}

void TextFilesForm::addFile(const TextFileInfo& info, std::size_t file) {
    const SessionTexts& shown = m_files[file];
    const int row = m_rows++;
    if (info.isNamed) {
        QLineEdit* name =
            makeField(shown.name, tr("%1: its name").arg(qtText(info.option)), filesTip(info),
                      [this, file](const QString& text) { m_files.at(file).name = text; });
        name->setFixedWidth(kNameWidth);
        m_grid->addWidget(name, row, kName);
    } else {
        auto* what = new QLabel(qtText(info.option), this);
        what->setToolTip(filesTip(info));
        m_grid->addWidget(what, row, kName);
    }
    m_grid->addWidget(
        makeField(shown.path, tr("%1: its file").arg(qtText(info.option)),
                  shown.path + u'\n' + filesTip(info),
                  [this, file](const QString& text) { m_files.at(file).path = text; }),
        row, kPath);
    auto* remove = new QToolButton(this);
    remove->setText(u"✕"_s);
    remove->setAutoRaise(true);
    remove->setToolTip(tr("Without this file"));
    remove->setAccessibleName(
        tr("Remove %1").arg(info.isNamed ? shown.name : QFileInfo(shown.path).fileName()));
    connect(remove, &QToolButton::clicked, this, [this, file] { this->remove(file); });
    m_grid->addWidget(remove, row, kRemove);
}

void TextFilesForm::addChooser(const TextFileInfo& info, bool hasFile) {
    const bool isOne = info.most == 1;
    if (isOne && hasFile) return;
    auto* button = new QPushButton(hasFile ? tr("Another file for “%1”…").arg(qtText(info.option))
                                           : tr("File for “%1”…").arg(qtText(info.option)),
                                   this);
    button->setObjectName(qtText(info.option));
    button->setToolTip(filesTip(info));
    connect(button, &QPushButton::clicked, this, [this, &info] { chooseFor(info); });
    m_grid->addWidget(button, m_rows++, kName, 1, kRemove + 1);
}

void TextFilesForm::chooseFor(const TextFileInfo& info) {
    const QStringList chosen = choose(qtText(info.meaning), info.most == 1);
    if (chosen.isEmpty()) return;
    for (const QString& file : chosen) {
        const QString name =
            info.isNamed ? QFileInfo(file).completeBaseName().replace(u'=', u'-') : QString();
        m_files.push_back({qtText(info.option), name, file});
    }
    rebuild();
    Q_EMIT changed();
}

void TextFilesForm::remove(std::size_t file) {
    m_files.erase(m_files.begin() + static_cast<std::ptrdiff_t>(file));
    rebuild();
    Q_EMIT changed();
}

}  // namespace driftlens
