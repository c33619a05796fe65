#include "ui/driving.h"

#include "ui/main_window.h"
#include "ui/panel_tabs.h"
#include "ui/panels/audit_panel.h"
#include "ui/panels/report_panel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QTemporaryDir>
#include <QTimer>

#include <array>
#include <cstdio>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kPatience = 120'000;  // milliseconds
constexpr int kStep = 20;

bool isLoading(Workbench& workbench) {
    for (int row = 0; row < static_cast<int>(workbench.session().models.size()); ++row) {
        const LoadState state = workbench.info(row).state;
        if (state == LoadState::Waiting || state == LoadState::Loading) return true;
    }
    return false;
}

// "the film was clever", "the room was not dull", …
bool writeRows(const QString& name, int rows) {
    static constexpr std::array kWhat = {"film", "room", "poster", "story"};
    static constexpr std::array kHow = {"clever", "not clever", "dull", "not dull",
                                        "clever at all"};
    QFile file(name);
    if (!file.open(QIODevice::WriteOnly)) return false;
    file.write("text\n");
    for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i)
        file.write(QByteArray("the ") + kWhat[i / kHow.size() % kWhat.size()] + " was " +
                   kHow[i % kHow.size()] + "\n");
    return true;
}

}  // namespace

void settle(int milliseconds) {
    QEventLoop loop;
    QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
    loop.exec();
}

bool waitUntil(const std::function<bool()>& done) {
    QElapsedTimer since;
    since.start();
    while (!done()) {
        if (since.elapsed() > kPatience) return false;
        settle(kStep);
    }
    return true;
}

void waitForRest(MainWindow& window) {
    Workbench& workbench = window.workbench();
    const auto* report = window.tabs().findChild<ReportPanel*>();
    const auto* audit = window.tabs().findChild<AuditPanel*>();
    const auto rests = [&] {
        settle(150);  // what ended may begin something else
        const bool isDrawing = report->isVisible() && report->prepared() != nullptr &&
                               !report->pages().hasPicture(report->pages().currentPage());
        return !isLoading(workbench) && !workbench.isBusy() && window.tabs().isUpToDate() &&
               !report->isBusy() && !audit->isBusy() && !isDrawing;
    };
    waitUntil(rests);
}

bool openSample(MainWindow& window) {
    window.openSample();
    return waitUntil([&] { return !window.workbench().session().isEmpty(); });
}

bool runPrompt(MainWindow& window) {
    bool isDone = false, hasFailed = false;
    QObject here;
    Workbench& workbench = window.workbench();
    QObject::connect(&workbench, &Workbench::succeeded, &here, [&] { isDone = true; });
    QObject::connect(&workbench, &Workbench::failed, &here, [&](ErrorKind, const QString& message) {
        std::fprintf(stderr, "%s\n", message.toUtf8().constData());
        hasFailed = true;
    });
    workbench.run();
    return waitUntil([&] { return isDone || hasFailed; }) && isDone;
}

bool runSampleData(MainWindow& window, int rows) {
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"reviews.csv"_s);
    if (!writeRows(file, rows)) return false;
    Workbench& workbench = window.workbench();
    workbench.edit(u"data"_s, EditKind::Data, [&](Session& session) { session.data = file; });
    bool isDone = false, isEnded = false;
    QObject here;
    QObject::connect(&workbench, &Workbench::dataFinished, &here, [&] { isDone = isEnded = true; });
    QObject::connect(&workbench, &Workbench::dataFailed, &here,
                     [&](ErrorKind, const QString& message) {
                         std::fprintf(stderr, "%s\n", message.toUtf8().constData());
                         isEnded = true;
                     });
    if (auto* yardsticks = window.tabs().findChild<QCheckBox*>(u"yardsticks"_s))
        yardsticks->setChecked(false);
    if (auto* method = window.tabs().findChild<QComboBox*>(u"method"_s))
        method->setCurrentIndex(method->findData(u"input_x_gradient"_s));
    window.action("run_data")->trigger();
    waitUntil([&] { return isEnded; });
    return isDone;
}

}  // namespace driftlens
