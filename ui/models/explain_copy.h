// What is copied of the Explain tab. Plain values: made on any thread.
#pragma once

#include "ui/models/result.h"
#include "xai/groups.h"

#include <QString>

#include <cstddef>

namespace driftlens {

// What the tab shows of a result.
struct ExplainQuestion {
    std::size_t method = 0;  // an index into methodsOf()
    GroupUnit unit = GroupUnit::Token;
    int detailsOf = -1;  // a variant; -1: the reference
    bool withFacts = false;
};

// A table of the scores with tabs between its fields, and the tables of one model's details.
QString explainText(const Result& result, const ExplainQuestion& shown);

// The strips under each other; of a method that has none to look at, its figure.
QString explainSvg(const Result& result, const ExplainQuestion& shown);

}  // namespace driftlens
