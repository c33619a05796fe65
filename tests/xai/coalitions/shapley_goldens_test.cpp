// Every stored case of shap's, captum's and the enumerated Shapley-type values, by its kind. The
// models' outputs are stored too: what is compared is the arithmetic behind them.
#include "tests/support/fixtures.h"
#include "tests/xai/coalitions/games.h"
#include "xai/coalitions/efficient_fit.h"
#include "xai/coalitions/exact.h"
#include "xai/coalitions/kernel_shap.h"
#include "xai/coalitions/leverage_shap.h"
#include "xai/coalitions/owen.h"
#include "xai/coalitions/permutation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace driftlens::coalitions {
namespace {

std::string idOf(const Json& goldenCase) {
    return goldenCase.at("id").get<std::string>();
}

std::vector<std::string> partsOf(const std::string& id) {
    std::vector<std::string> out = {""};
    for (const char c : id) {
        if (c == '/') out.emplace_back();
        if (c != '/') out.back() += c;
    }
    return out;
}

// "model/short/mode/kind/…": what comes after the mode, or "text_tree", "kernelshap_l1".
std::string kindOf(const std::string& id) {
    const std::vector<std::string> parts = partsOf(id);
    if (parts.size() == 1) return parts[0];
    if (parts[2] == "replace" || parts[2] == "delete") return parts[3];
    return parts[2] == "owen" ? parts[3] : parts[2];
}

Hierarchy hierarchyOf(const Json& tree, std::size_t players) {
    Hierarchy out{players, {}};
    for (const Json& row : tree) {
        out.children.push_back({static_cast<std::size_t>(row.at(0).get<double>()),
                                static_cast<std::size_t>(row.at(1).get<double>())});
    }
    return out;
}

std::vector<Order> ordersOf(const Json& goldenCase) {
    return goldenCase.at("permutations").get<std::vector<Order>>();
}

SiblingContext contextOf(const Json& fixedContext) {
    if (fixedContext.is_null()) return SiblingContext::Both;
    return fixedContext.get<int>() == 0 ? SiblingContext::Absent : SiblingContext::Present;
}

// The standard deviation over orders and their reverses, which shap calls an error bound.
std::vector<double> spreadOf(Evaluator& evaluator, std::vector<Order> orders) {
    const std::size_t forward = orders.size();
    for (std::size_t i = 0; i < forward; ++i) {
        orders.emplace_back(orders[i].rbegin(), orders[i].rend());
    }
    const std::vector<double> gains = marginalContributions(evaluator, orders);
    const auto count = static_cast<double>(orders.size());
    std::vector<double> out;
    for (std::size_t player = 0; player < evaluator.players(); ++player) {
        double sum = 0.0;
        double squares = 0.0;
        for (std::size_t i = player; i < gains.size(); i += evaluator.players()) {
            sum += gains[i];
            squares += gains[i] * gains[i];
        }
        out.push_back(std::sqrt(std::max(0.0, squares / count - sum * sum / count / count)));
    }
    return out;
}

class ShapleyGoldens {
public:
    explicit ShapleyGoldens(const std::filesystem::path& json) : m_goldens(json) {
        for (const Json& goldenCase : m_goldens.cases()) {
            if (kindOf(idOf(goldenCase)) != "exact") continue;
            m_tables[gameNameOf(goldenCase)] =
                m_goldens.arrayOf(goldenCase.at("values").at("value_function"));
        }
    }

    void checkAll() {
        const std::map<std::string, void (ShapleyGoldens::*)(const Json&)> handlers = {
            {"literal_game", &ShapleyGoldens::literal},
            {"exact", &ShapleyGoldens::exact},
            {"kernelshap", &ShapleyGoldens::kernel},
            {"kernelshap_l1", &ShapleyGoldens::kernelL1},
            {"captum_kernelshap", &ShapleyGoldens::captumKernel},
            {"permutation", &ShapleyGoldens::permutation},
            {"captum_shapley_sampling", &ShapleyGoldens::captumSampling},
            {"owen", &ShapleyGoldens::owen},
            {"text_tree", &ShapleyGoldens::textTree},
            {"leverage", &ShapleyGoldens::leverage}};
        for (const Json& goldenCase : m_goldens.cases()) {
            const auto handler = handlers.find(kindOf(idOf(goldenCase)));
            ASSERT_NE(handler, handlers.end()) << idOf(goldenCase) << " is not handled";
            (this->*handler->second)(goldenCase);
        }
        m_table.print();
    }

