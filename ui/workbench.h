// The desktop's session, its results and the threads that make them; no widgets.
#pragma once

#include "engine/variants/variant.h"
#include "ui/dataset_job.h"
#include "ui/job_queue.h"
#include "ui/models/dropped_file.h"
#include "ui/models/preferences.h"
#include "ui/models/result.h"
#include "ui/models/session.h"
#include "ui/models/variant_info.h"
#include "ui/prompt_job.h"
#include "ui/session_edit.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <QUndoStack>

#include <functional>
#include <map>
#include <memory>

namespace driftlens {

// GUI thread only; every computation and every file is a queue's affair. Two workers: one that
// computes (loads, runs, previews), one for files. Tabs that read the log have their own.
class Workbench : public QObject {
    Q_OBJECT
public:
    explicit Workbench(Preferences preferences, QObject* parent = nullptr);
    ~Workbench() override;

    const Session& session() const { return m_session; }
    const Preferences& preferences() const { return m_preferences; }
    void setPreferences(const Preferences& preferences);
    QUndoStack& undoStack() { return m_undo; }

    // Changes the session by one step that can be undone.
    void edit(const QString& what, EditKind kind, const std::function<void(Session&)>& change);
    void addModels(const QStringList& texts);
    void removeModels(const std::vector<int>& rows);
    void moveModel(int row, int by);
    void chooseReference(int row);
    void relocate(int row, const QString& path);  // every model of the same path
    void reload(int row);
    const VariantInfo& info(int row) const;

    // Computes and logs what the session asks.
    void run();
    void cancel();
    // Another long computation, as a rerun of the log: in the lane of runs, one at a time.
    void compute(JobQueue::Work work, JobQueue::Fail fail);
    bool isRunning() const { return m_compute.isBusy(Lane::Run); }
    bool isRunningData() const { return m_runsData; }  // a data set, planned or run
    bool isBusy() const { return isRunning() || m_compute.isBusy(Lane::Preview); }

    // The session's data set: what it would cost, and running it. Cancelled as any run.
    void planData(const DatasetSetup& setup);
    void runData(const DatasetSetup& setup);

    const ResultPtr& result() const { return m_result; }
    // The newest that is of the session's data set; null: none is finished.
    const DatasetResultPtr& dataResult() const { return m_data; }
    int pinnedToken() const { return m_pinned; }  // -1: none
    void pinToken(int token);
    void chooseTarget(const QString& target);

    // Session files. `file` is empty for a session that was never saved.
    const QString& file() const { return m_file; }
    bool isModified() const { return !m_undo.isClean(); }
    void startSession(const Session& session);
    void openSession(const QString& file);
    void saveSession(const QString& file, const WindowState& window);
    void openSample(const QString& folder);

    // Finds out what these are and puts each where it belongs.
    void take(const QStringList& paths);

    JobQueue& filesQueue() { return m_files; }

Q_SIGNALS:
    void sessionChanged();
    void modelsChanged();  // rows, or what is known of one
    void resultChanged();  // a new one, or none
    void busyChanged();    // a run or preview began or ended
    void progressed(double fraction, const QString& stage, int secondsLeft);  // -1: not known
    void failed(ErrorKind kind, const QString& message);                      // of a run or preview
    void succeeded();                                                         // a run
    void dataPlanned(const DatasetPlan& plan);
    void dataStarted();
    void dataExamples(const ExampleRows& rows);  // as they finish
    void dataFinished(const DatasetResultPtr& result);
    void dataFailed(ErrorKind kind, const QString& message);
    void tokenPinned(int token);
    void noticed(const QString& line);  // for the status bar
    void fileChanged();
    void sessionOffered(const QString& file);  // dropped: to open it may cost unsaved changes
    void opened(const WindowState& window);
    void saved();
    void saveFailed();
    void logChanged();  // a run, finished or not, is on record

private:
    void apply(const Session& session);
    void replaceSession(const Session& session, const QString& file);
    void loadModels();
    void load(const SessionModel& model);
    void forgetOthers();
    void finishLoad(const QString& text, const VariantInfo& info);
    void considerPreview();
    void startPreview();
    bool canCompute(QString& why) const;
    PromptOrder previewOrder() const;
    void publish(const PromptOutcome& outcome);
    void fail(ErrorKind kind, const QString& message);
    bool startData(DatasetOrder& order, const DatasetSetup& setup);
    void endData();
    void failData(ErrorKind kind, const QString& message);
    void place(const DroppedFile& file);
    void report(double fraction, const QString& stage);

    Preferences m_preferences;
    Session m_session;
    QString m_file;
    QUndoStack m_undo;
    std::map<QString, VariantInfo> m_infos;  // by the model's text
    Session m_previewed;                     // what the newest preview or run was of
    ResultPtr m_result;
    DatasetResultPtr m_data;
    int m_pinned = -1;
    bool m_runsData = false;
    int m_sessionNumber = 0;  // a result of an earlier session is on record, not on screen
    QTimer m_debounce;
    QElapsedTimer m_since;  // the start of the run
    // Used by the compute worker alone, which ends before it goes.
    VariantLoader m_loader;
    JobQueue m_compute, m_files;
};

}  // namespace driftlens
