// Attention rollout and attention flow (Abnar and Zuidema 2020, arXiv 2005.00928).
#include "core/base/error.h"
#include "core/model/model.h"
#include "xai/methods/attention_maps.h"
#include "xai/methods/max_flow.h"
#include "xai/methods/methods.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr ParameterInfo kHeads = {"heads",
                                  ParameterKind::Choice,
                                  "mean",
                                  0,
                                  0,
                                  "mean|max|min",
                                  "how the heads of a block become one matrix"};
constexpr std::array<ParameterInfo, 1> kRolloutTable = {{kHeads}};
constexpr std::array<ParameterInfo, 2> kFlowTable = {
    {kHeads,
     {"normalise", ParameterKind::Choice, "yes", 0, 0, "yes|no",
      "divide by the sum over everything that is attended to"}}};

// A flow network has an edge per block and pair of columns; beyond this many a run takes minutes.
constexpr std::int64_t kMostEdges = 400000;

at::Tensor folded(const at::Tensor& maps, const std::string& heads) {
    if (heads == "max") return maps.amax(0);
    return heads == "min" ? maps.amin(0) : maps.mean(0);
}

}  // namespace

const std::span<const ParameterInfo> kAttentionRolloutParameters = kRolloutTable;
const std::span<const ParameterInfo> kAttentionFlowParameters = kFlowTable;

Attribution explainByAttentionRollout(const MethodInput& in, const ParameterSet& settings,
                                      const RunContext& context) {
    Scorer scorer = scorerOf(in, context);
    scorer.addAnswerTokens();
    const AttentionColumns columns = attentionColumns(in);
    at::Tensor rollout = at::eye(columns.all(), at::kDouble);
    Attribution out;
    out.baseline = "none";
    const auto values = visitAttention(scorer, in, [&](std::int64_t, const at::Tensor& maps) {
        rollout = at::matmul(withResidual(folded(maps, settings.text("heads"))), rollout);
    });
    const at::Tensor rows = at::tensor(columns.readRows, at::kLong);
    setReadScores(out, columns, rollout.index_select(0, rows));
    out.attention.push_back(mapOf(rollout, -1, -1));
    finish(out, in, scorer, values);
    return out;
}

Attribution explainByAttentionFlow(const MethodInput& in, const ParameterSet& settings,
                                   const RunContext& context) {
    Scorer scorer = scorerOf(in, context);
    scorer.addAnswerTokens();
    const AttentionColumns columns = attentionColumns(in);
    const auto layers = static_cast<std::int64_t>(in.model.spec().blocks.size());
    const std::int64_t edges = layers * columns.all() * columns.all();
    if (edges > kMostEdges) {
        throw Error(ErrorKind::Unsupported, "attention_flow: " + std::to_string(columns.all()) +
                                                " tokens in " + std::to_string(layers) +
                                                " blocks make " + std::to_string(edges) +
                                                " edges, more than " + std::to_string(kMostEdges) +
                                                "; use attention_rollout");
    }
    std::vector<std::vector<double>> capacities;
    Attribution out;
    out.baseline = "none";
    const auto values = visitAttention(scorer, in, [&](std::int64_t, const at::Tensor& maps) {
        const at::Tensor flat = withResidual(folded(maps, settings.text("heads"))).contiguous();
        const auto* data = flat.const_data_ptr<double>();
        capacities.emplace_back(data, data + flat.numel());
    });
    const LayeredNetwork network(columns.all(), capacities);
    std::vector<at::Tensor> rows;
    for (const std::int64_t row : columns.readRows) {
        std::vector<double> flows;
        for (std::int64_t input = 0; input < columns.all(); ++input) {
            context.checkpoint(static_cast<double>(input) / static_cast<double>(columns.all()),
                               "attention_flow");
            flows.push_back(network.maxFlow(row, input));
        }
        at::Tensor one = at::tensor(flows, at::kDouble);
        if (settings.text("normalise") == "yes") one = one / one.sum();
        rows.push_back(one);
    }
    setReadScores(out, columns, at::stack(rows));
    finish(out, in, scorer, values);
    return out;
}

}  // namespace driftlens
