// The session's files of texts, and its metrics, as the engine takes them. Plain values.
#pragma once

#include "engine/compare/explain.h"
#include "ui/models/session.h"

#include <QString>
#include <QStringList>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace driftlens {

struct MethodEntry;

// The row of a method as the session has it, "ID[:key=value,…]"; null: there is none.
const MethodEntry* methodOf(const QString& method);

// Those that a method of the run takes, as options of the command line and their arguments. The
// others stay with the session, for when such a method is chosen again. Throws Error(Usage) for a
// name that is empty or has a "=".
using Argument = std::pair<std::string, std::string>;
std::vector<Argument> textArguments(const Session& session, const QStringList& methods);

// The same for the engine. Throws Error(Usage) in the command line's words.
ConceptRequest conceptsOf(const Session& session, const QStringList& methods);

// What the method still needs of those, or cannot take, in the command line's words; empty:
// nothing.
QString lackOfTexts(const MethodEntry& method, const std::vector<SessionTexts>& texts);

// Nothing where the session asks for none. Throws as parseMetrics() does.
std::optional<MetricPlan> metricsOf(const Session& session);

}  // namespace driftlens
