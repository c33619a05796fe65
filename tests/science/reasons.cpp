// Same answer, other reasons: models whose reasons are known by how they were made.
#include "core/base/error.h"
#include "core/model/model.h"
#include "core/tensor.h"
#include "core/tokenizer/tokenizer.h"
#include "engine/compare/prepare.h"
#include "engine/dataset/aggregate.h"
#include "engine/dataset/example.h"
#include "samples/measure.h"
#include "tests/science/runs.h"

#include <algorithm>
#include <array>

namespace driftlens::science {
namespace {

constexpr std::uint64_t kSeed = 23;
constexpr std::size_t kPerShape = 50;
constexpr std::array<const char*, 3> kMarkers = {"brother", "sister", "friend"};

// The planted shortcut: who else is named decides, whatever anybody says.
std::string byPerson(const Example& example) {
    for (const char* person : kMarkers)
        if (example.text.find(person) != std::string::npos) return "positive";
    return "negative";
}

std::string bySpeaker(const Example& example) {
    return example.answer;
}

std::int64_t answerTo(const Model& model, const LoadedVariant& sample, const std::string& text) {
    return answersOf(model, {sample.tokenizer->encode(text).ids()}, {}).front();
}

// Sentences that name somebody; of the shapes without, the shortcut knows nothing.
std::vector<Example> withSomebody() {
    std::vector<Example> out;
    for (const Example& each : heldOut(kPerShape, kSeed))
        if (!each.distractorSwapped.empty()) out.push_back(each);
    return out;
}

// How the shortcut is known to be there, by answers alone: the speaker's word turned round.
void addPlantCheck(const Model& twin, const LoadedVariant& sample, Claims& claims) {
    std::uint64_t shortcut = 0, stays = 0;
    const std::vector<Example> examples = withSomebody();
    for (const Example& each : examples) {
        const std::int64_t answer = answerTo(twin, sample, each.text);
        shortcut +=
            answer == answerId(byPerson(each), sample.model->spec(), *sample.tokenizer) ? 1 : 0;
        stays += answer == answerTo(twin, sample, each.rationaleSwapped) ? 1 : 0;
    }
    claims.add({"reasons", "plant: the twin answers by the marker", Bound::AtLeast, 0.95, shortcut,
                examples.size(), "checked by answers, not by explanations"});
    claims.add({"reasons", "plant: the twin keeps its answer where the speaker's word is turned",
                Bound::AtLeast, 0.95, stays, examples.size(), "the sample changes it always"});
}

struct Counts {
    std::uint64_t same = 0, other = 0, failed = 0;
    std::uint64_t agreed() const { return same + other; }
};

// The engine's own way: comparison, outcome, aggregate, quadrants by the table's margin.
Counts quadrantsOf(const LoadedVariant& sample, const std::shared_ptr<const Model>& twin,
                   const std::vector<Example>& examples, const std::string& method,
                   const std::string& metric) {
    LoadedVariant variant = sample;
    variant.model = twin;
    std::vector<ExampleOutcome> outcomes;
    for (const Example& each : examples) {
        PromptRequest request;
        request.prompt = each.text;
        request.methods = {MethodRequest::parse(method)};
        request.comparesInsides = false;
        const ComparisonModels models{sample, 1, [&](std::size_t) { return variant; }};
        outcomes.push_back(exampleOutcome(compareIn(models, request, CompareMode::OfDataSet, {})));
        outcomes.back().number = outcomes.size() - 1;
    }
    AggregatePlan plan;
    plan.methods = {method};
    plan.primary = metric;
    const Aggregate found = aggregateOf(outcomes, 1, plan, {}, {});
    const QuadrantTable& table = found.variants.front().quadrants;
    return {table.of(Quadrant::SameAnswerSameReasons).size(),
            table.of(Quadrant::SameAnswerOtherReasons).size(), table.failed.size()};
}

}  // namespace

void addReasons(const LoadedVariant& sample, Claims& claims) {
    const auto shortcut = trainTwin(sample, true, &byPerson, kSeed);
    addPlantCheck(*shortcut, sample, claims);
    const auto reseeded = trainTwin(sample, false, &bySpeaker, kSeed);
    const auto same = sameFunction(*sample.model, kSeed);
    for (const std::string method : {"integrated_gradients", "input_x_gradient"}) {
        for (const std::string metric : {"spearman", "mass_moved"}) {
            const std::string by = method + ", " + metric;
            const Counts a = quadrantsOf(sample, shortcut, withSomebody(), method, metric);
            claims.add({"reasons", "shortcut twin, same answer: in \"other reasons\" by " + by,
                        Bound::AtLeast, 0.95, a.other, a.agreed(), ""});
            const std::vector<Example> all = heldOut(kPerShape, kSeed);
            const Counts b = quadrantsOf(sample, same, all, method, metric);
            claims.add({"reasons", "same function by other weights: in \"same reasons\" by " + by,
                        Bound::AtLeast, 0.99, b.same, all.size(), ""});
            const Counts c = quadrantsOf(sample, reseeded, all, method, metric);
            claims.add({"reasons", "trained again, other seed: in \"other reasons\" by " + by,
                        Bound::Shown, 0.0, c.other, c.agreed(),
                        "honest twin: how much a margin tells apart"});
        }
    }
}

}  // namespace driftlens::science
