// Limits, reproduction, the audit annex and the clauses.
#include "reports/document/limits.h"
#include "reports/document/sections.h"
#include "reports/layout/section_makers.h"

#include <algorithm>

namespace driftlens {
namespace {

void addWarnings(const Json& comparison, const std::string& where, BulletList& out) {
    for (const Json& each : memberOf(comparison, "warnings"))
        out.items.push_back(where + textOf(each) + ".");
    for (const Json& variant : memberOf(comparison, "variants")) {
        const std::string name = modelName(memberOf(variant, "model"));
        for (const Json& each : memberOf(variant, "warnings"))
            out.items.push_back(where + name + ": " + textOf(each) + ".");
        if (const std::string failed = textOf(memberOf(variant, "failed")); !failed.empty())
            out.items.push_back(where + name + " gave no result: " + failed + ".");
    }
}

void addDatasetFailures(const ReportView& view, BulletList& out) {
    const Json& dataset = view.at("/dataset");
    for (const Json& each : memberOf(dataset, "warnings")) out.items.push_back(textOf(each) + ".");
    for (const Json& variant : memberOf(dataset, "variants")) {
        const double failed = numberOf(memberOf(variant, "failed_examples")).value_or(0.0);
        if (failed > 0.0)
            out.items.push_back(modelName(variant) + " gave no result on " +
                                counted(static_cast<std::size_t>(failed), "example") + ".");
    }
    for (const Json& each : view.at("/notable"))
        addWarnings(
            memberOf(each, "comparison"),
            "Example " + std::to_string(memberOf(each, "example").get<std::int64_t>()) + ": ", out);
}

std::string environmentText(const Json& value) {
    return value.is_string() ? textOf(value) : value.dump();
}

// ---- clauses

std::string clauseText(const Json& clause, const char* key) {
    return textOf(memberOf(clause, key), "–");
}

std::string verifiedText(const Json& clause) {
    return isTrue(memberOf(clause, "verified")) ? "; verified" : "; not verified";
}

Table everyClause(const ReportView& view) {
    Table out{"clauses",
              "Clauses, what they ask for in our words, and what this report has.",
              {{"rule"},
               {"clause"},
               {"asks for"},
               {"evidence"},
               {"section"},
               {"status"},
               {"applies"},
               {"source, and whether checked against the official text"}},
              {}};
    for (const Json& each : view.at("/clauses"))
        out.rows.push_back({clauseText(each, "framework"), clauseText(each, "clause"),
                            clauseText(each, "asks"), clauseText(each, "evidence"),
                            clauseText(each, "section"), clauseText(each, "status"),
                            clauseText(each, "applies"),
                            clauseText(each, "source") + ", read " + clauseText(each, "read") +
                                verifiedText(each)});
    return out;
}

std::string sectionTitle(const std::string& id) {
    for (const SectionInfo& section : kReportSections)
        if (section.id == id) return std::string(section.title);
    return id;
}

// What all of them say; empty if they differ.
std::string shared(const std::vector<Json>& clauses, const char* key) {
    const std::string first = clauseText(clauses.front(), key);
    const bool isShared = std::all_of(clauses.begin(), clauses.end(), [&](const Json& each) {
        return clauseText(each, key) == first;
    });
    return isShared ? first : "";
}

// The clauses of one rule: what all say alike stands above the table.
void addRule(const std::vector<Json>& clauses, Blocks& out) {
    const std::string applies = shared(clauses, "applies"), read = shared(clauses, "read");
    std::string caption = "What each clause asks for, in our words, and what this report has.";
    if (!applies.empty()) caption += " Applies: " + applies + ".";
    if (!read.empty()) caption += " Sources read " + read + ".";
    Table table{
        "clauses", caption, {{"clause"}, {"asks for"}, {"status"}, {"evidence"}, {"source"}}, {}};
    for (const Json& each : clauses) {
        std::string source = clauseText(each, "source");
        if (read.empty()) source += ", read " + clauseText(each, "read");
        if (applies.empty()) source += "; applies: " + clauseText(each, "applies");
        const Json& section = memberOf(each, "section");
        const std::string where =
            section.is_null() ? "" : ": see “" + sectionTitle(textOf(section)) + "”";
        table.rows.push_back({clauseText(each, "clause"), clauseText(each, "asks"),
                              clauseText(each, "status") + where, clauseText(each, "evidence"),
                              source + verifiedText(each)});
    }
    out.push_back(Subheading{clauseText(clauses.front(), "framework")});
    out.push_back(std::move(table));
}

void addRules(const ReportView& view, Blocks& out) {
    std::vector<std::vector<Json>> rules;
    for (const Json& each : view.at("/clauses")) {
        const auto own = std::find_if(rules.begin(), rules.end(), [&](const auto& rule) {
            return clauseText(rule.front(), "framework") == clauseText(each, "framework");
        });
        if (own == rules.end())
            rules.push_back({each});
        else
            own->push_back(each);
    }
    for (const std::vector<Json>& rule : rules) addRule(rule, out);
}

}  // namespace

Blocks limitsBlocks(const ReportView& view) {
    BulletList limits;
    for (const Json& each : view.at("/limits")) limits.items.push_back(textOf(each));
    BulletList failures;
    if (view.isDataset())
        addDatasetFailures(view, failures);
    else
        addWarnings(view.at("/comparison"), "", failures);
    const double unmatched = numberOf(view.at("/evidence/unmatched_starts")).value_or(0.0);
    if (unmatched > 0.0)
        failures.items.push_back(counted(static_cast<std::size_t>(unmatched), "run") +
                                 " of the log started and never ended.");
    Blocks out = {limits, Subheading{"Warnings and failures of this run"}};
    if (failures.items.empty())
        out.push_back(Paragraph{"None."});
    else
        out.push_back(failures);
    return out;
}

Blocks reproductionBlocks(const ReportView& view) {
    Blocks out = {Paragraph{"The command that made this report:"},
                  CodeBlock{textOf(view.at("/command"))}};
    const Json& evidence = view.at("/evidence");
    if (!evidence.is_null()) {
        out.push_back(
            Paragraph{"This checks every digest, computes the run again and says whether "
                      "it is bitwise equal, within rounding, or differing:"});
        out.push_back(CodeBlock{"driftlens rerun " + textOf(memberOf(evidence, "log")) + " " +
                                textOf(memberOf(evidence, "run"))});
    }
    out.push_back(
        Paragraph{"The report is made of one JSON file, whose SHA-256 stands on every "
                  "page. Every other format follows from it, byte for byte:"});
    out.push_back(CodeBlock{"driftlens report --from report.json --out report.html"});
    FactTable facts;
    for (const auto& [name, value] : view.at("/environment").items())
        facts.facts.push_back({name, environmentText(value)});
    out.push_back(Subheading{"Environment"});
    if (facts.facts.empty())
        out.push_back(Paragraph{"It was not recorded."});
    else
        out.push_back(facts);
    return out;
}

Blocks auditBlocks(const ReportView& view) {
    const Json& evidence = view.at("/evidence");
    if (evidence.is_null())
        return {Paragraph{"This run was not written to an audit log; --log FILE does that."}};
    const auto text = [&](const char* key) { return textOf(memberOf(evidence, key), "–"); };
    FactTable facts{{{"log", text("log")},
                     {"log id", text("log_id"), true},
                     {"run", text("run"), true},
                     {"records", view.number(memberOf(evidence, "first_record")) + " to " +
                                     view.number(memberOf(evidence, "last_record"))},
                     {"hash of the log's last record", text("head"), true},
                     {"verification", text("status")},
                     {"public key", text("public_key"), true}}};
    Blocks out = {facts};
    BulletList findings;
    for (const Json& each : memberOf(evidence, "findings")) findings.items.push_back(textOf(each));
    if (!findings.items.empty()) out.push_back(findings);
    if (const Json& note = memberOf(evidence, "checkpoint"); note.is_string()) {
        out.push_back(Subheading{"Checkpoint, signed before this report was made"});
        out.push_back(CodeBlock{textOf(note)});
    } else {
        out.push_back(Paragraph{"The log has no signed checkpoint."});
    }
    Table records{"records",
                  "The records of this run, with the hashes that the log chains.",
                  {{"record", ColumnKind::Number}, {"type"}, {"time"}, {"leaf", ColumnKind::Code}},
                  {}};
    constexpr std::size_t kMost = 50;
    for (const Json& each : memberOf(evidence, "records")) {
        if (!view.isExact() && records.rows.size() >= kMost) break;
        records.rows.push_back({view.number(memberOf(each, "seq")), textOf(memberOf(each, "type")),
                                textOf(memberOf(each, "time")), textOf(memberOf(each, "leaf"))});
    }
    if (memberOf(evidence, "records").size() > records.rows.size())
        records.caption += " The first " + std::to_string(kMost) + "; all are in the JSON.";
    out.push_back(records);
    out.push_back(Paragraph{counted(memberOf(evidence, "proofs").size(), "inclusion proof") +
                            " of these records stand in the report's JSON. " +
                            textOf(memberOf(evidence, "proofs_note"))});
    out.push_back(Subheading{"To check this without our software"});
    out.push_back(BulletList{
        {"Take the JSON of this report and one element of evidence/proofs.",
         "Hash the byte 0x00 and the bytes of its “rec” with SHA-256: that is the leaf in the "
         "table "
         "above.",
         "Combine it with the hashes of “proof” as RFC 9162, 2.1.3.2 says: that gives the root in "
         "the checkpoint's third line, in base64.",
         "Check the checkpoint's Ed25519 signature with the public key, which you should have from "
         "elsewhere than from this report."},
        true});
    return out;
}

Blocks clauseBlocks(const ReportView& view) {
    Blocks out = {Callout{Tone::Neutral, "NOT LEGAL ADVICE",
                          "This table says where evidence for a clause is. It does not say that a "
                          "clause is met, which is for people to judge."}};
    if (view.isExact())
        out.push_back(everyClause(view));
    else
        addRules(view, out);
    return out;
}

}  // namespace driftlens
