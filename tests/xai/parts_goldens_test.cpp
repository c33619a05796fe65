// Lens, patching and concept methods against the recorded values.
#include "tests/support/fixtures.h"
#include "tests/xai/method_goldens.h"
#include "xai/methods/linear_probe.h"

#include <cmath>

namespace driftlens {
namespace {

std::vector<double> figuresOf(const Attribution& found, const std::string& name) {
    std::vector<double> out;
    for (const Part& part : found.parts) out.push_back(part.figures.at(name));
    return out;
}

TEST(LensGoldens, LogitLensAndDirectAttributionAreTheRecordedOnes) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "lens");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto id = node["id"].get<std::string>();
        GoldenInput row = models.rows(node["model"], node["input"]).front();
        row.target = node["target"].get<std::int64_t>();
        row.contrast = node["contrast"].get<std::int64_t>();
        const Json& values = node["values"];
        for (const ComputeType compute : kBothTypes) {
            const auto check = [&](const std::string& kind, const std::string& key,
                                   const std::vector<double>& found) {
                tally.compare(compute, kind, id, found, goldens.value(values[key]));
            };
            const Target logProbability = row.targetOf("log_prob");
            const Attribution lens = runMethod(methodNamed("logit_lens"), {},
                                               row.methodInput(logProbability, compute), {});
            check("logit_lens log-probability", "lens_target_logprob", lens.scores);
            check("logit_lens rank", "lens_target_rank", figuresOf(lens, "rank"));
            check("logit_lens KL", "lens_kl_final_to_layer", figuresOf(lens, "kl"));
            for (std::size_t l = 0; l < lens.parts.size(); ++l)
                for (std::size_t k = 0; k < 5; ++k)
                    EXPECT_EQ(lens.parts[l].answers[k].id, node["top5_per_layer"][l][k]) << id;
            // The rows of the recorded lens logits, through the log-probability of every id.
            for (const std::string fn : {"logit", "logit_diff"}) {
                const Target target = row.targetOf(fn);
                const Attribution parts = runMethod(methodNamed("direct_logit_attribution"), {},
                                                    row.methodInput(target, compute), {});
                ASSERT_EQ(parts.parts.size(), node["components"].size()) << id;
                check("direct_logit_attribution",
                      fn == "logit" ? "dla_target" : "dla_target_minus_contrast", parts.scores);
                if (fn == "logit") {
                    // The record's sum lacks nothing of the logit.
                    EXPECT_LE(std::abs(*parts.completenessGap), 3e-5) << id;
                }
            }
            tally.leaveOut("lens: all logits, component norms (ours give the target's)");
        }
    }
    EXPECT_EQ(goldens.cases().size(), 4U);
}

TEST(PatchingGoldens, CleanActivationsIntoACorruptedPromptAreTheRecordedOnes) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "patching");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto id = node["id"].get<std::string>();
        if (!node.contains("clean_ids")) {
            tally.leaveOut("patching between models (belongs to localize)");
            continue;
        }
        GoldenInput row = models.rows(node["model"], node["input"]).front();
        ASSERT_EQ(row.input.ids(), node["clean_ids"].get<std::vector<std::int64_t>>());
        const Target target = row.targetOf("logit_diff");
        std::string corrupted = "ids:";
        for (const Json& value : node["corrupted_ids"])
            corrupted += std::to_string(value.get<std::int64_t>()) + " ";
        const std::map<std::string, std::map<std::string, std::string>> kinds = {
            {"resid_pre", {{"site", "resid_in"}}},
            {"attn_out", {{"site", "attn.out"}}},
            {"mlp_out", {{"site", "mlp.out"}}},
            {"head_output_all_positions", {{"site", "attn.head_output"}, {"position", "all"}}},
            {"head_output_last_position", {{"site", "attn.head_output"}, {"position", "read"}}}};
        for (const ComputeType compute : kBothTypes) {
            for (const std::string& given : {corrupted, std::string("rotate")}) {
                for (const auto& [name, settings] : kinds) {
                    auto all = settings;
                    all["corrupted"] = given;
                    const Attribution found = runMethod(methodNamed("activation_patching"), all,
                                                        row.methodInput(target, compute), {});
                    tally.compare(compute, "activation_patching " + name, id,
                                  figuresOf(found, "value"), goldens.value(node["values"][name]));
                    tally.compare(compute, "activation_patching " + name + ", share", id,
                                  found.scores,
                                  goldens.value(node["values"][name + "_normalised"]));
                    tally.compare(compute, "activation_patching ends", id, {found.targetValue},
                                  goldens.value(node["values"]["clean"]));
                    tally.compare(compute, "activation_patching ends", id, {*found.baselineValue},
                                  goldens.value(node["values"]["corrupted"]));
                }
            }
        }
    }
    EXPECT_EQ(tally.compared("activation_patching resid_pre"), 4U);
}

// What closed_form_test computes exactly, on a whole model: only the read position counts at the
// end.
TEST(Patching, NothingReadsOtherPositionsBehindTheLastBlock) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    GoldenModels models(folder);
    const GoldenInput row = models.rows("gpt2-a", "short").front();
    const Target target = row.targetOf("logit_diff");
    const std::map<std::string, std::string> settings = {
        {"site", "mlp.out"}, {"layers", "1"}, {"corrupted", "rotate"}, {"normalise", "no"}};
    const MethodInput in = row.methodInput(target, ComputeType::Float64);
    const Attribution exact = runMethod(methodNamed("activation_patching"), settings, in, {});
    const Attribution linear = runMethod(methodNamed("attribution_patching"), settings, in, {});
    ASSERT_EQ(exact.scores.size(), row.input.tokens.size());
    ASSERT_TRUE(exact.parts.empty());
    for (std::size_t i = 0; i + 1 < exact.scores.size(); ++i) {
        EXPECT_NEAR(exact.scores[i], 0.0, 1e-12);  // nothing reads other positions any more
        EXPECT_NEAR(linear.scores[i], 0.0, 1e-12);
    }
    EXPECT_NE(exact.scores.back(), 0.0);
    EXPECT_NE(linear.scores.back(), 0.0);
    EXPECT_LT(linear.evaluations, exact.evaluations);
}

