// What is known of a model of the session beyond its name.
#pragma once

#include "core/base/error.h"
#include "engine/compare/comparison.h"

#include <QString>
#include <QStringList>

namespace driftlens {

enum class LoadState { Waiting, Loading, Loaded, Failed, Missing };

struct VariantInfo {
    LoadState state = LoadState::Waiting;
    QString message;  // Failed, Missing: why, in the command line's words
    QString advice;   // and what to do
    QString problem;  // it loads, but cannot be compared with the reference: why
    ModelIdentity identity;
    double bitsPerWeight = 0.0;
    GradientKind gradient = GradientKind::Exact;
    bool isClassifier = false;
    QStringList classes;  // names by number
    QStringList warnings;
};

// What people can do about an error of that kind.
QString adviceFor(ErrorKind kind);

QString stateText(LoadState state);
QString gradientText(GradientKind gradient);
QString sizeText(std::int64_t bytes);  // "12.3 MB"

}  // namespace driftlens
