#include "ui/benches.h"
#include "ui/driving.h"
#include "ui/main_window.h"

#include <QCoreApplication>
#include <QFile>
#include <QKeyEvent>
#include <QWindow>

#include <cstdio>
#include <ctime>
#include <optional>
#include <unistd.h>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

// Seconds since this process was started, to a hundredth: what the kernel notes.
std::optional<double> secondsSinceStart() {
    QFile file(u"/proc/self/stat"_s);
    if (!file.open(QIODevice::ReadOnly)) return std::nullopt;
    const QByteArray all = file.readAll();
    // The name in parentheses may hold spaces; the start is the twentieth field after it.
    const QList<QByteArray> fields = all.mid(all.lastIndexOf(')') + 2).split(' ');
    constexpr qsizetype kStart = 19;
    if (fields.size() <= kStart) return std::nullopt;
    const double start = fields[kStart].toDouble() / static_cast<double>(::sysconf(_SC_CLK_TCK));
    timespec now{};
    if (::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return std::nullopt;
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9 - start;
}

// Notes when the window is painted first, and when it takes a key.
class FirstMoments : public QObject {
public:
    bool eventFilter(QObject* receiver, QEvent* event) override {
        if (event->type() == QEvent::Paint && receiver->isWidgetType() && !painted)
            painted = secondsSinceStart();
        if (event->type() == QEvent::KeyPress && receiver->isWidgetType() && !answered)
            answered = secondsSinceStart();
        return false;
    }
    std::optional<double> painted, answered;
};

}  // namespace

int benchStart(MainWindow& window) {
    FirstMoments moments;
    qApp->installEventFilter(&moments);
    const std::optional<double> shown = secondsSinceStart();
    bool isThere = waitUntil([&] { return moments.painted.has_value(); });
    // As from the keyboard: the window's system hands it to the widget that has the focus.
    QCoreApplication::postEvent(window.windowHandle(),
                                new QKeyEvent(QEvent::KeyPress, Qt::Key_Tab, Qt::NoModifier));
    isThere = waitUntil([&] { return moments.answered.has_value(); }) && isThere;
    qApp->removeEventFilter(&moments);
    if (!isThere || !shown) return exitCode(ErrorKind::Internal);
    std::printf("seconds from the start of the process\n");
    std::printf("%-32s %6.2f\n", "window made", *shown);
    std::printf("%-32s %6.2f\n", "window painted", *moments.painted);
    std::printf("%-32s %6.2f\n", "a key taken", *moments.answered);
    return kExitFine;
}

}  // namespace driftlens
