// explain, method by method, as a user asks for them, on the project's own samples.
#include "core/base/json.h"
#include "tests/support/fixtures.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace driftlens {
namespace {

const std::string kBert = "samples/sentiment-bert-mini";
const std::string kLlama = "samples/retrieval-llama-mini";

class Methods : public ::testing::Test {
protected:
    ProgramResult result(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "explain");
        return runProgram(DRIFTLENS_PROGRAM, arguments, m_scratch);
    }
    Json explain(std::vector<std::string> arguments) const {
        arguments.push_back("--json");
        const ProgramResult found = result(arguments);
        EXPECT_EQ(found.exitCode, 0) << found.err;
        return found.exitCode == 0 ? parseJson(found.out, "explain") : Json();
    }
    Json bert(std::vector<std::string> more) const {
        more.insert(more.begin(), {kBert, "--prompt", "The film was not bad"});
        return explain(more);
    }
    Json llama(std::vector<std::string> more) const {
        more.insert(more.begin(), {kLlama, "--prompt", "box A holds a lamp . box A holds a"});
        return explain(more);
    }
    std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(m_scratch / name) << text;
        return m_scratch / name;
    }

private:
    ScratchFolder m_scratch;
};

// The ids of the product's method list that explain tokens or parts without further files.
TEST_F(Methods, EachOneRunsOrSaysWhyNot) {
    for (const std::string id :
         {"attention", "attention_rollout", "attention_flow", "attention_gradient", "saliency",
          "input_x_gradient", "integrated_gradients", "smoothgrad", "vargrad", "gradient_shap",
          "sequential_ig", "layer_integrated_gradients", "layer_conductance", "grad_cam",
          "occlusion", "logit_lens", "activation_patching", "attribution_patching"}) {
        for (const Json& found : {bert({"--method", id}), llama({"--method", id})}) {
            const Json& first = found["results"][0];
            EXPECT_EQ(first["method"], id);
            EXPECT_TRUE(first.contains("settings") && first.contains("evaluations"));
            EXPECT_EQ(first["tokens"].size(), found["ids"].size()) << id;
        }
    }
    const Json parts = llama({"--method", "direct_logit_attribution"})["results"][0];
    EXPECT_NEAR(parts["completeness_gap"].get<double>(), 0.0, 1e-4);
    const ProgramResult refused =
        result({kBert, "--prompt", "good", "--method", "direct_logit_attribution"});
    EXPECT_EQ(refused.exitCode, 4) << refused.err;
    EXPECT_NE(refused.err.find("post-norm"), std::string::npos) << refused.err;
}

TEST_F(Methods, APresetStandsForAnotherLibrarysSettings) {
    const Json found = bert({"--preset", "captum", "--method", "integrated_gradients:nodes=7"});
    const Json& settings = found["results"][0]["settings"];
    EXPECT_EQ(settings["nodes"], "7");  // what is given goes first
    EXPECT_EQ(settings["weights"], "captum");
    EXPECT_EQ(settings["special"], "replace");
    const Json own = bert({"--method", "saliency:preset=inseq"});
    EXPECT_EQ(own["results"][0]["settings"]["reduce"], "l2");
    double total = 0.0;
    for (const Json& token : own["results"][0]["tokens"]) total += token["score"].get<double>();
    EXPECT_NEAR(total, 1.0, 1e-6);
    for (const auto& [preset, method] :
         {std::pair("magic", "saliency"), std::pair("captum", "attention")})
        EXPECT_EQ(
            result({kBert, "--prompt", "good", "--preset", preset, "--method", method}).exitCode,
            2);
}

