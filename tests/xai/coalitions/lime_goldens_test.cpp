// Every stored case of lime_text and of captum's Lime: kernels and fits on the stored rows.
#include "tests/support/fixtures.h"
#include "tests/xai/coalitions/games.h"
#include "xai/coalitions/lime.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace driftlens::coalitions {
namespace {

std::string idOf(const Json& goldenCase) {
    return goldenCase.at("id").get<std::string>();
}

std::vector<double> weightsOf(const std::vector<Coalition>& rows,
                              double (*weight)(const Coalition&, double), double width) {
    std::vector<double> out;
    for (const Coalition& row : rows) out.push_back(weight(row, width));
    return out;
}

void checkLimeText(const Goldens& goldens, const Json& c, DifferenceTable& table) {
    const std::map<std::string, FeatureSelection> selections = {
        {"none", FeatureSelection::All},
        {"auto", FeatureSelection::Auto},
        {"highest_weights", FeatureSelection::HighestWeights},
        {"lasso_path", FeatureSelection::LassoPath}};
    const double tolerance = c.at("atol").get<double>();
    const std::vector<Coalition> rows = coalitionsOf(c.at("rows"));
    const std::vector<double> weights =
        weightsOf(rows, &limeTextWeight, c.at("kernel_width").get<double>());
    table.compare("lime_text: weights", idOf(c), weights, numbersOf(c.at("weights")), tolerance);
    std::vector<double> distances;
    for (const Coalition& row : rows) distances.push_back(100.0 * cosineDistance(row));
    table.compare("lime_text: distances", idOf(c), distances, numbersOf(c.at("distances")),
                  tolerance);
    const std::vector<double> outputs = goldens.arrayOf(c.at("outputs"));
    for (const auto& [name, fit] : c.at("fits").items()) {
        const auto selection = fit.at("feature_selection").get<std::string>();
        ASSERT_TRUE(selections.contains(selection)) << selection << " is not handled";
        const SurrogateFit ours =
            fitLimeText({rows, weights, 1}, outputs, fit.at("num_features").get<std::size_t>(),
                        selections.at(selection));
        EXPECT_EQ(ours.selected, fit.at("features").get<std::vector<std::size_t>>())
            << idOf(c) << " " << name;
        std::vector<double> coefficients;
        for (const std::size_t player : ours.selected) coefficients.push_back(ours.values[player]);
        table.compare("lime_text: " + selection, idOf(c), coefficients, numbersOf(fit.at("coef")),
                      tolerance);
        table.compare("lime_text: intercept, R², prediction", idOf(c),
                      {ours.intercept, ours.determination, ours.prediction},
                      {fit.at("intercept").get<double>(), fit.at("score").get<double>(),
                       fit.at("local_pred").get<double>()},
                      tolerance);
    }
}

double largest(const std::vector<double>& values) {
    double out = 0.0;
    for (const double value : values) out = std::max(out, std::abs(value));
    return out;
}

double deviation(const std::vector<double>& values) {
    const auto n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double sum = 0.0;
    for (const double value : values) sum += (value - mean) * (value - mean);
    return std::sqrt(sum / n);
}

void checkCaptum(const Json& c, DifferenceTable& table) {
    const bool isCosine = idOf(c).find("/cosine/") != std::string::npos;
    const std::string kernel = isCosine ? "cosine" : "hamming";
    const auto name = c.at("regressor").get<std::string>();
    ASSERT_TRUE(name == "lasso_0.01" || name == "ridge_1") << name << " is not handled";
    const std::vector<Coalition> rows = coalitionsOf(c.at("rows"));
    const std::vector<double> outputs = numbersOf(c.at("outputs"));
    const std::vector<double> stored = numbersOf(c.at("weights"));
    const std::vector<double> weights = isCosine ? weightsOf(rows, &captumCosineWeight, 1.0)
                                                 : weightsOf(rows, &captumHammingWeight, 1.5);
    // Stored in float32; the fits are those of the stored weights.
    table.compare("captum Lime: " + kernel + " weights", idOf(c), weights, stored, 1e-7);
    const bool isLasso = name == "lasso_0.01";
    const SurrogateFit ours = fitSurrogate(
        {rows, weights, 0}, outputs,
        isLasso ? SurrogateRegressor::Lasso : SurrogateRegressor::Ridge, isLasso ? 0.01 : 1.0);
    const std::string kind = "captum Lime: " + kernel + " " + name;
    // The outputs are stored with nine digits, which the fits magnify at most by their spread.
    const double rounding = 5e-9 * largest(outputs);
    const double tolerance64 = c.at("atol_coef64").get<double>() + rounding;
    table.compare(kind + ", float64", idOf(c), ours.values, numbersOf(c.at("coef64")), tolerance64);
    table.compare(kind + ", float32", idOf(c), ours.values, numbersOf(c.at("coef")),
                  c.at("atol_coef").get<double>());
    table.compare("captum Lime: intercepts", idOf(c), {ours.intercept},
                  {c.at("intercept64").get<double>()}, tolerance64);
    table.compare("captum Lime: R²", idOf(c), {ours.determination}, {c.at("score64").get<double>()},
                  1e-8 + 2.0 * rounding / deviation(outputs));
}

TEST(LimeGoldens, EveryCaseIsMet) {
    REQUIRE_SHARED(json, "data/xai-goldens/methods/lime.json");
    const Goldens goldens(json);
    DifferenceTable table;
    for (const Json& c : goldens.cases()) {
        const bool isCaptum = idOf(c).find("/captum/") != std::string::npos;
        ASSERT_TRUE(isCaptum || c.contains("fits")) << idOf(c) << " is not handled";
        if (isCaptum) checkCaptum(c, table);
        if (!isCaptum) checkLimeText(goldens, c, table);
    }
    table.print();
    EXPECT_EQ(table.casesOf("lime_text: auto"), 16U);
    EXPECT_EQ(table.casesOf("lime_text: none"), 8U);
    EXPECT_EQ(table.casesOf("lime_text: highest_weights"), 8U);
    EXPECT_EQ(table.casesOf("lime_text: lasso_path"), 8U);
    for (const char* kind :
         {"cosine lasso_0.01", "cosine ridge_1", "hamming lasso_0.01", "hamming ridge_1"}) {
        EXPECT_EQ(table.casesOf(std::string("captum Lime: ") + kind + ", float64"), 5U) << kind;
    }
}

}  // namespace
}  // namespace driftlens::coalitions
