// Metrics of an explanation where a model answers: recorded curves, limits, infidelity and
// sensitivity. What needs no model is in tests/xai/faithfulness.
#include "core/base/error.h"
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "tests/support/fixtures.h"
#include "tests/xai/method_goldens.h"
#include "xai/methods/explanation_metrics.h"
#include "xai/methods/text_game.h"
#include "xai/methods/token_vectors.h"
#include "xai/targets/place.h"

#include <array>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 3> kRemovalTable = {
    {kUnitParameter, kReplaceParameter, kKeepSpecialParameter}};

using Compare = std::function<void(const std::string& name, const std::vector<double>& found)>;

void compareFigures(const faithfulness::ExplanationMetrics& found, const Compare& compare) {
    const auto one = [](const Figure& figure) {
        return figure.value ? std::vector{*figure.value} : std::vector<double>{};
    };
    compare("deletion_curve", found.curves.deletion);
    compare("insertion_curve", found.curves.insertion);
    compare("comprehensiveness_bins", found.erasure.comprehensiveness);
    compare("sufficiency_bins", found.erasure.sufficiency);
    compare("leave_one_out", found.leaveOneOut);
    const faithfulness::MetricFigures& f = found.figures;
    for (const auto& [name, figure] :
         {std::pair("comprehensiveness_mean", f.comprehensiveness),
          std::pair("sufficiency_mean", f.sufficiency),
          std::pair("comprehensiveness_paper_form", f.comprehensivenessPaper),
          std::pair("sufficiency_paper_form", f.sufficiencyPaper),
          std::pair("deletion_auc", f.deletionAuc), std::pair("insertion_auc", f.insertionAuc),
          std::pair("aopc_all_k", f.aopc), std::pair("aopc_upper", f.aopcUpper),
          std::pair("aopc_lower", f.aopcLower), std::pair("naopc", f.normalisedAopc)})
        compare(name, one(figure));
}

TEST(FaithfulnessGoldens, RemovalFromAModelIsAsRecorded) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "faithfulness");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        if (!node.contains("mode")) continue;
        const GoldenInput row = models.rows(node["model"], node["input"]).front();
        const ParameterSet settings(
            "test", kRemovalTable,
            {{"replace", node["mode"] == "delete"
                             ? "delete"
                             : "token:" + std::to_string(node["replacement_id"].get<int>())}});
        for (const ComputeType compute : kBothTypes) {
            const Target target = row.targetOf("prob");
            const MethodInput in = row.methodInput(target, compute);
            TextGame game(in, settings, kContext);
            faithfulness::MetricOptions options;
            options.exactLimitUnits = 8;
            const auto found = faithfulness::metricsOf(
                game.evaluator(), node["scores"].get<std::vector<double>>(), options);
            compareFigures(found, [&](const std::string& name, const std::vector<double>& ours) {
                // Limits are recorded where they were enumerated.
                if (node["values"].contains(name))
                    tally.compare(compute, name, node["id"], ours,
                                  goldens.value(node["values"][name]), 1.0);
            });
        }
    }
    EXPECT_EQ(tally.compared("deletion_curve"), 18U);
    EXPECT_EQ(tally.compared("naopc"), 9U);
}

// Captum's form: whole vectors, noise added to the embeddings.
TEST(FaithfulnessGoldens, InfidelityAndSensitivityOfAModelAreAsRecorded) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "faithfulness");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto id = node["id"].get<std::string>();
        if (!id.ends_with("infidelity_sensitivity")) continue;
        const auto name = node["model"].get<std::string>();
        const GoldenInput row = models.rows(name, node["input"]).front();
        const auto noiseOf = [&](const std::string& what, const at::Tensor& here) {
            const GoldenValue noise = goldens.tensor(name + "/" + what);
            return at::tensor(noise.values, at::kDouble)
                .view({noise.shape[0], here.size(1)})
                .to(here.scalar_type());
        };
        for (const ComputeType compute : kBothTypes) {
            const Target target = row.targetOf("logit");
            Scorer scorer(*row.model, target, compute, kContext);
            const Place place = Place::embeddings(scorer, idsOf(row.input));
            const at::Tensor& here = place.here();
            const auto gradientAt = [&](const at::Tensor& x) {
                return place.gradientsAt(x).gradients.to(at::kDouble);
            };
            const auto timesInput = [&](const at::Tensor& x) {
                return gradientAt(x) * x.to(at::kDouble);
            };
            const at::Tensor noise = noiseOf("infidelity_noise", here);
            const at::Tensor changes = place.values(here) - place.values(here - noise);
            const auto infidelity = [&](const at::Tensor& phi, const std::string& key) {
                const faithfulness::PerturbationResponses responses{
                    listOf((noise.to(at::kDouble) * phi).sum(1)), listOf(changes)};
                tally.compare(compute, key, id, {*infidelityOf(responses).value},
                              goldens.value(node["values"][key]));
                tally.compare(compute, key + "_normalised", id,
                              {*normalisedInfidelityOf(responses).value},
                              goldens.value(node["values"][key + "_normalised"]));
            };
            infidelity(gradientAt(here), "infidelity_saliency_signed");
            infidelity(timesInput(here), "infidelity_input_x_gradient");
            const auto sensitivity = [&](const auto& explain, const std::string& key) {
                faithfulness::NearbyExplanations nearby;
                nearby.original = listOf(explain(here));
                const at::Tensor moved = here + noiseOf("sensitivity_noise", here);
                for (std::int64_t i = 0; i < moved.size(0); ++i)
                    nearby.nearby.push_back(listOf(explain(moved.narrow(0, i, 1))));
                tally.compare(compute, key, id, {*maxSensitivityOf(nearby).value},
                              goldens.value(node["values"][key]));
            };
            sensitivity([&](const at::Tensor& x) { return gradientAt(x).abs(); },
                        "sensitivity_max_saliency_abs");
            sensitivity(timesInput, "sensitivity_max_input_x_gradient");
        }
    }
    EXPECT_EQ(tally.compared("sensitivity_max_saliency_abs"), 5U);
}

