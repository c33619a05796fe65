#include "reports/writers/report_models.h"

#include <algorithm>

namespace driftlens {
namespace {

const Json* memberOrNull(const Json& object, std::string_view key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

}  // namespace

std::string ReportModel::text(std::string_view key) const {
    const Json* found = memberOrNull(*model, key);
    return found != nullptr && found->is_string() ? found->get<std::string>() : "";
}

// A path may hold its scheme already, as it was given on the command line.
std::string ReportModel::name() const {
    const std::string path = text("path");
    const std::string scheme = text("scheme");
    const bool isPlain = scheme.empty() || scheme == "none" || path.ends_with("@" + scheme);
    return isPlain ? path : path + "@" + scheme;
}

const Json& findingsOf(const Json& report) {
    static const Json kNothing = Json::object();
    for (const char* key : {"dataset", "comparison"})
        if (const Json* found = memberOrNull(report, key)) return *found;
    return kNothing;
}

std::vector<ReportModel> modelsOf(const Json& report) {
    std::vector<ReportModel> out;
    const Json& findings = findingsOf(report);
    if (const Json* reference = memberOrNull(findings, "reference"))
        out.push_back({reference, nullptr});
    const Json* variants = memberOrNull(findings, "variants");
    if (variants == nullptr) return out;
    for (const Json& variant : *variants) {
        const Json* model = memberOrNull(variant, "model");  // a name, for a data set
        out.push_back({model != nullptr && model->is_object() ? model : &variant, &variant});
    }
    return out;
}

bool isSha256(std::string_view hex) {
    return hex.size() == 64 && std::all_of(hex.begin(), hex.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

}  // namespace driftlens
