// Every stored case of faithfulness.json. The models' answers are stored as curves: a game that
// answers from them checks which coalitions are asked for and all arithmetic behind them. What
// needs the models themselves is counted.
#include "tests/support/fixtures.h"
#include "tests/xai/coalitions/games.h"
#include "xai/faithfulness/complexity.h"
#include "xai/faithfulness/erasure.h"
#include "xai/faithfulness/limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace driftlens::faithfulness {
namespace {

using coalitions::Coalition;
using coalitions::DifferenceTable;
using coalitions::Goldens;
using coalitions::numbersOf;

// The float64 runs are stored with 15 digits: far below the file's own tolerances.
constexpr double kTolerance = 1e-12;

std::string idOf(const Json& c) {
    return c.at("id").get<std::string>();
}

std::vector<double> float64Of(const Json& c, const std::string& name) {
    return numbersOf(c.at("values").at(name).at("v64"));
}

std::size_t unitsOf(const Json& c) {
    return c.at("M").get<std::size_t>();
}

Order orderOf(const Json& c, const std::string& name) {
    return c.at(name).get<Order>();
}

// The coalitions of both stored curves and those that lack one unit, and no other.
class StoredGame {
public:
    explicit StoredGame(const Json& c) {
        const Order order = orderOf(c, "order");
        const std::vector<double> deletion = float64Of(c, "deletion_curve");
        const std::vector<double> insertion = float64Of(c, "insertion_curve");
        const std::vector<double> drops = float64Of(c, "leave_one_out");
        for (std::size_t k = 0; k <= order.size(); ++k) {
            Coalition first(order.size());
            for (std::size_t i = 0; i < k; ++i) first.set(order[i]);
            add(first, insertion[k]);
            add(first.flip(), deletion[k]);
        }
        for (std::size_t unit = 0; unit < order.size(); ++unit) {
            add(coalitions::fullCoalition(order.size()).reset(unit), deletion[0] - drops[unit]);
        }
    }

    Evaluator evaluator(std::size_t units) const {
        return Evaluator({units, 1, [values = m_values](std::span<const Coalition> all) {
                              std::vector<double> out;
                              for (const Coalition& each : all) out.push_back(values.at(each));
                              return out;
                          }});
    }

private:
    // Two batches of the same run may differ in the last digits.
    void add(const Coalition& coalition, double value) {
        EXPECT_NEAR(m_values.emplace(coalition, value).first->second, value, 1e-14);
    }

    std::map<Coalition, double> m_values;
};

class FaithfulnessGoldens {
public:
    explicit FaithfulnessGoldens(const std::filesystem::path& json) : m_goldens(json) {}

    void checkAll() {
        for (const Json& c : m_goldens.cases()) {
            SCOPED_TRACE(idOf(c));
            check(c);
        }
        m_table.print();
        std::printf(
            "             not checked, the stored values do not hold what it takes:\n"
            "             %zu cases of infidelity and maximum sensitivity, limits of %zu "
            "models' games\n",
            m_needModels, m_storedLimits);
    }

    const DifferenceTable& table() const { return m_table; }
    std::size_t needModels() const { return m_needModels; }
    std::size_t nothingAtStake() const { return m_nothingAtStake; }

private:
    void check(const Json& c) {
        const std::string id = idOf(c);
        const std::string kind = id.substr(id.rfind('/') + 1);
        if (kind == "replace" || kind == "delete") return removal(c);
        if (kind == "complexity") return complexity(c);
        if (kind == "literal_vectors") return literalVectors(c);
        if (kind == "literal_aopc_limits") return literalLimits(c);
        ASSERT_EQ(kind, "infidelity_sensitivity") << "is not handled";
        ++m_needModels;
    }

    void compare(const Json& c, const std::string& kind, const std::vector<double>& ours,
                 const std::vector<double>& expected, double tolerance) {
        m_table.compare(kind, idOf(c), ours, expected, tolerance);
    }

    void compare(const Json& c, const std::string& name, const std::vector<double>& ours) {
        compare(c, name, ours, float64Of(c, name), kTolerance);
    }

