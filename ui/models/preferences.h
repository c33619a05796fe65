// What the user prefers, across sessions.
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

class QSettings;

namespace driftlens {

enum class Theme { System, Light, Dark };  // stored by number; append only

struct Preferences {
    int threads = 0;    // 0: all cores
    int memoryMib = 0;  // 0: half of what is free
    QString log;        // of new sessions; empty: runs are not logged
    Theme theme = Theme::System;
    bool showsValues = true;     // under tokens
    bool previews = true;        // as the prompt is written
    QStringList recent;          // session files, newest first
    QByteArray geometry, docks;  // of the window
};

Preferences readPreferences(const QSettings& store);
void writePreferences(const Preferences& preferences, QSettings& store);

// The file first in the list of recent ones; at most ten stay.
void addRecent(Preferences& preferences, const QString& file);

}  // namespace driftlens
