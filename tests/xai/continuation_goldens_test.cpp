// Span targets, teacher forced, against the recorded values of Captum and Inseq.
#include "tests/support/fixtures.h"
#include "tests/xai/method_goldens.h"
#include "xai/methods/presets.h"

#include <cmath>

namespace driftlens {
namespace {

using Ids = std::vector<std::int64_t>;
using Given = std::map<std::string, std::string>;

// Column c of a recorded [rows, columns].
GoldenValue columnOf(const GoldenValue& golden, std::size_t c) {
    GoldenValue out;
    out.tolerance = golden.tolerance;
    const auto columns = static_cast<std::size_t>(golden.shape[1]);
    for (std::size_t i = c; i < golden.values.size(); i += columns) {
        out.values.push_back(golden.values[i]);
        if (!golden.wide.empty()) out.wide.push_back(golden.wide[i]);
    }
    return out;
}

GoldenValue firstOf(GoldenValue golden, std::size_t count) {
    golden.values.resize(count);
    if (!golden.wide.empty()) golden.wide.resize(count);
    return golden;
}

Quantity quantityOf(const std::string& fn) {
    if (fn == "logit") return Quantity::Logit;
    return fn.starts_with("prob") ? Quantity::Probability : Quantity::LogProbability;
}

// Prompt tokens, and behind them the answer's own that a later token sees.
GoldenInput promptWith(GoldenModels& models, const Json& node, std::size_t forced) {
    Ids ids = node["prompt_ids"].get<Ids>();
    const Ids targets = node["target_ids"].get<Ids>();
    ids.insert(ids.end(), targets.begin(), targets.begin() + static_cast<std::ptrdiff_t>(forced));
    return models.row(node["model"], ids,
                      node["content_positions"].get<std::vector<std::size_t>>());
}

TEST(ContinuationGoldens, SpansAreCaptumsAndInseqs) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "llm");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto id = node["id"].get<std::string>();
        const Ids targets = node["target_ids"].get<Ids>();
        const std::string replacement =
            "token:" + std::to_string(node["replacement_id"].get<std::int64_t>());
        const auto library = node.value("library", std::string());
        const Json& values = node["values"];
        const auto method = [&]() -> std::string {
            if (id.ends_with("captum/layer_integrated_gradients")) return "integrated_gradients";
            if (id.ends_with("captum/layer_gradient_x_activation")) return "input_x_gradient";
            if (id.find("feature_ablation") != std::string::npos) return "occlusion";
            for (const std::string name :
                 {"saliency", "input_x_gradient", "integrated_gradients", "occlusion"})
                if (id.find("/" + name) != std::string::npos) return name;
            return "";
        }();
        if (values.contains("token_logprob")) {
            for (const ComputeType compute : kBothTypes) {
                std::vector<double> found;
                for (std::size_t i = 0; i < targets.size(); ++i) {
                    const GoldenInput row = promptWith(models, node, i);
                    Target target;
                    target.id = targets[i];
                    found.push_back(
                        runMethod(methodNamed("saliency"), {}, row.methodInput(target, compute), {})
                            .targetValue);
                }
                tally.compare(compute, "log-probability of each token", id, found,
                              goldens.value(values["token_logprob"]));
            }
            continue;
        }
        if (method.empty()) continue;  // Shapley values: perturbation_goldens_test
        const bool isInseq = library == "inseq";
        const bool isContrast = library == "autograd";
        for (const ComputeType compute : kBothTypes) {
            if (library == "captum") {
                Target target;
                target.kind = TargetKind::Continuation;
                target.continuation = targets;
                target.quantity = quantityOf(node["fn"]);
                const GoldenInput row = promptWith(models, node, 0);
                Given settings;
                if (method == "integrated_gradients")
                    settings = {{"nodes", "20"}, {"baseline", replacement}};
                if (method == "occlusion") settings = {{"replace", replacement}};
                const Attribution found =
                    runMethod(methodNamed(method), settings, row.methodInput(target, compute), {});
                std::vector<double> content;
                for (std::size_t i = 0; i < found.scores.size(); ++i)
                    if (!row.input.tokens[i].isSpecial ||
                        values["seq_attr"]["shape"][0] == found.scores.size())
                        content.push_back(found.scores[i]);
                tally.compare(compute, "captum " + method + " of a span", id, content,
                              goldens.value(values["seq_attr"]));
                continue;
            }
            for (std::size_t i = 0; i < targets.size(); ++i) {
                const GoldenInput row = promptWith(models, node, i);
                for (const std::string quantity : {"logit", "prob"}) {
                    if (!isContrast && quantity == "prob") continue;
                    Target target;
                    target.id = targets[i];
                    target.quantity =
                        quantityOf(isContrast ? quantity : node["fn"].get<std::string>());
                    if (isContrast) {
                        target.kind = TargetKind::Contrast;
                        target.contrastId = node["contrast_ids"][i].get<std::int64_t>();
                    }
                    Given settings;
                    if (method == "integrated_gradients")
                        settings = {
                            {"nodes", "20"}, {"baseline", replacement}, {"special", "replace"}};
                    if (method == "occlusion")
                        settings = {{"replace", replacement}, {"special", "replace"}};
                    const Attribution found = runMethod(methodNamed(method), settings,
                                                        row.methodInput(target, compute), {});
                    const std::string prefix = isContrast ? quantity + "_diff_" : "";
                    const auto count = found.scores.size();
                    if (method == "occlusion") {
                        std::vector<double> magnitudes;
                        for (const double score : found.scores)
                            magnitudes.push_back(std::abs(score));
                        if (values.contains("sum"))
                            tally.compare(
                                compute, "inseq occlusion", id, magnitudes,
                                firstOf(columnOf(goldens.value(values["sum"]), i), count));
                        continue;
                    }
                    tally.compare(
                        compute, library + " " + method + " norms", id, found.norms,
                        firstOf(columnOf(goldens.value(values[prefix + "l2"]), i), count));
                    // Inseq's saliency takes magnitudes before it adds.
                    const bool isSaliency = isInseq && method == "saliency";
                    const Attribution summed =
                        isSaliency ? runMethod(methodNamed(method), {{"reduce", "l1"}},
                                               row.methodInput(target, compute), {})
                                   : found;
                    tally.compare(
                        compute, library + " " + method, id, summed.scores,
                        firstOf(columnOf(goldens.value(values[prefix + "sum"]), i), count));
                    if (!isInseq) continue;
                    // What Inseq shows: norms, as shares of their sum.
                    const auto preset = presetSettings("inseq", method);
                    Given shown = settings;
                    shown["reduce"] = preset.at("reduce");
                    shown["normalise"] = preset.at("normalise");
                    const Attribution shares =
                        runMethod(methodNamed(method), shown, row.methodInput(target, compute), {});
                    tally.compare(
                        compute, "inseq " + method + " as shown", id, shares.scores,
                        firstOf(columnOf(goldens.value(values["aggregated_default"]), i), count));
                }
            }
        }
    }
    EXPECT_EQ(goldens.cases().size(), 42U);
}