    const DifferenceTable& table() const { return m_table; }
    std::size_t notOffered() const { return m_notOffered; }

private:
    static std::string gameNameOf(const Json& goldenCase) {
        const std::vector<std::string> parts = partsOf(idOf(goldenCase));
        return parts[0] + "/" + parts[2];
    }
    Evaluator evaluatorOf(const Json& goldenCase) const {
        const auto players = goldenCase.at("M").get<std::size_t>();
        return Evaluator(tableGame(players, m_tables.at(gameNameOf(goldenCase))));
    }
    void compare(const Json& goldenCase, const std::string& kind, const std::vector<double>& ours,
                 const std::vector<double>& expected, double tolerance) {
        m_table.compare(kind, idOf(goldenCase), ours, expected, tolerance);
    }
    std::vector<double> rowsOrArray(const Json& value) const {
        return value.is_array() ? numbersOf(value) : m_goldens.arrayOf(value);
    }

    void literal(const Json& c) {
        Evaluator evaluator(goldenGame());
        constexpr double kRounding = 1e-12;
        compare(c, "literal: Shapley", exactShapley(evaluator)[0].values,
                numbersOf(c.at("shapley")), kRounding);
        compare(c, "literal: Banzhaf", exactBanzhaf(evaluator)[0].values,
                numbersOf(c.at("banzhaf")), kRounding);
        compare(c, "literal: interactions", exactShapleyInteractions(evaluator)[0],
                m_goldens.arrayOf(c.at("pairwise_shapley_interaction")), kRounding);
        EXPECT_EQ(hierarchyOf(c.at("tree"), 6).children, balancedHierarchy(6).children);
        compare(c, "literal: Owen",
                owenValues(evaluator, hierarchyOf(c.at("tree"), 6))[0].players.values,
                numbersOf(c.at("owen")), kRounding);
    }

    void exact(const Json& c) {
        Evaluator evaluator = evaluatorOf(c);
        const std::map<std::string, std::vector<double>> ours = {
            {"shapley", exactShapley(evaluator)[0].values},
            {"banzhaf", exactBanzhaf(evaluator)[0].values},
            {"pairwise_shapley_interaction", exactShapleyInteractions(evaluator)[0]}};
        for (const auto& [name, values] : ours) {
            const Json& expected = c.at("values").at(name);
            compare(c, "exact: " + name, values, m_goldens.arrayOf(expected),
                    expected.at("atol").get<double>());
        }
        EXPECT_EQ(evaluator.distinctEvaluations(), coalitionCount(evaluator.players()));
    }

    std::vector<double> efficientFit(const Json& c, std::vector<double> weights, double empty,
                                     double full) const {
        CoalitionSample sample{coalitionsOf(c.at("rows")), std::move(weights), {}, {}};
        PlayerValues ends;
        ends.empty = empty;
        ends.full = full;
        return fitEfficient(sample, {1, rowsOrArray(c.at("outputs"))}, {ends})[0].values;
    }

    void kernel(const Json& c) {
        compare(c, "KernelSHAP, stored rows",
                efficientFit(c, rowsOrArray(c.at("weights")), c.at("fnull").get<double>(),
                             c.at("fx").get<double>()),
                numbersOf(c.at("phi")), c.at("atol").get<double>());
        checkWeights(c);
    }

    // Where the stored sample is free of chance ours has its rows and weights; where not, its
    // enumerated beginning.
    void checkWeights(const Json& c) {
        const std::vector<Coalition> rows = coalitionsOf(c.at("rows"));
        const std::vector<double> weights = rowsOrArray(c.at("weights"));
        const CoalitionSample ours =
            drawKernelShap(c.at("M").get<std::size_t>(), c.at("nsamples").get<std::size_t>(), 7);
        ASSERT_EQ(ours.coalitions.size(), rows.size());
        const std::size_t enumerated = ours.units.empty() ? rows.size() : ours.units[0].first;
        EXPECT_GT(enumerated, 0U);
        std::map<Coalition, double> stored;
        for (std::size_t i = 0; i < enumerated; ++i) stored[rows[i]] = weights[i];
        std::vector<double> expected;
        for (std::size_t i = 0; i < enumerated; ++i) {
            ASSERT_TRUE(stored.contains(ours.coalitions[i])) << idOf(c) << ", row " << i;
            expected.push_back(stored.at(ours.coalitions[i]));
        }
        compare(
            c, "KernelSHAP, enumerated weights",
            {ours.weights.begin(), ours.weights.begin() + static_cast<std::ptrdiff_t>(enumerated)},
            expected, 1e-12);
    }

