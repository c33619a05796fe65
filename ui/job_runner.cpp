#include "ui/job_runner.h"

#include <QMetaObject>

#include <chrono>
#include <exception>

namespace driftlens {
namespace {

using Clock = std::chrono::steady_clock;

// Reports that come faster than the eye sees would only fill the event queue.
constexpr auto kProgressInterval = std::chrono::milliseconds(50);

QString firstLine(const char* text) {
    return QString::fromUtf8(text).section(u'\n', 0, 0);
}

}  // namespace

JobRunner::JobRunner(QObject* parent) : QObject(parent), m_stop(std::nostopstate) {
    m_pool.setMaxThreadCount(1);
}

JobRunner::~JobRunner() {
    m_stop.request_stop();
    m_pool.waitForDone();
}

void JobRunner::start(Work work) {
    m_stop.request_stop();
    m_stop = std::stop_source();
    m_isRunning = true;
    const int job = ++m_job;
    m_pool.start([this, job, work = std::move(work), stop = m_stop.get_token()] {
        runOnWorker(job, work, stop);
    });
}

void JobRunner::cancel() {
    m_stop.request_stop();
}

void JobRunner::runOnWorker(int job, const Work& work, const std::stop_token& stop) {
    Clock::time_point last{};
    const RunContext context(stop, [this, job, &last](double fraction, std::string_view stage) {
        const auto now = Clock::now();
        if (now - last < kProgressInterval) return;
        last = now;
        const QString name = QString::fromUtf8(stage.data(), static_cast<qsizetype>(stage.size()));
        post(
            job, [this, fraction, name] { Q_EMIT progressed(fraction, name); }, false);
    });
    ErrorKind kind = ErrorKind::Internal;
    QString message;
    try {
        Deliver deliver = work(context);
        post(
            job,
            [this, deliver = std::move(deliver)] {
                deliver();
                Q_EMIT finished();
            },
            true);
        return;
    } catch (const Error& error) {
        kind = error.kind();
        message = firstLine(error.what());
    } catch (const std::exception& error) {
        message = firstLine(error.what());
    }
    post(
        job, [this, kind, message] { Q_EMIT failed(kind, message); }, true);
}

void JobRunner::post(int job, std::function<void()> outcome, bool isLast) {
    QMetaObject::invokeMethod(
        this,
        [this, job, isLast, outcome = std::move(outcome)] {
            if (job != m_job) return;
            if (isLast) m_isRunning = false;
            outcome();
        },
        Qt::QueuedConnection);
}

}  // namespace driftlens
