// The figures of an aggregate by the names that gates give them.
#include "engine/dataset/aggregate.h"

namespace driftlens {

std::vector<GateFigure> gateFigures(const Aggregate& aggregate,
                                    const std::vector<std::string>& variantNames) {
    std::vector<GateFigure> out;
    for (std::size_t i = 0; i < aggregate.variants.size(); ++i) {
        const VariantAggregate& variant = aggregate.variants[i];
        const std::uint64_t failed = aggregate.failed + variant.failed;
        const auto add = [&](const std::string& method, const std::string& id,
                             const AggregateFigure& figure) {
            GateFigure gate;
            gate.variant = variantNames[i];
            gate.method = method;
            gate.metric = id;
            const std::size_t at = id.find('@');
            // Behind it stands a k, or a site of the network: then it is a name of its own.
            if (at != std::string::npos &&
                id.find_first_not_of("0123456789", at + 1) == std::string::npos) {
                gate.metric = id.substr(0, at);
                gate.k = std::stoul(id.substr(at + 1));
            }
            gate.value = figure.value;
            gate.interval = figure.interval;
            gate.failedExamples = failed + figure.undefined;
            out.push_back(std::move(gate));
        };
        for (const auto& [metric, figure] : variant.output) add("", metric, figure);
        for (const auto& [method, metrics] : variant.methods)
            for (const auto& [metric, figure] : metrics) add(method, metric, figure);
    }
    return out;
}

}  // namespace driftlens
