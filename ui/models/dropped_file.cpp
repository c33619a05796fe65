#include "ui/models/dropped_file.h"

#include "core/base/error.h"
#include "core/files/data_file.h"

#include <QFile>
#include <QFileInfo>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr qint64 kHeadBytes = 64;

QByteArray headOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.read(kHeadBytes) : QByteArray();
}

DroppedFile refused(const QString& path, const QString& why) {
    return {FileKind::Refused, path, u"%1: %2"_s.arg(path, why)};
}

// By the rule of the command line.
bool isData(const QString& path) {
    try {
        dataFormatOf(path.toStdString());
        return true;
    } catch (const Error&) {
        return false;
    }
}

}  // namespace

DroppedFile classifyFile(const QString& path) {
    const QFileInfo info(path);
    if (!info.exists()) return refused(path, u"no such file"_s);
    if (info.isDir()) {
        if (QFileInfo::exists(path + u"/config.json"_s)) return {FileKind::Model, path, {}};
        return refused(path, u"no model folder: it has no config.json"_s);
    }
    const QByteArray head = headOf(path);
    if (head.startsWith("GGUF")) return {FileKind::Model, path, {}};
    if (head.startsWith("SQLite format 3")) return {FileKind::Log, path, {}};
    const QString ending = info.suffix().toLower();
    if (ending == u"driftlens"_s) return {FileKind::Session, path, {}};
    if (isData(path)) return {FileKind::Data, path, {}};
    // A file of a checkpoint stands for its folder.
    const QString folder = info.absolutePath();
    const bool isOfModel = info.fileName() == u"config.json"_s || ending == u"safetensors"_s;
    if (isOfModel && QFileInfo::exists(folder + u"/config.json"_s))
        return {FileKind::Model, folder, {}};
    return refused(
        path,
        u"neither a model folder, a GGUF file, a data file (csv, jsonl, ndjson, txt), a log nor a session"_s);
}

}  // namespace driftlens
