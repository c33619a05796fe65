#include "tests/reports/sample_layout.h"

#include "reports/figures/token_strip.h"

#include <array>
#include <cmath>

namespace driftlens {
namespace {

const std::string kDigest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

Section verdictSection() {
    return {
        "verdict",
        "Scope and verdict",
        {Paragraph{"This report compares the answers of one language model with those of two "
                   "compressed variants of it, on one prompt, and asks whether the reasons behind "
                   "the answers are still the same."},
         Callout{Tone::Bad, "MATERIAL",
                 "base@int4: the answer flips from “good” to “bad”, and the explanation moves by "
                 "more than every yardstick: the rank correlation is 0.41, the noise floor 0.97."},
         Callout{Tone::Good, "WITHIN NOISE",
                 "base@int8: the answer stays “good”; the explanation differs by less than the "
                 "reference differs from itself in another batch shape."},
         Callout{Tone::Caution, "NOT SIGNED", "The log of this run has no checkpoint yet."},
         Subheading{"What this does not establish"},
         BulletList{{"That any of the answers is right, or fair to those whom it concerns.",
                     "That the attributions are the causes of the answer: they are what the named "
                     "method says under the named settings, and methods disagree.",
                     "Anything about prompts that were not tested."},
                    false},
         Subheading{"How to read it"},
         BulletList{{"Look at the verdicts, and at which yardsticks they rest on.",
                     "Look at the strips: one scale, so colours can be compared."},
                    true}}};
}

Section modelsSection() {
    const Table models = {
        "models",
        "The models that were compared.",
        {{"role", ColumnKind::Text},
         {"model", ColumnKind::Text},
         {"stored as", ColumnKind::Text},
         {"weights", ColumnKind::Number},
         {"digest (SHA-256)", ColumnKind::Code}},
        {{"reference", "models/base", "F16", "438.0 MB", kDigest},
         {"variant", "models/base@int8", "int8 row", "219.4 MB", kDigest},
         {"variant", "models/base@int4:group=32", "int4 grouped", "123.2 MB", kDigest}}};
    return {"systems",
            "Systems compared",
            {FactTable{{{"family", "llama", false},
                        {"parameters", "218 964 480", false},
                        {"compute", "float32 on the CPU, 8 threads", false},
                        {"manifest", kDigest, true}}},
             models,
             Paragraph{"Digests are over the bytes that were mapped, not over file names.", true}}};
}

Table fidelityTable() {
    return {"fidelity",
            "How far the outputs moved.",
            {{"variant", ColumnKind::Text},
             {"KL (nats)", ColumnKind::Number},
             {"reverse KL", ColumnKind::Number},
             {"JS (bits)", ColumnKind::Number},
             {"flip", ColumnKind::Text},
             {"probability change", ColumnKind::Number}},
            {{"base@int8", "0.0013", "0.0013", "0.0009", "no", "−0.0021"},
             {"base@int4:group=32", "0.4710", "0.5832", "0.1712", "yes", "−0.3120"}}};
}

Table driftTable() {
    Table out = {
        "drift", "Agreement of the explanations, and what it is measured against.", {}, {}};
    for (const char* title : {"variant", "method"}) out.columns.push_back({title});
    for (const char* title : {"Spearman", "Kendall τ-b", "cosine", "Jaccard@3", "sign agreement@3",
                              "largest change", "float64 floor", "batch-shape floor"})
        out.columns.push_back({title, ColumnKind::Number});
    for (const char* variant : {"base@int8", "base@int4:group=32"}) {
        for (const char* method : {"integrated_gradients", "attention_rollout", "occlusion"})
            out.rows.push_back({variant, method, "0.9821", "0.9333", "0.9997", "1", "1", "0.0031",
                                "1.2e-07", "3.0e-07"});
    }
    return out;
}

Section explanationSection() {
    return {"explanations",
            "Explanations side by side",
            {Paragraph{"One scale for all strips; full colour is ±0.8. Orange speaks for the "
                       "answer, blue against it; the number is under each token."},
             Subheading{"integrated_gradients"}, sampleFigure(12, "reference models/base"),
             sampleFigure(12, "variant base@int8"),
             sampleFigure(44, "variant base@int4:group=32, and a prompt that wraps"),
             Subheading{"occlusion"}, sampleFigure(9, "reference models/base, occlusion")}};
}

Section auditSection() {
    return {
        "audit",
        "Audit annex and reproduction",
        {Callout{Tone::Good, "VERIFIED", "All 214 records and 3 checkpoints hold."},
         FactTable{{{"log", "audit.db", false},
                    {"last record’s hash", kDigest, true},
                    {"command",
                     "driftlens compare models/base models/base@int8 models/base@int4:group=32 "
                     "--prompt \"The film was not bad at all\" --log audit.db",
                     true}}},
         Paragraph{"To verify without Driftlens, check the note below with any Ed25519 tool:"},
         CodeBlock{"driftlens/log\n214\nn4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=\n\n"
                   "— audit+5d1a8c12 "
                   "XRqMEvYd9Q3ssMZHTmvTz0HlFkOC2KjIh5gSDmuoZ3wJ8iYLL8k6cvOBmjzcrwUZl2nHk3A3"}}};
}

void add(std::vector<std::string>& out, const Table& table) {
    out.push_back(table.caption);
    for (const Column& column : table.columns) out.push_back(column.title);
    for (const auto& row : table.rows) out.insert(out.end(), row.begin(), row.end());
}

struct Collect {
    std::vector<std::string>& out;
    void operator()(const Subheading& b) const { out.push_back(b.text); }
    void operator()(const Paragraph& b) const { out.push_back(b.text); }
    void operator()(const CodeBlock& b) const { out.push_back(b.text); }
    void operator()(const Table& b) const { add(out, b); }
    void operator()(const Callout& b) const {
        out.push_back(b.label);
        out.push_back(b.text);
    }
    void operator()(const BulletList& b) const {
        for (std::size_t i = 0; i < b.items.size(); ++i) {
            out.push_back(b.isNumbered ? std::to_string(i + 1) + "." : "•");
            out.push_back(b.items[i]);
        }
    }
    void operator()(const FactTable& b) const {
        for (const Fact& fact : b.facts) {
            out.push_back(fact.name);
            out.push_back(fact.value);
        }
    }
    void operator()(const FigureBlock& b) const {
        out.push_back(b.title);
        out.push_back(b.description);
    }
};

}  // namespace

ReportLayout sampleLayout() {
    ReportLayout out;
    out.title = "What INT4 does to the reasons of models/base";
    out.subtitle =
        "Prompt: “The film was not bad at all”. Explained: the log-probability of “good”. Made "
        "2026-01-31T12:00:00Z by driftlens 0.1.0; run 0192f3.";
    out.sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    out.sections = {
        verdictSection(),
        modelsSection(),
        {"fidelity",
         "Output fidelity",
         {fidelityTable(), Paragraph{"KL is of the reference from the variant.", true}}},
        explanationSection(),
        {"drift", "Explanation drift", {driftTable()}},
        auditSection()};
    return out;
}

ReportLayout oneSection(std::vector<Block> blocks) {
    ReportLayout out;
    out.title = "A report";
    out.sha256 = kDigest;
    out.sections = {{"one", "One", std::move(blocks)}};
    return out;
}

Table gridTable(std::size_t rows, std::size_t columns) {
    Table out = {"grid", "A grid.", {}, {}};
    for (std::size_t c = 0; c < columns; ++c) out.columns.push_back({"title" + std::to_string(c)});
    for (std::size_t r = 0; r < rows; ++r) {
        out.rows.emplace_back();
        for (std::size_t c = 0; c < columns; ++c)
            out.rows.back().push_back("r" + std::to_string(r) + "c" + std::to_string(c));
    }
    return out;
}

FigureBlock sampleFigure(std::size_t tokens, const std::string& title) {
    constexpr std::array<const char*, 9> kWords = {"The", " film", " was", " not",   " bad",
                                                   " at", " all",  ".",    " Really"};
    std::vector<Token> shown(tokens);
    std::vector<double> scores;
    for (std::size_t i = 0; i < tokens; ++i) {
        shown[i].text = kWords[i % kWords.size()];
        scores.push_back(0.8 * std::sin(static_cast<double>(i) * 1.7));
    }
    return {tokenStripSvg(shown, scores, 0.8, title), title,
            "The tokens that speak most for the answer are “film” and “bad”."};
}

std::vector<std::string> textsOf(const ReportLayout& layout) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < layout.sections.size(); ++i) {
        out.push_back(std::to_string(i + 1) + layout.sections[i].title);
        for (const Block& block : layout.sections[i].blocks) std::visit(Collect{out}, block);
    }
    return out;
}

}  // namespace driftlens
