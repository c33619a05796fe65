// The application, which can say what kept its window from painting and from taking keys.
#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QString>

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

    bool notify(QObject* receiver, QEvent* event) override;

private:
    struct Step {
        int depth = 0;
        double milliseconds = 0.0, ownMilliseconds = 0.0;
        const char* receiver = nullptr;  // class name
        int event = 0;
    };
    static QString textOf(const Step& step);

    bool m_isTiming = false;
    int m_depth = 0;
    std::vector<Step> m_steps;  // inside the present turn
    std::vector<LongTurn> m_turns;
};

}  // namespace driftlens
