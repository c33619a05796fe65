// Attention methods against the recorded values (networkx for flows).
#include "tests/support/fixtures.h"
#include "tests/xai/method_goldens.h"
#include "xai/methods/attention_maps.h"
#include "xai/methods/max_flow.h"

namespace driftlens {
namespace {

class AttentionCheck {
public:
    AttentionCheck(GoldenTally& tally, const MethodGoldens& goldens, const GoldenInput& row,
                   std::string where, ComputeType compute)
        : m_tally(tally),
          m_goldens(goldens),
          m_row(row),
          m_where(std::move(where)),
          m_compute(compute) {}

    // golden [..., columns, columns] against found, the padding left out of both last axes.
    void maps(const std::string& kind, const Json& node, const at::Tensor& found) const {
        GoldenValue golden = m_goldens.value(node);
        at::Tensor all = at::tensor(golden.values, at::kDouble).view(golden.shape);
        const std::vector<std::int64_t> real(m_row.realColumns.begin(), m_row.realColumns.end());
        const at::Tensor index = at::tensor(real, at::kLong);
        const auto cut = [&](const at::Tensor& x) {
            return x.index_select(x.dim() - 1, index).index_select(x.dim() - 2, index);
        };
        GoldenValue kept = {{}, listOf(cut(all)), {}, golden.tolerance};
        if (!golden.wide.empty())
            kept.wide = listOf(cut(at::tensor(golden.wide, at::kDouble).view(golden.shape)));
        expect(kind, listOf(found), kept);
    }
    void row(const std::string& kind, const Json& node, const std::vector<double>& found) const {
        expect(kind, found, m_goldens.value(node).columns(m_row.realColumns));
    }
    // Row `read` of a recorded matrix, of which the padding comes out of both axes.
    void row(const std::string& kind, const Json& node, std::int64_t read,
             const std::vector<double>& found) const {
        const auto column =
            static_cast<std::int64_t>(m_row.realColumns.at(static_cast<std::size_t>(read)));
        expect(kind, found, m_goldens.value(node).row(column).columns(m_row.realColumns));
    }

private:
    void expect(const std::string& kind, const std::vector<double>& found,
                const GoldenValue& golden) const {
        m_tally.compare(m_compute, kind, m_where, found, golden);
    }

    GoldenTally& m_tally;
    const MethodGoldens& m_goldens;
    const GoldenInput& m_row;
    std::string m_where;
    ComputeType m_compute;
};

Attribution explain(const GoldenInput& row, const std::string& method,
                    const std::map<std::string, std::string>& settings, ComputeType compute) {
    const Target target = row.targetOf("logit");
    return runMethod(methodNamed(method), settings, row.methodInput(target, compute), {});
}

// The maps that a method gives beside its scores, [maps, columns, columns].
at::Tensor mapsOf(const Attribution& found) {
    std::vector<at::Tensor> out;
    for (const AttentionMap& map : found.attention)
        out.push_back(at::tensor(map.values).view({map.size, map.size}));
    return at::stack(out);
}

TEST(AttentionGoldens, RolloutFlowAndGradientsAreTheRecordedOnes) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "attention");
    GoldenModels models(folder);
    GoldenTally tally;
    for (const Json& node : goldens.cases()) {
        const auto id = node["id"].get<std::string>();
        if (id == "literal_3x3") continue;
        const auto rows = models.rows(node["model"], node["input"]);
        const bool isPadded = rows.size() > 1;
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const std::string suffix = isPadded ? "_row" + std::to_string(r) : "";
            const Json& values = node["values"];
            for (const ComputeType compute : kBothTypes) {
                const AttentionCheck check(tally, goldens, rows[r], id + suffix, compute);
                const Target target = rows[r].targetOf("logit");
                const MethodInput in = rows[r].methodInput(target, compute);
                Scorer scorer(*rows[r].model, target, compute, kContext);
                AttentionGradients pass;
                visitAttentionGradients(
                    scorer, in,
                    [&](std::size_t, const AttentionGradients& found) { pass = found; });
                for (const auto& [key, value] : values.items()) {
                    if (!suffix.empty() && !key.ends_with(suffix)) continue;
                    const std::string name = key.substr(0, key.size() - suffix.size());
                    if (name == "attention")
                        check.maps("attention", value, at::stack(pass.probabilities));
                    else if (name == "attention_gradient")
                        check.maps("∂F/∂attention", value, at::stack(pass.gradients));
                    else if (name.starts_with("rollout_")) {
                        const std::string heads = name.substr(8);
                        const Attribution found =
                            explain(rows[r], "attention_rollout", {{"heads", heads}}, compute);
                        check.maps("attention_rollout map", value, mapsOf(found)[0]);
                        const auto read = attentionColumns(in).readRows.front();
                        check.row("attention_rollout", value, read, found.scores);
                    } else if (name == "attn_x_grad_relu_head_mean")
                        check.maps("attention_gradient maps", value,
                                   mapsOf(explain(rows[r], "attention_gradient", {}, compute)));
                    else if (name == "attn_x_grad_head_mean" || name == "relevance" ||
                             name == "head_entropy_bits")
                        tally.leaveOut("attention: " + name + " (no method gives it)");
                    else if (name == "relevance_readout_row")
                        check.row("attention_gradient", value,
                                  explain(rows[r], "attention_gradient", {}, compute).scores);
                    else if (name.starts_with("flow_")) {
                        // One row of the recorded matrix is the method's scores.
                        const GoldenValue golden = goldens.value(value);
                        const auto read = attentionColumns(in).readRows.front();
                        GoldenValue row = golden.row(read);
                        const std::string heads =
                            name.find("max") != std::string::npos ? "max" : "mean";
                        const bool isNormalised = name.ends_with("normalised");
                        const Attribution found =
                            explain(rows[r], "attention_flow",
                                    {{"heads", heads}, {"normalise", isNormalised ? "yes" : "no"}},
                                    compute);
                        tally.compare(compute, "attention_flow", id, found.scores, row);
                    } else
                        ADD_FAILURE() << "no check for " << key;
                }
            }
        }
    }
    EXPECT_EQ(goldens.cases().size(), 14U);
    EXPECT_GE(tally.compared("attention_flow"), 10U);
}

TEST(AttentionGoldens, TheWorkedExampleComesOut) {
    REQUIRE_SHARED(folder, "data/xai-goldens");
    const MethodGoldens goldens(folder, "attention");
    const Json& node = goldens.cases()[0];
    ASSERT_EQ(node["id"], "literal_3x3");
    std::vector<std::vector<double>> capacities;
    at::Tensor rollout = at::eye(3, at::kDouble);
    for (const Json& layer : node["layers"]) {
        std::vector<double> flat;
        for (const Json& row : layer)
            for (const Json& value : row) flat.push_back(value.get<double>());
        const at::Tensor augmented = withResidual(at::tensor(flat, at::kDouble).view({3, 3}));
        capacities.push_back(listOf(augmented));
        rollout = at::matmul(augmented, rollout);
    }
    const std::vector<double> wanted = goldens.value(node["rollout"]).values;
    for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(listOf(rollout)[i], wanted[i], 1e-14);
    const LayeredNetwork network(3, capacities);
    const std::vector<double> flows = goldens.value(node["flow"]).values;
    for (std::int64_t i = 0; i < 3; ++i)
        for (std::int64_t j = 0; j < 3; ++j)
            EXPECT_NEAR(network.maxFlow(i, j), flows[static_cast<std::size_t>(3 * i + j)], 1e-14);
}

}  // namespace
}  // namespace driftlens
