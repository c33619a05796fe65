// A rerun in words for people: the command line and the desktop print these.
#pragma once

#include "engine/rerun/rerun.h"

#include <string>

namespace driftlens {

std::string rerunText(const Rerun& rerun);

}  // namespace driftlens
