// The application: it outlives what its own code throws, and can say what kept its window from
// painting and from taking keys.
#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QString>

#include <functional>
#include <vector>

namespace driftlens {

// A turn of the event loop that took long: "12.1 ms (11.8 of its own) MetaCall of JobQueue". What
// is not its own went to other programs, or to threads that this one waited for.
struct LongTurn {
    double milliseconds = 0.0;
    double ownMilliseconds = 0.0;
    QString what;  // the event, then what of it took long itself
};

class TimedApplication : public QApplication {
public:
    using QApplication::QApplication;

    void startTiming();
    std::vector<LongTurn> stopTiming();  // those that took most of their own first

    // Qt's event loop lets no exception through: a defect ends the event that met it, not the
    // program and with it a session that is not saved.
    bool notify(QObject* receiver, QEvent* event) override;

    // Told in one line of a defect; it stands on standard error, too.
    std::function<void(const QString& line)> onDefect;

private:
    struct Step {
        int depth = 0;
        double milliseconds = 0.0, ownMilliseconds = 0.0;
        const char* receiver = nullptr;  // class name
        int event = 0;
    };
    static QString textOf(const Step& step);
    bool handle(QObject* receiver, QEvent* event);
    bool time(QObject* receiver, QEvent* event);

    bool m_isTiming = false;
    int m_depth = 0;
    std::vector<Step> m_steps;  // inside the present turn
    std::vector<LongTurn> m_turns;
};

}  // namespace driftlens
