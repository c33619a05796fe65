// Occlusion and exact games, through a model, against recorded values.
#include "core/base/error.h"
#include "tests/support/fixtures.h"
#include "tests/xai/method_goldens.h"

namespace driftlens {
namespace {

using Given = std::map<std::string, std::string>;

std::string idSetting(std::int64_t id) {
    return "token:" + std::to_string(id);
}

std::vector<double> at(const std::vector<double>& scores, const GoldenInput& row, bool isContent) {
    std::vector<double> out;
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (!row.input.tokens[i].isSpecial || !isContent) out.push_back(scores[i]);
    return out;
}

// What is recorded for the tokens that are no special ones, as columns of the recorded row.
GoldenValue contentColumns(const GoldenValue& golden, const GoldenInput& row, std::int64_t r) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < row.input.tokens.size(); ++i)
        if (!row.input.tokens[i].isSpecial) columns.push_back(row.realColumns[i]);
    return golden.row(r).columns(columns);
}

struct OcclusionCase {
    const char* recorded;
    const char* replace;  // "repl" and "pad" stand for the model's ids
    const char* special;
    int window, stride;
};
constexpr std::array<OcclusionCase, 6> kOcclusions = {{
    {"replace_repl", "repl", "keep", 1, 1},
    {"replace_pad", "pad", "keep", 1, 1},
    {"zero_embedding", "zero", "replace", 1, 1},
    {"occlusion_w2_s1_repl_embedding", "repl", "keep", 2, 1},
    {"occlusion_w3_s2_repl_embedding", "repl", "keep", 3, 2},
    {"delete_content_tokens", "delete", "keep", 1, 1},
}};

Given settingsOf(const OcclusionCase& each, const GoldenInput& row) {
    std::string replace = each.replace;
    if (replace == "repl") replace = idSetting(row.replacement);
    if (replace == "pad") replace = idSetting(row.pad);
    return {{"replace", replace},
            {"special", each.special},
            {"window", std::to_string(each.window)},
            {"stride", std::to_string(each.stride)}};
}

TEST(PerturbationGoldens, OcclusionOfTokensAndWindowsIsAsRecorded) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "perturbation");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto rows = models.rows(node["model"], node["input"]);
        for (const OcclusionCase& each : kOcclusions) {
            if (!node["values"].contains(each.recorded)) continue;
            const GoldenValue golden = goldens.value(node["values"][each.recorded]);
            const bool isOneList = golden.shape.size() == 1;  // of content tokens
            for (std::size_t r = 0; r < rows.size(); ++r) {
                const bool hasPads =
                    !isOneList &&
                    static_cast<std::int64_t>(rows[r].realColumns.size()) < golden.shape[1];
                if (hasPads && each.window > 1) {
                    tally.leaveOut("windows that reach into padding, which ours has none of");
                    continue;
                }
                const Target target = rows[r].targetOf(node["fn"]);
                const bool isContent = std::string(each.special) == "keep";
                for (const ComputeType compute : kBothTypes) {
                    const Attribution found =
                        runMethod(methodNamed("occlusion"), settingsOf(each, rows[r]),
                                  rows[r].methodInput(target, compute), {});
                    const auto index = static_cast<std::int64_t>(r);
                    const GoldenValue wanted = isOneList ? golden
                                               : isContent
                                                   ? contentColumns(golden, rows[r], index)
                                                   : golden.row(index).columns(rows[r].realColumns);
                    // A difference of two values of the target's size.
                    tally.compare(compute, each.recorded, node["id"],
                                  at(found.scores, rows[r], isContent), wanted,
                                  std::abs(found.targetValue));
                }
            }
        }
    }
    EXPECT_GT(tally.compared("occlusion_w3_s2_repl_embedding"), 20U);
}

// The recorded games of gpt2-a put its end-of-text token in front of what is left.
GoldenInput gameInput(const std::filesystem::path& folder, GoldenModels& models, const Json& node) {
    GoldenInput out = models.rows(node["model"], node["input"]).front();
    if (!node["prefix_ids"].empty())
        out.tokenizer = Tokenizer::load(folder / "models" / node["model"].get<std::string>());
    return out;
}

