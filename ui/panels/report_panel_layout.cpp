// The widgets of the tab.
#include "engine/audit/sidecar_file.h"
#include "reports/document/sections.h"
#include "reports/export/signed_report.h"
#include "reports/writers/registry.h"
#include "ui/panels/report_panel.h"
#include "ui/widgets/text.h"
#include "ui/widgets/verdict_card.h"
#include "ui/workbench.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {
constexpr int kSideWidth = 340;
constexpr int kSectionsDelay = 200;  // milliseconds: several are ticked in a row
}  // namespace

ReportPanel::ReportPanel(const PanelEntry& entry, Workbench& workbench, QWidget* parent)
    : Panel(qtText(entry.title).remove(u'&'), qtText(entry.empty), parent), m_workbench(workbench) {
    confirm = [this](const QString& question) {
        return QMessageBox::question(this, tr("Driftlens"), question) == QMessageBox::Yes;
    };
    auto* content = new QWidget(this);
    auto* layout = new QHBoxLayout(content);
    layout->setContentsMargins(12, 8, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(makeSide());
    layout->addWidget(makePreview(), 1);
    setContent(content);
    m_sectionsChanged.setSingleShot(true);
    m_sectionsChanged.setInterval(kSectionsDelay);
    listen();
    setMaking(false);
    showPageNumbers();
    readRuns();
}

QWidget* ReportPanel::makeSide() {
    auto* side = new QWidget(this);
    side->setFixedWidth(kSideWidth);
    auto* layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 0, 0, 8);
    layout->setSpacing(8);
    m_sources = new QComboBox(side);
    m_sources->setAccessibleName(tr("What the report is of"));
    m_sources->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_sources->setMinimumContentsLength(16);
    auto* of = new QLabel(tr("Report o&n"), side);
    of->setBuddy(m_sources);
    layout->addWidget(of);
    layout->addWidget(m_sources);
    m_status = new VerdictCard(side);
    m_status->hide();
    layout->addWidget(m_status);
    auto* title = new QLabel(tr("Sect&ions"), side);
    layout->addWidget(title);
    m_sections = new QTreeWidget(side);
    title->setBuddy(m_sections);
    m_sections->setAccessibleName(tr("Sections of the report"));
    m_sections->setColumnCount(2);
    m_sections->setHeaderLabels({tr("Section"), tr("Page")});
    m_sections->setRootIsDecorated(false);
    m_sections->header()->setStretchLastSection(false);
    m_sections->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_sections->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    for (const SectionInfo& info : kReportSections) {
        auto* item = new QTreeWidgetItem(m_sections, {qtText(info.title)});
        item->setData(0, Qt::UserRole, qtText(info.id));
        item->setToolTip(
            0, tr("%1: click to see it, tick to have it in the report").arg(qtText(info.title)));
        item->setCheckState(0, Qt::Checked);
        item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
    }
    layout->addWidget(m_sections, 1);
    connect(m_sections, &QTreeWidget::itemChanged, this, [this](QTreeWidgetItem*, int column) {
        if (column != 0) return;
        m_prepared = nullptr;  // what is shown has other sections: it is not exported any more
        updateButtons();
        m_sectionsChanged.start();
    });
    connect(m_sections, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
        const int page = item == nullptr ? 0 : item->text(1).toInt();
        if (page > 0) m_view->goTo(page - 1);
    });
    auto* choices = new QHBoxLayout;
    auto* all = new QPushButton(tr("All"), side);
    auto* none = new QPushButton(tr("None"), side);
    all->setAccessibleName(tr("All sections"));
    none->setAccessibleName(tr("No sections"));
    connect(all, &QPushButton::clicked, this, [this] { chooseSections({}); });
    connect(none, &QPushButton::clicked, this, [this] { chooseSections({"none"}); });
    choices->addWidget(all);
    choices->addWidget(none);
    choices->addStretch(1);
    layout->addLayout(choices);
    layout->addWidget(makeExports());
    m_note = new VerdictCard(side);
    m_note->hide();
    layout->addWidget(m_note);
    return side;
}

