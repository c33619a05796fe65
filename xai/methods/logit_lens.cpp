// Logit lens (nostalgebraist 2020): what the head would answer from the residual stream behind each
// block.
#include "core/base/text.h"
#include "core/model/modules.h"
#include "xai/methods/methods.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 1> kTable = {{
    {"top", ParameterKind::Integer, "5", 0, 1000, "", "best answers shown per block"},
}};

std::vector<RankedAnswer> bestAnswers(const MethodInput& in, const at::Tensor& logProbabilities,
                                      std::int64_t count) {
    std::vector<RankedAnswer> out;
    const auto [values, ids] =
        at::topk(logProbabilities, std::min(count, logProbabilities.size(0)));
    for (std::int64_t i = 0; i < ids.size(0); ++i) {
        const auto id = ids[i].item<std::int64_t>();
        out.push_back({id, answerText(in.model, in.tokenizer, id), values[i].item<double>()});
    }
    return out;
}

}  // namespace

const std::span<const ParameterInfo> kLogitLensParameters = kTable;

Attribution explainByLogitLens(const MethodInput& in, const ParameterSet& settings,
                               const RunContext& context) {
    Scorer scorer = scorerOf(in, context);
    const ModelSpec& spec = in.model.spec();
    const Modules modules = resolveModules(spec, in.model.weights());
    const at::Tensor columns = at::tensor(readColumns(in), at::kLong);
    std::vector<std::pair<SiteId, at::Tensor>> streams;  // [positions, hidden]
    Hooks hooks;
    const auto watch = [&](SiteId site) {
        hooks[site] = [&streams, &columns, site](const at::Tensor& value) {
            streams.emplace_back(site, value[0].index_select(0, columns));
            return std::optional<at::Tensor>();
        };
    };
    watch({SiteKind::Embeddings, 0});
    for (std::size_t n = 0; n < spec.blocks.size(); ++n)
        watch({SiteKind::ResidOut, static_cast<std::int64_t>(n)});

    Attribution out;
    out.baseline = "none";
    out.targetValue = scorer.valuesOf(scorer.embed(idsOf(in.input)), false, hooks).item<double>();
    std::vector<at::Tensor>
        answers;  // float64 [vocabulary]: log-probabilities, at the first column
    for (const auto& [site, stream] : streams) {
        at::Tensor logits =
            headLogits(spec, modules, normedForHead(modules, stream, context), context);
        logits = spec.task == Task::Classification ? logits : logits.unsqueeze(0);
        out.scores.push_back(targetValues(in.target, logits).item<double>());
        const at::Tensor first = logits.view({-1, logits.size(-1)})[0].to(at::kDouble);
        answers.push_back(at::log_softmax(first, -1));
        Part part;
        part.name = siteName(site);
        part.layer = site.kind == SiteKind::Embeddings ? -1 : site.block;
        const std::int64_t id =
            in.target.continuation.empty() ? in.target.id : in.target.continuation.front();
        part.figures["rank"] = (first > first[id]).sum().item<double>();
        part.figures["log_probability"] = answers.back()[id].item<double>();
        part.answers = bestAnswers(in, answers.back(), settings.integer("top"));
        out.parts.push_back(std::move(part));
    }
    const at::Tensor& last = answers.back();
    for (std::size_t i = 0; i < answers.size(); ++i)
        out.parts[i].figures["kl"] = (last.exp() * (last - answers[i])).sum().item<double>();
    out.evaluations = scorer.evaluations();
    return out;
}

}  // namespace driftlens
