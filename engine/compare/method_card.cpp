#include "engine/compare/method_card.h"

#include "xai/methods/method.h"
#include "xai/methods/presets.h"

namespace driftlens {

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
