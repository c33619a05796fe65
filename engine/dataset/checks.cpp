#include "engine/dataset/checks.h"

#include "core/base/error.h"
#include "core/model/model.h"
#include "xai/methods/explanation_metrics.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

void addTo(std::vector<double>& sums, const std::vector<double>& curve) {
    const std::vector<double> values = atRemovedShares(curve);
    sums.resize(values.size(), 0.0);
    for (std::size_t i = 0; i < values.size(); ++i) sums[i] += values[i];
}

Json valuesJson(const std::vector<double>& values) {
    Json out = Json::array();
    for (const double value : values) out.push_back(jsonNumber(value));
    return out;
}

Json curvesJson(const MeanCurves& mean) {
    return {{"model", mean.model},
            {"examples", mean.examples},
            {"deletion", valuesJson(mean.curves.deletion)},
            {"insertion", valuesJson(mean.curves.insertion)},
            {"reason", mean.reason.empty() ? Json() : Json(mean.reason)}};
}

}  // namespace

std::vector<double> atRemovedShares(const std::vector<double>& curve) {
    std::vector<double> out;
    for (const double share : kRemovedShares) {
        const double place = share * static_cast<double>(curve.size() - 1);
        const auto below = static_cast<std::size_t>(std::floor(place));
        const std::size_t above = std::min(below + 1, curve.size() - 1);
        out.push_back(std::lerp(curve[below], curve[above], place - static_cast<double>(below)));
    }
    return out;
}

MeanCurves meanRemovalCurves(const LoadedVariant& model, const MethodRequest& method,
                             const std::vector<CheckedExample>& examples,
                             const RunContext& context) {
    MeanCurves out;
    out.model = model.identity.name();
    const ConceptQuestion none;
    for (const CheckedExample& example : examples) {
        const PromptRequest& request = example.request;
        const MethodInput in{*model.model,
                             *model.tokenizer,
                             example.input,
                             example.target,
                             request.compute.compute,
                             example.batch,
                             request.compute.seed,
                             &none};
        try {
            if (example.known == nullptr &&
                tokenizeRequest(model, request).ids() != example.input.ids())
                throw Error(ErrorKind::Unsupported, "it cuts texts into other tokens");
            const Attribution explanation =
                example.known != nullptr
                    ? *example.known
                    : runMethod(methodNamed(method.id), withoutAnswerTokens(method.settings), in,
                                context);
            const faithfulness::Curves curves = removalCurves(in, {}, context, explanation);
            if (curves.deletion.size() < 2)
                throw Error(ErrorKind::Unsupported, "its scores belong to parts of the network");
            addTo(out.curves.deletion, curves.deletion);
            addTo(out.curves.insertion, curves.insertion);
            ++out.examples;
        } catch (const Error& error) {
            const bool isOfTheExample = error.kind() == ErrorKind::Numeric ||
                                        error.kind() == ErrorKind::Usage ||
                                        error.kind() == ErrorKind::Unsupported;
            if (!isOfTheExample) throw;
            out.reason = error.what();
        }
    }
    if (out.examples == 0) {
        out.curves = {};
        if (out.reason.empty()) out.reason = "no example was explained";
        return out;
    }
    out.reason.clear();  // fewer examples say it
    for (std::vector<double>* curve : {&out.curves.deletion, &out.curves.insertion})
        for (double& value : *curve) value /= static_cast<double>(out.examples);
    return out;
}

Json toJson(const std::vector<MethodChecks>& checks) {
    Json out = Json::array();
    for (const MethodChecks& each : checks) {
        Json curves = Json::array();
        for (const MeanCurves& own : each.curves) curves.push_back(curvesJson(own));
        out.push_back({{"method", each.method},
                       {"above_random", valuesJson(each.aboveRandom)},
                       {"randomised_weights", valuesJson(each.randomised)},
                       {"shares", kRemovedShares},
                       {"curves", curves}});
    }
    return out;
}

}  // namespace driftlens
