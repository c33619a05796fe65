// Who runs this program, and what its clocks say.
#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <string>

namespace driftlens::audit {

// {"user", "uid", "host", "program", "pid"}; parts that the system does not tell are empty.
Json describeActor();

// {"wall", "monotonic", "utc_offset_minutes"}: the clocks' names and the local offset from UTC.
Json describeClock();

// Now, in UTC: "2026-01-31T12:00:00.000000001Z".
std::string utcNow();

// The same, so many days of 24 hours ago.
std::string utcDaysAgo(std::int64_t days);

// Nanoseconds of a clock that only goes forward; its zero means nothing.
std::int64_t monotonicNanoseconds();

// Valid UTF-8, whatever the bytes were: others become '?'.
std::string asUtf8(std::string text);

}  // namespace driftlens::audit
