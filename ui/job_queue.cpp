#include "ui/job_queue.h"

#include <QMetaObject>

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <stop_token>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace driftlens {
namespace {

using Clock = std::chrono::steady_clock;

// Reports that come faster than the eye sees would only fill the event queue.
constexpr auto kProgressInterval = std::chrono::milliseconds(50);

// The window goes first: what computes, and the threads that LibTorch makes for it, gives way
// when it has something to paint. Nice values are those of single threads on Linux.
constexpr int kNice = 5;

void giveWay() {
    static thread_local const int kDone =
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
    static_cast<void>(kDone);  // refused, it is as quick as the window, which is no failure
}

QString firstLine(const char* text) {
    return QString::fromUtf8(text).section(u'\n', 0, 0);
}

struct Failure {
    ErrorKind kind = ErrorKind::Internal;
    QString line;
};

// Of what is being caught. Neither a worker thread nor Qt's event loop lets an exception through:
// both would end the program.
Failure caught() {
    try {
        throw;
    } catch (const Error& error) {
        return {error.kind(), firstLine(error.what())};
    } catch (const std::bad_alloc&) {
        return {ErrorKind::Io, QStringLiteral("out of memory")};
    } catch (const std::exception& error) {
        return {ErrorKind::Internal, firstLine(error.what())};
    } catch (...) {
        return {ErrorKind::Internal, QStringLiteral("an unknown exception")};
    }
}

// Every one of them, whatever one before it throws: a Fail that throws must not keep the queue from
// its next job. The first exception goes on to the application, which says it.
void doEach(const std::vector<std::function<void()>>& steps) {
    std::exception_ptr first;
    for (const std::function<void()>& step : steps) {
        try {
            step();
        } catch (...) {
            if (first == nullptr) first = std::current_exception();
        }
    }
    if (first != nullptr) std::rethrow_exception(first);
}

}  // namespace

struct JobQueue::Job {
    Lane lane;
    Work work;
    Fail fail;
    std::stop_source stop;
    bool isDropped = false;  // read and written on the GUI thread only
};

JobQueue::JobQueue(QObject* parent) : QObject(parent) {
    m_pool.setMaxThreadCount(1);
    // The pool would end a thread that rests for 30 s: with it go LibTorch's own threads, MKL's
    // buffers and Pango's fonts, beside whatever the others are doing, and all are made again.
    m_pool.setExpiryTimeout(-1);
}

JobQueue::~JobQueue() {
    m_waiting.clear();
    if (m_running != nullptr) m_running->stop.request_stop();
    m_pool.waitForDone();
}

void JobQueue::add(Lane lane, Work work, Fail fail) {
    m_waiting.push_back(std::make_shared<Job>(Job{lane, std::move(work), std::move(fail), {}}));
    if (m_running == nullptr) startNext();
}

void JobQueue::drop(Lane lane) {
    std::erase_if(m_waiting, [lane](const JobPtr& job) { return job->lane == lane; });
    if (m_running == nullptr || m_running->lane != lane) return;
    m_running->isDropped = true;
    m_running->stop.request_stop();
}

void JobQueue::cancel(Lane lane) {
    std::deque<JobPtr> cancelled;
    for (const JobPtr& job : m_waiting)
        if (job->lane == lane) cancelled.push_back(job);
    std::erase_if(m_waiting, [lane](const JobPtr& job) { return job->lane == lane; });
    if (m_running != nullptr && m_running->lane == lane) m_running->stop.request_stop();
    std::vector<std::function<void()>> steps;
    for (const JobPtr& job : cancelled) {
        steps.emplace_back([job] { job->fail(ErrorKind::Cancelled, QStringLiteral("cancelled")); });
        steps.emplace_back([this, lane] { Q_EMIT ended(lane); });
    }
    doEach(steps);
}

bool JobQueue::isBusy(Lane lane) const {
    const auto isOf = [lane](const JobPtr& job) { return job->lane == lane; };
    return (m_running != nullptr && m_running->lane == lane && !m_running->isDropped) ||
           std::any_of(m_waiting.begin(), m_waiting.end(), isOf);
}

void JobQueue::startNext() {
    if (m_waiting.empty()) return;
    const auto next =
        std::min_element(m_waiting.begin(), m_waiting.end(),
                         [](const JobPtr& a, const JobPtr& b) { return a->lane < b->lane; });
    m_running = *next;
    m_waiting.erase(next);
    const JobPtr job = m_running;
    m_pool.start([this, job] { runOnWorker(job); });
    Q_EMIT started(job->lane);
}

void JobQueue::runOnWorker(const JobPtr& job) {
    giveWay();
    Clock::time_point last{};
    const RunContext context(job->stop.get_token(), [this, &job, &last](double fraction,
                                                                        std::string_view stage) {
        const auto now = Clock::now();
        if (now - last < kProgressInterval) return;
        last = now;
        const QString name = QString::fromUtf8(stage.data(), static_cast<qsizetype>(stage.size()));
        const Lane lane = job->lane;
        post(
            job, [this, lane, fraction, name] { Q_EMIT progressed(lane, fraction, name); }, false);
    });
    const Post early = [this, &job](Deliver deliver) { post(job, std::move(deliver), false); };
    try {
        post(job, job->work(context, early), true);
    } catch (...) {
        // Thrown again where it is heard, which is where failures are told.
        const auto failing = [failure = caught()] {
            throw Error(failure.kind, failure.line.toStdString());
        };
        post(job, failing, true);
    }
}

// On the GUI thread.
void JobQueue::hear(const JobPtr& job, const std::function<void()>& outcome) {
    if (job->isDropped || !outcome) return;
    try {
        outcome();
    } catch (...) {
        const Failure failure = caught();
        job->fail(failure.kind, failure.line);
    }
}

void JobQueue::post(const JobPtr& job, std::function<void()> outcome, bool isLast) {
    QMetaObject::invokeMethod(
        this,
        [this, job, isLast, outcome = std::move(outcome)] {
            if (!isLast) return hear(job, outcome);
            m_running = nullptr;
            doEach({[&] { hear(job, outcome); },
                    [&] {
                        if (m_running == nullptr) startNext();
                    },
                    [&] { Q_EMIT ended(job->lane); }});
        },
        Qt::QueuedConnection);
}

}  // namespace driftlens
