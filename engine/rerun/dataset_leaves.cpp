#include "engine/rerun/dataset_leaves.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace driftlens {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Numbers of one result over the examples.
class Columns {
public:
    explicit Columns(std::size_t rows) : m_rows(rows) {}

    void set(std::size_t row, const std::string& name, double value) {
        std::vector<double>& column = m_out.numbers[name];
        column.resize(m_rows, kNone);
        column[row] = value;
    }
    void set(std::size_t row, const std::string& name, const Figure& figure) {
        set(row, name, figure.value.value_or(kNone));
        if (!figure.value) note(row, name, figure.reason);
    }
    void append(const std::string& name, double value) { m_out.numbers[name].push_back(value); }
    void note(std::size_t row, const std::string& name, const std::string& text) {
        if (!text.empty()) m_out.others[name + " of row " + std::to_string(row)] = text;
    }

    ResultLeaves take() { return std::move(m_out); }

private:
    std::size_t m_rows;
    ResultLeaves m_out;
};

void addTokens(Columns& out, std::size_t row, const std::vector<TokenOutcome>& tokens) {
    const std::string place = " of row " + std::to_string(row);
    for (const TokenOutcome& token : tokens) {
        out.append("tokens/reference_log" + place, token.referenceLog);
        out.append("tokens/variant_log" + place, token.variantLog);
        out.append("tokens/kl" + place, token.kl);
        out.append("tokens/top1_same" + place, token.isTopSame ? 1.0 : 0.0);
    }
}

void addOutcome(Columns& out, std::size_t row, const VariantOutcome& outcome) {
    out.note(row, "failed", outcome.failed);
    out.set(row, "answer", static_cast<double>(outcome.answer));
    out.set(row, "confidence", outcome.confidence);
    for (const auto& [metric, value] : outcome.fidelity) out.set(row, "fidelity/" + metric, value);
    for (const auto& [method, own] : outcome.methods) {
        out.note(row, method + " has converged", own.hasConverged ? "yes" : "no");
        for (const auto& [metric, figure] : own.raw) out.set(row, method + "/" + metric, figure);
        for (const auto& [metric, figure] : own.byChance)
            out.set(row, method + "/by_chance/" + metric, figure);
    }
    addTokens(out, row, outcome.tokens);
}

ResultLeaves referenceLeaves(const std::vector<ExampleOutcome>& outcomes) {
    Columns out(outcomes.size());
    for (std::size_t row = 0; row < outcomes.size(); ++row) {
        const ExampleOutcome& each = outcomes[row];
        out.note(row, "failed", each.failed);
        out.set(row, "row", static_cast<double>(each.number));
        out.set(row, "label", each.label ? static_cast<double>(*each.label) : kNone);
        out.set(row, "answer", static_cast<double>(each.answer));
        out.set(row, "confidence", each.confidence);
        out.set(row, "margin", each.margin);
    }
    return out.take();
}

using OutcomesOf = std::vector<VariantOutcome> ExampleOutcome::*;

ResultLeaves outcomeLeaves(const std::vector<ExampleOutcome>& outcomes, OutcomesOf list,
                           std::size_t place) {
    Columns out(outcomes.size());
    for (std::size_t row = 0; row < outcomes.size(); ++row) {
        const std::vector<VariantOutcome>& all = outcomes[row].*list;
        if (place < all.size()) addOutcome(out, row, all[place]);
    }
    return out.take();
}

// Without what is for people, lists whose order a rounding can turn (the examples have all of it),
// what a model is and how it is stored (records of earlier versions do not say it, and the files
// were checked), and names of models: a name can hold the path that an adapter lies at.
void eraseWords(Json& value) {
    constexpr std::array<const char*, 17> kWords = {
        "sentence", "explanation", "first",   "second",  "notes",  "warnings",
        "file",     "path",        "compute", "model",   "scheme", "digest",
        "from",     "to",          "variant", "storage", "task"};
    if (value.is_object()) {
        for (const char* key : kWords) value.erase(key);
        for (auto& [key, member] : value.items()) eraseWords(member);
    } else if (value.is_array()) {
        for (Json& member : value) eraseWords(member);
    }
}

ResultLeaves treeLeaves(Json tree) {
    eraseWords(tree);
    return leavesOf(tree, [](const Json&) -> std::vector<double> {
        throw Error(ErrorKind::Internal, "an aggregate has no blobs");
    });
}

}  // namespace

std::vector<NamedLeaves> datasetLeaves(const std::vector<ExampleOutcome>& outcomes,
                                       const Json& dataset) {
    const std::string examples = ": " + std::to_string(outcomes.size()) + " examples";
    std::vector<NamedLeaves> out;
    out.push_back({dataset.at("reference").at("model").get<std::string>() + examples,
                   referenceLeaves(outcomes)});
    const Json& variants = dataset.at("variants");
    for (std::size_t i = 0; i < variants.size(); ++i) {
        const auto name = variants[i].at("model").get<std::string>();
        out.push_back({name + examples, outcomeLeaves(outcomes, &ExampleOutcome::variants, i)});
        out.push_back({name + ": aggregate", treeLeaves(variants[i]), true});
    }
    const Json& steps = dataset.at("from_previous");
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string name =
            steps[i].at("from").get<std::string>() + " to " + steps[i].at("to").get<std::string>();
        out.push_back({name + examples, outcomeLeaves(outcomes, &ExampleOutcome::fromPrevious, i)});
        out.push_back({name + ": aggregate", treeLeaves(steps[i]), true});
    }
    Json rest = Json::object();
    for (const char* key : {"examples", "failed_examples", "differences", "observed", "gates"})
        rest[key] = dataset.at(key);
    out.push_back({"counts, differences, observed answers and gates", treeLeaves(rest), true});
    return out;
}

ResultLeaves withoutResampled(ResultLeaves aggregate) {
    constexpr std::array<std::string_view, 6> kResampled = {
        "low", "high", "p", "p_adjusted", "auroc_interval", "gain_interval"};
    std::erase_if(aggregate.numbers, [&](const auto& leaf) {
        const std::string& path = leaf.first;
        return std::any_of(kResampled.begin(), kResampled.end(), [&](std::string_view name) {
            return path.ends_with("/" + std::string(name)) ||
                   path.find("/" + std::string(name) + "/") != std::string::npos;
        });
    });
    return aggregate;
}

}  // namespace driftlens
