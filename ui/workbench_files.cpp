// What the workbench does with files: sessions, the sample, and what is dropped.
#include "ui/models/sample.h"
#include "ui/workbench.h"

namespace driftlens {

void Workbench::replaceSession(const Session& session, const QString& file) {
    m_compute.drop(Lane::Preview);
    ++m_sessionNumber;
    m_undo.clear();
    m_file = file;
    m_pinned = -1;
    m_infos.clear();
    m_result = nullptr;
    m_data = nullptr;
    m_previewed = {};
    m_session = {};
    Q_EMIT resultChanged();
    apply(session);
    forgetOthers();  // of a session without models nothing was loaded, and nothing let go
    Q_EMIT modelsChanged();
    Q_EMIT fileChanged();
}

void Workbench::startSession(const Session& session) {
    replaceSession(session, {});
}

void Workbench::openSession(const QString& file) {
    m_files.add(
        Lane::Files,
        [this, file](const RunContext&, const JobQueue::Post&) {
            const StoredSession stored = readSession(file.toStdString());
            return [this, file, stored] {
                replaceSession(stored.session, file);
                addRecent(m_preferences, file);
                Q_EMIT opened(stored.window);
            };
        },
        [this](ErrorKind, const QString& message) { Q_EMIT noticed(message); });
}

void Workbench::saveSession(const QString& file, const WindowState& window) {
    m_files.add(
        Lane::Files,
        [this, file, stored = StoredSession{m_session, window}](const RunContext&,
                                                                const JobQueue::Post&) {
            writeSession(stored, file.toStdString());
            return [this, file, session = stored.session] {
                m_file = file;
                addRecent(m_preferences, file);
                if (session == m_session) m_undo.setClean();
                Q_EMIT fileChanged();
                Q_EMIT noticed(tr("Saved %1").arg(file));
                Q_EMIT saved();
            };
        },
        [this](ErrorKind, const QString& message) {
            Q_EMIT noticed(message);
            Q_EMIT saveFailed();
        });
}

void Workbench::openSample(const QString& folder) {
    m_files.add(
        Lane::Files,
        [this, folder, log = m_preferences.log](const RunContext&, const JobQueue::Post&) {
            std::optional<Session> sample = sampleSession(folder);
            if (!sample) {
                throw Error(ErrorKind::InputFile,
                            "the sample models are not there: start from the repository, or set "
                            "DRIFTLENS_SAMPLES to the folder samples");
            }
            sample->log = log;
            return [this, session = *sample] {
                replaceSession(session, {});
                Q_EMIT opened({});
            };
        },
        [this](ErrorKind, const QString& message) { Q_EMIT noticed(message); });
}

void Workbench::take(const QStringList& paths) {
    m_files.add(
        Lane::Files,
        [this, paths](const RunContext&, const JobQueue::Post&) {
            std::vector<DroppedFile> files;
            for (const QString& path : paths) files.push_back(classifyFile(path));
            return [this, files] {
                for (const DroppedFile& file : files) place(file);
            };
        },
        [this](ErrorKind, const QString& message) { Q_EMIT noticed(message); });
}

void Workbench::place(const DroppedFile& file) {
    switch (file.kind) {
        case FileKind::Model:
            addModels({file.path});
            return;
        case FileKind::Session:
            Q_EMIT sessionOffered(file.path);
            return;
        case FileKind::Data:
            edit(tr("Choose the data"), EditKind::Data,
                 [&](Session& session) { session.data = file.path; });
            Q_EMIT noticed(tr("Data set: %1").arg(file.path));
            return;
        case FileKind::Log:
            edit(tr("Choose the log"), EditKind::Log,
                 [&](Session& session) { session.log = file.path; });
            Q_EMIT noticed(tr("Log: %1").arg(file.path));
            return;
        case FileKind::Refused:
            Q_EMIT noticed(file.reason);
            return;
    }
}

}  // namespace driftlens
