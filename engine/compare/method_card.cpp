#include "engine/compare/method_card.h"

#include "xai/methods/method.h"

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
        {"definition", std::string(method.summary)},
        {"paper", std::string(method.paper)},
        {"complete", complete},
        {"gradients", method.needsGradients ? "needed" : "not needed"},
        {"deterministic", method.isDeterministic ? "yes" : "no: its draws depend on --seed"},
        {"caveats", std::string(method.caveats)},
    };
    for (const ParameterInfo& info : method.parameters) {
        out.settings.push_back({std::string(info.name), std::string(info.fallback),
                                allowedValues(info), std::string(info.meaning)});
    }
    return out;
}

}  // namespace driftlens
