// Testing with concept activation vectors (Kim et al. 2018, arXiv 1711.11279).
#include "core/base/error.h"
#include "core/base/statistics/distributions.h"
#include "core/base/text.h"
#include "core/capture/gradient.h"
#include "core/model/model.h"
#include "xai/methods/linear_probe.h"
#include "xai/methods/methods.h"
#include "xai/methods/token_vectors.h"

#include <array>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 3> kTable = {{
    kLayerParameter,
    kSiteParameter,
    {"c", ParameterKind::Number, "1", 1e-6, 1e6, "",
     "inverse strength of the classifier's L2 penalty"},
}};

constexpr std::size_t kMany = 1000;
constexpr std::array<TextFileInfo, 3> kFiles = {{
    {"concept", true, 1, kMany, "texts of a concept",
     "tcav needs --concept NAME=FILE and --random FILE (twice or more)"},
    {"random", false, 2, kMany, "texts at random",
     "tcav needs two random sets or more (--random FILE), to tell a concept from chance"},
    {"examples", false, 0, 1, "texts whose answers are meant", ""},
}};

constexpr std::int64_t kFolds = 5;
// Below it a classifier has not found the concept, and its direction means nothing.
constexpr double kLeastAccuracy = 0.7;

using Texts = std::vector<std::vector<std::int64_t>>;

// Activations and gradients at the place where the answer is read.
class ReadSite {
public:
    ReadSite(const MethodInput& in, SiteId site, const RunContext& context)
        : m_in(in), m_site(site), m_scorer(scorerOf(in, context)) {
        if (!hasVectorPerToken(site.kind))
            throw Error(ErrorKind::Usage, "site " + siteName(site) + " has no vector per token");
    }

    // float64 [texts, features]
    at::Tensor activations(const Texts& texts) {
        std::vector<at::Tensor> rows;
        for (const auto& ids : texts) rows.push_back(valueAndGradient(ids, false).first);
        return at::stack(rows);
    }

    at::Tensor gradientsOf(const Texts& texts) {
        std::vector<at::Tensor> rows;
        for (const auto& ids : texts) rows.push_back(valueAndGradient(ids, true).second);
        return at::stack(rows);
    }

    double targetValue() {
        return m_scorer.valuesOf(m_scorer.embed(idsOf(m_in.input)), false).item<double>();
    }
    std::int64_t evaluations() const { return m_scorer.evaluations(); }

private:
    std::pair<at::Tensor, at::Tensor> valueAndGradient(const std::vector<std::int64_t>& ids,
                                                       bool wantsGradient) {
        at::Tensor leaf;
        const Hooks hooks = {{m_site, [&](const at::Tensor& seen) {
                                  leaf = seen.detach().requires_grad_(wantsGradient);
                                  return std::optional<at::Tensor>(leaf);
                              }}};
        const c10::AutoGradMode grad(wantsGradient);
        const at::Tensor input = at::tensor(ids, at::kLong).unsqueeze(0);
        const at::Tensor value = m_scorer.valuesOf(m_scorer.embed(input), wantsGradient, hooks);
        at::Tensor gradient;
        if (wantsGradient)
            gradient = atColumn(gradients(value.sum(), {leaf}, m_scorer.context())[0], ids.size());
        return {atColumn(leaf.detach(), ids.size()), gradient};
    }

    // [1, columns, width] or [1, heads, columns, head_dim] → [features]
    at::Tensor atColumn(const at::Tensor& value, std::size_t tokens) const {
        const bool isClassifier = m_in.model.spec().task == Task::Classification;
        const auto all = static_cast<std::int64_t>(tokens);
        const at::Tensor row = value[0];
        const std::int64_t columns = row.size(row.dim() - 2);
        const auto forced = static_cast<std::int64_t>(m_in.target.continuation.size());
        const std::int64_t before = columns - all - std::max<std::int64_t>(0, forced - 1);
        const std::int64_t column = isClassifier ? 0 : before + all + m_in.target.position;
        return row.select(row.dim() - 2, column).flatten().to(at::kDouble);
    }

    const MethodInput& m_in;
    SiteId m_site;
    Scorer m_scorer;
};

double fractionPositive(const at::Tensor& derivatives) {
    return (derivatives > 0).to(at::kDouble).mean().item<double>();
}

// Two-sided p of Welch's t-test; 1 where both sets are constant and equal, 0 where they differ.
double welchP(const std::vector<double>& a, const std::vector<double>& b) {
    const auto moments = [](const std::vector<double>& values) {
        const auto n = static_cast<double>(values.size());
        double mean = 0.0, variance = 0.0;
        for (const double value : values) mean += value / n;
        for (const double value : values) variance += (value - mean) * (value - mean) / (n - 1.0);
        return std::pair(mean, variance / n);
    };
    const auto [meanA, errorA] = moments(a);
    const auto [meanB, errorB] = moments(b);
    const double error = errorA + errorB;
    if (error == 0.0) return meanA == meanB ? 1.0 : 0.0;
    const double t = std::abs(meanA - meanB) / std::sqrt(error);
    const double freedom = error * error /
                           (errorA * errorA / (static_cast<double>(a.size()) - 1.0) +
                            errorB * errorB / (static_cast<double>(b.size()) - 1.0));
    return incompleteBeta(0.5 * freedom, 0.5, freedom / (freedom + t * t));  // Student's t
}

