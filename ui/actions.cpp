// The table of actions.
#include "ui/docks/prompt_dock.h"
#include "ui/docks/variants_dock.h"
#include "ui/main_window.h"
#include "ui/panel_tabs.h"
#include "ui/panels/audit_panel.h"
#include "ui/panels/dataset_panel.h"
#include "ui/panels/panel.h"
#include "ui/panels/report_panel.h"

#include <array>

namespace driftlens {
namespace {

using Window = MainWindow;

void withDataset(MainWindow& window, void (DatasetPanel::*act)()) {
    window.tabs().setCurrentId(QStringLiteral("dataset"));
    if (auto* panel = qobject_cast<DatasetPanel*>(window.tabs().currentPanel())) (panel->*act)();
}

// The tab, brought to the front.
AuditPanel& audit(Window& w) {
    w.tabs().setCurrentId(QStringLiteral("audit"));
    return *w.tabs().findChild<AuditPanel*>();
}

ReportPanel& report(Window& w) {
    w.tabs().setCurrentId(QStringLiteral("report"));
    return *w.tabs().findChild<ReportPanel*>();
}

constexpr auto kActions = std::to_array<ActionEntry>({
    {"new", "&File", "&New session", "Ctrl+N", "", [](Window& w) { w.newSession(); }},
    {"open", "&File", "&Open session…", "Ctrl+O", "", [](Window& w) { w.openFile({}); }},
    {"sample", "&File", "Open the sa&mple", "Ctrl+Shift+O", "Models whose true reasons are known",
     [](Window& w) { w.openSample(); }},
    {"save", "&File", "&Save session", "Ctrl+S", "", [](Window& w) { w.save(); }},
    {"save_as", "&File", "Save session &as…", "Ctrl+Shift+S", "", [](Window& w) { w.saveAs(); }},
    {"data", "&File", "Choose the &data set…", "Ctrl+D", "csv, jsonl, ndjson or txt",
     [](Window& w) { w.openData(); }},
    {"quit", "&File", "&Quit", "Ctrl+Q", "", [](Window& w) { w.close(); }},

    {"undo", "&Edit", "&Undo", "Ctrl+Z", "", [](Window& w) { w.workbench().undoStack().undo(); }},
    {"redo", "&Edit", "&Redo", "Ctrl+Shift+Z", "",
     [](Window& w) { w.workbench().undoStack().redo(); }},
    {"copy_text", "&Edit", "Copy tab as &text", "Ctrl+Shift+C", "",
     [](Window& w) { w.copyCurrent(static_cast<int>(CopyFormat::PlainText)); }},
    {"copy_image", "&Edit", "Copy tab as &image", "Ctrl+Shift+I", "",
     [](Window& w) { w.copyCurrent(static_cast<int>(CopyFormat::Picture)); }},
    {"copy_svg", "&Edit", "Copy tab as S&VG", "Ctrl+Shift+G", "",
     [](Window& w) { w.copyCurrent(static_cast<int>(CopyFormat::SvgText)); }},
    {"copy_json", "&Edit", "Copy tab as &JSON", "Ctrl+Shift+J", "",
     [](Window& w) { w.copyCurrent(static_cast<int>(CopyFormat::JsonText)); }},
    {"unpin", "&Edit", "Un&pin the token", "Ctrl+Shift+P", "",
     [](Window& w) { w.workbench().pinToken(w.workbench().pinnedToken()); }},
    {"preferences", "&Edit", "&Settings…", "Ctrl+,", "", [](Window& w) { w.editPreferences(); }},

    {"add_folder", "&Models", "Add a model &folder…", "Ctrl+M", "",
     [](Window& w) { w.variants().addFolder(); }},
    {"add_gguf", "&Models", "Add &GGUF files…", "Ctrl+Shift+M", "",
     [](Window& w) { w.variants().addFile(); }},
    {"compress", "&Models", "&Compress this…", "Ctrl+K", "The current model, in memory",
     [](Window& w) { w.variants().compressCurrent(); }},
    {"reference", "&Models", "Make it the &reference", "Ctrl+R", "",
     [](Window& w) { w.variants().makeReference(); }},
    {"up", "&Models", "Move &up", "Ctrl+Shift+Up", "",
     [](Window& w) { w.variants().moveCurrent(-1); }},
    {"down", "&Models", "Move &down", "Ctrl+Shift+Down", "",
     [](Window& w) { w.variants().moveCurrent(1); }},
    {"locate", "&Models", "&Locate…", "Ctrl+L", "Where the current model is now",
     [](Window& w) { w.variants().locateCurrent(); }},
    {"reload", "&Models", "Load &again", "F5", "", [](Window& w) { w.variants().reloadCurrent(); }},
    {"remove", "&Models", "Re&move the selected", "Ctrl+Backspace", "",
     [](Window& w) { w.variants().removeSelected(); }},

    {"run", "&Run", "&Run and log", "Ctrl+Return", "Computes what is asked and logs it",
     [](Window& w) { w.workbench().run(); }},
    {"cancel", "&Run", "&Cancel", "Ctrl+.", "", [](Window& w) { w.workbench().cancel(); }},
    {"plan_data", "&Run", "&Plan the data set", "Ctrl+Shift+K", "What running it would cost",
     [](Window& w) { withDataset(w, &DatasetPanel::plan); }},
    {"run_data", "&Run", "Run the &data set", "Ctrl+Shift+Return", "Every row, and the verdicts",
     [](Window& w) { withDataset(w, &DatasetPanel::run); }},
    {"log", "&Log", "Choose the &log…", "Ctrl+Shift+L", "Where runs are recorded",
     [](Window& w) { audit(w).askToChoose(); }},
    {"new_log", "&Log", "Create a lo&g…", "Ctrl+Shift+N", "",
     [](Window& w) { audit(w).askToCreate(); }},
    {"refresh_log", "&Log", "Read the log &again", "Ctrl+F5", "",
     [](Window& w) { audit(w).refresh(); }},
    {"verify_log", "&Log", "&Verify", "Ctrl+Shift+V", "Is the log whole?",
     [](Window& w) { audit(w).verify(); }},
    {"rerun", "&Log", "&Rerun the selected", "Ctrl+Shift+R", "Computes a logged run again",
     [](Window& w) { audit(w).rerun(); }},
    {"erase", "&Log", "&Erase the selected…", "Ctrl+Shift+Backspace", "Texts and scores, for good",
     [](Window& w) { audit(w).askToErase(); }},
    {"export_log", "&Log", "E&xport…", "Ctrl+Shift+X", "",
     [](Window& w) { audit(w).askToExport(); }},
    {"prove", "&Log", "&Prove the record…", "Ctrl+Shift+Y", "",
     [](Window& w) { audit(w).askToProve(); }},
    {"checkpoint", "&Log", "&Copy the checkpoint", "Ctrl+Alt+C", "",
     [](Window& w) { audit(w).copyCheckpoint(); }},

    {"report", "Re&port", "&Report on what is shown", "Ctrl+T",
     "Its pages, and the files it becomes", [](Window& w) { report(w); }},
    {"report_run", "Re&port", "Report on the selected run of the &log", "Ctrl+Shift+T", "",
     [](Window& w) { audit(w).report(); }},
    {"report_again", "Re&port", "&Make it again", "Ctrl+F6", "Reads the log again",
     [](Window& w) { report(w).makeAgain(); }},
    {"export_pdf", "Re&port", "Export as P&DF…", "Ctrl+Shift+E", "Pages to print and to file",
     [](Window& w) { report(w).exportAs(QStringLiteral("pdf")); }},
    {"export_html", "Re&port", "Export as &HTML…", "Ctrl+Alt+H", "A self-contained page",
     [](Window& w) { report(w).exportAs(QStringLiteral("html")); }},
    {"export_json", "Re&port", "Export as &JSON…", "Ctrl+Alt+J", "The source of all other formats",
     [](Window& w) { report(w).exportAs(QStringLiteral("json")); }},
    {"export_csv", "Re&port", "Export as &CSV tables…", "Ctrl+Alt+T", "A file per table",
     [](Window& w) { report(w).exportAs(QStringLiteral("csv")); }},
    {"export_cyclonedx", "Re&port", "Export as C&ycloneDX…", "Ctrl+Alt+B", "A bill of materials",
     [](Window& w) { report(w).exportAs(QStringLiteral("cyclonedx")); }},
    {"export_in_toto", "Re&port", "Export as &in-toto…", "Ctrl+Alt+I", "A claim about its models",
     [](Window& w) { report(w).exportAs(QStringLiteral("in-toto")); }},
    {"export_signed", "Re&port", "Export as sig&ned statement…", "Ctrl+Alt+E",
     "In-toto, with the key of the log",
     [](Window& w) { report(w).exportAs(QStringLiteral("dsse")); }},
    {"export_all", "Re&port", "Export &all formats…", "Ctrl+Alt+A", "Into a folder",
     [](Window& w) { report(w).exportAs(QStringLiteral("all")); }},
    {"zoom_in", "Re&port", "Pages lar&ger", "Ctrl++", "", [](Window& w) { report(w).zoomBy(1); }},
    {"zoom_out", "Re&port", "Pages &smaller", "Ctrl+-", "",
     [](Window& w) { report(w).zoomBy(-1); }},
    {"zoom_fit", "Re&port", "Pages as &wide as the window", "Ctrl+0", "",
     [](Window& w) { report(w).fitWidth(); }},

    {"prompt", "&View", "Go to the &prompt", "Ctrl+P", "",
     [](Window& w) { w.prompt().focusPrompt(); }},
    {"values", "&View", "&Values under tokens", "Ctrl+E", "", [](Window& w) { w.toggleValues(); }},
    {"light", "&View", "&Light", "Ctrl+Alt+L", "", [](Window& w) { w.setTheme(Theme::Light); }},
    {"dark", "&View", "&Dark", "Ctrl+Alt+D", "", [](Window& w) { w.setTheme(Theme::Dark); }},
    {"system", "&View", "As the &system", "Ctrl+Alt+S", "",
     [](Window& w) { w.setTheme(Theme::System); }},
    {"layout", "&View", "Docks as at &first", "Ctrl+Alt+0", "",
     [](Window& w) { w.restoreLayout(); }},

    {"shortcuts", "&Help", "&Shortcuts", "F1", "", [](Window& w) { w.showShortcuts(); }},
    {"about", "&Help", "&About Driftlens", "Shift+F1", "", [](Window& w) { w.showAbout(); }},
});

}  // namespace

std::span<const ActionEntry> actionTable() {
    return kActions;
}

}  // namespace driftlens