TEST_F(Methods, AdaptiveNodesReachTheToleranceThatIsAsked) {
    for (const std::string tolerance : {"0.01", "0.0001"}) {
        const Json found = bert({"--method", "integrated_gradients:tolerance=" + tolerance});
        EXPECT_LE(std::abs(found["results"][0]["completeness_gap"].get<double>()),
                  std::stod(tolerance));
    }
    // A limit that is too low is said, and the result is not passed off as converged.
    const Json given = bert({"--method", "integrated_gradients:tolerance=0.0000001,most_nodes=7"});
    ASSERT_FALSE(given["results"][0]["warnings"].empty());
    EXPECT_NE(given["results"][0]["warnings"].dump().find("gave up"), std::string::npos);
}

// The path from a zero baseline turns many times within 1e-6 of it: even nodes miss by 4 with 1280.
TEST_F(Methods, AdaptiveNodesFollowAStackOfRmsNormsToItsZeroBaseline) {
    REQUIRE_SHARED(model, "data/trained/shakespeare-llama");
    const Json found = explain(
        {model.string(), "--prompt",
         "the film was not bad at all but the story of the king and his men did go on for "
         "far too long and",
         "--method", "integrated_gradients:tolerance=0.001,special=replace", "--threads", "1"});
    const Json& explained = found["results"][0];
    EXPECT_LE(std::abs(explained["completeness_gap"].get<double>()), 1e-3);
    EXPECT_EQ(explained["warnings"].dump().find("gave up"), std::string::npos);
    EXPECT_NE(explained["warnings"].dump().find("ill-conditioned"), std::string::npos);
    EXPECT_GT(explained["evaluations"].get<int>(), 200);  // or the text no longer shows it
}

TEST_F(Methods, AContinuationIsExplainedAsTheSumOfItsTokens) {
    const Json generated = llama({"--target", "generated:2", "--method", "input_x_gradient"});
    EXPECT_EQ(generated["target"]["kind"], "continuation");
    ASSERT_EQ(generated["target"]["continuation"].size(), 2U);
    std::string ids;
    for (const Json& id : generated["target"]["continuation"])
        ids += (ids.empty() ? "" : ",") + std::to_string(id.get<int>());
    const Json same = llama({"--target", "ids:" + ids, "--method", "input_x_gradient"});
    EXPECT_EQ(same["results"][0]["tokens"], generated["results"][0]["tokens"]);
    EXPECT_EQ(result({kLlama, "--prompt", "box", "--target", "generated:no"}).exitCode, 2);
    EXPECT_EQ(result({kLlama, "--prompt", "box", "--target", "ids:99999"}).exitCode, 2);
}

TEST_F(Methods, TheNearestSitesAreNamedForOneThatIsNone) {
    const ProgramResult found =
        result({kLlama, "--prompt", "box A", "--method", "grad_cam:site=blocks.1.mlp.outt"});
    EXPECT_EQ(found.exitCode, 2);
    EXPECT_NE(found.err.find("nearest: blocks.1.mlp.out"), std::string::npos) << found.err;
    for (const std::string method :
         {"grad_cam:layer=9", "grad_cam:site=attn.scores", "activation_patching:site=final_norm",
          "activation_patching:corrupted=text:box", "activation_patching:layers=9",
          "attention:head=99"}) {
        const ProgramResult refused =
            result({kLlama, "--prompt", "box A holds a lamp", "--method", method});
        EXPECT_EQ(refused.exitCode, 2) << method << refused.err;
        EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
    }
}

