// The sample that the start page opens: models whose true reasons are known.
#pragma once

#include "ui/models/session.h"

#include <optional>

namespace driftlens {

// The folder of samples: as given, as DRIFTLENS_SAMPLES says, or beside the program's build. Looks
// at the disk; not for the GUI thread.
std::optional<Session> sampleSession(const QString& folder);

}  // namespace driftlens