at::Tensor activationsOf(const GoldenInput& like, GoldenModels& models, const std::string& model,
                         const Json& texts, std::int64_t layer, ComputeType compute) {
    std::vector<std::vector<double>> rows;
    for (const Json& ids : texts) {
        const auto list = ids.get<std::vector<std::int64_t>>();
        const GoldenInput one = models.row(model, list, {});
        ForwardInput input;
        input.ids = at::tensor(list, at::kLong).unsqueeze(0);
        ForwardRequest request;
        request.compute = compute == ComputeType::Float64 ? at::kDouble : at::kFloat;
        request.capture.insert({SiteKind::ResidOut, layer});
        const bool isClassifier = like.model->spec().task == Task::Classification;
        const at::Tensor value =
            one.model->forward(input, request, {}, {}).sites.at({SiteKind::ResidOut, layer})[0];
        rows.push_back(listOf(value[isClassifier ? 0 : value.size(0) - 1]));
    }
    std::vector<double> flat;
    for (const std::vector<double>& row : rows) flat.insert(flat.end(), row.begin(), row.end());
    return at::tensor(flat, at::kDouble).view({static_cast<std::int64_t>(rows.size()), -1});
}

std::vector<std::vector<std::int64_t>> idsOf(const Json& texts) {
    std::vector<std::vector<std::int64_t>> out;
    for (const Json& ids : texts) out.push_back(ids.get<std::vector<std::int64_t>>());
    return out;
}

TEST(TcavGoldens, DirectionsAndScoresAreTheRecordedOnes) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "tcav");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto model = node["model"].get<std::string>();
        for (const Json& result : node["results"]) {
            const auto layer = result["layer"].get<std::int64_t>();
            const auto set = result["random_set"].get<std::size_t>();
            const std::string where =
                model + " block " + std::to_string(layer) + " set " + std::to_string(set);
            GoldenInput like = models.row(model, node["test_ids"][0], {});
            like.target = node["target"].get<std::int64_t>();
            for (const ComputeType compute : kBothTypes) {
                const auto check = [&](const std::string& kind, const std::string& key,
                                       const std::vector<double>& found) {
                    tally.compare(compute, "tcav " + kind, where, found,
                                  goldens.value(result[key]));
                };
                const at::Tensor positives =
                    activationsOf(like, models, model, node["concept_ids"], layer, compute);
                const at::Tensor negatives =
                    activationsOf(like, models, model, node["random_ids"][set], layer, compute);
                const LinearProbe probe = fitProbe(positives, negatives);
                check("direction", "cav", listOf(probe.weights));
                // The recorded solver stops at a gradient of 1e-4; the curvature along the
                // intercept, Σ p (1 − p) over 48 texts, is 5 or more, so that it may be off by
                // 2e-5. Ours goes on to a gradient of 1e-10.
                GoldenValue intercept = goldens.value(result["intercept"]);
                intercept.tolerance = std::max(intercept.tolerance, 1e-4 / 5.0);
                tally.compare("tcav intercept", where, {probe.intercept}, intercept);
                check("train accuracy", "train_accuracy",
                      {accuracyOf(probe, positives, negatives)});
            }
        }
        // The method itself: the share of the test texts, averaged over the random sets.
        ConceptQuestion question;
        question.concepts = {{"concept", idsOf(node["concept_ids"])}};
        for (std::size_t s = 0; s < node["random_ids"].size(); ++s)
            question.randomSets.push_back(
                {"random " + std::to_string(s), idsOf(node["random_ids"][s])});
        question.examples = idsOf(node["test_ids"]);
        for (const int layer : {0, 1}) {
            GoldenInput row = models.row(model, node["test_ids"][0], {});
            row.target = node["target"].get<std::int64_t>();
            const Target target = row.targetOf("logit");
            MethodInput in = row.methodInput(target, ComputeType::Float32);
            in.concepts = &question;
            const Attribution found =
                runMethod(methodNamed("tcav"), {{"layer", std::to_string(layer)}}, in, {});
            GoldenValue wanted = {{}, {0.0}, {}, 1e-6};
            GoldenValue derivative = {{}, {0.0}, {}, 1e-5};
            double sets = 0.0;
            for (const Json& result : node["results"]) {
                if (result["layer"] != layer) continue;
                wanted.values[0] += goldens.value(result["tcav_score"]).values[0];
                // Ours is along the unit vector, the record's along the classifier's weights.
                derivative.values[0] += goldens.value(result["directional_derivatives"]).values[0] /
                                        goldens.value(result["cav_norm"]).values[0];
                sets += 1.0;
            }
            wanted.values[0] /= sets;
            derivative.values[0] /= sets;
            tally.compare("tcav score", model, found.scores, wanted);
            tally.compare("tcav derivative of the prompt", model,
                          figuresOf(found, "prompt_derivative"), derivative);
            EXPECT_GE(found.parts.at(0).figures.at("p"), 0.0);
            EXPECT_LE(found.parts.at(0).figures.at("p"), 1.0);
        }
        tally.leaveOut("tcav: flattened activations, stochastic hinge classifier, magnitude");
    }
    EXPECT_EQ(goldens.cases().size(), 4U);
}

}  // namespace
}  // namespace driftlens
