// One worker thread for what must not run on the GUI thread: models, LibTorch, the audit log.
#pragma once

#include "core/base/error.h"
#include "core/base/run_context.h"

#include <QObject>
#include <QString>
#include <QThreadPool>

#include <functional>
#include <stop_token>

namespace driftlens {

// Runs one job at a time; the newest wins. Called and heard on the GUI thread only: the worker
// posts its outcome there, where the job number decides whether it still counts. Destruction stops
// the running job and waits for it.
class JobRunner : public QObject {
    Q_OBJECT
public:
    using Deliver = std::function<void()>;                   // called on the GUI thread
    using Work = std::function<Deliver(const RunContext&)>;  // called on the worker thread

    explicit JobRunner(QObject* parent);
    ~JobRunner() override;

    // Stops the job before it, if one runs; what that one still reports is dropped.
    void start(Work work);

    // Asks the job to stop; it ends with failed(Cancelled), or finishes if it was done already.
    void cancel();
    bool isRunning() const { return m_isRunning; }

Q_SIGNALS:
    void progressed(double fraction, const QString& stage);
    void finished();                                      // after the job's Deliver was called
    void failed(ErrorKind kind, const QString& message);  // one line

private:
    void runOnWorker(int job, const Work& work, const std::stop_token& stop);
    void post(int job, std::function<void()> outcome, bool isLast);

    QThreadPool m_pool;
    std::stop_source m_stop;
    int m_job = 0;
    bool m_isRunning = false;
};

}  // namespace driftlens
