#include "engine/dataset/outcome_record.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>

namespace driftlens {
namespace {

constexpr std::int64_t kMostInteger = (std::int64_t{1} << 53) - 1;

// ---- writing

// A figure is its number, or {"undefined": why}.
Json figureRecord(const Figure& figure) {
    return figure.value ? Json(exactNumber(*figure.value)) : Json{{"undefined", figure.reason}};
}

Json figuresRecord(const std::map<std::string, Figure>& figures) {
    Json out = Json::object();
    for (const auto& [name, figure] : figures) out[name] = figureRecord(figure);
    return out;
}

Json variantRecord(const VariantOutcome& variant) {
    Json fidelity = Json::object();
    for (const auto& [name, value] : variant.fidelity) fidelity[name] = exactNumber(value);
    Json methods = Json::object();
    for (const auto& [name, method] : variant.methods) {
        methods[name] = {{"raw", figuresRecord(method.raw)},
                         {"by_chance", figuresRecord(method.byChance)},
                         {"has_converged", method.hasConverged}};
    }
    return {{"failed", !variant.failed.empty()},
            {"fidelity", fidelity},
            {"confidence", exactNumber(variant.confidence)},
            {"methods", methods}};
}

std::string payloadOf(const ExampleOutcome& outcome, const std::string& text) {
    Json answers = Json::array();
    Json failures = Json::array();
    for (const VariantOutcome& variant : outcome.variants) {
        answers.push_back(variant.answer);
        failures.push_back(variant.failed);
    }
    return canonicalJson({{"text", text},
                          {"label", outcome.label ? Json(*outcome.label) : Json()},
                          {"slice", outcome.slice},
                          {"cluster", outcome.cluster},
                          {"failed", outcome.failed},
                          {"answer", outcome.answer},
                          {"variant_answers", answers},
                          {"variant_failures", failures}});
}

// ---- reading

double number(const Json& value, const std::string& where) {
    return readExactNumber(value.get<std::string>(), where);
}

Figure readFigure(const Json& value, const std::string& where) {
    if (value.is_object()) return undefinedFigure(value.at("undefined").get<std::string>());
    return {number(value, where), ""};
}

std::map<std::string, Figure> readFigures(const Json& node, const std::string& where) {
    std::map<std::string, Figure> out;
    for (const auto& [name, value] : node.items()) out[name] = readFigure(value, where);
    return out;
}

VariantOutcome readVariant(const Json& node, const std::string& where) {
    VariantOutcome out;
    for (const auto& [name, value] : node.at("fidelity").items())
        out.fidelity[name] = number(value, where);
    out.confidence = number(node.at("confidence"), where);
    for (const auto& [name, method] : node.at("methods").items()) {
        out.methods[name] = {readFigures(method.at("raw"), where),
                             readFigures(method.at("by_chance"), where),
                             method.at("has_converged").get<bool>()};
    }
    return out;
}

ExampleOutcome readOutcome(const AuditLog& log, const AuditRecord& record) {
    const std::string where = "record " + std::to_string(record.seq);
    const std::optional<std::string> payload = log.payload(record.seq, "example");
    if (!payload) {
        throw Error(
            ErrorKind::Erased,
            where + ": the example was erased; audit show prints the figures that are left");
    }
    const Json example = parseJson(*payload, where + ", payload example");
    ExampleOutcome out;
    out.number = static_cast<std::uint64_t>(record.body.at("row").get<std::int64_t>());
    out.line = static_cast<std::uint64_t>(record.body.at("line").get<std::int64_t>());
    out.confidence = number(record.body.at("confidence"), where);
    out.margin = number(record.body.at("margin"), where);
    for (const Json& variant : record.body.at("variants"))
        out.variants.push_back(readVariant(variant, where));
    out.failed = example.at("failed").get<std::string>();
    if (!example.at("label").is_null()) out.label = example.at("label").get<std::int64_t>();
    out.slice = example.at("slice").get<std::string>();
    out.cluster = example.at("cluster").get<std::string>();
    out.answer = example.at("answer").get<std::int64_t>();
    for (std::size_t i = 0; i < out.variants.size(); ++i) {
        out.variants[i].answer = example.at("variant_answers").at(i).get<std::int64_t>();
        out.variants[i].failed = example.at("variant_failures").at(i).get<std::string>();
    }
    return out;
}

}  // namespace

AuditResult outcomeRecord(const ExampleOutcome& outcome, const std::string& text) {
    Json variants = Json::array();
    for (const VariantOutcome& variant : outcome.variants)
        variants.push_back(variantRecord(variant));
    AuditResult out;
    out.body = {{"row", std::min<std::uint64_t>(outcome.number, kMostInteger)},
                {"line", std::min<std::uint64_t>(outcome.line, kMostInteger)},
                {"failed", !outcome.failed.empty()},
                {"confidence", exactNumber(outcome.confidence)},
                {"margin", exactNumber(outcome.margin)},
                {"variants", variants}};
    out.payloads.push_back({"example", payloadOf(outcome, text)});
    return out;
}

std::vector<ExampleOutcome> readOutcomes(const AuditLog& log, const std::string& runId) {
    std::vector<ExampleOutcome> out;
    bool isOfDataset = false;
    for (const AuditRecord& record : log.records(runId)) {
        try {
            if (record.type == "run_started") isOfDataset = record.body.contains("data");
            if (record.type == "example_result" && isOfDataset && record.body.contains("row"))
                out.push_back(readOutcome(log, record));
        } catch (const Json::exception& error) {
            throw Error(ErrorKind::Tampered,
                        "record " + std::to_string(record.seq) +
                            ": of another shape than this program writes: " + error.what());
        }
    }
    if (!isOfDataset) {
        throw Error(ErrorKind::Usage,
                    "run " + inQuotes(runId) + " is no comparison of a data set in this log");
    }
    std::sort(out.begin(), out.end(),
              [](const ExampleOutcome& a, const ExampleOutcome& b) { return a.number < b.number; });
    return out;
}

}  // namespace driftlens
