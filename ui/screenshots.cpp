#include "ui/screenshots.h"

#include "ui/main_window.h"
#include "ui/panel_tabs.h"
#include "ui/panels/audit_panel.h"
#include "ui/panels/panel.h"
#include "ui/panels/report_panel.h"
#include "ui/theme.h"
#include "ui/widgets/attention_matrix.h"
#include "ui/widgets/token_strip.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QScrollArea>
#include <QScrollBar>
#include <QTabWidget>
#include <QTemporaryDir>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kPatience = 120'000;  // milliseconds
constexpr int kTallest = 4000;      // pixels

void settle(int milliseconds) {
    QElapsedTimer since;
    since.start();
    while (since.elapsed() < milliseconds) QApplication::processEvents(QEventLoop::AllEvents, 20);
}

// Until nothing is loaded, computed, made or drawn any more.
void waitForRest(MainWindow& window) {
    const auto* report = window.tabs().findChild<ReportPanel*>();
    const auto* audit = window.tabs().findChild<AuditPanel*>();
    QElapsedTimer since;
    since.start();
    do settle(150);
    while ((window.workbench().isBusy() || report->isBusy() || audit->isBusy() ||
            (report->isVisible() && report->prepared() != nullptr &&
             !report->pages().hasPicture(report->pages().currentPage()))) &&
           since.elapsed() < kPatience);
}

bool writePicture(MainWindow& window, const QString& file) {
    waitForRest(window);
    const bool isWritten = window.grab().save(file, "PNG");
    std::printf("%s%s\n", file.toUtf8().constData(), isWritten ? "" : ": cannot be written");
    return isWritten;
}

bool runSample(MainWindow& window) {
    bool isDone = false, isOpen = false;
    QObject::connect(&window.workbench(), &Workbench::opened, &window, [&] { isOpen = true; });
    QObject::connect(&window.workbench(), &Workbench::succeeded, &window, [&] { isDone = true; });
    window.openSample();
    QElapsedTimer since;
    since.start();
    while (!isOpen && since.elapsed() < kPatience) settle(20);
    window.workbench().run();
    while (!isDone && since.elapsed() < kPatience) settle(20);
    return isDone;
}

// Rows of the sample's own words.
bool runData(MainWindow& window) {
    QTemporaryDir folder;
    QFile file(folder.filePath(u"reviews.csv"_s));
    if (!file.open(QIODevice::WriteOnly)) return false;
    file.write("text\n");
    for (const char* what : {"film", "room", "poster", "story"})
        for (const char* how : {"clever", "not clever", "dull", "not dull", "clever at all"})
            file.write((QByteArray("the ") + what + " was " + how + "\n"));
    file.close();
    window.workbench().edit(u"data"_s, EditKind::Data,
                            [&](Session& session) { session.data = file.fileName(); });
    bool isDone = false, isEnded = false;
    QObject::connect(&window.workbench(), &Workbench::dataFinished, &window,
                     [&] { isDone = isEnded = true; });
    QObject::connect(&window.workbench(), &Workbench::dataFailed, &window,
                     [&](ErrorKind, const QString& message) {
                         std::fprintf(stderr, "%s\n", message.toUtf8().constData());
                         isEnded = true;
                     });
    // The yardsticks take half a minute and more, on a busy machine too long for a picture.
    if (auto* yardsticks = window.tabs().findChild<QCheckBox*>(u"yardsticks"_s))
        yardsticks->setChecked(false);
    if (auto* method = window.tabs().findChild<QComboBox*>(u"method"_s))
        method->setCurrentIndex(method->findData(u"input_x_gradient"_s));
    window.action("run_data")->trigger();
    QElapsedTimer since;
    since.start();
    while (!isEnded && since.elapsed() < kPatience) settle(20);
    return isDone;
}

double medianOf(std::vector<double> times) {
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                     times.end());
    return times[times.size() / 2];
}

