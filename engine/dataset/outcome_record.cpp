#include "engine/dataset/outcome_record.h"

#include "core/base/error.h"
#include "core/base/figure_json.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>

namespace driftlens {
namespace {

constexpr std::int64_t kMostInteger = (std::int64_t{1} << 53) - 1;

// ---- writing

Json figuresRecord(const std::map<std::string, Figure>& figures) {
    Json out = Json::object();
    for (const auto& [name, figure] : figures) out[name] = figureRecord(figure);
    return out;
}

// A row per token: both log-probabilities, KL, and whether the top is the same.
Json tokensRecord(AuditLog& log, const std::vector<TokenOutcome>& tokens) {
    std::vector<double> values;
    for (const TokenOutcome& token : tokens)
        values.insert(values.end(), {token.referenceLog, token.variantLog, token.kl,
                                     token.isTopSame ? 1.0 : 0.0});
    const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(tokens.size()), 4};
    return blobJson(log.addBlob(values, shape));
}

Json variantRecord(AuditLog& log, const VariantOutcome& variant) {
    Json fidelity = Json::object();
    for (const auto& [name, value] : variant.fidelity) fidelity[name] = exactNumber(value);
    Json methods = Json::object();
    for (const auto& [name, method] : variant.methods) {
        methods[name] = {{"raw", figuresRecord(method.raw)},
                         {"by_chance", figuresRecord(method.byChance)},
                         {"has_converged", method.hasConverged}};
    }
    Json out = {{"failed", !variant.failed.empty()},
                {"fidelity", fidelity},
                {"confidence", exactNumber(variant.confidence)},
                {"methods", methods}};
    if (!variant.tokens.empty()) out["tokens"] = tokensRecord(log, variant.tokens);
    return out;
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

std::map<std::string, Figure> readFigures(const Json& node, const std::string& where) {
    std::map<std::string, Figure> out;
    for (const auto& [name, value] : node.items()) out[name] = readFigureRecord(value, where);
    return out;
}

std::vector<TokenOutcome> readTokens(const AuditLog& log, const Json& node,
                                     const std::string& where) {
    const std::vector<double> values = log.blob(blobDigestIn(node, where));
    if (values.size() % 4 != 0)
        throw Error(ErrorKind::Tampered, where + ": tokens are no rows of four numbers");
    std::vector<TokenOutcome> out;
    for (std::size_t i = 0; i < values.size(); i += 4)
        out.push_back({values[i], values[i + 1], values[i + 2], values[i + 3] != 0.0});
    return out;
}

VariantOutcome readVariant(const AuditLog& log, const Json& node, const std::string& where) {
    VariantOutcome out;
    for (const auto& [name, value] : node.at("fidelity").items())
        out.fidelity[name] = number(value, where);
    out.confidence = number(node.at("confidence"), where);
    for (const auto& [name, method] : node.at("methods").items()) {
        out.methods[name] = {readFigures(method.at("raw"), where),
                             readFigures(method.at("by_chance"), where),
                             method.at("has_converged").get<bool>()};
    }
    if (node.contains("tokens")) out.tokens = readTokens(log, node.at("tokens"), where);
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
        out.variants.push_back(readVariant(log, variant, where));
    out.failed = example.at("failed").get<std::string>();
    if (!example.at("label").is_null()) out.label = example.at("label").get<std::int64_t>();
    out.slice = example.at("slice").get<std::string>();
    out.cluster = example.at("cluster").get<std::string>();
    out.answer = example.at("answer").get<std::int64_t>();
    for (std::size_t i = 0; i < out.variants.size(); ++i) {
        out.variants[i].answer = example.at("variant_answers").at(i).get<std::int64_t>();
        out.variants[i].failed = example.at("variant_failures").at(i).get<std::string>();
    }
    for (const Json& step : record.body.value("from_previous", Json::array())) {
        const std::size_t i = out.fromPrevious.size();
        if (i + 1 >= out.variants.size())
            throw Error(ErrorKind::Tampered, where + ": a step without its variants");
        VariantOutcome& own = out.fromPrevious.emplace_back(readVariant(log, step, where));
        own.answer = out.variants[i + 1].answer;
        const std::string& before = out.variants[i].failed;
        own.failed = before.empty() ? out.variants[i + 1].failed : before;
    }
    return out;
}

// ---- whether a run asked the same

[[noreturn]] void throwOther(const std::string& runId, const std::string& what) {
    throw Error(ErrorKind::Usage,
                "run " + inQuotes(runId) + " cannot be resumed: it was made with another " + what);
}

void requireSame(const std::string& runId, const Json& asked, const Json& settings) {
    constexpr std::array<const char*, 17> kPaths = {
        "/methods",     "/quantity",     "/position",       "/concepts",    "/reference",
        "/variants",    "/compute/type", "/compute/seed",   "/data/digest", "/data/text",
        "/data/label",  "/data/slice",   "/data/truncates", "/insides",     "/timeline",
        "/data/tokens", "/data/cluster"};
    for (const char* path : kPaths) {
        const Json::json_pointer pointer(path);
        if (asked.value(pointer, Json()) != settings.value(pointer, Json()))
            throwOther(runId, std::string(path).substr(std::string(path).rfind('/') + 1));
    }
}

// ---- a run and those it resumed

using Check = std::function<void(const std::string& run, const AuditRecord& record)>;

void readRun(const AuditLog& log, const std::string& run, const Check& check,
             std::map<std::uint64_t, ExampleOutcome>& found, std::string& resumed) {
    const std::vector<AuditRecord> records = log.records(run);
    if (records.empty() || !records.front().body.contains("data")) {
        throw Error(ErrorKind::Usage,
                    "run " + inQuotes(run) + " is no comparison of a data set in this log");
    }
    check(run, records.front());
    for (const AuditRecord& record : records) {
        if (record.type != "example_result" || !record.body.contains("row")) continue;
        check(run, record);
        ExampleOutcome outcome = readOutcome(log, record);
        found.try_emplace(outcome.number, std::move(outcome));
    }
    resumed = records.front().body.at("data").at("resumes").get<std::string>();
}

// In the order of the file; a run's own results go before those of the run that it resumed.
std::vector<ExampleOutcome> chainOf(const AuditLog& log, const std::string& runId,
                                    const Check& check) {
    std::map<std::uint64_t, ExampleOutcome> found;
    // An earlier run stands before the one that resumed it, so that this ends.
    for (std::string run = runId; !run.empty();) {
        try {
            std::string resumed;
            readRun(log, run, check, found, resumed);
            run = resumed;
        } catch (const Json::exception& error) {
            throw Error(ErrorKind::Tampered, "run " + run +
                                                 ": records of another shape than this program "
                                                 "writes: " +
                                                 error.what());
        }
    }
    std::vector<ExampleOutcome> out;
    for (auto& [number, outcome] : found) out.push_back(std::move(outcome));
    return out;
}

}  // namespace

AuditResult outcomeRecord(AuditLog& log, const ExampleOutcome& outcome, const std::string& text,
                          const std::vector<std::string>& models) {
    Json variants = Json::array(), steps = Json::array();
    for (const VariantOutcome& variant : outcome.variants)
        variants.push_back(variantRecord(log, variant));
    for (const VariantOutcome& step : outcome.fromPrevious)
        steps.push_back(variantRecord(log, step));
    AuditResult out;
    out.body = {{"row", std::min<std::uint64_t>(outcome.number, kMostInteger)},
                {"line", std::min<std::uint64_t>(outcome.line, kMostInteger)},
                {"failed", !outcome.failed.empty()},
                {"confidence", exactNumber(outcome.confidence)},
                {"margin", exactNumber(outcome.margin)},
                {"models", models},
                {"variants", variants}};
    if (!steps.empty()) out.body["from_previous"] = steps;
    out.payloads.push_back({"example", payloadOf(outcome, text)});
    return out;
}

std::vector<ExampleOutcome> readOutcomes(const AuditLog& log, const std::string& runId,
                                         const Json& settings, const std::string& target,
                                         const std::vector<std::string>& models) {
    return chainOf(log, runId, [&](const std::string& run, const AuditRecord& record) {
        if (record.type == "run_started") {
            requireSame(run, record.body, settings);
            if (log.payload(run, "target").value_or(target) != target) throwOther(run, "target");
        } else if (record.body.at("models") != Json(models)) {
            throwOther(run, "models' digests");
        }
    });
}

std::vector<ExampleOutcome> readOutcomes(const AuditLog& log, const std::string& runId) {
    return chainOf(log, runId, [](const std::string&, const AuditRecord&) {});
}

}  // namespace driftlens
