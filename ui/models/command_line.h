// The line for the shell that computes the same as the desktop does: what a report of a run that
// is not on record says it was made by.
#pragma once

#include "engine/compare/explain.h"
#include "engine/variants/variant.h"
#include "ui/models/dataset_setup.h"

#include <string>
#include <vector>

namespace driftlens {

std::string promptCommand(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                          const Session& session, const std::vector<std::string>& methods);
std::string datasetCommand(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                           const Session& session, const DatasetSetup& setup);

}  // namespace driftlens
