// What leaves the tab: files, and what is copied.
#include "reports/document/document.h"
#include "reports/export/signed_report.h"
#include "reports/writers/in_toto.h"
#include "reports/writers/registry.h"
#include "ui/models/report_text.h"
#include "ui/panels/report_panel.h"
#include "ui/widgets/text.h"
#include "ui/widgets/verdict_card.h"
#include "ui/workbench.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QStandardPaths>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr double kCopyScale = 2.0;  // pixels per point of a page that is copied

QString formatName(const QString& format) {
    return format == u"csv"_s                ? ReportPanel::tr("CSV tables")
           : format == u"all"_s              ? ReportPanel::tr("All formats")
           : format == qtText(kSignedFormat) ? ReportPanel::tr("Signed statement")
                                             : format.toUpper();
}

}  // namespace

void ReportPanel::exportAs(const QString& format) {
    if (m_prepared == nullptr) {
        m_note->setText(
            {Weight::Neutral, {}, tr("Nothing to export"), tr("The report is not made yet."), {}});
        m_note->show();
        return;
    }
    if (m_folder.isEmpty())
        m_folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    if (isFolderFormat(format.toStdString())) {
        const QString folder =
            QFileDialog::getExistingDirectory(this, tr("Folder for the report's files"), m_folder);
        if (!folder.isEmpty()) exportTo(format, folder);
        return;
    }
    const bool isSigned = format == qtText(kSignedFormat);
    const QString extension =
        qtText(isSigned ? kEnvelopeExtension : reportWriter(format.toStdString()).extension);
    const QString description = isSigned ? tr("Signed in-toto statement")
                                         : qtText(reportWriter(format.toStdString()).description);
    QFileDialog dialog(this, tr("Export the report"), m_folder,
                       u"%1 (*%2)"_s.arg(description, extension));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(extension.mid(1));
    dialog.selectFile(u"report"_s + extension);
    if (dialog.exec() == QDialog::Accepted && !dialog.selectedFiles().isEmpty())
        exportTo(format, dialog.selectedFiles().front());
}

void ReportPanel::exportTo(const QString& format, const QString& place) {
    if (m_prepared == nullptr) return;
    m_folder = isFolderFormat(format.toStdString()) ? place : QFileInfo(place).absolutePath();
    const ReportTarget target{format.toStdString(), place.toStdString(), true};
    if (!isFolderFormat(target.format)) return write(target);
    m_writing.add(
        Lane::Files,
        [this, prepared = m_prepared, target, place](const RunContext&, const JobQueue::Post&) {
            QStringList there;
            for (const std::string& name : reportFiles(prepared->report, target))
                if (QFileInfo::exists(QDir(place).filePath(qtText(name))))
                    there.push_back(qtText(name));
            return [this, prepared, target, there, place] {
                const bool isSure =
                    there.isEmpty() || confirm(tr("%1 has files of these names: %2. Replace them?")
                                                   .arg(place, there.join(u", "_s)));
                if (isSure && prepared == m_prepared) return write(target);
                updateButtons();
                if (!isSure) return;
                m_note->setText({Weight::Caution,
                                 {},
                                 tr("Not exported"),
                                 tr("The report has changed meanwhile: export again."),
                                 {}});
                m_note->show();
            };
        },
        [this](ErrorKind kind, const QString& message) {
            m_note->setText({Weight::Bad, {}, tr("Not exported"), message, {adviceFor(kind)}});
            m_note->show();
            updateButtons();
        });
    updateButtons();
}

void ReportPanel::write(const ReportTarget& target) {
    if (m_prepared == nullptr || m_whole == nullptr) return;
    m_writing.add(
        Lane::Files,
        [this, prepared = m_prepared, run = m_whole->run, target](const RunContext&,
                                                                  const JobQueue::Post&) {
            const QStringList notes = exportReport(prepared->report, target, run);
            return [this, run, target, notes] {
                QStringList more = notes;
                if (run && notes.isEmpty())
                    more.push_back(tr("On record in %1.").arg(qtText(run->logFile)));
                m_note->setText({notes.isEmpty() ? Weight::Good : Weight::Caution,
                                 {},
                                 tr("✔ %1 exported").arg(formatName(qtText(target.format))),
                                 qtText(target.place),
                                 more});
                m_note->show();
                updateButtons();
                if (run) Q_EMIT m_workbench.logChanged();
            };
        },
        [this](ErrorKind kind, const QString& message) {
            m_note->setText({Weight::Bad, {}, tr("✘ Not exported"), message, {adviceFor(kind)}});
            m_note->show();
            updateButtons();
        });
    updateButtons();
}

QString ReportPanel::unfinished() const {
    return m_writing.isBusy() ? tr("A report is being written. Quit all the same?") : QString();
}

bool ReportPanel::has(CopyFormat) const {
    return m_prepared != nullptr;
}

// Of the page that is seen, or of all of it.
CopyWork ReportPanel::copyWork(CopyFormat format) const {
    const auto page = static_cast<std::size_t>(m_view->currentPage());
    switch (format) {
        case CopyFormat::Picture:
            return [pages = m_prepared->pages, page] {
                return Copied{{}, pageImage(pages->image(page, kCopyScale))};
            };
        case CopyFormat::SvgText:
            return copyOf([pages = m_prepared->pages, page] { return qtText(pages->svg(page)); });
        case CopyFormat::JsonText:
            return copyOf([prepared = m_prepared] { return qtText(reportText(prepared->report)); });
        case CopyFormat::PlainText:
            return copyOf([prepared = m_prepared] { return reportPlainText(prepared->layout); });
    }
    return {};
}

}  // namespace driftlens
