// A checkpoint with an authority's timestamp, as a record holds it.
#pragma once

#include "engine/audit/checkpoint.h"
#include "engine/audit/record.h"

#include <string>

namespace driftlens::audit {

struct StampedCheckpoint {
    SignedCheckpoint note;
    std::string token;                      // DER
    std::string time = {}, authority = {};  // as the token says
};

// Of a record of type "timestamped". Throws Error(InputFile) if the token is none of the
// checkpoint, or says another time than the record.
StampedCheckpoint stampedCheckpointIn(const RecordFields& fields);

}  // namespace driftlens::audit
