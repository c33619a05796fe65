// Gates: what they read, what they refuse, and when a run fails by them.
#include "engine/drift/gate.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace driftlens {
namespace {

TEST(ParseGate, ReadsEveryPart) {
    const Gate gate = parseGate(" lower( int4:integrated_gradients.jaccard@5 ) <= 0.6 ");
    EXPECT_EQ(gate.text, "lower( int4:integrated_gradients.jaccard@5 ) <= 0.6");
    EXPECT_EQ(gate.subject, GateSubject::LowerBound);
    EXPECT_EQ(gate.variant, "int4");
    EXPECT_EQ(gate.method, "integrated_gradients");
    EXPECT_EQ(gate.metric, "jaccard");
    EXPECT_EQ(gate.k, 5U);
    EXPECT_EQ(gate.operation, GateOperator::LessEqual);
    EXPECT_EQ(gate.value, 0.6);
}

TEST(ParseGate, ReadsEveryOperator) {
    const std::pair<const char*, GateOperator> operators[] = {
        {"<", GateOperator::Less},    {"<=", GateOperator::LessEqual},
        {">", GateOperator::Greater}, {">=", GateOperator::GreaterEqual},
        {"==", GateOperator::Equal},  {"!=", GateOperator::NotEqual}};
    for (const auto& [text, operation] : operators) {
        const Gate gate = parseGate("flip_rate" + std::string(text) + "-1e-3");
        EXPECT_EQ(gate.operation, operation) << text;
        EXPECT_EQ(gate.value, -1e-3);
        EXPECT_TRUE(gate.variant.empty() && gate.method.empty() && !gate.k);
    }
}

// A variant is named as Driftlens names it: with colons, dots, equals signs and an at.
TEST(ParseGate, TakesVariantsWithSyntaxInTheirNames) {
    const Gate gate = parseGate("sst2.v1@int4:group=32+fp16:lime.jaccard@3<0.5");
    EXPECT_EQ(gate.variant, "sst2.v1@int4:group=32+fp16");
    EXPECT_EQ(gate.method, "lime");
    EXPECT_EQ(gate.k, 3U);
    const Gate output = parseGate("models/a<b@int4:flip_rate>0");
    EXPECT_EQ(output.variant, "models/a<b@int4");
    EXPECT_EQ(output.metric, "flip_rate");
    EXPECT_FALSE(output.k);
}

struct BadGate {
    std::string text;
    std::string complaint;
};

TEST(ParseGate, RefusesEverythingElseAndNamesThePart) {
    const BadGate gates[] = {
        {"", "it is empty"},
        {"flip_rate", "no operator"},
        {"flip_rate=0.02", "no operator"},
        {"flip_rate>", "no value"},
        {"flip_rate>many", "the value \"many\" is not a number"},
        {"flip_rate>nan", "the value \"nan\" is not a number"},
        {"flip_rate>1e999", "the value \"1e999\" is not a number"},
        {"flip_rate>0.02x", "the value \"0.02x\" is not a number"},
        {">0.02", "no metric"},
        {"flip_rate=>1", "no metric"},
        {"jaccard@>1", "k is \"\""},
        {"jaccard@0>1", "k is \"0\""},
        {"jaccard@-1>1", "k is \"-1\""},
        {"jaccard@99999999999999999999>1", "k is"},
        {".jaccard>1", "no method"},
        {":jaccard>1", "no variant"},
        {"int4 jaccard>1", "\"int4 \" before the metric is no variant"},
        {"upper(flip_rate>1", "upper( has no closing parenthesis"},
        {"upper()>1", "no metric"},
        {"upper(lower(flip_rate))>1", "no metric"},
        {"a\xff:b>1", "it is not UTF-8"},
        {std::string(5000, 'a') + ">1", "longer than"},
    };
    for (const BadGate& gate : gates) {
        try {
            parseGate(gate.text);
            ADD_FAILURE() << gate.text << " was read";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Usage) << gate.text;
            EXPECT_NE(std::string(error.what()).find(gate.complaint), std::string::npos)
                << error.what();
        }
    }
}

TEST(ParseGate, SurvivesAnyBytes) {
    const std::string_view alphabet = "a5.:@<>=!()-e \n\t\xc3\xa9\xff";
    RandomStream random(6, "gates");
    int read = 0;
    for (int i = 0; i < 20000; ++i) {
        std::string text;
        for (std::uint64_t length = random.below(12); length > 0; --length)
            text += alphabet[random.below(alphabet.size())];
        try {
            const Gate gate = parseGate(text);
            ++read;
            EXPECT_FALSE(gate.metric.empty());
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Usage);
            EXPECT_TRUE(isValidUtf8(error.what()));
            EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos);
        }
    }
    EXPECT_GT(read, 0);
}

GateFigure flipRate(double value, double low, double high) {
    return {"int4", "", "flip_rate", std::nullopt, {value, ""}, {Range{low, high}, ""}, 0};
}

