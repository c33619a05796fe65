#include "reports/writers/cyclonedx.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "reports/document/json_view.h"
#include "reports/writers/report_models.h"

namespace driftlens {
namespace {

constexpr const char* kReportRef = "report";
constexpr const char* kDataRef = "data";

std::string modelRef(std::size_t index) {
    return index == 0 ? "reference" : "variant-" + std::to_string(index);
}

std::string serialNumber(std::string_view reportSha256) {
    if (!isSha256(reportSha256))
        throw Error(ErrorKind::InputFile, "CycloneDX: the report's SHA-256 is " +
                                              inQuotes(reportSha256) + ", not 64 hex digits");
    std::vector<std::uint8_t> bytes = fromHex(reportSha256);
    bytes.resize(16);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x80U);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
    std::string hex = toHex(bytes);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, "-");
    return "urn:uuid:" + hex;
}

Json hashesOf(const std::string& sha256) {
    Json out = Json::array();
    if (isSha256(sha256)) out.push_back({{"alg", "SHA-256"}, {"content", sha256}});
    return out;
}

Json property(const std::string& name, const std::string& value) {
    return {{"name", "driftlens:" + name}, {"value", value}};
}

// Texts and numbers as they are; nothing of what is null.
Json propertiesOf(const Json& object, std::initializer_list<const char*> keys) {
    Json out = Json::array();
    for (const char* key : keys) {
        const auto found = object.find(key);
        if (found == object.end() || found->is_null()) continue;
        out.push_back(
            property(key, found->is_string() ? found->get<std::string>() : found->dump()));
    }
    return out;
}

bool isNumberAt(const Json& object, const char* key) {
    return object.contains(key) && object.at(key).is_number();
}

Json metric(const std::string& type, const Json& value) {
    return {{"type", type}, {"value", exactNumber(value.get<double>())}};
}

void addNumbers(Json& metrics, const std::string& prefix, const Json& figures) {
    if (!figures.is_object()) return;
    for (const auto& [name, value] : figures.items()) {
        if (value.is_number()) metrics.push_back(metric(prefix + name, value));
        // By k, as "jaccard": {"3": 0.5}.
        if (value.is_object() && name != "undefined" && prefix != "")
            for (const auto& [k, own] : value.items())
                if (own.is_number()) metrics.push_back(metric(prefix + name + "@" + k, own));
    }
}

// One prompt: figures without intervals.
Json promptMetrics(const Json& variant) {
    Json out = Json::array();
    const Json fidelity = variant.value("fidelity", Json::object());
    addNumbers(out, "", fidelity);
    if (fidelity.contains("flip") && fidelity.at("flip").is_boolean())
        out.push_back({{"type", "flip"}, {"value", fidelity.at("flip") ? "true" : "false"}});
    for (const Json& drift : variant.value("explanations", Json::array()))
        addNumbers(out, drift.value("method", "") + ".", drift.value("agreement", Json::object()));
    return out;
}

void addFigure(Json& metrics, const std::string& type, const std::string& slice,
               const Json& figure) {
    if (!isNumberAt(figure, "value")) return;
    Json out = metric(type, figure.at("value"));
    if (!slice.empty()) out["slice"] = slice;
    if (isNumberAt(figure, "low") && isNumberAt(figure, "high"))
        out["confidenceInterval"] = {{"lowerBound", exactNumber(figure.at("low").get<double>())},
                                     {"upperBound", exactNumber(figure.at("high").get<double>())}};
    metrics.push_back(std::move(out));
}

// A figure of the outputs, or those of a method.
void addFigures(Json& metrics, const std::string& slice, const Json& figures) {
    for (const auto& [name, figure] : figures.items()) {
        if (!figure.is_object()) continue;
        if (figure.contains("value")) {
            addFigure(metrics, name, slice, figure);
            continue;
        }
        for (const auto& [own, each] : figure.items())
            if (each.is_object()) addFigure(metrics, name + "." + own, slice, each);
    }
}

Json datasetMetrics(const Json& variant) {
    Json out = Json::array();
    addFigures(out, "", variant.value("figures", Json::object()));
    for (const Json& slice : variant.value("slices", Json::array()))
        addFigures(out, slice.value("slice", ""), slice.value("figures", Json::object()));
    return out;
}

