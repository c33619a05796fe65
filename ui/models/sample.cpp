#include "ui/models/sample.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

const QString kModel = u"sentiment-bert-mini"_s;

QStringList placesOf(const QString& given) {
    if (!given.isEmpty()) return {given};
    QStringList out;
    const QString told = qEnvironmentVariable("DRIFTLENS_SAMPLES");
    if (!told.isEmpty()) out.push_back(told);
    out.push_back(QDir::current().filePath(u"samples"_s));
    QDir up(QCoreApplication::applicationDirPath());
    do {
        out.push_back(up.filePath(u"samples"_s));
    } while (up.cdUp());
    return out;
}

}  // namespace

std::optional<Session> sampleSession(const QString& folder) {
    for (const QString& place : placesOf(folder)) {
        const QString model = QDir(place).absoluteFilePath(kModel);
        if (!QFileInfo::exists(model + u"/config.json"_s)) continue;
        Session out;
        // Eight bits change next to nothing; half the weights gone change the reasons.
        for (const char16_t* scheme :
             {u"", u"int8", u"int4:group=32", u"prune_magnitude:sparsity=0.85"}) {
            out.models.push_back({model, QString::fromUtf16(scheme)});
        }
        out.prompt = u"My friend praised the poster , but the room was not clever at all"_s;
        // The model is very sure of its answers: 50 nodes miss the step on the path, 200 do not.
        out.methods = {u"integrated_gradients:nodes=200,baseline=mask"_s};
        return out;
    }
    return std::nullopt;
}

}  // namespace driftlens