GateOutcome outcomeOf(const std::string& gate, const GateFigure& figure) {
    return evaluateGate(parseGate(gate), std::span(&figure, 1)).outcome;
}

TEST(Gate, OnAFigureIsInconclusiveWhereItsIntervalHoldsBothAnswers) {
    EXPECT_EQ(outcomeOf("flip_rate>0.02", flipRate(0.0, 0.0, 0.31)), GateOutcome::Inconclusive);
    EXPECT_EQ(outcomeOf("flip_rate>0.02", flipRate(0.0, 0.0, 0.02)), GateOutcome::Met);
    EXPECT_EQ(outcomeOf("flip_rate>0.02", flipRate(0.1, 0.02, 0.2)), GateOutcome::Inconclusive);
    EXPECT_EQ(outcomeOf("flip_rate>0.02", flipRate(0.1, 0.021, 0.2)), GateOutcome::Failed);
    EXPECT_EQ(outcomeOf("flip_rate>=0.02", flipRate(0.1, 0.02, 0.2)), GateOutcome::Failed);
    EXPECT_EQ(outcomeOf("flip_rate<0.02", flipRate(0.1, 0.02, 0.2)), GateOutcome::Met);
    EXPECT_EQ(outcomeOf("flip_rate<=0.02", flipRate(0.1, 0.02, 0.2)), GateOutcome::Inconclusive);
}

TEST(Gate, OfEqualityLooksInsideTheInterval) {
    EXPECT_EQ(outcomeOf("flip_rate==0.1", flipRate(0.1, 0.0, 0.2)), GateOutcome::Inconclusive);
    EXPECT_EQ(outcomeOf("flip_rate!=0.1", flipRate(0.1, 0.0, 0.2)), GateOutcome::Inconclusive);
    EXPECT_EQ(outcomeOf("flip_rate!=0", flipRate(0.1, 0.0, 0.2)), GateOutcome::Inconclusive);
    EXPECT_EQ(outcomeOf("flip_rate!=0.3", flipRate(0.1, 0.0, 0.2)), GateOutcome::Failed);
    EXPECT_EQ(outcomeOf("flip_rate==0.3", flipRate(0.1, 0.0, 0.2)), GateOutcome::Met);
    EXPECT_EQ(outcomeOf("flip_rate==0", flipRate(0.0, 0.0, 0.0)), GateOutcome::Failed);
}

TEST(Gate, OnABoundIsNeverInconclusive) {
    EXPECT_EQ(outcomeOf("upper(flip_rate)>0.02", flipRate(0.0, 0.0, 0.31)), GateOutcome::Failed);
    EXPECT_EQ(outcomeOf("lower(flip_rate)>0.02", flipRate(0.1, 0.01, 0.31)), GateOutcome::Met);
    EXPECT_EQ(outcomeOf("upper(flip_rate)==0.31", flipRate(0.1, 0.01, 0.31)), GateOutcome::Failed);
}

// A figure that always holds its own interval: point and interval gates never contradict.
TEST(Gate, OnAFigureAgreesWithItsPointWhereItIsConclusive) {
    RandomStream random(7, "gates");
    for (int i = 0; i < 2000; ++i) {
        std::array<double, 3> v = {random.uniform(), random.uniform(), random.uniform()};
        std::sort(v.begin(), v.end());
        const double limit = random.uniform();
        for (const char* operation : {"<", "<=", ">", ">=", "==", "!="}) {
            const std::string gate = "flip_rate" + std::string(operation) + std::to_string(limit);
            const GateOutcome outcome = outcomeOf(gate, flipRate(v[1], v[0], v[2]));
            GateFigure point = flipRate(v[1], 0.0, 0.0);
            point.interval = undefinedInterval("a count");
            if (outcome == GateOutcome::Inconclusive) continue;
            EXPECT_EQ(outcome, outcomeOf(gate, point)) << gate;
        }
    }
}

TEST(Gate, FailsOnAnUndefinedFigureAndSaysWhy) {
    GateFigure figure = flipRate(0.0, 0.0, 0.1);
    figure.value = undefinedFigure("all scores are zero");
    const GateResult result = evaluateGate(parseGate("flip_rate<0"), std::span(&figure, 1));
    EXPECT_EQ(result.outcome, GateOutcome::Failed);
    EXPECT_EQ(result.explanation, "int4:flip_rate is undefined: all scores are zero");
    figure = flipRate(0.0, 0.0, 0.1);
    figure.interval = undefinedInterval("one example");
    EXPECT_EQ(outcomeOf("upper(flip_rate)>1", figure), GateOutcome::Failed);
    EXPECT_EQ(outcomeOf("flip_rate>1", figure), GateOutcome::Met);
}