TEST(PerturbationGoldens, ExactGamesOfAModelAreAsRecorded) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "shapley");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        if (!node["id"].get<std::string>().ends_with("/exact")) continue;
        const GoldenInput row = gameInput(folder, models, node);
        const auto replace = node["mode"] == "delete"
                                 ? std::string("delete")
                                 : idSetting(node["replacement_id"].get<std::int64_t>());
        const auto explain = [&](const std::string& method, Given settings, ComputeType compute) {
            settings["replace"] = replace;
            return runMethod(methodNamed(method), settings,
                             row.methodInput(row.targetOf(node["fn"]), compute), {});
        };
        const auto value = [&](const char* name) { return goldens.value(node["values"][name]); };
        for (const ComputeType compute : kBothTypes) {
            const Attribution exact = explain("shapley_exact", {{"interactions", "yes"}}, compute);
            const double scale = std::abs(exact.targetValue);
            tally.compare(compute, "exact Shapley values", node["id"], at(exact.scores, row, true),
                          value("shapley"), scale);
            tally.compare(compute, "pairwise interactions", node["id"], exact.interactions->values,
                          value("pairwise_shapley_interaction"), scale);
            const Attribution banzhaf = explain("shapley_exact", {{"index", "banzhaf"}}, compute);
            tally.compare(compute, "Banzhaf values", node["id"], at(banzhaf.scores, row, true),
                          value("banzhaf"), scale);
            // All coalitions: nothing is left to chance.
            for (const std::string method : {"kernel_shap", "leverage_shap"}) {
                tally.compare(compute, method + " of all coalitions", node["id"],
                              at(explain(method, {}, compute).scores, row, true), value("shapley"),
                              scale);
            }
        }
    }
    EXPECT_EQ(tally.compared("exact Shapley values"), 10U);
}

TEST(PerturbationGoldens, EachTokenOfASpanHasTheShapleyValuesThatAreRecorded) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "llm");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto id = node["id"].get<std::string>();
        const bool isExact = id.ends_with("/exact_shapley");
        const bool isAblation = id.find("feature_ablation") != std::string::npos;
        if (!isExact && !isAblation) continue;
        const GoldenInput row =
            models.row(node["model"], node["prompt_ids"].get<std::vector<std::int64_t>>(),
                       node["content_positions"].get<std::vector<std::size_t>>());
        Target target;
        target.kind = TargetKind::Continuation;
        target.continuation = node["target_ids"].get<std::vector<std::int64_t>>();
        target.quantity = node["fn"] == "prob" ? Quantity::Probability : Quantity::LogProbability;
        for (const ComputeType compute : kBothTypes) {
            const Attribution found =
                runMethod(methodNamed(isExact ? "shapley_exact" : "occlusion"),
                          {{"replace", idSetting(node["replacement_id"].get<std::int64_t>())}},
                          row.methodInput(target, compute), {});
            const std::string kind = isExact ? "exact Shapley values" : "occlusion";
            const GoldenValue whole = goldens.value(node["values"]["seq_attr"]);
            tally.compare(compute, kind + " of a span", id,
                          at(found.scores, row, whole.values.size() != found.scores.size()), whole);
            const GoldenValue each = goldens.value(node["values"]["token_attr"]);
            ASSERT_EQ(found.answerTokens.size(), target.continuation.size());
            const bool isContent =
                each.values.size() != found.scores.size() * found.answerTokens.size();
            std::vector<double> rows;
            // Recorded [answer tokens, tokens].
            for (const AnswerTokenScores& token : found.answerTokens)
                for (const double score : at(token.scores, row, isContent)) rows.push_back(score);
            tally.compare(compute, kind + " of each of its tokens", id, rows, each);
        }
    }
    EXPECT_GE(tally.compared("exact Shapley values of each of its tokens"), 2U);
}

}  // namespace
}  // namespace driftlens
