#include "reports/document/document.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/compare/method_card.h"
#include "reports/clauses/clause_map.h"
#include "reports/document/check.h"
#include "reports/document/json_view.h"
#include "reports/document/limits.h"
#include "reports/document/sections.h"
#include "reports/document/summary.h"
#include "reports/layout/insides.h"

#include <array>
#include <ctime>
#include <set>

namespace driftlens {
namespace {

std::string titleOf(const Json& report) {
    const bool isDataset = report.at("kind") == "dataset";
    const Json& found = report.at(isDataset ? "dataset" : "comparison");
    return modelName(memberOf(found, "reference")) + " and " +
           counted(memberOf(found, "variants").size(), "compressed variant");
}

void addMethods(const Json& comparison, std::set<std::string>& out) {
    for (const Json& variant : memberOf(comparison, "variants"))
        for (const Json& drift : memberOf(variant, "explanations"))
            out.insert(textOf(memberOf(drift, "method")));
}

std::set<std::string> methodsOf(const Json& report) {
    std::set<std::string> out;
    addMethods(memberOf(report, "comparison"), out);
    for (const Json& each : memberOf(report, "notable"))
        addMethods(memberOf(each, "comparison"), out);
    for (const Json& variant : valueAt(report, "/dataset/variants"))
        for (const auto& [name, figure] : memberOf(variant, "figures").items())
            if (figure.is_object() && !figure.contains("value") && !isInsideGroup(name))
                out.insert(name);
    return out;
}

// The cards as they are now: a report that is rendered later says what was true when it was made.
Json methodCards(const Json& report) {
    Json out = Json::array();
    for (const std::string& id : methodsOf(report)) {
        const MethodCard card = methodCard(id);
        Json facts = Json::array();
        for (const MethodCard::Fact& fact : card.facts)
            if (!fact.text.empty()) facts.push_back({{"name", fact.name}, {"text", fact.text}});
        out.push_back({{"id", card.id}, {"title", card.title}, {"facts", facts}});
    }
    return out;
}

void requireSections(const std::vector<std::string>& sections) {
    for (const std::string& id : sections) {
        if (isReportSection(id)) continue;
        throw Error(ErrorKind::Usage,
                    "section " + inQuotes(id) + " is unknown; known are " + reportSectionIds());
    }
}

}  // namespace

std::string nowUtc() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

Json makeReport(const ReportParts& parts) {
    requireSections(parts.sections);
    if (parts.comparison.is_null() && parts.dataset.is_null())
        throw Error(ErrorKind::Internal, "a report needs a comparison or a data set");
    Json out = {{"schema", "driftlens/report/1"},
                {"kind", parts.dataset.is_null() ? "prompt" : "dataset"},
                {"created", parts.createdUtc.empty() ? nowUtc() : parts.createdUtc},
                {"command", parts.command},
                {"environment", parts.environment.is_null() ? Json::object() : parts.environment}};
    const auto add = [&](const char* key, const Json& value) {
        if (!value.is_null()) out[key] = value;
    };
    if (parts.dataset.is_null()) {
        add("comparison", parts.comparison);
    } else {
        add("dataset", parts.dataset);
        add("outcomes", parts.outcomes);
        add("notable", parts.notable);
    }
    add("evidence", parts.evidence);
    out["title"] = titleOf(out);
    out["methods"] = methodCards(out);
    out["limits"] = limitsOf(out);
    out["summary"] = plainSummary(out);
    out["clauses"] = clauseMap(out);
    // A report is what its file says: what UTF-8 cannot hold is replaced here, once.
    return withSections(Json::parse(reportText(out)), parts.sections);
}

Json withSections(Json report, const std::vector<std::string>& sections) {
    requireSections(sections);
    if (!sections.empty()) report["sections"] = sections;
    return report;
}

std::string reportText(const Json& report) {
    return report.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json readReport(std::string_view text, std::string_view what) {
    Json report = parseJson(text, what);
    checkReport(report, what);
    return report;
}

}  // namespace driftlens