Json technicalLimits(const Json& report) {
    Json out = Json::array();
    for (const Json& limit : report.value("limits", Json::array()))
        if (limit.is_string()) out.push_back(limit);
    return out;
}

Json modelCard(const ReportModel& model, const Json& report, bool hasData) {
    Json parameters = {{"architectureFamily", "transformer"}};
    if (!model.text("family").empty()) parameters["modelArchitecture"] = model.text("family");
    if (hasData) parameters["datasets"] = Json::array({{{"ref", kDataRef}}});
    Json out = {{"modelParameters", parameters}};
    if (model.variant == nullptr) return out;
    Json metrics = model.variant->contains("figures") ? datasetMetrics(*model.variant)
                                                      : promptMetrics(*model.variant);
    if (!metrics.empty()) out["quantitativeAnalysis"] = {{"performanceMetrics", metrics}};
    const Json limits = technicalLimits(report);
    if (!limits.empty()) out["considerations"] = {{"technicalLimitations", limits}};
    return out;
}

Json filesOf(const ReportModel& model) {
    Json out = Json::array();
    for (const Json& file : memberOf(*model.model, "files")) {
        const std::string name = textOf(memberOf(file, "name"));
        if (name.empty()) continue;
        out.push_back({{"type", "file"},
                       {"name", name},
                       {"hashes", hashesOf(textOf(memberOf(file, "sha256")))}});
    }
    return out;
}

Json bareComponent(const ReportModel& model) {
    return {{"type", "machine-learning-model"},
            {"name", model.name()},
            {"hashes", hashesOf(model.text("digest"))}};
}

Json modelComponent(const std::vector<ReportModel>& models, std::size_t index, const Json& report,
                    bool hasData) {
    const ReportModel& model = models[index];
    Json out = bareComponent(model);
    out["bom-ref"] = modelRef(index);
    out["modelCard"] = modelCard(model, report, hasData);
    out["properties"] = propertiesOf(
        *model.model, {"scheme", "stored_form", "compute", "parameters", "stored_bytes"});
    const Json files = filesOf(model);
    if (!files.empty()) out["components"] = files;
    if (index > 0)
        out["pedigree"] = {
            {"ancestors", Json::array({bareComponent(models.front())})},
            {"notes", "Compared with this reference; scheme: " + model.text("scheme")}};
    return out;
}

// Nothing for a single prompt: it is in no file.
Json dataComponent(const Json& report) {
    const Json data = findingsOf(report).value("data", Json());
    if (!data.is_object()) return nullptr;
    const std::string file = textOf(memberOf(data, "file"), "data");
    return {{"type", "data"},
            {"bom-ref", kDataRef},
            {"name", file},
            {"hashes", hashesOf(textOf(memberOf(data, "digest")))},
            {"data", Json::array({{{"type", "dataset"}, {"name", file}}})}};
}

Json metadataOf(const Json& report, std::string_view reportSha256) {
    Json out = {{"tools",
                 {{"components", Json::array({{{"type", "application"},
                                               {"name", "driftlens"},
                                               {"version", std::string(kVersion)}}})}}},
                {"component",
                 {{"type", "data"},
                  {"bom-ref", kReportRef},
                  {"name", report.value("title", "Comparison of language models")},
                  {"hashes", hashesOf(std::string(reportSha256))},
                  {"data", Json::array({{{"type", "other"}, {"name", "driftlens/report/1"}}})}}}};
    const std::string created = report.value("created", "");
    if (!created.empty()) out["timestamp"] = created;
    return out;
}

}  // namespace

std::string toCycloneDx(const Json& report, std::string_view reportSha256) {
    const std::vector<ReportModel> models = modelsOf(report);
    const Json data = dataComponent(report);
    Json components = Json::array();
    for (std::size_t i = 0; i < models.size(); ++i)
        components.push_back(modelComponent(models, i, report, !data.is_null()));
    if (!data.is_null()) components.push_back(data);
    Json uses = Json::array();
    for (const Json& component : components) uses.push_back(component.at("bom-ref"));
    const Json out = {{"bomFormat", "CycloneDX"},
                      {"specVersion", "1.6"},
                      {"$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"},
                      {"serialNumber", serialNumber(reportSha256)},
                      {"version", 1},
                      {"metadata", metadataOf(report, reportSha256)},
                      {"components", components},
                      {"dependencies", Json::array({{{"ref", kReportRef}, {"dependsOn", uses}}})}};
    return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace driftlens
