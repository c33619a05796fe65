// Reports as JSON, of both kinds, for what writers make of one.
#pragma once

#include "core/base/json.h"

namespace driftlens {

// Computed: a model of samples/ and two variants of it.
Json promptReport();

// Written by hand, as engine/dataset writes it: two variants, intervals, slices, an undefined
// figure.
Json datasetReport();

}  // namespace driftlens