class MetricsOfATrainedModel : public ::testing::Test {
protected:
    Attribution explained(const std::filesystem::path& folder, const std::string& method,
                          const std::map<std::string, std::string>& settings,
                          const MetricPlan& plan) {
        m_model = loadModel(Checkpoint::open(folder)).model;
        m_tokenizer = Tokenizer::load(folder);
        m_input = m_tokenizer->encode("it is pure trash , but I was not bored");
        m_target = resolveTarget(*m_model, *m_tokenizer, m_input, {}, ComputeType::Float64, {});
        const MethodInput in{*m_model, *m_tokenizer, m_input, m_target, ComputeType::Float64, 16,
                             0,        nullptr,      nullptr};
        Attribution out = runMethod(methodNamed(method), settings, in, {});
        addMetrics(in, plan, {}, out);
        return out;
    }

    std::shared_ptr<const Model> m_model;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    TokenizedInput m_input;
    Target m_target;
};

TEST_F(MetricsOfATrainedModel, GivesEveryRowOfTheTableThatWasAskedFor) {
    REQUIRE_SHARED(folder, "data/trained/sentiment-bert");
    MetricPlan plan;
    plan.rationale = {{11, 16}};
    plan.withReruns = true;
    const Attribution found =
        explained(folder, "integrated_gradients", {{"baseline", "mask"}, {"nodes", "20"}}, plan);
    for (const MetricInfo& info : explanationMetrics()) {
        ASSERT_TRUE(found.metrics.contains(info.id)) << info.id;
        EXPECT_TRUE(found.metrics.at(info.id).value) << found.metrics.at(info.id).reason;
    }
    EXPECT_EQ(*found.metrics.at("rationale_iou").value, 1.0);  // "trash" is the first token
    EXPECT_GT(*found.metrics.at("naopc").value, 0.9);
    EXPECT_LT(*found.metrics.at("randomised_weights").value, 0.5);
    EXPECT_LT(*found.metrics.at("max_sensitivity").value, 0.1);
}

TEST_F(MetricsOfATrainedModel, WithoutRerunsOrRationaleTheirRowsAreAbsent) {
    REQUIRE_SHARED(folder, "data/trained/sentiment-bert");
    const Attribution found = explained(folder, "occlusion", {}, {});
    EXPECT_FALSE(found.metrics.contains("max_sensitivity"));
    EXPECT_FALSE(found.metrics.contains("rationale_f1"));
    EXPECT_FALSE(found.metrics.contains("randomised_weights"));
    // Occlusion ranks as leaving one out does: by log-probability instead of probability.
    EXPECT_DOUBLE_EQ(*found.metrics.at("tau_loo").value, 1.0);
}

TEST_F(MetricsOfATrainedModel, AdditiveTruthHasNoInfidelity) {
    REQUIRE_SHARED(folder, "data/trained/sentiment-bert");
    MetricPlan plan;
    plan.unit = "sentence";  // one unit: its score is the whole change
    const Attribution found = explained(folder, "shapley_exact", {{"unit", "sentence"}}, plan);
    EXPECT_NEAR(*found.metrics.at("infidelity").value, 0.0, 1e-20);
}

}  // namespace
}  // namespace driftlens
