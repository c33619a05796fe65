#include "ui/models/variant_info.h"

#include <array>

namespace driftlens {

using namespace Qt::StringLiterals;

QString adviceFor(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Usage:
            return u"Mend the setting that is named, then try again."_s;
        case ErrorKind::InputFile:
            return u"Locate the file, or remove it from the session."_s;
        case ErrorKind::Unsupported:
            return u"Choose another model, scheme or method."_s;
        case ErrorKind::Tampered:
            return u"Keep the file as it is and verify it; log to another file."_s;
        case ErrorKind::Erased:
            return u"What was erased cannot be shown; choose another run."_s;
        case ErrorKind::Io:
            return u"Free space or choose another place, then try again."_s;
        case ErrorKind::Numeric:
            return u"Choose another method, baseline or compute type."_s;
        case ErrorKind::Cancelled:
            return u"Run again when you want the result."_s;
        case ErrorKind::Internal:
            return u"This is a defect of Driftlens; please report the line above."_s;
    }
    return {};
}

QString stateText(LoadState state) {
    switch (state) {
        case LoadState::Waiting:
            return u"waiting"_s;
        case LoadState::Loading:
            return u"loading…"_s;
        case LoadState::Loaded:
            return u"loaded"_s;
        case LoadState::Failed:
            return u"cannot load"_s;
        case LoadState::Missing:
            return u"missing"_s;
    }
    return {};
}

QString gradientText(GradientKind gradient) {
    switch (gradient) {
        case GradientKind::None:
            return u"none"_s;
        case GradientKind::Exact:
            return u"exact"_s;
        case GradientKind::StraightThrough:
            return u"straight-through"_s;
    }
    return {};
}

QString sizeText(std::int64_t bytes) {
    static const std::array<QString, 5> kUnits = {u"B"_s, u"kB"_s, u"MB"_s, u"GB"_s, u"TB"_s};
    auto size = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (size >= 1000.0 && unit + 1 < kUnits.size()) {
        size /= 1000.0;
        ++unit;
    }
    return QString::number(size, 'f', unit == 0 || size >= 100.0 ? 0 : 1) + u' ' + kUnits[unit];
}

}  // namespace driftlens