TEST_F(Methods, ConceptsComeFromFilesAndClaimNothingWhereTheyAreNotFound) {
    const std::string praise =
        file("praise.txt", "a good film\na fine film\nlovely\ngreat fun\nvery good\n");
    const std::string blame =
        file("blame.txt", "a bad film\nawful\na dull film\nno fun\nvery bad\n");
    const std::string random =
        file("random.txt", "the film\na story\nthe end\nsome music\na king\n");
    const Json found = bert({"--method", "tcav", "--layer", "1", "--concept", "praise=" + praise,
                             "--random", blame, "--random", random, "--examples", random});
    const Json& part = found["results"][0]["parts"][0];
    EXPECT_EQ(part["name"], "praise at blocks.1.resid_out");
    EXPECT_GE(part["figures"]["held_out_accuracy"], 0.0);
    const bool isClaimed = part["figures"]["claimed"] == 1.0;
    const std::string warnings = found["results"][0]["warnings"].dump();
    EXPECT_EQ(warnings.find("no claim") == std::string::npos, isClaimed);
    // The concept against itself cannot be told apart.
    const Json same = bert({"--method", "tcav", "--concept", "praise=" + praise, "--random", praise,
                            "--random", praise});
    EXPECT_EQ(same["results"][0]["parts"][0]["figures"]["claimed"], 0.0);
    EXPECT_NE(same["results"][0]["warnings"].dump().find("no claim"), std::string::npos);
    for (const std::vector<std::string>& wrong :
         {std::vector<std::string>{"--concept", "praise"},
          {"--concept", "p=" + praise},
          {"--concept", "p=" + praise, "--random", random}}) {
        std::vector<std::string> all = {kBert, "--prompt", "good", "--method", "tcav"};
        all.insert(all.end(), wrong.begin(), wrong.end());
        EXPECT_EQ(result(all).exitCode, 2);
    }
    EXPECT_EQ(result({kBert, "--prompt", "good", "--method", "tcav", "--concept", "p=/nowhere",
                      "--random", random, "--random", blame})
                  .exitCode,
              3);
}

TEST_F(Methods, ConceptsWithoutTheirMethodAreRefused) {
    const ProgramResult found = result({kBert, "--prompt", "good", "--examples", "nowhere.txt"});
    EXPECT_EQ(found.exitCode, 2);
    EXPECT_NE(found.err.find("--method tcav"), std::string::npos) << found.err;
}

// A corrupted prompt is a text like the prompt: no record quotes it, and erasing takes it away.
TEST_F(Methods, ATextInASettingIsErasedWithTheRun) {
    const ScratchFolder scratch;
    const std::string log = scratch / "a.db";
    const auto run = [&](const std::vector<std::string>& arguments) {
        const ProgramResult found = runProgram(DRIFTLENS_PROGRAM, arguments, scratch);
        EXPECT_EQ(found.exitCode, 0) << found.err;
        return found.out;
    };
    const Json found = parseJson(
        run({"explain", kLlama, "--prompt", "box A holds a lamp", "--method",
             "activation_patching:corrupted=text:box A holds a coin", "--log", log, "--json"}),
        "explain");
    ASSERT_EQ(found["results"][0]["method"], "activation_patching");
    EXPECT_NE(textOf(log).find("holds a coin"), std::string::npos);  // its payload
    const Json list = parseJson(run({"audit", "list", log, "--json"}), "list");
    const std::string id = list["runs"][0]["run"];
    run({"audit", "erase", log, id, "--reason", "test"});
    EXPECT_EQ(textOf(log).find("holds a coin"), std::string::npos);
}

TEST_F(Methods, ComparesPartsOfTheNetworkToo) {
    const ScratchFolder scratch;
    const ProgramResult found = runProgram(
        DRIFTLENS_PROGRAM,
        {"compare", kLlama, kLlama + "@int4", "--prompt", "box A holds a lamp . box A holds a",
         "--method", "direct_logit_attribution", "--method", "logit_lens", "--log",
         scratch / "a.db", "--report", scratch / "r.html"},
        scratch);
    ASSERT_EQ(found.exitCode, 0) << found.err;
    EXPECT_NE(found.out.find("blocks.0.attn.head.0"), std::string::npos) << found.out;
    EXPECT_NE(textOf(scratch / "r.html").find("blocks.0.attn.head.0"), std::string::npos);
}

