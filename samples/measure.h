// What a sample model uses is checked, not assumed: accuracy on held-out sentences, answers under
// swapped rationales and distractors, flips by compression.
#pragma once

#include "samples/sample.h"

#include <string>

namespace driftlens {

class Model;
class Tokenizer;
struct ModelSpec;

// Class or token id of an answer's text.
std::int64_t answerId(const std::string& answer, const ModelSpec& spec, const Tokenizer& tokenizer);

// What metrics.json holds. The same sentences for the same sample, whatever the model.
Json measureSample(const Sample& sample, const Model& model, const Tokenizer& tokenizer);

}  // namespace driftlens
