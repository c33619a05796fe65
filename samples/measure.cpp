#include "samples/measure.h"

#include "core/base/error.h"
#include "core/model/model.h"
#include "core/tokenizer/tokenizer.h"
#include "engine/schemes/scheme.h"

#include <algorithm>

namespace driftlens {
namespace {

constexpr std::size_t kBatchRows = 64;
constexpr int kHeldOut = 1200;
constexpr const char* kSchemes[] = {"int8",
                                    "int4:group=16",
                                    "int4:group=32",
                                    "int3:group=16",
                                    "int3:group=32",
                                    "int3:group=0",
                                    "int2:group=32",
                                    "int2:group=0",
                                    "prune_magnitude:sparsity=0.2",
                                    "prune_magnitude:sparsity=0.3",
                                    "prune_magnitude:sparsity=0.4",
                                    "prune_magnitude:sparsity=0.5",
                                    "prune_magnitude:sparsity=0.6",
                                    "prune_magnitude:sparsity=0.65",
                                    "prune_magnitude:sparsity=0.7",
                                    "prune_magnitude:sparsity=0.72",
                                    "prune_magnitude:sparsity=0.74",
                                    "prune_magnitude:sparsity=0.75",
                                    "prune_magnitude:sparsity=0.76",
                                    "prune_magnitude:sparsity=0.77",
                                    "prune_magnitude:sparsity=0.78",
                                    "prune_magnitude:sparsity=0.8",
                                    "prune_magnitude:sparsity=0.85"};

// The model's answers to texts of one shape.
std::vector<std::int64_t> answer(const Model& model, const Tokenizer& tokenizer,
                                 const std::vector<std::string>& texts) {
    std::vector<std::int64_t> out;
    for (std::size_t first = 0; first < texts.size(); first += kBatchRows) {
        std::vector<std::vector<std::int64_t>> rows;
        for (std::size_t i = first; i < std::min(first + kBatchRows, texts.size()); ++i) {
            rows.push_back(tokenizer.encode(texts[i]).ids());
        }
        for (const std::int64_t id : answersOf(model, rows, {})) out.push_back(id);
    }
    return out;
}

struct HeldOut {
    std::vector<std::string> texts, rationaleSwapped, distractorSwapped, answers;
};

std::vector<HeldOut> drawHeldOut(const Sample& sample) {
    std::vector<HeldOut> out(static_cast<std::size_t>(sample.shapes()));
    RandomStream random(sample.plan().seed, "held-out");
    for (int i = 0; i < kHeldOut; ++i) {
        const int shape = i % sample.shapes();
        const Example example = sample.draw(shape, true, random);
        HeldOut& group = out[static_cast<std::size_t>(shape)];
        group.texts.push_back(example.text);
        group.answers.push_back(example.answer);
        group.rationaleSwapped.push_back(example.rationaleSwapped);
        if (!example.distractorSwapped.empty())
            group.distractorSwapped.push_back(example.distractorSwapped);
    }
    return out;
}

double countChanges(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
    double changed = 0;
    for (std::size_t i = 0; i < a.size(); ++i) changed += a[i] != b[i];
    return changed;
}

}  // namespace

std::vector<const Sample*> samples() {
    return {&sentimentSample(), &retrievalSample()};
}

std::int64_t answerId(const std::string& answer, const ModelSpec& spec,
                      const Tokenizer& tokenizer) {
    if (spec.task == Task::CausalLm) return *tokenizer.idOf(answer);
    for (std::size_t i = 0; i < spec.classLabels.size(); ++i) {
        if (spec.classLabels[i] == answer) return static_cast<std::int64_t>(i);
    }
    throw Error(ErrorKind::Internal, "sample: no class " + answer);
}

Json measureSample(const Sample& sample, const Model& model, const Tokenizer& tokenizer) {
    const std::vector<HeldOut> heldOut = drawHeldOut(sample);
    double correct = 0, rationale = 0, distractor = 0, distractors = 0;
    std::vector<std::vector<std::int64_t>> own;
    for (const HeldOut& group : heldOut) {
        own.push_back(answer(model, tokenizer, group.texts));
        for (std::size_t i = 0; i < own.back().size(); ++i) {
            correct += own.back()[i] == answerId(group.answers[i], model.spec(), tokenizer);
        }
        rationale += countChanges(own.back(), answer(model, tokenizer, group.rationaleSwapped));
        if (group.distractorSwapped.empty()) continue;
        distractor += countChanges(own.back(), answer(model, tokenizer, group.distractorSwapped));
        distractors += static_cast<double>(group.texts.size());
    }
    Json flips = Json::object();
    for (const char* text : kSchemes) {
        const NamedSettings named = parseNamedSettings(text, "scheme");
        const SchemeEntry& scheme = schemeNamed(named.name);
        const auto variant =
            scheme.apply(model, ParameterSet(text, scheme.parameters, named.settings), {});
        double changed = 0;
        for (std::size_t g = 0; g < heldOut.size(); ++g) {
            changed += countChanges(own[g], answer(*variant, tokenizer, heldOut[g].texts));
        }
        flips[text] = changed / kHeldOut;
    }
    return {{"held_out", kHeldOut},
            {"accuracy", correct / kHeldOut},
            {"rationale_swapped_flips", rationale / kHeldOut},
            {"distractor_swapped_flips", distractor / distractors},
            {"flips_by_scheme", flips}};
}

}  // namespace driftlens