TEST_F(Methods, AllRunsWhatItCanAndSaysWhyNotTheRest) {
    const ProgramResult found = result({kBert, "--prompt", "not bad", "--method", "all", "--set",
                                        "samples=40", "--set", "nodes=5", "--json"});
    ASSERT_EQ(found.exitCode, 0) << found.err;
    const Json json = parseJson(found.out, "explain");
    std::set<std::string> seen;
    for (const Json& each : json["results"]) seen.insert(each["method"]);
    for (const Json& each : json["left_out"]) {
        EXPECT_FALSE(each["reason"].get<std::string>().empty());
        seen.insert(each["method"]);
    }
    EXPECT_EQ(seen.size(), json["results"].size() + json["left_out"].size());
    EXPECT_TRUE(seen.contains("tcav") && seen.contains("owen") && seen.contains("saliency"));
    const ScratchFolder scratch;
    const ProgramResult compared = runProgram(
        DRIFTLENS_PROGRAM, {"compare", kBert, kBert, "--prompt", "x", "--method", "all"}, scratch);
    EXPECT_EQ(compared.exitCode, 2) << compared.err;
}

TEST_F(Methods, MetricsStandBesideTheScores) {
    const ProgramResult found =
        result({kBert, "--prompt", "the room was not clever", "--method", "occlusion", "--metrics",
                "--rationale", "13-23", "--json"});
    ASSERT_EQ(found.exitCode, 0) << found.err;
    const Json metrics = parseJson(found.out, "explain")["results"][0]["metrics"];
    for (const char* id : {"comprehensiveness", "sufficiency", "aopc", "naopc", "deletion_auc",
                           "infidelity", "tau_loo", "gini", "rationale_f1"})
        EXPECT_TRUE(metrics.contains(id)) << id;
    EXPECT_FALSE(metrics.contains("max_sensitivity"));
    EXPECT_EQ(result({kBert, "--prompt", "x", "--rationale", "0-1"}).exitCode, 2);
    EXPECT_EQ(result({kBert, "--prompt", "x", "--metrics=magic"}).exitCode, 2);
}

TEST_F(Methods, PerturbationRefusesWhatItCannotDoInOneLine) {
    std::string text = "a";
    for (int i = 0; i < 20; ++i) text += " b";
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"shapley_exact", "at most 16"},
        {"kernel_shap:samples=5", "at least"},
        {"lime:samples=0", "samples"},
        {"occlusion:replace=token:nonsense", "no token"},
        {"occlusion:window=2,stride=3", "stride"},
        {"occlusion:window=2,unit=word", "window"},
        {"counterfactual:words=/nowhere", "/nowhere"}};
    for (const auto& [method, message] : cases) {
        const ProgramResult found = result({kBert, "--prompt", text, "--method", method});
        EXPECT_NE(found.exitCode, 0) << method;
        EXPECT_LT(found.exitCode, 70) << method << found.err;
        EXPECT_NE(found.err.find(message), std::string::npos) << method << ": " << found.err;
        EXPECT_EQ(std::count(found.err.begin(), found.err.end(), '\n'), 1) << found.err;
    }
}

TEST_F(Methods, ACounterfactualIsATextThatTheModelAnswersOtherwise) {
    const std::string prompt = "The room was not clever";
    const Json json = parseJson(
        result({kBert, "--prompt", prompt, "--method", "counterfactual", "--json"}).out, "explain");
    const Json& found = json["results"][0];
    ASSERT_EQ(found["figures"]["flipped"], 1.0) << found["figures"];
    std::string edited = prompt;
    for (auto edit = found["edits"].rbegin(); edit != found["edits"].rend(); ++edit) {
        const std::size_t start = (*edit)["start"], end = (*edit)["end"];
        edited.replace(start, end - start, (*edit)["to"].get<std::string>());
    }
    const Json after = parseJson(
        result({kBert, "--prompt", edited, "--method", "saliency", "--json"}).out, "explain");
    EXPECT_NE(after["target"]["token"], json["target"]["token"]) << edited;
}

