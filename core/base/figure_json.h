// Figures as JSON.
#pragma once

#include "core/base/figure.h"
#include "core/base/json.h"

namespace driftlens {

// For programs: a number, or null where it is undefined.
inline Json figureJson(const Figure& figure) {
    return figure.value ? jsonNumber(*figure.value) : Json();
}

// For records: a number that reads back exactly, or {"undefined": why}.
inline Json figureRecord(const Figure& figure) {
    return figure.value ? Json(exactNumber(*figure.value)) : Json{{"undefined", figure.reason}};
}

// The inverse. Throws Error(InputFile), naming `what`, and what JSON throws for another shape.
inline Figure readFigureRecord(const Json& record, std::string_view what) {
    if (record.is_object()) return undefinedFigure(record.at("undefined").get<std::string>());
    return {readExactNumber(record.get<std::string>(), what), ""};
}

}  // namespace driftlens
