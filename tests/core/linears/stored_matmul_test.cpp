// Products with stored weights, panel by panel or whole, against float64.
#include "core/linears/stored_matmul.h"

#include "core/base/error.h"
#include "core/linears/grouped_int.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftlens {
namespace {

constexpr std::int64_t kRowsOfX[] = {0, 1, 8, 9, 128, 129};  // both sides of every limit

at::Tensor waves(std::int64_t rows, std::int64_t columns, double step) {
    return at::arange(rows * columns, at::kFloat).mul(step).sin().view({rows, columns});
}

at::Tensor wide(const at::Tensor& t) {
    return t.to(at::kDouble);
}

// Each sum is of n products of at most `largest`, added in any order (Higham 2002, section 4.2).
void expectProduct(const at::Tensor& found, const at::Tensor& wanted, std::int64_t n,
                   double largest) {
    ASSERT_EQ(found.sizes(), wanted.sizes());
    if (found.numel() == 0) return;
    const auto terms = static_cast<double>(n);
    EXPECT_LE((wide(found) - wanted).abs().max().item<double>(),
              0x1p-23 * std::sqrt(terms) * terms * largest);
}

struct Form {
    const char* name;
    LinearPtr (*make)(const at::Tensor& weight, const at::Tensor& bias);
    Linear::Unpacks unpacks;
};

const Form kForms[] = {
    {"F16",
     [](const at::Tensor& w, const at::Tensor& b) { return makeDenseLinear(w.to(at::kHalf), b); },
     Linear::Unpacks::RowsOfOutputs},
    {"BF16StoredByInput",
     [](const at::Tensor& w, const at::Tensor& b) {
         return makeDenseLinear(w.to(at::kBFloat16).t().contiguous().t(), b);
     },
     Linear::Unpacks::RowsOfInputs},
    {"F16PartOfAWiderMatrix",
     [](const at::Tensor& w, const at::Tensor& b) {
         const at::Tensor three = at::cat({w + 1.0, w, w - 1.0}).to(at::kHalf);
         return makeDenseLinear(three.t().contiguous().t().narrow(0, w.size(0), w.size(0)), b);
     },
     Linear::Unpacks::RowsOfInputs},
    {"F32", [](const at::Tensor& w, const at::Tensor& b) { return makeDenseLinear(w, b); },
     Linear::Unpacks::WholeOnly},
    {"Int4Groups",
     [](const at::Tensor& w, const at::Tensor& b) {
         return makeGroupedIntLinear(quantizeGrouped(w, 4, 32, false), b);
     },
     Linear::Unpacks::RowsOfOutputs},
    {"Int3Rows",
     [](const at::Tensor& w, const at::Tensor& b) {
         return makeGroupedIntLinear(quantizeGrouped(w, 3, 0, true), b);
     },
     Linear::Unpacks::RowsOfOutputs},
};

class StoredMatmul : public ::testing::TestWithParam<Form> {};

TEST_P(StoredMatmul, EqualsTheProductInFloat64ForwardAndBackward) {
    // More than a panel of either kind, and no multiple of one.
    constexpr std::int64_t kOut = 515, kIn = 300;
    const at::Tensor bias = waves(1, kOut, 0.5).view({kOut});
    const LinearPtr linear = GetParam().make(waves(kOut, kIn, 0.11), bias);
    ASSERT_EQ(linear->unpacks(), GetParam().unpacks);
    const at::Tensor whole = wide(linear->dense(at::kFloat));
    for (const std::int64_t rows : kRowsOfX) {
        SCOPED_TRACE(rows);
        const at::Tensor x = waves(rows, kIn, 0.37), g = waves(rows, kOut, 0.23);
        expectProduct(storedMatmul(*linear, x, bias), at::linear(wide(x), whole, wide(bias)), kIn,
                      2.0);
        expectProduct(storedMatmul(*linear, x.unsqueeze(0), {}),
                      at::linear(wide(x), whole).unsqueeze(0), kIn, 2.0);
        expectProduct(storedMatmulBackward(*linear, g), at::matmul(wide(g), whole), kOut, 2.0);
    }
}

TEST_P(StoredMatmul, OfAVocabularyHoldsForAnyNumberOfRows) {
    constexpr std::int64_t kOut = 65537, kIn = 128;
    // Of one sign: the sums are far above what they are held to.
    const LinearPtr linear = GetParam().make(waves(kOut, kIn, 0.11) + 1.0, {});
    const at::Tensor x = waves(130, kIn, 0.37) + 1.0, g = waves(130, kOut, 0.23) + 1.0;
    const at::Tensor whole = wide(linear->dense(at::kFloat));
    const at::Tensor wantedBack = at::matmul(wide(g), whole);
    ASSERT_GT(wantedBack.min().item<double>(), 1e4);
    expectProduct(storedMatmul(*linear, x, {}), at::linear(wide(x), whole), kIn, 6.0);
    expectProduct(storedMatmulBackward(*linear, g), wantedBack, kOut, 6.0);
}

TEST_P(StoredMatmul, GivesAnyRowsOfAMatrixAsTheWholeHasThem) {
    const LinearPtr linear = GetParam().make(waves(40, 64, 0.11), {});
    const at::Tensor ids = at::tensor({39, 0, 7, 7}, at::kLong).view({2, 2});
    for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
        EXPECT_TRUE(at::equal(linear->rows(ids, type), at::embedding(linear->dense(type), ids)));
    }
    EXPECT_EQ(linear->rows(at::empty({0}, at::kLong), at::kFloat).sizes(),
              (std::vector<std::int64_t>{0, 64}));
}

TEST_P(StoredMatmul, InOtherTypesIsTheProductOfTheWholeWeight) {
    const LinearPtr linear = GetParam().make(waves(20, 64, 0.11), {});
    const at::Tensor x = wide(waves(3, 64, 0.37));
    EXPECT_TRUE(at::equal(storedMatmul(*linear, x, {}), at::linear(x, linear->dense(at::kDouble))));
}

INSTANTIATE_TEST_SUITE_P(Forms, StoredMatmul, ::testing::ValuesIn(kForms),
                         [](const auto& form) { return form.param.name; });

TEST(UnpackRows, RowsOfAFormThatHasNoneAreAnErrorAndNoGuess) {
    const LinearPtr linear = makeDenseLinear(waves(4, 4, 0.1), {});
    EXPECT_THROW(linear->unpackRows(0, at::empty({1, 4}, at::kFloat)), Error);
}

}  // namespace
}  // namespace driftlens