    void compare(const Json& c, const std::string& name, const Figure& ours) {
        ASSERT_TRUE(ours.value) << name << ": " << ours.reason;
        compare(c, name, std::vector{*ours.value});
    }

    void removal(const Json& c) {
        const std::vector<double> scores = numbersOf(c.at("scores"));
        const Order order = ranking(scores);
        EXPECT_EQ(order, orderOf(c, "order"));
        Evaluator evaluator = StoredGame(c).evaluator(unitsOf(c));
        const Curves curves = curvesOf(evaluator, order);
        compare(c, "deletion_curve", curves.deletion);
        compare(c, "insertion_curve", curves.insertion);
        compare(c, "deletion_auc", std::vector{areaUnder(curves.deletion)});
        compare(c, "insertion_auc", std::vector{areaUnder(curves.insertion)});
        const std::vector<double> drops = leaveOneOutDrops(evaluator);
        compare(c, "leave_one_out", drops);
        compare(c, "tau_loo", tauLeaveOneOut(scores, drops));
        erasure(c, curves);
        aopc(c, aopcOf(curves.deletion));
    }

    void erasure(const Json& c, const Curves& curves) {
        const Erasure ours = erasureOf(curves, numbersOf(c.at("bins")));
        EXPECT_EQ(ours.counts, c.at("bin_k_ceil").get<std::vector<std::size_t>>());
        compare(c, "comprehensiveness_bins", ours.comprehensiveness);
        compare(c, "sufficiency_bins", ours.sufficiency);
        compare(c, "comprehensiveness_mean", binMean(ours.comprehensiveness));
        compare(c, "sufficiency_mean", binMean(ours.sufficiency));
        compare(c, "comprehensiveness_paper_form", paperMean(ours.comprehensiveness));
        compare(c, "sufficiency_paper_form", paperMean(ours.sufficiency));
        normalised(c, "norm_comprehensiveness_bins", curves, ours.normalisedComprehensiveness);
        normalised(c, "norm_sufficiency_bins", curves, ours.normalisedSufficiency);
    }

    // Where nothing is at stake the file has zeros, and we say that there is no such value.
    void normalised(const Json& c, const std::string& name, const Curves& curves,
                    const std::vector<Figure>& figures) {
        const std::vector<double> expected = float64Of(c, name);
        if (curves.full() > curves.empty()) {
            std::vector<double> ours;
            for (const Figure& figure : figures) ours.push_back(figure.value.value());
            // A rounding of a value near 1, over what is at stake.
            const double tolerance = 1e-14 / (curves.full() - curves.empty());
            return compare(c, name, ours, expected, tolerance);
        }
        ++m_nothingAtStake;
        for (std::size_t bin = 0; bin < figures.size(); ++bin) {
            EXPECT_EQ(figures[bin].reason, "removing every unit does not lower the value");
            EXPECT_EQ(expected.at(bin), 0.0);
        }
    }

    void aopc(const Json& c, double ours) {
        compare(c, "aopc_all_k", std::vector{ours});
        if (!c.contains("best_order")) return;
        ++m_storedLimits;
        AopcLimits stored;
        stored.lower = float64Of(c, "aopc_lower").at(0);
        stored.upper = float64Of(c, "aopc_upper").at(0);
        compare(c, "naopc", normalisedAopc(ours, stored));
    }

    void complexity(const Json& c) {
        const std::vector<double> scores = numbersOf(c.at("scores"));
        const double tolerance = c.at("atol").get<double>();
        const auto value = [&](const char* name) { return std::vector{c.at(name).get<double>()}; };
        compare(c, "gini", {*giniOf(scores).value}, value("gini"), tolerance);
        compare(c, "gini + 1e-7", {*giniOf(raised(scores)).value}, value("gini_eps_1e-7"),
                tolerance);
        const double nats = *entropyOf(scores).value;
        compare(c, "entropy", {nats}, value("entropy_nats"), tolerance);
        compare(c, "entropy in bits", {nats / std::log(2.0)}, value("entropy_bits"), tolerance);
        compare(c, "hoyer", {*hoyerOf(scores).value}, value("hoyer"), tolerance);
        EXPECT_EQ(countAbove(scores, 1e-5), c.at("effective_count_gt_1e-5").get<std::size_t>());
    }

