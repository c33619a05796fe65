#include "ui/screenshots.h"

#include "ui/driving.h"
#include "ui/main_window.h"
#include "ui/panel_tabs.h"
#include "ui/panels/panel.h"
#include "ui/theme.h"

#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QScrollArea>
#include <QScrollBar>
#include <QTabWidget>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <functional>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kTallest = 4000;  // pixels
constexpr int kRows = 20;

bool writePicture(MainWindow& window, const QString& file) {
    waitForRest(window);
    const bool isWritten = window.grab().save(file, "PNG");
    std::printf("%s%s\n", file.toUtf8().constData(), isWritten ? "" : ": cannot be written");
    return isWritten;
}

void scrollToEnd(Panel& panel) {
    settle(100);  // laid out
    for (const QScrollArea* area : panel.findChildren<QScrollArea*>())
        area->verticalScrollBar()->setValue(area->verticalScrollBar()->maximum());
}

bool writeTexts(const QString& file, const char* texts) {
    QFile out(file);
    return out.open(QIODevice::WriteOnly) && out.write(texts) > 0;
}

// A run whose explanations are checked, and one by concepts, whose texts are in files.
bool runChecksAndConcepts(MainWindow& window,
                          const std::function<void(const QString&, bool)>& each) {
    Workbench& workbench = window.workbench();
    window.tabs().setCurrentIndex(0);
    workbench.edit(u"checks"_s, EditKind::Single, [](Session& session) {
        session.metrics = u"all"_s;
        session.methods = {u"input_x_gradient"_s};  // that are explained seven times
    });
    if (!runPrompt(window)) return false;
    each(u"checks"_s, true);
    const QTemporaryDir folder;
    const QString praise = folder.filePath(u"praise.txt"_s),
                  blame = folder.filePath(u"blame.txt"_s),
                  things = folder.filePath(u"things.txt"_s);
    if (!writeTexts(praise, "clever\nfunny\nthe film was clever\na funny story\nnot dull\n") ||
        !writeTexts(blame, "dull\nboring\nthe film was dull\na boring story\nnot clever\n") ||
        !writeTexts(things, "the film\nthe room\nthe poster\na story\nmy friend\n"))
        return false;
    workbench.edit(u"concepts"_s, EditKind::Single, [&](Session& session) {
        session.metrics.clear();
        session.methods = {u"tcav"_s};
        session.texts = {{u"concept"_s, u"praise"_s, praise},
                         {u"random"_s, {}, blame},
                         {u"random"_s, {}, things}};
    });
    const bool hasRun = runPrompt(window);
    if (hasRun) each(u"concepts"_s, false);
    workbench.undoStack().undo();
    workbench.undoStack().undo();
    return hasRun;
}

}  // namespace

int takeScreenshots(MainWindow& window, const QString& folder) {
    if (!QDir().mkpath(folder)) {
        std::fprintf(stderr, "driftlens-gui: cannot make %s\n", folder.toUtf8().constData());
        return exitCode(ErrorKind::Io);
    }
    const QDir place(folder);
    bool isFine = true;
    const auto each = [&](const QString& name, bool atEnd = false) {
        for (const Theme theme : {Theme::Light, Theme::Dark}) {
            window.setTheme(theme);
            if (atEnd) scrollToEnd(*window.tabs().currentPanel());
            const QString prefix = theme == Theme::Light ? u"light-"_s : u"dark-"_s;
            isFine = writePicture(window, place.filePath(prefix + name + u".png"_s)) && isFine;
        }
    };
    settle(100);
    each(u"start"_s);
    if (!openSample(window) || !runPrompt(window)) {
        std::fprintf(stderr, "driftlens-gui: the sample did not run\n");
        return exitCode(ErrorKind::Internal);
    }
    if (!runSampleData(window, kRows)) {
        std::fprintf(stderr, "driftlens-gui: the data set did not run\n");
        return exitCode(ErrorKind::Internal);
    }
    for (int i = 0; i < window.tabs().count(); ++i) {
        window.tabs().setCurrentIndex(i);
        // The variant that differs most is the last one.
        if (window.tabs().currentId() == u"attention"_s)
            if (auto* variant = window.tabs().currentPanel()->findChild<QComboBox*>())
                variant->setCurrentIndex(variant->count() - 1);
        each(window.tabs().currentId());
    }
    window.tabs().setCurrentId(u"dataset"_s);
    auto* views = window.tabs().currentPanel()->findChild<QTabWidget*>();
    for (int i = 1; i < views->count(); ++i) {
        views->setCurrentIndex(i);
        each(u"dataset-%1"_s.arg(i));
    }
    if (!runChecksAndConcepts(window, each)) {
        std::fprintf(stderr, "driftlens-gui: the checks or the concepts did not run\n");
        return exitCode(ErrorKind::Internal);
    }
    window.workbench().addModels({u"/absent/model"_s});
    settle(1000);
    each(u"missing-model"_s);
    window.tabs().panel(0)->setError(u"the prompt has 600 tokens, the model takes at most 512"_s,
                                     adviceFor(ErrorKind::Usage));
    each(u"error"_s);
    return isFine ? kExitFine : exitCode(ErrorKind::Io);
}

void growToResult(MainWindow& window) {
    int more = 0;
    if (Panel* panel = window.tabs().currentPanel()) {
        for (const QScrollArea* area : panel->findChildren<QScrollArea*>())
            more = std::max(more, area->verticalScrollBar()->maximum());
    }
    window.resize(window.width(), std::min(window.height() + more, kTallest));
}

}  // namespace driftlens