    // shap's selection by L1 is not offered: it gives tokens a 0 that they do not have.
    void kernelL1(const Json& c) {
        if (c.at("l1_reg").is_boolean()) {
            m_unregularised = efficientFit(c, rowsOrArray(c.at("weights")),
                                           c.at("fnull").get<double>(), c.at("fx").get<double>());
            compare(c, "KernelSHAP, 12 tokens", m_unregularised, numbersOf(c.at("phi")), 1e-8);
        } else if (c.at("l1_reg") == "aic") {
            compare(c, "KernelSHAP, 12 tokens", m_unregularised, numbersOf(c.at("phi")), 1e-8);
        } else {
            const std::vector<double> phi = numbersOf(c.at("phi"));
            EXPECT_GT(std::count(phi.begin(), phi.end(), 0.0), 0);
            EXPECT_EQ(std::count(m_unregularised.begin(), m_unregularised.end(), 0.0), 0);
            ++m_notOffered;
        }
    }

    void captumKernel(const Json& c) {
        const auto fit = fitCaptumKernelShap(coalitionsOf(c.at("rows")), numbersOf(c.at("weights")),
                                             {1, numbersOf(c.at("outputs"))})[0];
        compare(c, "captum KernelShap, float64", fit, numbersOf(c.at("coef64")), 1e-8);
        compare(c, "captum KernelShap, float32", fit, numbersOf(c.at("coef")),
                c.at("atol_coef").get<double>());
    }

    void permutation(const Json& c) {
        Evaluator evaluator = evaluatorOf(c);
        const double tolerance = c.at("atol").get<double>();
        compare(c, "permutation, antithetic",
                permutationValues(evaluator, ordersOf(c), c.at("antithetic").get<bool>())[0].values,
                numbersOf(c.at("phi")), tolerance);
        compare(c, "permutation, spread", spreadOf(evaluator, ordersOf(c)),
                numbersOf(c.at("error_std")), tolerance);
    }

    // The stored values of these cases are all 0, a defect of the fixture; the orders are sound.
    void captumSampling(const Json& c) {
        for (const double stored : numbersOf(c.at("phi"))) EXPECT_EQ(stored, 0.0) << idOf(c);
        const std::vector<double>& table = m_tables.at(gameNameOf(c));
        const std::vector<Order> orders = ordersOf(c);
        std::vector<double> expected(c.at("M").get<std::size_t>(), 0.0);
        for (const Order& order : orders) {
            std::size_t kept = 0;
            for (const std::size_t player : order) {
                const double before = table[kept];
                kept |= std::size_t{1} << player;
                expected[player] += (table[kept] - before) / static_cast<double>(orders.size());
            }
        }
        Evaluator evaluator = evaluatorOf(c);
        compare(c, "captum sampling, by definition",
                permutationValues(evaluator, orders, false)[0].values, expected,
                c.at("atol").get<double>());
    }

    void owen(const Json& c) {
        Evaluator evaluator = evaluatorOf(c);
        const std::size_t players = evaluator.players();
        const Hierarchy tree = hierarchyOf(c.at("tree"), players);
        const bool isChain = idOf(c).find("left_chain") != std::string::npos;
        EXPECT_EQ(tree.children,
                  (isChain ? chainHierarchy(players) : balancedHierarchy(players)).children);
        const OwenValues ours =
            owenValues(evaluator, tree, {contextOf(c.at("fixed_context")), std::nullopt})[0];
        const std::string kind = std::string("Owen, ") + (isChain ? "chain, " : "balanced, ") +
                                 c.at("fixed_context").dump();
        compare(c, kind, ours.players.values, numbersOf(c.at("phi")), c.at("atol").get<double>());
        EXPECT_NEAR(ours.players.full - ours.players.empty, c.at("sum_phi").get<double>(),
                    c.at("atol").get<double>());
        compare(c, kind + ", nodes", ours.nodes, numbersOf(c.at("node_values")),
                c.at("atol").get<double>());
    }