// The first paint makes caches; the median of the others is what scrolling costs.
void printPaints(const char* what, QWidget& widget, const QRect& part) {
    std::vector<double> times;
    double first = 0.0;
    for (int i = 0; i < 21; ++i) {
        QImage image(part.size(), QImage::Format_RGB32);
        QElapsedTimer since;
        since.start();
        widget.render(&image, {}, part);
        const double time = static_cast<double>(since.nsecsElapsed()) / 1e6;
        if (i == 0)
            first = time;
        else
            times.push_back(time);
    }
    std::printf("%-32s first %7.2f ms, then %7.2f ms\n", what, first, medianOf(times));
}

}  // namespace

int takeScreenshots(MainWindow& window, const QString& folder) {
    if (!QDir().mkpath(folder)) {
        std::fprintf(stderr, "driftlens-gui: cannot make %s\n", folder.toUtf8().constData());
        return exitCode(ErrorKind::Io);
    }
    const QDir place(folder);
    bool isFine = true;
    const auto each = [&](const QString& name) {
        for (const Theme theme : {Theme::Light, Theme::Dark}) {
            window.setTheme(theme);
            const QString prefix = theme == Theme::Light ? u"light-"_s : u"dark-"_s;
            isFine = writePicture(window, place.filePath(prefix + name + u".png"_s)) && isFine;
        }
    };
    settle(100);
    each(u"start"_s);
    if (!runSample(window)) {
        std::fprintf(stderr, "driftlens-gui: the sample did not run\n");
        return exitCode(ErrorKind::Internal);
    }
    if (!runData(window)) {
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
    window.tabs().setCurrentIndex(0);
    window.workbench().addModels({u"/absent/model"_s});
    settle(1000);
    each(u"missing-model"_s);
    window.tabs().panel(0)->setError(u"the prompt has 600 tokens, the model takes at most 512"_s,
                                     adviceFor(ErrorKind::Usage));
    each(u"error"_s);
    return isFine ? kExitFine : exitCode(ErrorKind::Io);
}

int benchPainting() {
    ExplainView view;
    StripView strip{u"bench"_s, {}, {}};
    for (int i = 0; i < 4096; ++i) {
        view.units.push_back(u"token%1"_s.arg(i % 97));
        strip.scores.push_back(std::sin(i));
    }
    view.columns.push_back({});
    view.columns.back().scores = strip;
    QElapsedTimer since;
    since.start();
    const auto layout = std::make_shared<const StripLayout>(
        StripLayout::of(view, QFontMetrics(QApplication::font())));
    TokenStrip tokens(layout, strip, 1.0, nullptr);
    tokens.resize(600, tokens.heightForWidth(600));
    std::printf("%-32s       %7.2f ms\n", "layout of 4096 tokens",
                static_cast<double>(since.nsecsElapsed()) / 1e6);
    printPaints("4096 tokens, 600 × 800 seen", tokens, QRect(0, 4000, 600, 800));
    printPaints("4096 tokens, all of them", tokens, tokens.rect());
    AttentionMatrix matrix(nullptr);
    AttentionPicture picture;
    picture.map = AttentionMap{0, 0, 512, std::vector<float>(512 * 512)};
    for (std::size_t i = 0; i < picture.map->values.size(); ++i)
        picture.map->values[i] = static_cast<float>(i % 512) / 512.0F;
    matrix.resize(540, 560);
    matrix.show(picture);
    printPaints("matrix of 512 × 512", matrix, matrix.rect());
    return kExitFine;
}

namespace {

double residentMib() {
    QFile status(u"/proc/self/status"_s);
    if (!status.open(QIODevice::ReadOnly)) return 0.0;
    for (const QByteArray& line : status.readAll().split('\n'))
        if (line.startsWith("RssAnon:"))
            return line.mid(8).simplified().split(' ').front().toDouble() / 1024.0;
    return 0.0;
}

}  // namespace

int benchMemory(MainWindow& window, const Session& session) {
    const auto print = [](const char* what) {
        std::printf("%-32s %9.1f MiB of memory that no file backs\n", what, residentMib());
        std::fflush(stdout);
    };
    waitForRest(window);
    print("before");
    window.setSession(session);
    waitForRest(window);
    window.workbench().run();
    waitForRest(window);
    print("models loaded, prompt run");
    window.workbench().startSession({});
    waitForRest(window);
    settle(500);
    print("closed");
    return kExitFine;
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
