// Reading comparisons back from the log.
#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/compare/checks_json.h"
#include "engine/compare/drift.h"
#include "engine/compare/record.h"
#include "engine/compare/storage_json.h"
#include "engine/compare/structure_json.h"

#include <algorithm>

namespace driftlens {
namespace {

constexpr auto kLastTargetKind = static_cast<std::int64_t>(TargetKind::Margin);
constexpr std::int64_t kMostInteger = (std::int64_t{1} << 53) - 1;

class ComparisonReader {
public:
    explicit ComparisonReader(const AuditLog& log) : m_log(log) {}

    void add(const AuditRecord& record) {
        m_where = "record " + std::to_string(record.seq);
        const JsonObject body(record.body, m_where);
        const std::optional<std::string> payload = m_log.payload(record.seq, "example");
        if (!payload) {
            throw Error(ErrorKind::Erased,
                        m_where +
                            ": the prompt and its tokens were erased; the figures are left in "
                            "audit show");
        }
        const Json example = parseJson(*payload, m_where + ", payload example");
        const JsonObject exampleObject(example, m_where + ", payload example");
        if (m_out.variants.empty()) readShared(body, exampleObject);
        VariantResult variant;
        variant.model = identity(body.object("model"));
        variant.fidelity = fidelity(body.object("fidelity"), exampleObject);
        for (const Json& each : member(body, "explanations")) {
            variant.explanations.push_back(drift(JsonObject(each, m_where)));
            for (std::string& warning : warningsOf(variant.explanations.back()))
                variant.warnings.push_back(std::move(warning));
        }
        if (const Json* structure = body.find("structure"))
            variant.structure = readStructure(m_log, *structure, m_where);
        m_out.variants.push_back(std::move(variant));
        if (body.has("from_previous")) addStep(body.object("from_previous"));
    }

    Comparison take() { return std::move(m_out); }

private:
    // From the variant before the last one to the last.
    void addStep(const JsonObject& object) {
        if (m_out.variants.size() < 2)
            throw Error(ErrorKind::Tampered, m_where + ": a step without a variant before it");
        const VariantResult &before = *(m_out.variants.end() - 2), &after = m_out.variants.back();
        VariantResult& step = m_out.fromPrevious.emplace_back();
        step.model = after.model;
        readDivergences(object, step.fidelity);
        step.fidelity.referenceTop = before.fidelity.variantTop;
        step.fidelity.referenceTopText = before.fidelity.variantTopText;
        step.fidelity.variantTop = after.fidelity.variantTop;
        step.fidelity.variantTopText = after.fidelity.variantTopText;
        if (before.explanations.size() != after.explanations.size())
            throw Error(ErrorKind::Tampered, m_where + ": a step of other methods");
        for (std::size_t m = 0; m < after.explanations.size(); ++m) {
            const ExplanationDrift& own = after.explanations[m];
            step.explanations.push_back(
                driftOf(before.explanations[m].variant, own.variant, own.repeatability));
        }
    }

    static double number(const JsonObject& object, std::string_view key) {
        return readExactNumber(object.string(key), object.what());
    }
    static std::optional<double> optional(const JsonObject& object, std::string_view key) {
        return object.has(key) ? std::optional(number(object, key)) : std::nullopt;
    }
    static const Json& member(const JsonObject& object, std::string_view key) {
        const Json* found = object.find(key);
        if (found == nullptr)
            throw Error(ErrorKind::InputFile, object.what() + ": no " + inQuotes(key));
        return *found;
    }
    static std::int64_t integer(const JsonObject& object, std::string_view key) {
        return object.integer(key, -kMostInteger, kMostInteger);
    }

