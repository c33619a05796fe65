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
            gate.metric = id.substr(0, id.find('@'));
            if (const std::size_t at = id.find('@'); at != std::string::npos) {
                const std::string place = id.substr(at + 1);
                const bool isNumber = place.find_first_not_of("0123456789") == std::string::npos;
                if (isNumber)
                    gate.k = std::stoul(place);
                else
                    gate.site = place;
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
