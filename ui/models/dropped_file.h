// What a file is that somebody drops on the window or opens: by its content, not by its name alone.
#pragma once

#include <QString>

namespace driftlens {

enum class FileKind { Model, Session, Data, Log, Refused };

struct DroppedFile {
    FileKind kind = FileKind::Refused;
    QString path;
    QString reason;  // Refused: one line
};

// Reads the first bytes; not for the GUI thread.
DroppedFile classifyFile(const QString& path);

}  // namespace driftlens