TEST(Gate, CountsFailedExamplesAgainstTheVariant) {
    GateFigure figure = flipRate(0.0, 0.0, 0.001);
    figure.failedExamples = 3;
    const Gate gate = parseGate("flip_rate>0.02");
    const GateResult result = evaluateGate(gate, std::span(&figure, 1), 2);
    EXPECT_EQ(result.outcome, GateOutcome::Failed);
    EXPECT_EQ(result.explanation, "int4:flip_rate: 3 examples failed, 2 are allowed");
    EXPECT_EQ(evaluateGate(gate, std::span(&figure, 1), 3).outcome, GateOutcome::Met);
}

std::vector<GateFigure> severalFigures() {
    std::vector<GateFigure> out;
    for (const char* variant : {"int8", "int4"}) {
        for (const char* method : {"lime", "saliency"}) {
            for (const std::size_t k : {3, 5})
                out.push_back({variant, method, "jaccard", k, {0.5, ""}, {Range{0.4, 0.6}, ""}, 0});
        }
    }
    return out;
}

std::string complaintAbout(const std::string& gate) {
    try {
        evaluateGate(parseGate(gate), severalFigures());
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Usage);
        return error.what();
    }
    return "";
}

TEST(Gate, NeedsANameThatOneFigureHas) {
    EXPECT_EQ(complaintAbout("int4:lime.jaccard@5<0"), "");
    EXPECT_EQ(complaintAbout("int4:lime.jaccard<0"),
              "gate \"int4:lime.jaccard<0\": the name is ambiguous: int4:lime.jaccard@3, "
              "int4:lime.jaccard@5");
    EXPECT_EQ(complaintAbout("lime.jaccard@5<0"),
              "gate \"lime.jaccard@5<0\": the name is ambiguous: int8:lime.jaccard@5, "
              "int4:lime.jaccard@5");
    EXPECT_NE(complaintAbout("int4:lime.jaccard@7<0").find("no figure has this name; there are "),
              std::string::npos);
    EXPECT_THROW(evaluateGate(parseGate("flip_rate>0"), {}), Error);
}

TEST(GateExitCode, PutsFailedBeforeInconclusive) {
    const GateResult met = {{}, GateOutcome::Met, ""}, failed = {{}, GateOutcome::Failed, ""},
                     open = {{}, GateOutcome::Inconclusive, ""};
    EXPECT_EQ(gateExitCode({}), 0);
    EXPECT_EQ(gateExitCode(std::vector{met, met}), 0);
    EXPECT_EQ(gateExitCode(std::vector{open, met}), 11);
    EXPECT_EQ(gateExitCode(std::vector{open, failed}), 1);
}

TEST(JunitXml, HoldsEveryGateEscaped) {
    GateResult failed = {parseGate("<a&\"b\">:flip_rate>0.02"), GateOutcome::Failed,
                         "bad \x01 <&>"};
    const GateResult met = {parseGate("kl<1"), GateOutcome::Met, "kl is 2"};
    const GateResult open = {parseGate("kl<3"), GateOutcome::Inconclusive, "open"};
    EXPECT_EQ(junitXml(std::vector{failed, met, open}),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<testsuites name=\"driftlens gates\" tests=\"3\" failures=\"1\" errors=\"1\">\n"
              "  <testsuite name=\"driftlens gates\" tests=\"3\" failures=\"1\" errors=\"1\">\n"
              "    <testcase classname=\"driftlens.gate\" "
              "name=\"&lt;a&amp;&quot;b&quot;&gt;:flip_rate&gt;0.02\">"
              "<failure message=\"bad \xEF\xBF\xBD &lt;&amp;&gt;\"/></testcase>\n"
              "    <testcase classname=\"driftlens.gate\" name=\"kl&lt;1\">"
              "<system-out>kl is 2</system-out></testcase>\n"
              "    <testcase classname=\"driftlens.gate\" name=\"kl&lt;3\">"
              "<error type=\"inconclusive\" message=\"open\"/></testcase>\n"
              "  </testsuite>\n</testsuites>\n");
}

// Without a site the mean over all of them is meant.
TEST(GateSyntax, ReadsASiteOfTheNetwork) {
    const Gate gate = parseGate("a@int4:activations.linear_cka@blocks.3.mlp.out<0.9");
    EXPECT_EQ(gate.site, "blocks.3.mlp.out");
    EXPECT_EQ(gate.metric, "linear_cka");
    EXPECT_EQ(gate.method, "activations");
    EXPECT_EQ(gate.variant, "a@int4");
    GateFigure mean{"a@int4", "activations", "linear_cka", std::nullopt, {0.95, ""}, {}, 0};
    GateFigure site = mean;
    site.site = gate.site;
    site.value = {0.5, ""};
    const std::vector<GateFigure> both = {mean, site};
    EXPECT_EQ(evaluateGate(gate, both).outcome, GateOutcome::Failed);
    EXPECT_EQ(evaluateGate(parseGate("linear_cka<0.9"), both).outcome, GateOutcome::Met);
}

}  // namespace
}  // namespace driftlens