    // Special tokens are leaves that are always kept.
    void textTree(const Json& c) {
        const auto tokens = c.at("tokens").get<std::vector<std::string>>();
        std::vector<std::size_t> contentOf(tokens.size(), tokens.size());
        std::size_t content = 0;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const bool isSpecial =
                tokens[i] == "[CLS]" || tokens[i] == "[SEP]" || tokens[i] == "<s>";
            if (!isSpecial) contentOf[i] = content++;
        }
        const auto segments = c.at("string_masking").at("segments").get<std::vector<std::string>>();
        const Hierarchy tree = textHierarchy(segments, std::vector<std::string>{"[SEP]"});
        EXPECT_EQ(tree.children, hierarchyOf(c.at("tree"), tokens.size()).children) << idOf(c);
        const std::vector<std::size_t> sizes = nodeSizes(tree);
        for (std::size_t k = 0; k < tree.children.size(); ++k) {
            const auto size = static_cast<double>(sizes[tokens.size() + k]);
            EXPECT_EQ(size, c.at("tree").at(k).at(3).get<double>());
            EXPECT_DOUBLE_EQ(size / static_cast<double>(tokens.size()),
                             c.at("tree").at(k).at(2).get<double>());
        }
        Evaluator evaluator(tokenGame(partsOf(idOf(c))[0], contentOf));
        const OwenValues ours = owenValues(evaluator, tree)[0];
        const double tolerance = c.at("atol").get<double>();
        compare(c, "Owen, text tree", ours.players.values, numbersOf(c.at("phi_ids")), tolerance);
        compare(c, "Owen, text tree, nodes", ours.nodes, numbersOf(c.at("node_values")), tolerance);
    }

    Game tokenGame(const std::string& model, const std::vector<std::size_t>& contentOf) const {
        const std::vector<double>& table = m_tables.at(model + "/replace");
        return {contentOf.size(), 1, [&table, contentOf](std::span<const Coalition> coalitions) {
                    std::vector<double> out;
                    for (const Coalition& coalition : coalitions) {
                        std::size_t kept = 0;
                        for (std::size_t i = 0; i < contentOf.size(); ++i) {
                            const bool isKept = contentOf[i] < contentOf.size() && coalition[i];
                            if (isKept) kept |= std::size_t{1} << contentOf[i];
                        }
                        out.push_back(table.at(kept));
                    }
                    return out;
                }};
    }

    void leverage(const Json& c) {
        const std::vector<double> weights = numbersOf(c.at("weights"));
        const std::vector<double>& table = m_tables.at(gameNameOf(c));
        compare(c, "leverage, stored rows", efficientFit(c, weights, table.front(), table.back()),
                numbersOf(c.at("phi")), c.at("atol").get<double>());
        std::vector<double> ours;
        for (const Coalition& row : coalitionsOf(c.at("rows"))) {
            ours.push_back(leverageWeight(row.size(), row.count()));
        }
        compare(c, "leverage, weights", ours, weights, 1e-12);
        Evaluator evaluator = evaluatorOf(c);
        compare(c, "leverage, exact", exactShapley(evaluator)[0].values, numbersOf(c.at("exact")),
                c.at("atol").get<double>());
    }

    Goldens m_goldens;
    std::map<std::string, std::vector<double>> m_tables;  // "model/mode": [2^players]
    std::vector<double> m_unregularised;
    DifferenceTable m_table;
    std::size_t m_notOffered = 0;
};

TEST(ShapleyGoldens, EveryCaseIsMet) {
    REQUIRE_SHARED(json, "data/xai-goldens/methods/shapley.json");
    ShapleyGoldens goldens(json);
    goldens.checkAll();
    EXPECT_EQ(goldens.notOffered(), 2U);
    const std::map<std::string, std::size_t> expected = {
        {"exact: shapley", 10},          {"KernelSHAP, stored rows", 30},
        {"KernelSHAP, 12 tokens", 2},    {"captum KernelShap, float64", 10},
        {"permutation, antithetic", 10}, {"captum sampling, by definition", 5},
        {"Owen, balanced, null", 10},    {"Owen, balanced, 0", 10},
        {"Owen, balanced, 1", 10},       {"Owen, chain, null", 10},
        {"Owen, text tree", 4},          {"leverage, stored rows", 10}};
    for (const auto& [kind, cases] : expected) {
        EXPECT_EQ(goldens.table().casesOf(kind), cases) << kind;
    }
}

}  // namespace
}  // namespace driftlens::coalitions
