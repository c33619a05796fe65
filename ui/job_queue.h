// One worker thread for what must not run on the GUI thread: models, LibTorch, files, the log.
#pragma once

#include "core/base/error.h"
#include "core/base/run_context.h"

#include <QObject>
#include <QString>
#include <QThreadPool>

#include <deque>
#include <functional>
#include <memory>

namespace driftlens {

// What a job belongs to. Of those that wait, the first lane goes first.
enum class Lane { Load, Run, Preview, Log, Files };

// Works off jobs one by one. Called and heard on the GUI thread only: the worker posts its outcome
// there, where it is decided whether the job still counts. Whatever the work or its Deliver throws
// becomes a Fail, and what a Fail throws goes to the application after the next job was started:
// nothing of it ends the program or the queue. Destruction stops everything and waits.
class JobQueue : public QObject {
    Q_OBJECT
public:
    using Deliver = std::function<void()>;      // called on the GUI thread
    using Post = std::function<void(Deliver)>;  // for what is done before the end
    using Work = std::function<Deliver(const RunContext&, const Post&)>;  // on the worker thread
    using Fail = std::function<void(ErrorKind, const QString&)>;          // one line

    explicit JobQueue(QObject* parent);
    ~JobQueue() override;

    // Appends a job to its lane.
    void add(Lane lane, Work work, Fail fail);

    // Takes the waiting and running jobs of the lane away: nothing of them is heard again.
    void drop(Lane lane);

    // Asks them to stop: they fail with Cancelled, or end well if they were done already.
    void cancel(Lane lane);

    bool isBusy(Lane lane) const;
    bool isBusy() const { return m_running != nullptr || !m_waiting.empty(); }

Q_SIGNALS:
    void started(Lane lane);
    void progressed(Lane lane, double fraction, const QString& stage);
    void ended(Lane lane);  // after the job's Deliver or Fail was called

private:
    struct Job;
    using JobPtr = std::shared_ptr<Job>;

    void startNext();
    void runOnWorker(const JobPtr& job);
    void hear(const JobPtr& job, const std::function<void()>& outcome);
    void post(const JobPtr& job, std::function<void()> outcome, bool isLast);

    QThreadPool m_pool;
    std::deque<JobPtr> m_waiting;
    JobPtr m_running;
};

}  // namespace driftlens
