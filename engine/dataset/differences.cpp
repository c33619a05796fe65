#include "engine/dataset/differences.h"

#include "engine/drift/endpoint.h"

#include <algorithm>

namespace driftlens {
namespace {

std::vector<Figure> driftsOf(const std::vector<ExampleOutcome>& outcomes, std::size_t variant,
                             const std::string& method, const std::string& metric) {
    const EndpointInfo& endpoint = endpointInfo(metric);
    std::vector<Figure> out;
    for (const ExampleOutcome& each : outcomes) {
        Figure own = undefinedFigure("failed");
        if (each.failed.empty()) {
            const auto& methods = each.variants[variant].methods;
            const auto found = methods.find(method);
            if (found != methods.end() && found->second.raw.contains(metric))
                own = driftOf(endpoint, found->second.raw.at(metric));
        }
        out.push_back(std::move(own));
    }
    return out;
}

}  // namespace

std::vector<VariantDifference> differencesOf(const std::vector<ExampleOutcome>& outcomes,
                                             std::size_t variants, const AggregatePlan& plan,
                                             const RunContext& context) {
    std::vector<std::string> clusters;
    for (const ExampleOutcome& each : outcomes) clusters.push_back(each.cluster);
    if (std::all_of(clusters.begin(), clusters.end(),
                    [](const std::string& id) { return id.empty(); }))
        clusters.clear();
    std::vector<VariantDifference> out;
    for (const std::string& method : plan.methods) {
        std::vector<std::vector<Figure>> drifts;
        for (std::size_t i = 0; i < variants; ++i)
            drifts.push_back(driftsOf(outcomes, i, method, plan.primary));
        for (std::size_t a = 0; a < variants; ++a)
            for (std::size_t b = a + 1; b < variants; ++b)
                out.push_back({a, b, method + "." + plan.primary,
                               driftDifference(drifts[a], drifts[b], clusters,
                                               {plan.seed, "difference", 2000}, context)});
    }
    return out;
}

}  // namespace driftlens
