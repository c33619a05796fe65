#include "ui/timed_application.h"

#include <QEvent>
#include <QMetaEnum>
#include <QThread>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>
#include <utility>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {
constexpr double kLongTurn = 4.0;  // milliseconds; shorter ones are not kept
constexpr double kLongStep = 2.0;

// Processor time of this thread.
double ownTime() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}
}  // namespace

void TimedApplication::startTiming() {
    m_turns.clear();
    m_steps.clear();
    m_isTiming = true;
}

std::vector<LongTurn> TimedApplication::stopTiming() {
    m_isTiming = false;
    std::sort(m_turns.begin(), m_turns.end(), [](const LongTurn& a, const LongTurn& b) {
        return a.ownMilliseconds > b.ownMilliseconds;
    });
    return std::exchange(m_turns, {});
}

QString TimedApplication::textOf(const Step& step) {
    static const QMetaEnum kTypes = QMetaEnum::fromType<QEvent::Type>();
    const char* type = kTypes.valueToKey(step.event);
    return u"%1 ms (%2 of its own) %3 of %4"_s.arg(step.milliseconds, 0, 'f', 1)
        .arg(step.ownMilliseconds, 0, 'f', 1)
        .arg(type == nullptr ? QString::number(step.event) : QString::fromLatin1(type),
             QString::fromLatin1(step.receiver));
}

bool TimedApplication::notify(QObject* receiver, QEvent* event) {
    const bool isTimed = QThread::currentThread() == thread() && m_isTiming;
    return isTimed ? time(receiver, event) : handle(receiver, event);
}

bool TimedApplication::handle(QObject* receiver, QEvent* event) {
    QString reason;
    try {
        return QApplication::notify(receiver, event);
    } catch (const std::exception& error) {
        reason = QString::fromUtf8(error.what()).section(u'\n', 0, 0);
    } catch (...) {
        reason = u"an unknown exception"_s;
    }
    const QString line =
        tr("A defect of Driftlens: %1. Save the session, and start again.").arg(reason);
    std::fprintf(stderr, "driftlens-gui: %s\n", line.toUtf8().constData());
    if (onDefect && QThread::currentThread() == thread()) onDefect(line);
    return true;
}

bool TimedApplication::time(QObject* receiver, QEvent* event) {
    // Either may be gone when it is handled.
    Step step{m_depth, 0.0, 0.0, receiver->metaObject()->className(), event->type()};
    QElapsedTimer since;
    since.start();
    const double before = ownTime();
    ++m_depth;
    const bool isHandled = handle(receiver, event);
    --m_depth;
    step.milliseconds = static_cast<double>(since.nsecsElapsed()) / 1e6;
    step.ownMilliseconds = ownTime() - before;
    if (m_depth > 0) {
        if (step.milliseconds >= kLongStep) m_steps.push_back(step);
        return isHandled;
    }
    if (step.milliseconds >= kLongTurn) {
        QString what = textOf(step);
        // The outer ones end after those that they hold.
        std::stable_sort(m_steps.begin(), m_steps.end(),
                         [](const Step& a, const Step& b) { return a.depth < b.depth; });
        for (const Step& each : m_steps) what += u"; "_s + textOf(each);
        m_turns.push_back({step.milliseconds, step.ownMilliseconds, what});
    }
    m_steps.clear();
    return isHandled;
}

}  // namespace driftlens
