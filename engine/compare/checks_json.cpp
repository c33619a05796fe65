#include "engine/compare/checks_json.h"

#include "core/base/figure_json.h"

namespace driftlens {
namespace {

Json valuesJson(const std::vector<double>& values) {
    Json out = Json::array();
    for (const double value : values) out.push_back(jsonNumber(value));
    return out;
}

Json curvesJson(const RemovalCurves& curves) {
    return {{"deletion", valuesJson(curves.deletion)}, {"insertion", valuesJson(curves.insertion)}};
}

Json blobOf(AuditLog& log, const std::vector<double>& values) {
    const std::int64_t count = static_cast<std::int64_t>(values.size());
    return blobJson(log.addBlob(values, {{count}}));
}

Json curvesRecord(AuditLog& log, const RemovalCurves& curves) {
    return {{"deletion", blobOf(log, curves.deletion)},
            {"insertion", blobOf(log, curves.insertion)}};
}

RemovalCurves readCurves(const AuditLog& log, const Json& record, const std::string& where) {
    const auto values = [&](const char* key) {
        return log.blob(blobDigestIn(record.at(key), where));
    };
    return {values("deletion"), values("insertion")};
}

using FigureWriter = Json (*)(const Figure&);

Json stepsIn(const std::vector<RandomisedStep>& steps, FigureWriter figure) {
    Json out = Json::array();
    for (const RandomisedStep& step : steps)
        out.push_back({{"layer", step.layer},
                       {"magnitudes", figure(step.magnitudes)},
                       {"signed", figure(step.signedScores)}});
    return out;
}

}  // namespace

Json toJson(const ExplanationChecks& checks) {
    return {{"reference", curvesJson(checks.reference)},
            {"variant", curvesJson(checks.variant)},
            {"randomised_weights", stepsIn(checks.randomised, &figureJson)}};
}

Json checksRecord(AuditLog& log, const ExplanationChecks& checks) {
    return {{"reference", curvesRecord(log, checks.reference)},
            {"variant", curvesRecord(log, checks.variant)},
            {"randomised_weights", stepsIn(checks.randomised, &figureRecord)}};
}

ExplanationChecks readChecks(const AuditLog& log, const Json& record, const std::string& where) {
    ExplanationChecks out;
    out.reference = readCurves(log, record.at("reference"), where);
    out.variant = readCurves(log, record.at("variant"), where);
    for (const Json& step : record.at("randomised_weights"))
        out.randomised.push_back({step.at("layer").get<std::string>(),
                                  readFigureRecord(step.at("magnitudes"), where),
                                  readFigureRecord(step.at("signed"), where)});
    return out;
}

}  // namespace driftlens
