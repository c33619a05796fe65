#include "ui/benches.h"
#include "ui/docks/prompt_dock.h"
#include "ui/driving.h"
#include "ui/main_window.h"
#include "ui/panel_tabs.h"
#include "ui/panels/audit_panel.h"
#include "ui/panels/panel.h"
#include "ui/panels/report_panel.h"
#include "ui/timed_application.h"
#include "ui/widgets/text.h"

#include <QKeyEvent>
#include <QPlainTextEdit>
#include <QTimer>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr double kFrame = 32.0;  // milliseconds
constexpr std::size_t kShownTurns = 3;
constexpr int kRows = 100;
constexpr int kLongPrompt = 400;  // words

// Times between the pulses of a timer of one millisecond, while something is done.
class Pauses {
public:
    explicit Pauses(TimedApplication& application) : m_application(application) {
        m_pulse.setTimerType(Qt::PreciseTimer);
        m_pulse.setInterval(1);
        QObject::connect(&m_pulse, &QTimer::timeout, &m_pulse, [this] {
            m_gaps.push_back(static_cast<double>(m_since.nsecsElapsed()) / 1e6);
            m_since.start();
        });
        std::printf("%-40s %10s %8s %8s\n", "milliseconds without a turn", "longest", "99 %",
                    "over 32");
    }

    void during(const QString& what, const std::function<void()>& act) {
        m_gaps.clear();
        m_application.startTiming();
        m_since.start();
        m_pulse.start();
        act();
        m_pulse.stop();
        print(what, m_application.stopTiming());
    }

    // Of all that was done.
    void printLongest() const {
        std::printf("\nlongest pause %.1f ms, %s\n", m_longest,
                    m_longest <= kFrame ? "no frame over 32 ms" : "longer than a frame of 32 ms");
        std::printf("longest turn %.1f ms of the window's own computing\n", m_longestOwn);
    }

private:
    void print(const QString& what, const std::vector<LongTurn>& turns) {
        if (m_gaps.empty()) m_gaps.push_back(static_cast<double>(m_since.nsecsElapsed()) / 1e6);
        std::sort(m_gaps.begin(), m_gaps.end());
        const auto rank =
            static_cast<std::size_t>(std::ceil(0.99 * static_cast<double>(m_gaps.size()))) - 1;
        const auto over =
            std::count_if(m_gaps.begin(), m_gaps.end(), [](double gap) { return gap > kFrame; });
        std::printf("%-40s %10.1f %8.1f %8td\n", what.toUtf8().constData(), m_gaps.back(),
                    m_gaps[rank], over);
        for (std::size_t i = 0; i < std::min(kShownTurns, turns.size()); ++i)
            std::printf("    %s\n", turns[i].what.toUtf8().constData());
        std::fflush(stdout);
        m_longest = std::max(m_longest, m_gaps.back());
        if (!turns.empty()) m_longestOwn = std::max(m_longestOwn, turns.front().ownMilliseconds);
    }

    TimedApplication& m_application;
    QTimer m_pulse;
    QElapsedTimer m_since;
    std::vector<double> m_gaps;
    double m_longest = 0.0, m_longestOwn = 0.0;
};

// As keys, a letter every 30 ms, at the end of what stands there.
void type(QPlainTextEdit& editor, const QString& text) {
    editor.moveCursor(QTextCursor::End);
    for (const QChar letter : text) {
        QCoreApplication::postEvent(
            &editor, new QKeyEvent(QEvent::KeyPress, 0, Qt::NoModifier, QString(letter)));
        settle(30);
    }
}

QString longPrompt() {
    static constexpr const char* kWords[] = {"film", "room", "poster", "story", "clever", "dull"};
    QStringList words;
    for (std::size_t i = 0; i < kLongPrompt; ++i)
        words.push_back(QString::fromLatin1(kWords[(i * i + i / 5) % std::size(kWords)]));
    return words.join(u' ');
}

}  // namespace

int benchPauses(MainWindow& window) {
    auto* application = dynamic_cast<TimedApplication*>(qApp);
    if (application == nullptr) return exitCode(ErrorKind::Internal);
    Pauses pauses(*application);
    bool isFine = true;
    waitForRest(window);
    pauses.during(u"the sample opened, its models loaded"_s, [&] {
        isFine = openSample(window) && isFine;
        waitForRest(window);
    });
    pauses.during(u"typing, with previews"_s, [&] {
        type(*window.prompt().findChild<QPlainTextEdit*>(), u" and the poster was dull"_s);
        waitForRest(window);
    });
    PanelTabs& tabs = window.tabs();
    for (int i = 0; i < tabs.count(); ++i) {
        const QString name = tabs.tabText(i).remove(u'&');
        pauses.during(u"%1 opened"_s.arg(name), [&] {
            tabs.setCurrentIndex(i);
            waitForRest(window);
        });
        pauses.during(u"a prompt run, %1 seen"_s.arg(name), [&] {
            isFine = runPrompt(window) && isFine;
            waitForRest(window);
        });
    }
    pauses.during(u"a data set run, its examples seen"_s, [&] {
        isFine = runSampleData(window, kRows) && isFine;
        waitForRest(window);
    });
    for (const auto* id : {"report", "audit", "explain"}) {
        pauses.during(u"after it, %1 seen"_s.arg(QString::fromLatin1(id)), [&] {
            tabs.setCurrentId(QString::fromLatin1(id));
            waitForRest(window);
        });
    }
    pauses.during(u"a prompt of %1 words run"_s.arg(kLongPrompt), [&] {
        window.workbench().edit(u"long"_s, EditKind::Single,
                                [](Session& session) { session.prompt = longPrompt(); });
        isFine = runPrompt(window) && isFine;
        waitForRest(window);
    });
    pauses.printLongest();
    return isFine ? kExitFine : exitCode(ErrorKind::Internal);
}

}  // namespace driftlens
