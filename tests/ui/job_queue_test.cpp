// Whatever is thrown on either side of a queue: the program goes on, and says it.
#include "ui/job_queue.h"

#include "ui/timed_application.h"

#include <QSignalSpy>
#include <QTest>
#include <QTimer>

#include <gtest/gtest.h>

#include <chrono>
#include <new>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

class Queue : public ::testing::Test {
protected:
    void add(JobQueue::Work work) {
        m_queue.add(Lane::Files, std::move(work), [this](ErrorKind kind, const QString& message) {
            m_failures.emplace_back(kind, message);
        });
    }
    bool rests() {
        return QTest::qWaitFor([this] { return !m_queue.isBusy(); }, 10'000);
    }
    JobQueue m_queue{nullptr};
    std::vector<std::pair<ErrorKind, QString>> m_failures;
};

TEST_F(Queue, WhatTheWorkThrowsIsAFailure) {
    add([](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
        throw Error(ErrorKind::InputFile, "a: no such file");
    });
    add([](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
        throw std::bad_alloc();
    });
    add([](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver { throw 7; });
    ASSERT_TRUE(rests());
    const std::vector<std::pair<ErrorKind, QString>> wanted = {
        {ErrorKind::InputFile, u"a: no such file"_s},
        {ErrorKind::Io, u"out of memory"_s},
        {ErrorKind::Internal, u"an unknown exception"_s}};
    EXPECT_EQ(m_failures, wanted);
}

TEST_F(Queue, WhatAnOutcomeThrowsIsAFailureAndTheNextJobIsHeard) {
    bool isHeard = false;
    add([](const RunContext&, const JobQueue::Post& post) -> JobQueue::Deliver {
        post([] { throw std::runtime_error("early"); });
        return [] { throw std::out_of_range("at the end"); };
    });
    add([&](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
        return [&] { isHeard = true; };
    });
    ASSERT_TRUE(rests());
    const std::vector<std::pair<ErrorKind, QString>> wanted = {
        {ErrorKind::Internal, u"early"_s}, {ErrorKind::Internal, u"at the end"_s}};
    EXPECT_EQ(m_failures, wanted);
    EXPECT_TRUE(isHeard);
}

// Both ways to a Fail, and one that is cancelled before it began.
TEST_F(Queue, GoesOnWhereAFailThrowsItself) {
    auto* application = dynamic_cast<TimedApplication*>(qApp);
    ASSERT_NE(application, nullptr);
    QStringList defects;
    application->onDefect = [&](const QString& line) { defects.push_back(line); };
    const QSignalSpy ended(&m_queue, &JobQueue::ended);
    QStringList told;
    const JobQueue::Fail fail = [&](ErrorKind, const QString& message) {
        told.push_back(message);
        throw std::logic_error("the fail's own");
    };
    bool isHeard = false;
    m_queue.add(
        Lane::Load,
        [](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
            throw Error(ErrorKind::InputFile, "a: no such file");
        },
        fail);
    m_queue.add(
        Lane::Run,
        [](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
            return [] { throw std::runtime_error("at the end"); };
        },
        fail);
    add([&](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
        return [&] { isHeard = true; };
    });
    for (int i = 0; i < 2; ++i)
        m_queue.add(
            Lane::Log,
            [](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver { return {}; }, fail);
    EXPECT_THROW(m_queue.cancel(Lane::Log), std::logic_error);
    EXPECT_EQ(told, QStringList({u"cancelled"_s, u"cancelled"_s}));
    EXPECT_EQ(ended.count(), 2);
    told.clear();
    EXPECT_TRUE(rests());
    application->onDefect = nullptr;
    EXPECT_EQ(told, QStringList({u"a: no such file"_s, u"at the end"_s})) << "each once";
    EXPECT_TRUE(isHeard);
    EXPECT_EQ(ended.count(), 5);
    ASSERT_EQ(defects.size(), 2);
    EXPECT_TRUE(defects.front().contains(u"the fail's own"_s)) << defects.front().toStdString();
}

// It ends with its queue: nothing of it is left when the queue's owner goes.
TEST(QueueEnd, StopsAndWaitsForTheWorker) {
    bool hasSeenStop = false;
    {
        JobQueue queue(nullptr);
        queue.add(
            Lane::Run,
            [&](const RunContext& context, const JobQueue::Post& post) -> JobQueue::Deliver {
                while (!context.stopRequested()) {
                    post([] {});
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                }
                hasSeenStop = true;
                return [] { ADD_FAILURE() << "nobody is there to hear it"; };
            },
            [](ErrorKind, const QString&) { ADD_FAILURE() << "nor this"; });
        QTest::qWait(20);
    }
    EXPECT_TRUE(hasSeenStop);
    QTest::qWait(20);
}

TEST(Application, SurvivesWhatASlotThrows) {
    auto* application = dynamic_cast<TimedApplication*>(qApp);
    ASSERT_NE(application, nullptr);
    QStringList lines;
    application->onDefect = [&](const QString& line) { lines.push_back(line); };
    for (const bool isTimed : {false, true}) {
        if (isTimed) application->startTiming();
        QTimer::singleShot(0, application, [] { throw std::logic_error("a slot's own"); });
        EXPECT_TRUE(QTest::qWaitFor([&] { return lines.size() == (isTimed ? 2 : 1); }, 10'000));
        if (isTimed) application->stopTiming();
    }
    application->onDefect = nullptr;
    EXPECT_TRUE(lines.front().contains(u"a slot's own"_s)) << lines.front().toStdString();
    EXPECT_TRUE(lines.front().contains(u"Save the session"_s));
}

}  // namespace
}  // namespace driftlens
