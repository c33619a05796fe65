#include "ui/docks/methods_dock.h"

#include "core/base/error.h"
#include "ui/models/card_text.h"
#include "ui/models/text_files.h"
#include "ui/widgets/parameter_form.h"
#include "ui/widgets/text.h"
#include "ui/widgets/text_files_form.h"
#include "ui/workbench.h"
#include "xai/methods/method.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kMostRows = 4;  // of methods, seen at once

QString tipOf(const MethodEntry& method) {
    return u"%1\n%2\nCost: %3"_s.arg(qtText(method.summary), qtText(method.definition),
                                     qtText(method.cost));
}

}  // namespace

MethodsDock::MethodsDock(Workbench& workbench, QWidget* parent)
    : QDockWidget(tr("Methods and settings"), parent), m_workbench(workbench) {
    setObjectName(u"methods"_s);
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(8, 4, 8, 8);
    auto* row = new QHBoxLayout;
    m_all = new QComboBox(content);
    m_all->setAccessibleName(tr("Add a method"));
    m_all->addItem(tr("Add a method…"));
    for (const MethodEntry& method : methods()) {
        m_all->addItem(qtText(method.title), qtText(method.id));
        m_all->setItemData(m_all->count() - 1, tipOf(method), Qt::ToolTipRole);
    }
    m_all->setMinimumContentsLength(16);
    m_all->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    auto* remove = new QPushButton(tr("Remove"), content);
    row->addWidget(m_all, 1);
    row->addWidget(remove);
    layout->addLayout(row);
    m_chosen = new QListWidget(content);
    m_chosen->setAccessibleName(tr("Methods; the first gives the strips"));
    m_chosen->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    layout->addWidget(m_chosen);
    m_summary = new QLabel(content);
    m_summary->setWordWrap(true);
    layout->addWidget(m_summary);
    auto* scroll = new QScrollArea(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* forms = new QWidget(scroll);
    auto* column = new QVBoxLayout(forms);
    column->setContentsMargins(0, 0, 0, 0);
    m_form = new ParameterForm(forms);
    m_files = new TextFilesForm(forms);
    m_lack = new QLabel(forms);
    m_lack->setWordWrap(true);
    m_lack->setTextFormat(Qt::PlainText);
    for (QWidget* each : std::initializer_list<QWidget*>{m_form, m_files, m_lack})
        column->addWidget(each);
    column->addStretch(1);
    scroll->setWidget(forms);
    layout->addWidget(scroll, 1);
    setWidget(content);
    connect(m_all, &QComboBox::activated, this, [this](int index) {
        if (index > 0) add(m_all->itemData(index).toString());
        m_all->setCurrentIndex(0);
    });
    connect(remove, &QPushButton::clicked, this, &MethodsDock::removeCurrent);
    connect(m_chosen, &QListWidget::currentRowChanged, this, &MethodsDock::showForm);
    connect(m_form, &ParameterForm::changed, this, &MethodsDock::takeForm);
    connect(m_files, &TextFilesForm::changed, this, &MethodsDock::takeFiles);
    connect(&workbench, &Workbench::sessionChanged, this, &MethodsDock::showSession);
    showSession();
}

void MethodsDock::add(const QString& id) {
    m_workbench.edit(tr("Add a method"), EditKind::Single, [&](Session& session) {
        const bool isThere =
            std::any_of(session.methods.begin(), session.methods.end(),
                        [&](const QString& each) { return each.section(u':', 0, 0) == id; });
        if (!isThere) session.methods.push_back(id);
    });
    m_chosen->setCurrentRow(m_chosen->count() - 1);
}

void MethodsDock::removeCurrent() {
    const int row = m_chosen->currentRow();
    m_workbench.edit(tr("Remove a method"), EditKind::Single, [row](Session& session) {
        if (row >= 0 && row < session.methods.size() && session.methods.size() > 1)
            session.methods.removeAt(row);
    });
}

void MethodsDock::showSession() {
    const QStringList& chosen = m_workbench.session().methods;
    const int row =
        std::clamp(m_chosen->currentRow(), 0, std::max(0, static_cast<int>(chosen.size()) - 1));
    {
        const QSignalBlocker silence(m_chosen);
        m_chosen->clear();
        for (const QString& method : chosen) {
            const MethodEntry* entry = methodOf(method);
            auto* item =
                new QListWidgetItem(entry == nullptr ? method : qtText(entry->title), m_chosen);
            item->setToolTip(method);
        }
        m_chosen->setCurrentRow(row);
    }
    // As high as what is in it, up to a few: the settings below have the rest of the dock.
    const int rows = std::clamp(m_chosen->count(), 1, kMostRows);
    m_chosen->setFixedHeight(rows * std::max(m_chosen->sizeHintForRow(0), fontMetrics().height()) +
                             2 * m_chosen->frameWidth());
    showForm();
}

// Undo changes the files, too, and the method stays.
void MethodsDock::showFiles() {
    const MethodEntry* entry =
        methodOf(m_workbench.session().methods.value(m_chosen->currentRow()));
    const std::span<const TextFileInfo> table =
        entry == nullptr ? std::span<const TextFileInfo>() : entry->files;
    m_files->setFiles(table, m_workbench.session().texts);
    m_files->setVisible(!table.empty());
    const QString lack =
        entry == nullptr ? QString() : lackOfTexts(*entry, m_workbench.session().texts);
    m_lack->setText(marked(Weight::Caution, lack));
    m_lack->setVisible(!lack.isEmpty());
}

QString MethodsDock::lack() const {
    return m_lack->isVisibleTo(this) ? m_lack->text() : QString();
}

void MethodsDock::takeFiles() {
    m_workbench.edit(tr("Choose the texts of a method"), EditKind::Single,
                     [&](Session& session) { session.texts = m_files->files(); });
}

void MethodsDock::showForm() {
    showFiles();
    const QString method = m_workbench.session().methods.value(m_chosen->currentRow());
    if (method == m_shown) return;  // the form itself changed it
    m_shown = method;
    const MethodEntry* entry = methodOf(method);
    if (entry == nullptr) {
        m_summary->setText(method.isEmpty() ? QString() : tr("Unknown method %1").arg(method));
        m_form->setTable({}, {});
        return;
    }
    m_summary->setText(qtText(entry->summary));
    m_summary->setToolTip(tipOf(*entry));
    try {
        m_form->setTable(entry->parameters,
                         parseNamedSettings(method.toStdString(), "method").settings);
    } catch (const Error& error) {
        m_summary->setText(QString::fromUtf8(error.what()));
    }
}

void MethodsDock::takeForm() {
    const int row = m_chosen->currentRow();
    const MethodEntry* entry = methodOf(m_workbench.session().methods.value(row));
    if (entry == nullptr) return;
    const QString method = QString::fromStdString(formatNamedSettings(entry->id, m_form->values()));
    m_shown = method;
    m_workbench.edit(tr("Change a method's settings"), EditKind::Methods,
                     [&](Session& session) { session.methods[row] = method; });
}

}  // namespace driftlens