void checkQuestion(const ConceptQuestion* question) {
    constexpr const TextFileInfo &kConcepts = kFiles[0], &kRandom = kFiles[1];
    if (question == nullptr || question->concepts.size() < kConcepts.least)
        throw Error(ErrorKind::Usage, std::string(kConcepts.lack));
    if (question->randomSets.size() < kRandom.least)
        throw Error(ErrorKind::Usage, std::string(kRandom.lack));
    for (const auto* sets : {&question->concepts, &question->randomSets}) {
        for (const ConceptExamples& set : *sets) {
            if (static_cast<std::int64_t>(set.texts.size()) >= kFolds) continue;
            throw Error(ErrorKind::Usage, "tcav: " + set.name + " has " +
                                              std::to_string(set.texts.size()) + " texts; " +
                                              std::to_string(kFolds) + " or more are needed");
        }
    }
}

// Of one concept against every random set.
struct ConceptTest {
    std::vector<double> fractions, accuracies, promptDerivatives;
};

double mean(const std::vector<double>& values) {
    double sum = 0.0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

Part partOf(const std::string& name, SiteId site, const ConceptTest& test,
            const std::vector<double>& chance) {
    Part part;
    part.name = name + " at " + siteName(site);
    part.layer = site.block;
    part.figures["held_out_accuracy"] = mean(test.accuracies);
    part.figures["p"] = welchP(test.fractions, chance);
    part.figures["chance"] = mean(chance);
    part.figures["prompt_derivative"] = mean(test.promptDerivatives);
    part.figures["claimed"] = mean(test.accuracies) >= kLeastAccuracy ? 1.0 : 0.0;
    return part;
}

}  // namespace

const std::span<const ParameterInfo> kTcavParameters = kTable;
const std::span<const TextFileInfo> kTcavFiles = kFiles;

std::string whyNoTcav(const Model& model) {
    const Task task = model.spec().task;
    if (task == Task::Classification || task == Task::CausalLm) return "";
    return "texts of a concept have no common place where the answer is read";
}

Attribution explainByTcav(const MethodInput& in, const ParameterSet& settings,
                          const RunContext& context) {
    checkQuestion(in.concepts);
    const ConceptQuestion& question = *in.concepts;
    const SiteId site = siteOf(settings, in.model);
    const double c = settings.number("c");
    ReadSite read(in, site, context);
    std::vector<at::Tensor> random;
    for (const ConceptExamples& set : question.randomSets)
        random.push_back(read.activations(set.texts));
    Texts examples = question.examples;
    const bool hasExamples = !examples.empty();
    examples.push_back(in.input.ids());  // the prompt is the last
    const at::Tensor gradients = read.gradientsOf(examples);
    const std::int64_t asked = hasExamples ? gradients.size(0) - 1 : 1;

    const auto derivatives = [&](const LinearProbe& probe) {
        const at::Tensor length = probe.weights.norm();
        // Sets that cannot be told apart have no direction between them.
        if (length.item<double>() == 0.0) return at::zeros({gradients.size(0)}, at::kDouble);
        return at::matmul(gradients, probe.weights / length);
    };
    // What directions between random sets score.
    std::vector<double> chance;
    for (std::size_t i = 0; i < random.size(); ++i) {
        for (std::size_t j = 0; j < random.size(); ++j) {
            if (i == j) continue;
            chance.push_back(fractionPositive(
                derivatives(fitProbe(random[i], random[j], c)).narrow(0, 0, asked)));
        }
    }
    Attribution out;
    out.baseline = "random texts";
    for (const ConceptExamples& set : question.concepts) {
        const at::Tensor own = read.activations(set.texts);
        ConceptTest test;
        for (const at::Tensor& other : random) {
            const at::Tensor found = derivatives(fitProbe(own, other, c));
            test.fractions.push_back(fractionPositive(found.narrow(0, 0, asked)));
            test.promptDerivatives.push_back(found[-1].item<double>());
            test.accuracies.push_back(heldOutAccuracy(own, other, kFolds, c));
        }
        out.parts.push_back(partOf(set.name, site, test, chance));
        out.scores.push_back(mean(test.fractions));
        if (mean(test.accuracies) < kLeastAccuracy) {
            out.warnings.push_back("no claim about " + set.name +
                                   ": held-out accuracy of its direction is " +
                                   formatNumber(mean(test.accuracies), 3) + ", below " +
                                   formatNumber(kLeastAccuracy, 2));
        }
    }
    if (!hasExamples) {
        out.warnings.push_back(
            "without --examples the score counts the prompt alone: it is the "
            "share of random sets against which the concept speaks for the "
            "target");
    }
    out.targetValue = read.targetValue();
    out.evaluations = read.evaluations();
    labelGradient(out, in.model);
    return out;
}

}  // namespace driftlens