QWidget* ReportPanel::makeExports() {
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    m_exportPdf = new QPushButton(tr("Export PDF…"), bar);
    m_exportOther = new QToolButton(bar);
    m_exportOther->setText(tr("Export a&s"));
    m_exportOther->setAccessibleName(tr("Export in another format"));
    m_exportOther->setPopupMode(QToolButton::InstantPopup);
    m_exportOther->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_exportOther->setMinimumHeight(m_exportPdf->sizeHint().height());
    auto* menu = new QMenu(m_exportOther);
    for (const ReportWriter& writer : reportWriters()) {
        const QString id = qtText(writer.id);
        menu->addAction(tr("%1: %2…").arg(id, qtText(writer.description)), this,
                        [this, id] { exportAs(id); });
    }
    QAction* signedEntry = menu->addAction(
        tr("%1: in-toto statement, signed with the log's key…").arg(qtText(kSignedFormat)), this,
        [this] { exportAs(qtText(kSignedFormat)); });
    signedEntry->setObjectName(qtText(kSignedFormat));
    menu->setToolTipsVisible(true);
    connect(menu, &QMenu::aboutToShow, this, [this, signedEntry] {
        const bool isLogged = m_whole != nullptr && m_whole->run.has_value();
        const bool hasKey = isLogged && audit::hasContent(audit::keyFileOf(m_whole->run->logFile));
        signedEntry->setEnabled(hasKey);
        signedEntry->setToolTip(hasKey     ? QString()
                                : isLogged ? tr("There is no key beside the log that could sign.")
                                           : tr("Only the report of a logged run is signed."));
    });
    menu->addSeparator();
    menu->addAction(tr("csv: a file per table, in a folder…"), this,
                    [this] { exportAs(u"csv"_s); });
    menu->addAction(tr("all of these, in a folder…"), this, [this] { exportAs(u"all"_s); });
    m_exportOther->setMenu(menu);
    row->addWidget(m_exportPdf, 1);
    row->addWidget(m_exportOther, 1);
    connect(m_exportPdf, &QPushButton::clicked, this, [this] { exportAs(u"pdf"_s); });
    return bar;
}

QWidget* ReportPanel::makePageBar() {
    m_pageBar = new QWidget(this);
    auto* row = new QHBoxLayout(m_pageBar);
    row->setContentsMargins(0, 0, 0, 0);
    m_page = new QSpinBox(m_pageBar);
    m_page->setAccessibleName(tr("Page"));
    m_page->setKeyboardTracking(false);
    auto* label = new QLabel(tr("P&age"), m_pageBar);
    label->setBuddy(m_page);
    m_pageCount = new QLabel(m_pageBar);
    m_zoom = new QLabel(m_pageBar);
    m_zoom->setMinimumWidth(fontMetrics().horizontalAdvance(u"100 %"_s) + 8);
    m_zoom->setAlignment(Qt::AlignCenter);
    const auto button = [this](const QString& text, const QString& name, auto act) {
        auto* out = new QToolButton(m_pageBar);
        out->setText(text);
        out->setAccessibleName(name);
        out->setToolTip(name);
        out->setAutoRaise(true);
        connect(out, &QToolButton::clicked, this, act);
        return out;
    };
    row->addWidget(label);
    row->addWidget(m_page);
    row->addWidget(m_pageCount);
    row->addSpacing(16);
    row->addWidget(button(u"−"_s, tr("Smaller"), [this] { zoomBy(-1); }));
    row->addWidget(m_zoom);
    row->addWidget(button(u"+"_s, tr("Larger"), [this] { zoomBy(1); }));
    row->addWidget(button(tr("Fit width"), tr("As wide as the window"), [this] { fitWidth(); }));
    connect(m_page, &QSpinBox::valueChanged, this, [this](int page) { m_view->goTo(page - 1); });
    return m_pageBar;
}

QWidget* ReportPanel::makePreview() {
    auto* preview = new QWidget(this);
    auto* layout = new QVBoxLayout(preview);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(0, 0, 12, 0);
    bar->addWidget(makePageBar());
    bar->addStretch(1);
    m_progress = new QProgressBar(preview);
    m_progress->setRange(0, 0);
    m_progress->setTextVisible(false);
    m_progress->setMaximumWidth(140);
    m_progress->setAccessibleName(tr("The report is being made"));
    m_cancel = new QPushButton(tr("Cancel"), preview);
    m_again = new QPushButton(tr("Ma&ke again"), preview);
    m_again->setToolTip(tr("Reads the log again: its records and whether it is whole"));
    bar->addWidget(m_progress);
    bar->addWidget(m_cancel);
    bar->addWidget(m_again);
    layout->addLayout(bar);
    m_problem = new VerdictCard(preview);
    m_problem->hide();
    layout->addWidget(m_problem);
    m_view = new PageView(preview);
    m_view->setAccessibleName(tr("Pages of the report"));
    layout->addWidget(m_view, 1);
    connect(m_cancel, &QPushButton::clicked, this, &ReportPanel::cancel);
    connect(m_again, &QPushButton::clicked, this, &ReportPanel::makeAgain);
    return preview;
}

}  // namespace driftlens