    void readShared(const JsonObject& body, const JsonObject& example) {
        m_out.reference = identity(body.object("reference"));
        m_out.batch = integer(body, "batch");
        m_out.seconds = 0.0;
        m_out.input.text = example.string("text");
        for (const Json& each : member(example, "tokens")) {
            const JsonObject token(each, example.what());
            Token& out = m_out.input.tokens.emplace_back();
            out.id = integer(token, "id");
            out.text = token.string("text");
            out.isSpecial = token.boolean("special", false);
            out.typeId = integer(token, "type");
            if (token.has("start")) {
                out.bytes = ByteRange{static_cast<std::size_t>(integer(token, "start")),
                                      static_cast<std::size_t>(integer(token, "end"))};
            }
        }
        m_out.ids = example.has("ids") ? member(example, "ids").get<std::vector<std::int64_t>>()
                                       : m_out.input.ids();
        if (example.has("warnings"))
            m_out.warnings = member(example, "warnings").get<std::vector<std::string>>();
        const JsonObject target = example.object("target");
        m_out.target.kind = static_cast<TargetKind>(target.integer("kind", 0, kLastTargetKind));
        m_out.target.quantity = parseQuantity(body.string("quantity"));
        m_out.target.position = integer(body, "position");
        m_out.target.id = integer(target, "id");
        m_out.target.contrastId = integer(target, "contrast_id");
        m_out.target.continuation = member(target, "continuation").get<std::vector<std::int64_t>>();
        m_out.target.text = target.string("text");
        m_out.referenceTargetValue = number(body, "reference_target_value");
    }

    ModelIdentity identity(const JsonObject& object) const {
        ModelIdentity out;
        out.path = object.string("path");
        out.family = object.string("family");
        out.task = object.string("task", "");
        out.scheme = object.string("scheme");
        out.storedForm = object.string("stored_form");
        out.compute = object.string("compute");
        out.digest = object.string("digest");
        out.parameters = integer(object, "parameters");
        out.storedBytes = integer(object, "stored_bytes");
        if (const Json* storage = object.find("storage"))
            out.storage = readStorage(*storage, m_where);
        return out;
    }

    static void readDivergences(const JsonObject& object, Fidelity& out) {
        out.kl = number(object, "kl");
        out.reverseKl = number(object, "reverse_kl");
        out.js = number(object, "js");
        out.flip = object.boolean("flip", false);
        out.top1Same = !out.flip;
        out.probabilityChange = number(object, "probability_change");
        out.referenceProbability = number(object, "reference_probability");
        out.variantProbability = number(object, "variant_probability");
    }

    static Fidelity fidelity(const JsonObject& object, const JsonObject& example) {
        Fidelity out;
        readDivergences(object, out);
        const JsonObject reference = example.object("reference_top");
        const JsonObject variant = example.object("variant_top");
        out.referenceTop = integer(reference, "id");
        out.referenceTopText = reference.string("text");
        out.variantTop = integer(variant, "id");
        out.variantTopText = variant.string("text");
        return out;
    }

    // One per token, or per part.
    std::vector<double> scores(const JsonObject& object, std::string_view key,
                               std::size_t parts) const {
        std::vector<double> out = blobOf(object, key);
        if (out.size() != (parts > 0 ? parts : m_out.input.tokens.size())) {
            throw Error(ErrorKind::Tampered,
                        m_where + ": scores and tokens or parts differ in number");
        }
        return out;
    }

    std::vector<Part> parts(const JsonObject& object) const {
        std::vector<Part> out;
        if (!object.has("parts")) return out;  // records of an earlier version
        for (const Json& each : member(object, "parts")) {
            const JsonObject part(each, m_where);
            out.emplace_back();
            out.back().name = part.string("name");
            out.back().layer = integer(part, "layer");
            out.back().head = integer(part, "head");
            out.back().position = integer(part, "position");
            for (const auto& [name, value] : member(part, "figures").items())
                out.back().figures[name] = readExactNumber(value.get<std::string>(), m_where);
        }
        return out;
    }

    std::vector<double> blobOf(const JsonObject& object, std::string_view key) const {
        return m_log.blob(blobDigestIn(member(object, key), m_where));
    }

