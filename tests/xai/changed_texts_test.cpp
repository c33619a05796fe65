// Scores of changed texts do not depend on how they are batched, or on what they share.
#include "xai/targets/changed_texts.h"

#include "core/files/checkpoint.h"
#include "core/model/loader.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftlens {
namespace {

class ChangedTexts : public ::testing::TestWithParam<std::string> {
protected:
    ChangedTexts() : m_model(loadModel(Checkpoint::open("samples/" + GetParam())).model) {
        m_target.id = 1;
        m_target.quantity = Quantity::LogProbability;
    }

    // Copies of one text with one or two tokens changed, some of them twice, one shorter.
    static std::vector<ChangedText> texts() {
        const ChangedText whole = {5, 6, 7, 8, 9, 10, 11, 12};
        std::vector<ChangedText> out = {whole};
        for (std::size_t i = 0; i < whole.size(); ++i) {
            out.push_back(whole);
            out.back()[i] = 3;
            out.push_back(out.back());
            out.back()[(i + 3) % whole.size()] = 4;
        }
        out.push_back(out[5]);
        out.push_back({whole.begin(), whole.end() - 1});
        return out;
    }

    std::vector<double> values(std::int64_t rows, const at::Tensor& shift = {}) {
        Scorer scorer(*m_model, m_target, ComputeType::Float64, m_context);
        if (shift.defined()) scorer.shiftEmbeddings(shift);
        return ChangedTextScorer(scorer, rows).values(texts());
    }

    // Each by itself, through the plain pass.
    std::vector<double> plainValues(const at::Tensor& shift = {}) {
        Scorer scorer(*m_model, m_target, ComputeType::Float64, m_context);
        if (shift.defined()) scorer.shiftEmbeddings(shift);
        std::vector<double> out;
        for (const ChangedText& text : texts())
            out.push_back(scorer.values(at::tensor(text, at::kLong).unsqueeze(0)).front());
        return out;
    }

    static void expectEqual(const std::vector<double>& found, const std::vector<double>& wanted) {
        ASSERT_EQ(found.size(), wanted.size());
        for (std::size_t i = 0; i < found.size(); ++i)
            EXPECT_NEAR(found[i], wanted[i], 1e-12) << i;  // float64, other batches
    }

    std::shared_ptr<const Model> m_model;
    Target m_target;
    RunContext m_context;
};

TEST_P(ChangedTexts, AreScoredAsEachByItself) {
    const std::vector<double> wanted = plainValues();
    for (const std::int64_t rows : {1, 2, 5, 64}) expectEqual(values(rows), wanted);
}

TEST_P(ChangedTexts, AreShiftedAsWholesWhereTheyShareTheirBeginnings) {
    const at::Tensor shift =
        at::arange(8 * m_model->spec().hiddenSize, at::kDouble).sin().view({8, -1}) * 0.05;
    const std::vector<double> wanted = plainValues(shift);
    EXPECT_GT(std::abs(wanted[0] - plainValues()[0]), 1e-6);
    for (const std::int64_t rows : {1, 2, 5, 64}) expectEqual(values(rows, shift), wanted);
}

TEST_P(ChangedTexts, AreEvaluatedOnceEach) {
    Scorer scorer(*m_model, m_target, ComputeType::Float64, m_context);
    ChangedTextScorer(scorer, 4).values(texts());
    // One of them stands there twice.
    EXPECT_EQ(scorer.evaluations(), static_cast<std::int64_t>(texts().size()) - 1);
}

INSTANTIATE_TEST_SUITE_P(Samples, ChangedTexts,
                         ::testing::Values("sentiment-bert-mini", "retrieval-llama-mini"),
                         [](const auto& row) { return row.param.substr(0, row.param.find('-')); });

}  // namespace
}  // namespace driftlens
