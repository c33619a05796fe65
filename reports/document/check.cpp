#include "reports/document/check.h"

#include "core/base/text.h"
#include "reports/document/sections.h"
#include "reports/document/shape.h"

namespace driftlens {
namespace {

using enum JsonKind;
using Presence = JsonField::Presence;
constexpr Presence kNullable = JsonField::Nullable;
constexpr Presence kOptional = JsonField::Optional;

// ---- a comparison of one prompt, as engine/compare/json.cpp writes it

void checkModel(const JsonShape& model) {
    model.fields({{"path"},
                  {"scheme", Text, kOptional},
                  {"digest", Text, kOptional},
                  {"family", Text, kOptional},
                  {"task", Text, kOptional},
                  {"compute", Text, kOptional},
                  {"stored_form", Text, kOptional},
                  {"name", Text, kOptional},
                  {"model", Text, kOptional},
                  {"parameters", Integer, kOptional},
                  {"stored_bytes", Integer, kOptional},
                  {"storage", List, kOptional}});
    if (!model.has("storage")) return;
    model.member("storage").each([](const JsonShape& part) {
        part.fields({{"part"},
                     {"form", Text, kOptional},
                     {"weights", Integer},
                     {"bytes", Integer},
                     {"matrix_weights", Integer, kOptional},
                     {"zeros", Integer, kNullable}});
    });
}

void checkCurves(const JsonShape& curves) {
    curves.fields({{"deletion", List}, {"insertion", List}});
    for (const char* key : {"deletion", "insertion"}) curves.member(key).listOf(Number);
}

// Whether an explanation can be trusted.
void checkChecks(const JsonShape& checks) {
    checks.fields(
        {{"reference", Object}, {"variant", Object}, {"randomised_weights", List, kOptional}});
    for (const char* side : {"reference", "variant"}) checkCurves(checks.member(side));
    if (!checks.has("randomised_weights")) return;
    checks.member("randomised_weights").each([](const JsonShape& step) {
        step.fields({{"layer"}, {"magnitudes", Number, kNullable}, {"signed", Number, kNullable}});
    });
}

void checkExplanation(const JsonShape& drift) {
    drift.fields({{"method"},
                  {"settings", Object, kOptional},
                  {"baseline", Text, kOptional},
                  {"reference_scores", List},
                  {"variant_scores", List},
                  {"reference_virtual_tokens", List, kOptional},
                  {"variant_virtual_tokens", List, kOptional},
                  {"parts", List, kOptional},
                  {"agreement", Object},
                  {"largest_difference", Number, kNullable},
                  {"yardsticks", Object, kOptional},
                  {"checks", Object, kOptional},
                  {"verdict", Text, kOptional}});
    if (drift.has("checks")) checkChecks(drift.member("checks"));
    for (const char* key : {"reference_scores", "variant_scores", "reference_virtual_tokens",
                            "variant_virtual_tokens"}) {
        if (drift.has(key)) drift.member(key).listOf(Number);
    }
    if (drift.has("parts")) drift.member("parts").listOf(Text);
    const std::size_t scores = drift.value().at("reference_scores").size();
    if (scores != drift.value().at("variant_scores").size())
        drift.member("variant_scores").refuse("as many as reference_scores are wanted");
}

// One map: a row of numbers per key that is kept.
void checkMap(const JsonShape& map, std::size_t size) {
    map.listOf(List);
    if (map.value().size() != size) map.refuse("as many rows as positions are wanted");
    map.each([&](const JsonShape& row) {
        row.listOf(Number);
        if (row.value().size() != size) row.refuse("as many numbers as positions are wanted");
    });
}

void checkHeadMaps(const JsonShape& kept, std::size_t tokens) {
    kept.fields({{"layer", Integer},
                 {"head", Integer},
                 {"keys", Integer},
                 {"positions", List},
                 {"reference", List},
                 {"variant", List}});
    const std::int64_t keys = kept.value().at("keys").get<std::int64_t>();
    if (keys < static_cast<std::int64_t>(tokens))
        kept.member("keys").refuse("as many as tokens are wanted, or more");
    kept.member("positions").listOf(Integer);
    kept.member("positions").each([&](const JsonShape& position) {
        const std::int64_t at = position.value().get<std::int64_t>();
        if (at < 0 || at >= keys) position.refuse("a key is wanted, from 0 on");
    });
    const std::size_t size = kept.value().at("positions").size();
    for (const char* side : {"reference", "variant"}) checkMap(kept.member(side), size);
}

// Attention and activations; a figure that is undefined is null.
void checkStructure(const JsonShape& structure, std::size_t tokens) {
    structure.fields({{"heads", List, kOptional},
                      {"sites", List, kOptional},
                      {"most_changed_head", Object, kOptional},
                      {"reason", Text, kOptional}});
    if (structure.has("heads")) {
        structure.member("heads").each([](const JsonShape& head) {
            head.fields({{"layer", Integer},
                         {"head", Integer},
                         {"js", Number, kNullable},
                         {"js_without_sink", Number, kNullable},
                         {"entropy_change", Number, kNullable}});
        });
    }
    if (structure.has("sites")) {
        structure.member("sites").each([](const JsonShape& site) {
            site.fields(
                {{"module"}, {"layer", Integer}, {"relative_frobenius", Number, kNullable}});
        });
    }
    if (structure.has("most_changed_head"))
        checkHeadMaps(structure.member("most_changed_head"), tokens);
}

void checkVariant(const JsonShape& variant, std::size_t tokens) {
    variant.fields({{"model", Object},
                    {"fidelity", Object},
                    {"explanations", List},
                    {"structure", Object, kOptional},
                    {"failed", Text, kOptional},
                    {"warnings", List, kOptional}});
    checkModel(variant.member("model"));
    if (variant.has("structure")) checkStructure(variant.member("structure"), tokens);
    const JsonShape fidelity = variant.member("fidelity");
    fidelity.fields({{"kl", Number, kNullable},
                     {"reverse_kl", Number, kNullable},
                     {"js", Number, kNullable},
                     {"flip", Flag, kOptional},
                     {"probability_change", Number, kNullable},
                     {"reference_top", Object, kOptional},
                     {"variant_top", Object, kOptional}});
    variant.member("explanations").each(checkExplanation);
    if (variant.has("warnings")) variant.member("warnings").listOf(Text);
}

void checkComparison(const JsonShape& comparison) {
    comparison.fields({{"schema"},
                       {"reference", Object},
                       {"prompt"},
                       {"tokens", List},
                       {"target", Object},
                       {"variants", List},
                       {"warnings", List, kOptional}});
    if (comparison.value().at("schema") != "driftlens/compare/1")
        comparison.member("schema").refuse("\"driftlens/compare/1\" is wanted");
    checkModel(comparison.member("reference"));
    comparison.member("target").fields({{"quantity"}, {"text"}});
    comparison.member("tokens").each([](const JsonShape& token) {
        token.fields({{"text"}, {"id", Integer, kOptional}});
    });
    const std::size_t tokens = comparison.value().at("tokens").size();
    comparison.member("variants").each([&](const JsonShape& variant) {
        checkVariant(variant, tokens);
    });
    if (comparison.has("warnings")) comparison.member("warnings").listOf(Text);
}

// ---- a data set, as engine/dataset/json.cpp writes it

void checkFigure(const JsonShape& figure) {
    figure.fields({{"value", Number, kNullable},
                   {"low", Number, kNullable},
                   {"high", Number, kNullable},
                   {"p", Number, kNullable},
                   {"by_chance", Number, kNullable},
                   {"corrected", Number, kNullable},
                   {"undefined", Text, kOptional},
                   {"yardsticks", Object, kOptional},
                   {"examples", Integer, kOptional}});
}

// A figure of the output, or of a method by metric.
void checkFigures(const JsonShape& entry) {
    entry.require(Object);
    if (entry.has("value"))
        checkFigure(entry);
    else
        entry.eachMember(checkFigure);
}

void checkDatasetVariant(const JsonShape& variant) {
    variant.fields({{"model"},
                    {"figures", Object},
                    {"verdicts", List},
                    {"quadrants", Object, kOptional},
                    {"fragility", Object, kOptional},
                    {"slices", List, kOptional},
                    {"failed_examples", Integer, kOptional}});
    checkModel(variant);
    variant.member("figures").eachMember(checkFigures);
    variant.member("verdicts").each([](const JsonShape& verdict) {
        verdict.fields({{"endpoint"}, {"margin", Number, kNullable}, {"verdict"}, {"sentence"}});
    });
    if (!variant.has("slices")) return;
    variant.member("slices").each([](const JsonShape& slice) {
        slice.fields({{"slice"}, {"examples", Integer}, {"figures", Object}});
        slice.member("figures").eachMember(checkFigure);
    });
}

void checkMethodChecks(const JsonShape& checks) {
    checks.fields({{"method"},
                   {"above_random", List, kOptional},
                   {"randomised_weights", List, kOptional},
                   {"curves", List}});
    for (const char* key : {"above_random", "randomised_weights"})
        if (checks.has(key)) checks.member(key).listOf(Number);
    checks.member("curves").each([](const JsonShape& curves) {
        curves.fields({{"model"}, {"examples", Integer}, {"reason", Text, kNullable}});
        const JsonShape examples = curves.member("examples");
        if (examples.value() < 0) examples.refuse("is negative");
        checkCurves(curves);
    });
}

void checkDataset(const JsonShape& dataset) {
    dataset.fields({{"schema"},
                    {"reference", Object},
                    {"data", Object},
                    {"examples", Integer},
                    {"failed_examples", Integer, kOptional},
                    {"variants", List},
                    {"gates", List, kOptional},
                    {"checks", List, kOptional},
                    {"notes", List, kOptional},
                    {"warnings", List, kOptional}});
    checkModel(dataset.member("reference"));
    dataset.member("data").fields({{"file"}, {"digest", Text, kOptional}});
    dataset.member("variants").each(checkDatasetVariant);
    if (dataset.has("checks")) dataset.member("checks").each(checkMethodChecks);
    if (dataset.has("gates")) {
        dataset.member("gates").each([](const JsonShape& gate) {
            gate.fields({{"gate"}, {"outcome"}, {"explanation", Text, kOptional}});
        });
    }
    for (const char* key : {"notes", "warnings"})
        if (dataset.has(key)) dataset.member(key).listOf(Text);
}

// A number, null, or {"undefined": why}.
void checkOutcomeFigure(const JsonShape& figure) {
    if (figure.value().is_object())
        figure.fields({{"undefined"}}, true);
    else if (!figure.value().is_null())
        figure.require(Number);
}

void checkOutcomeMethod(const JsonShape& method) {
    method.fields(
        {{"raw", Object}, {"by_chance", Object, kOptional}, {"has_converged", Flag, kOptional}},
        true);
    for (const char* key : {"raw", "by_chance"})
        if (method.has(key)) method.member(key).eachMember(checkOutcomeFigure);
}

void checkOutcomeVariant(const JsonShape& variant) {
    variant.fields({{"failed", Text, kNullable},
                    {"fidelity", Object},
                    {"answer", Integer, kOptional},
                    {"confidence", Number, kOptional},
                    {"methods", Object, kOptional}},
                   true);
    variant.member("fidelity").eachMember(checkOutcomeFigure);
    if (variant.has("methods")) variant.member("methods").eachMember(checkOutcomeMethod);
}

void checkOutcome(const JsonShape& outcome) {
    outcome.fields({{"example", Integer},
                    {"line", Integer, kOptional},
                    {"failed", Text, kNullable},
                    {"label", Integer, kOptional},
                    {"answer", Integer, kOptional},
                    {"confidence", Number, kOptional},
                    {"margin", Number, kOptional},
                    {"slice", Text, kOptional},
                    {"cluster", Text, kOptional},
                    {"variants", List}},
                   true);
    outcome.member("variants").each(checkOutcomeVariant);
}

void checkNotable(const JsonShape& notable) {
    notable.fields({{"example", Integer}, {"text"}, {"why"}, {"comparison", Object}}, true);
    checkComparison(notable.member("comparison"));
}

// ---- what the report adds

void checkEvidence(const JsonShape& evidence) {
    evidence.fields({{"log"},
                     {"log_id"},
                     {"run"},
                     {"first_record", Integer},
                     {"last_record", Integer},
                     {"head"},
                     {"status"},
                     {"findings", List, kOptional},
                     {"unmatched_starts", Integer, kOptional},
                     {"checkpoint", Text, kNullable},
                     {"public_key", Text, kNullable},
                     {"records", List, kOptional},
                     {"proofs", List, kOptional},
                     {"proofs_note", Text, kOptional}},
                    true);
    if (evidence.has("findings")) evidence.member("findings").listOf(Text);
    if (evidence.has("records")) {
        evidence.member("records").each([](const JsonShape& record) {
            record.fields({{"seq", Integer}, {"type"}, {"time"}, {"leaf"}}, true);
        });
    }
    if (evidence.has("proofs")) evidence.member("proofs").listOf(Object);
}

void checkClause(const JsonShape& clause) {
    clause.fields({{"framework"},
                   {"clause"},
                   {"asks"},
                   {"evidence"},
                   {"section", Text, kNullable},
                   {"status"},
                   {"applies", Text, kOptional},
                   {"source"},
                   {"read"},
                   {"verified", Flag}},
                  true);
}

void checkMethod(const JsonShape& method) {
    method.fields({{"id"}, {"title"}, {"facts", List}}, true);
    method.member("facts").each([](const JsonShape& fact) {
        fact.fields({{"name"}, {"text"}}, true);
    });
}

void checkSections(const JsonShape& sections) {
    sections.listOf(Text);
    sections.each([](const JsonShape& id) {
        if (!isReportSection(id.value().get<std::string>()))
            id.refuse("no section of a report; known are " + reportSectionIds());
    });
}

}  // namespace

void checkReport(const Json& report, std::string_view what) {
    const JsonShape whole(report, what);
    whole.require(Object);
    if (!report.contains("schema") || report.at("schema") != "driftlens/report/1")
        whole.refuse("no report: \"schema\": \"driftlens/report/1\" is wanted");
    whole.fields({{"schema"},
                  {"kind"},
                  {"title"},
                  {"created"},
                  {"command"},
                  {"environment", Object},
                  {"comparison", Object, kOptional},
                  {"dataset", Object, kOptional},
                  {"outcomes", List, kOptional},
                  {"notable", List, kOptional},
                  {"evidence", Object, kOptional},
                  {"methods", List},
                  {"limits", List},
                  {"summary", List},
                  {"clauses", List},
                  {"sections", List, kOptional}},
                 true);
    const std::string kind = report.at("kind");
    if (kind != "prompt" && kind != "dataset")
        whole.member("kind").refuse("\"prompt\" or \"dataset\" is wanted, not " + inQuotes(kind));
    const char* content = kind == "prompt" ? "comparison" : "dataset";
    if (!report.contains(content))
        whole.refuse("\"" + std::string(content) + "\" is missing in a report of that kind");
    for (const char* other : {"comparison", "dataset", "outcomes", "notable"})
        if (whole.has(other) && (kind == "prompt") != (std::string_view(other) == "comparison"))
            whole.refuse("\"" + std::string(other) + "\" does not belong in a report of kind " +
                         inQuotes(kind));
    if (whole.has("comparison")) checkComparison(whole.member("comparison"));
    if (whole.has("dataset")) checkDataset(whole.member("dataset"));
    if (whole.has("outcomes")) whole.member("outcomes").each(checkOutcome);
    if (whole.has("notable")) whole.member("notable").each(checkNotable);
    if (whole.has("evidence")) checkEvidence(whole.member("evidence"));
    whole.member("methods").each(checkMethod);
    for (const char* key : {"limits", "summary"}) whole.member(key).listOf(Text);
    whole.member("clauses").each(checkClause);
    if (whole.has("sections")) checkSections(whole.member("sections"));
}

}  // namespace driftlens
