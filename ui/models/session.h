// What a user works on: models, question and files. Plain values, and their JSON.
#pragma once

#include "core/base/json.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <filesystem>
#include <vector>

namespace driftlens {

// A model as the user named it: a path, and what is done to it in memory.
struct SessionModel {
    QString path;
    QString scheme;  // "int4:group=32+…"; empty: the weights as stored

    // Splits "PATH@SCHEME" as the command line does. Looks whether such a path exists.
    static SessionModel parse(const QString& text);
    QString text() const;  // as parse() takes it
    bool operator==(const SessionModel&) const = default;
};

// A file of texts that methods read besides the prompt, as an option of the command line takes it.
struct SessionTexts {
    QString option;  // "concept", "random", "examples"
    QString name;    // where the option takes one: "--concept NAME=FILE"
    QString path;
    bool operator==(const SessionTexts&) const = default;
};

struct Session {
    std::vector<SessionModel> models;
    int reference = 0;  // index into models
    QString prompt;
    QString target = QStringLiteral("top");
    QString quantity = QStringLiteral("log_probability");
    QStringList methods = {QStringLiteral("integrated_gradients")};  // "ID[:key=value,…]"
    std::vector<SessionTexts> texts;  // for those of the methods that take such files
    QString metrics;  // measured by runs, as --metrics=… has it: "removal", "all"; empty: nothing
    QString log;      // empty: runs are not logged
    QString data;     // a data set's file; may be empty
    bool operator==(const Session&) const = default;

    bool isEmpty() const { return models.empty() && prompt.isEmpty() && data.isEmpty(); }
};

// Beside the session, not part of what undo goes back to.
struct WindowState {
    QByteArray geometry, docks;
    QString tab;
};

struct StoredSession {
    Session session;
    WindowState window;
};

// "driftlens/session/1". `file` is where it is or will be kept: paths are absolute, and relative to
// it as well, so that a session finds what was moved together with it. Reading throws
// Error(InputFile) for what is no session.
Json sessionJson(const StoredSession& stored, const std::filesystem::path& file);
StoredSession sessionFromJson(const Json& json, const std::filesystem::path& file);

// Throw Error(InputFile) and Error(Io).
StoredSession readSession(const std::filesystem::path& file);
void writeSession(const StoredSession& stored, const std::filesystem::path& file);

}  // namespace driftlens
