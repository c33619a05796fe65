#include "engine/compare/method_card.h"

#include "xai/methods/method.h"
#include "xai/methods/presets.h"

namespace driftlens {
namespace {

// Whether each token of a continuation has scores of its own, and what they are to the whole's.
std::string answerTokensFact(const MethodEntry& method) {
    if (!method.explainsAnswerTokens) return "no scores of each";
    bool isOnRequest = false;
    for (const ParameterInfo& info : method.parameters)
        isOnRequest = isOnRequest || info.name == "answer_tokens";
    const std::string when =
        isOnRequest ? "scores of each with answer_tokens=yes (not of the texts of a data set), a "
                      "backward pass more for each token beside every forward and backward pass; "
                      "adaptive nodes that were found are all run again for it"
                    : "scores of each, from the same passes";
    return when + (method.isLinear
                       ? "; they add up to the scores of the whole where these are signed sums, of "
                         "logits or log-probabilities"
                       : "; they need not add up to the scores of the whole");
}

}  // namespace

MethodCard methodCard(std::string_view id) {
    const MethodEntry& method = methodNamed(id);
    const std::string complete =
        method.isComplete ? "yes: scores add up to the target's change from the baseline, up to "
                            "the completeness gap of each result"
                          : "no: scores need not add up to anything";
    MethodCard out;
    out.id = std::string(method.id);
    out.title = std::string(method.title);
    out.facts = {
        {"what it gives", std::string(method.summary)},
        {"definition", std::string(method.definition)},
        {"paper", std::string(method.paper)},
        {"cost", std::string(method.cost)},
        {"complete", complete},
        {"answer tokens", answerTokensFact(method)},
        {"gradients", method.needsGradients ? "needed" : "not needed"},
        {"deterministic", method.isDeterministic ? "yes" : "no: its draws depend on --seed"},
        {"caveats", std::string(method.caveats)},
    };
    for (const PresetRow& preset : presets()) {
        if (preset.method != method.id) continue;
        out.facts.push_back(
            {"preset " + std::string(preset.preset),
             std::string(preset.settings) +
                 (preset.difference.empty() ? "" : ". " + std::string(preset.difference))});
    }
    for (const TextFileInfo& file : method.files)
        out.facts.push_back(
            {"--" + std::string(file.option),
             std::string(file.meaning) + ", one per line" +
                 (file.least > 1 ? "; " + std::to_string(file.least) + " files or more" : "")});
    for (const ParameterInfo& info : method.parameters) {
        out.settings.push_back({std::string(info.name), std::string(info.fallback),
                                allowedValues(info), std::string(info.meaning)});
    }
    return out;
}

}  // namespace driftlens