    // These three came later than the first records.
    void readFigures(const JsonObject& object, Attribution& out) const {
        if (object.has("standard_error")) out.standardError = blobOf(object, "standard_error");
        if (const Json* figures = object.find("figures")) {
            for (const auto& [name, value] : figures->items())
                out.figures[name] = readExactNumber(value.get<std::string>(), m_where);
        }
        const Json* metrics = object.find("metrics");
        if (metrics == nullptr) return;
        for (const auto& [name, value] : metrics->items()) {
            const JsonObject metric(value, m_where + ", metric " + inQuotes(name));
            out.metrics[name] = metric.has("value") ? finiteFigure(number(metric, "value"))
                                                    : undefinedFigure(metric.string("reason"));
        }
    }

    Attribution attribution(const JsonObject& object) const {
        Attribution out;
        out.method = object.string("method");
        out.settings = member(object, "settings").get<Settings>();
        out.target = m_out.target;
        out.targetValue = number(object, "target_value");
        out.baseline = object.string("baseline");
        out.baselineValue = optional(object, "baseline_value");
        out.parts = parts(object);
        out.scores = scores(object, "scores", out.parts.size());
        if (object.has("norms")) out.norms = blobOf(object, "norms");
        if (object.has("virtual_scores")) out.virtualScores = blobOf(object, "virtual_scores");
        readFigures(object, out);
        out.completenessGap = optional(object, "completeness_gap");
        out.evaluations = integer(object, "evaluations");
        out.seconds = number(object, "seconds");
        out.gradient = static_cast<GradientKind>(object.integer("gradient", 0, 2));
        out.hasConverged = object.boolean("has_converged", true);
        out.warnings = member(object, "warnings").get<std::vector<std::string>>();
        return out;
    }

    ExplanationDrift drift(const JsonObject& object) const {
        Attribution reference = attribution(object.object("reference"));
        const std::size_t parts = reference.parts.size();
        Repeatability floor =
            repeatabilityOf(reference.scores, scores(object, "reference_float64", parts),
                            scores(object, "reference_other_batch", parts));
        ExplanationDrift out =
            driftOf(std::move(reference), attribution(object.object("variant")), std::move(floor));
        if (const Json* checks = object.find("checks"))
            out.checks = readChecks(m_log, *checks, m_where);
        return out;
    }

    const AuditLog& m_log;
    std::string m_where;
    Comparison m_out;
};

}  // namespace

Comparison readComparison(const AuditLog& log, const std::string& runId) {
    const std::vector<AuditRecord> records = log.records(runId);
    const auto isA = [](const AuditRecord& record, std::string_view type) {
        return record.type == type;
    };
    // What is known of a finished run later (that it was erased, or computed again) stands after
    // it.
    const bool isFinished =
        std::any_of(records.begin(), records.end(),
                    [&](const AuditRecord& record) { return isA(record, "run_finished"); }) &&
        records.front().meta.value("verb", "") == "compare";
    if (!isFinished) {
        throw Error(ErrorKind::Usage,
                    "run " + inQuotes(runId) + " is no finished comparison; audit show prints it");
    }
    if (records.front().body.contains("data")) {
        throw Error(
            ErrorKind::Unsupported,
            "run " + inQuotes(runId) + " compares a data set: it is read example by example");
    }
    ComparisonReader reader(log);
    try {
        for (const AuditRecord& record : records) {
            if (isA(record, "example_result")) reader.add(record);
        }
    } catch (const Json::exception& error) {
        throw Error(ErrorKind::InputFile, "run " + runId +
                                              ": a record of another shape than this "
                                              "program writes: " +
                                              error.what());
    }
    Comparison out = reader.take();
    if (out.variants.empty())
        throw Error(ErrorKind::InputFile, "run " + runId + " holds no result");
    out.runId = runId;
    return out;
}

}  // namespace driftlens
