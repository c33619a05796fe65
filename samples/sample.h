// A sample model that the project trains itself: sentences whose true rationale is known by
// construction, and what is measured on them.
#pragma once

#include "core/base/json.h"
#include "core/base/random.h"
#include "engine/training/trainer.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace driftlens {

// A sentence with its answer, and the same sentence with its rationale or a distractor swapped.
struct Example {
    std::string text;
    std::string answer;             // class label, or the next token's text
    std::string rationaleSwapped;   // the answer must change
    std::string distractorSwapped;  // the answer must stay; empty if there is no distractor
    std::string trainingText;       // causal models learn every next token of this; else empty
};

class Sample {
public:
    virtual ~Sample() = default;
    virtual std::string name() const = 0;
    virtual std::string about() const = 0;  // one paragraph for the README
    virtual Json config() const = 0;        // Hugging Face config.json
    virtual Json tokenizer() const = 0;     // tokenizer.json
    virtual Json tokenizerConfig() const = 0;
    virtual TrainingPlan plan() const = 0;
    // All sentences of one shape have equally many tokens.
    virtual int shapes() const = 0;
    virtual Example draw(int shape, bool isHeldOut, RandomStream& random) const = 0;
};

const Sample& sentimentSample();
const Sample& retrievalSample();
// All of them, in the order of the demo.
std::vector<const Sample*> samples();

// One element of a list.
template <typename List>
const auto& pick(const List& list, RandomStream& random) {
    return list[static_cast<std::size_t>(random.below(std::size(list)))];
}

}  // namespace driftlens