// One call of a span against Captum's matrices, and against Inseq's step by step.
TEST(ContinuationGoldens, EachTokenOfASpanIsCaptumsAndInseqs) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "llm");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto id = node["id"].get<std::string>();
        const auto library = node.value("library", std::string());
        const Json& values = node["values"];
        const bool isPath = id.ends_with("captum/layer_integrated_gradients");
        const bool isCaptum = isPath || id.ends_with("captum/layer_gradient_x_activation");
        const bool isSaliency = id.find("inseq/saliency/") != std::string::npos;
        const bool isProduct = id.find("inseq/input_x_gradient/") != std::string::npos;
        if (!isCaptum && !isSaliency && !isProduct) continue;
        Target target;
        target.kind = TargetKind::Continuation;
        target.continuation = node["target_ids"].get<Ids>();
        target.quantity = quantityOf(node["fn"]);
        const GoldenInput row = promptWith(models, node, 0);
        const auto columns = [&](const std::string& method, Given settings, ComputeType compute) {
            settings["answer_tokens"] = "yes";
            const Attribution found =
                runMethod(methodNamed(method), settings, row.methodInput(target, compute), {});
            EXPECT_EQ(found.answerTokens.size(), target.continuation.size()) << id;
            return found.answerTokens;
        };
        for (const ComputeType compute : kBothTypes) {
            if (isCaptum) {
                const GoldenValue golden = goldens.value(values["token_attr"]);
                const Given settings =
                    isPath ? Given{{"nodes", "20"},
                                   {"baseline",
                                    "token:" +
                                        std::to_string(node["replacement_id"].get<std::int64_t>())}}
                           : Given{};
                std::vector<double> rows;  // recorded [answer tokens, tokens]
                for (const AnswerTokenScores& token : columns(
                         isPath ? "integrated_gradients" : "input_x_gradient", settings, compute))
                    for (std::size_t i = 0; i < token.scores.size(); ++i)
                        if (!row.input.tokens[i].isSpecial ||
                            golden.shape[1] == static_cast<std::int64_t>(token.scores.size()))
                            rows.push_back(token.scores[i]);
                tally.compare(compute, "captum, each token of a span", id, rows, golden);
                continue;
            }
            const std::string method = isSaliency ? "saliency" : "input_x_gradient";
            for (const auto& [reduce, recorded] :
                 {std::pair("l2", "l2"), std::pair(isSaliency ? "l1" : "sum", "sum")}) {
                const auto found = columns(method, {{"reduce", reduce}}, compute);
                for (std::size_t i = 0; i < found.size(); ++i)
                    tally.compare(compute, "inseq " + method + ", each token of a span", id,
                                  found[i].scores,
                                  firstOf(columnOf(goldens.value(values[recorded]), i),
                                          found[i].scores.size()));
            }
        }
    }
    EXPECT_EQ(tally.compared("captum, each token of a span"), 4U);
    EXPECT_EQ(tally.compared("inseq saliency, each token of a span"), 48U);
    EXPECT_EQ(tally.compared("inseq input_x_gradient, each token of a span"), 48U);
}

}  // namespace
}  // namespace driftlens