TEST_F(Methods, ACounterfactualTakesNoMoreThanItPlanned) {
    for (const int edits : {1, 2, 3}) {
        const std::string method = "counterfactual:most_edits=" + std::to_string(edits);
        const Json json =
            parseJson(result({kBert, "--prompt", "The room was clever and the soup was clever",
                              "--method", method, "--json"})
                          .out,
                      "explain");
        const Json& found = json["results"][0];
        const double planned = found["figures"]["planned_evaluations"];
        const double taken = found["evaluations"];
        EXPECT_LE(taken, planned) << edits;
        // One step scores every proposal: only the edit that is not taken back may be spared.
        if (edits == 1) {
            EXPECT_GE(taken, planned - 1.0);
        }
    }
}

TEST_F(Methods, EveryTokenOfAnAnswerHasScoresThatAddUp) {
    const Json json =
        parseJson(result({kLlama, "--prompt", "box A holds a lamp . box A holds a", "--method",
                          "shapley_permutation:samples=300", "--target", "text: lamp .", "--json"})
                      .out,
                  "explain");
    const Json& found = json["results"][0];
    ASSERT_GE(found["answer_tokens"].size(), 2U);
    for (std::size_t i = 0; i < found["tokens"].size(); ++i) {
        double sum = 0.0;
        for (const Json& token : found["answer_tokens"]) sum += token["scores"][i].get<double>();
        EXPECT_NEAR(sum, found["tokens"][i]["score"].get<double>(), 1e-4) << i;
    }
}

// One call gives the matrix of prompt tokens by answer tokens, and leaves the rest as it is.
TEST_F(Methods, GradientsOfASpanComeForEachOfItsTokensIfAsked) {
    const std::vector<std::string> span = {"--target", "generated:3", "--method"};
    const auto results = [&](const std::string& method) {
        std::vector<std::string> asked = span;
        asked.push_back(method);
        return llama(asked)["results"][0];
    };
    for (const std::string method :
         {"integrated_gradients:baseline=mean", "input_x_gradient:reduce=sum"}) {
        const Json plain = results(method), found = results(method + ",answer_tokens=yes");
        EXPECT_FALSE(plain.contains("answer_tokens"));
        ASSERT_EQ(found["answer_tokens"].size(), 3U);
        EXPECT_EQ(found["tokens"], plain["tokens"]);
        EXPECT_EQ(found["evaluations"], plain["evaluations"]);
        EXPECT_GE(found["figures"]["backward_passes"], 4);
        for (std::size_t i = 0; i < found["tokens"].size(); ++i) {
            double sum = 0.0;
            for (const Json& token : found["answer_tokens"])
                sum += token["scores"][i].get<double>();
            EXPECT_NEAR(sum, found["tokens"][i]["score"].get<double>(), 1e-4) << i;
        }
    }
    for (const Json& token :
         results("integrated_gradients:answer_tokens=yes,baseline=mean")["answer_tokens"])
        EXPECT_TRUE(token["completeness_gap"].is_number());
}

// Shown as those of methods that need not be asked.
TEST_F(Methods, TheTokensOfASpanAreShownWhereverItsScoresAre) {
    const std::vector<std::string> asked = {
        kLlama,        "--prompt", "box A holds a lamp . box A",          "--target",
        "generated:2", "--method", "saliency:reduce=l2,answer_tokens=yes"};
    EXPECT_NE(result(asked).out.find("by token of the answer"), std::string::npos);
    std::vector<std::string> page = asked;
    page.insert(page.end(), {"--out", file("page.html", "")});
    EXPECT_EQ(result(page).exitCode, 0);
    std::ifstream written(page.back());
    const std::string html(std::istreambuf_iterator<char>(written), {});
    EXPECT_NE(html.find("Scores for each token of the answer"), std::string::npos);
    const std::string card = result({"--help-method", "saliency"}).out;
    EXPECT_NE(card.find("answer tokens"), std::string::npos) << card;
    EXPECT_NE(card.find("answer_tokens"), std::string::npos) << card;
}

}  // namespace
}  // namespace driftlens
