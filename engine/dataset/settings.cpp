#include "engine/dataset/settings.h"

#include "core/model/compute.h"
#include "engine/compare/record.h"
#include "engine/compare/run_log.h"

namespace driftlens {
namespace {

Json observedJson(const std::vector<ObservedRequest>& observed) {
    Json out = Json::array();
    for (const ObservedRequest& each : observed)
        out.push_back({{"variant", each.variant},
                       {"file", each.file.string()},
                       {"digest", fileSha256(each.file)}});
    return out;
}

// 0 where a run has no such record, or was not planned.
std::uint64_t plannedOf(const std::vector<AuditRecord>& records) {
    if (records.empty() || !records.front().body.is_object()) return 0;
    const Json compute = records.front().body.value("compute", Json());
    const Json planned =
        compute.is_object() ? compute.value("planned_memory_bytes", Json()) : Json();
    return planned.is_string() ? readUnsigned(planned.get<std::string>(), "planned_memory_bytes")
                               : 0;
}

}  // namespace

Json datasetSettings(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                     const DatasetRequest& request, const std::string& digest) {
    Json out = requestJson(request.prompt);
    out["reference"] = {{"path", reference.path.string()}, {"scheme", reference.schemeText()}};
    out["variants"] = Json::array();
    for (const VariantSpec& variant : variants)
        out["variants"].push_back(
            {{"path", variant.path.string()}, {"scheme", variant.schemeText()}});
    const auto orNull = [](const std::optional<std::string>& column) {
        return column ? Json(*column) : Json();
    };
    out["data"] = {{"file", request.rows.file.string()},
                   {"digest", digest},
                   {"text", orNull(request.rows.textColumn)},
                   {"label", orNull(request.rows.labelColumn)},
                   {"slice", orNull(request.rows.sliceColumn)},
                   {"cluster", orNull(request.rows.clusterColumn)},
                   {"most", static_cast<std::int64_t>(request.rows.most)},
                   {"truncates", request.truncates},
                   {"tokens", request.comparesTokens ? Json(*request.comparesTokens) : Json()},
                   {"observed", observedJson(request.observed)},
                   {"resumes", request.resumes}};
    Json margins = Json::object();
    for (const auto& [metric, margin] : request.margins) margins[metric] = exactNumber(margin);
    Json gates = Json::array();
    for (const Gate& gate : request.gates) gates.push_back(gate.text);
    out["declared"] = {{"primary", request.primary},
                       {"margins", margins},
                       {"gates", gates},
                       {"allowed_failures", static_cast<std::int64_t>(request.allowedFailures)},
                       {"yardsticks", request.withYardsticks ? "default" : "none"}};
    return out;
}

std::uint64_t plannedMemory(const DatasetRequest& request, const AuditLog* log) {
    const ComputeOptions& compute = request.prompt.compute;
    if (compute.memoryBytes > 0 || compute.batch > 0) return 0;
    if (compute.plannedMemoryBytes > 0) return compute.plannedMemoryBytes;
    if (log != nullptr && !request.resumes.empty()) {
        const std::uint64_t before = plannedOf(log->records(request.resumes, 0, 1));
        if (before > 0) return before;
    }
    return defaultMemoryBytes();
}

Json aggregateRecord(const DatasetResult& result) {
    Json variants = Json::array();
    for (std::size_t i = 0; i < result.aggregate.variants.size(); ++i) {
        Json verdicts = Json::array();
        for (const EndpointVerdict& each : result.aggregate.variants[i].verdicts)
            verdicts.push_back({{"endpoint", each.figure},
                                {"verdict", verdictName(each.judgement.verdict)},
                                {"sentence", each.judgement.sentence}});
        variants.push_back({{"model", identityJson(result.variants[i])}, {"verdicts", verdicts}});
    }
    Json gates = Json::array();
    for (const GateResult& gate : result.gates)
        gates.push_back({{"gate", gate.gate.text}, {"explanation", gate.explanation}});
    return {{"reference", identityJson(result.reference)},
            {"variants", variants},
            {"gates", gates},
            {"figures", "in the payloads"}};
}

}  // namespace driftlens