    // What quantus makes of scores before it measures them.
    static std::vector<double> raised(std::vector<double> scores) {
        for (double& score : scores) score = std::abs(score) + 1e-7;
        return scores;
    }

    void literalVectors(const Json& c) {
        std::vector<double> gini, giniRaised, entropy, entropyRaised;
        for (const Json& list : c.at("vectors")) {
            const std::vector<double> vector = numbersOf(list);
            gini.push_back(*giniOf(vector).value);
            giniRaised.push_back(*giniOf(raised(vector)).value);
            entropy.push_back(*entropyOf(vector).value);
            entropyRaised.push_back(*entropyOf(raised(vector)).value);
        }
        compare(c, "literal gini", gini, numbersOf(c.at("gini")), kTolerance);
        compare(c, "literal entropy", entropy, numbersOf(c.at("entropy_nats")), kTolerance);
        compare(c, "literal quantus sparseness", giniRaised,
                numbersOf(c.at("quantus_sparseness_eps_1e-7")), kTolerance);
        // Quantus adds 1e-12 to every entropy besides.
        compare(c, "literal quantus complexity", entropyRaised,
                numbersOf(c.at("quantus_complexity")), 1e-10);
    }

    void literalLimits(const Json& c) {
        Evaluator evaluator(coalitions::tableGame(unitsOf(c), numbersOf(c.at("value_function"))));
        const double tolerance = c.at("atol").get<double>();
        const std::vector<double> expected = {c.at("lower").get<double>(),
                                              c.at("upper").get<double>()};
        const AopcLimits exact = exactAopcLimits(evaluator);
        compare(c, "literal limits, exact", {exact.lower, exact.upper}, expected, tolerance);
        EXPECT_EQ(exact.bestOrder, orderOf(c, "best_order"));
        EXPECT_EQ(exact.worstOrder, orderOf(c, "worst_order"));
        const AopcLimits beam = beamAopcLimits(evaluator, 20);  // 6 over 3: no beam is cut
        compare(c, "literal limits, wide beam", {beam.lower, beam.upper}, expected, tolerance);
    }

    Goldens m_goldens;
    DifferenceTable m_table;
    std::size_t m_needModels = 0;
    std::size_t m_storedLimits = 0;
    std::size_t m_nothingAtStake = 0;
};

TEST(FaithfulnessGoldens, EveryCaseIsMet) {
    REQUIRE_SHARED(json, "data/xai-goldens/methods/faithfulness.json");
    FaithfulnessGoldens goldens(json);
    goldens.checkAll();
    EXPECT_EQ(goldens.needModels(), 5U);
    EXPECT_EQ(goldens.nothingAtStake(), 6U);  // three cases, two forms
    for (const char* kind :
         {"deletion_curve", "insertion_curve", "deletion_auc", "insertion_auc", "leave_one_out",
          "tau_loo", "comprehensiveness_bins", "sufficiency_bins", "comprehensiveness_mean",
          "sufficiency_mean", "comprehensiveness_paper_form", "sufficiency_paper_form",
          "aopc_all_k"}) {
        EXPECT_EQ(goldens.table().casesOf(kind), 18U) << kind;
    }
    const std::map<std::string, std::size_t> expected = {{"norm_comprehensiveness_bins", 15},
                                                         {"norm_sufficiency_bins", 15},
                                                         {"naopc", 9},
                                                         {"gini", 10},
                                                         {"gini + 1e-7", 10},
                                                         {"entropy", 10},
                                                         {"entropy in bits", 10},
                                                         {"hoyer", 10},
                                                         {"literal gini", 1},
                                                         {"literal quantus complexity", 1},
                                                         {"literal limits, exact", 1}};
    for (const auto& [kind, cases] : expected) {
        EXPECT_EQ(goldens.table().casesOf(kind), cases) << kind;
    }
}

}  // namespace
}  // namespace driftlens::faithfulness
