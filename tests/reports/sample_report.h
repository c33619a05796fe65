// Reports for tests: made by hand, small enough to know what must be in them; and one of a real
// comparison.
#pragma once

#include "core/base/json.h"

#include <cstddef>
#include <string>
#include <vector>

namespace driftlens {

// A comparison of one prompt with these tokens: one variant flips, one does not.
Json sampleComparison(const std::vector<std::string>& tokens = {"not", "good"});
Json samplePromptReport(const std::vector<std::string>& tokens = {"not", "good"});

// A data set of so many examples and one variant, with a notable one.
Json sampleDataset(std::size_t examples, const std::string& verdict = "material");
Json sampleOutcomes(std::size_t examples);
Json sampleDatasetReport(std::size_t examples = 12, const std::string& verdict = "material");

// Evidence with a checkpoint, one record and one proof, of the shapes that the log writes.
Json sampleEvidence();

// samples/sentiment-bert-mini, its INT8 and its INT2 variant, by occlusion and attention: computed.
Json measuredReport();

}  // namespace driftlens
