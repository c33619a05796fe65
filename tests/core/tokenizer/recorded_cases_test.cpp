// Encodings that the reference libraries and other tokenizers' own test suites recorded.
#include "tests/support/fixtures.h"
#include "tests/support/tokenizer_cases.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

// All pass; returns how many there were.
std::size_t expectAllPass(const std::vector<CaseCount>& rows) {
    std::size_t cases = 0;
    for (const CaseCount& row : rows) {
        EXPECT_EQ(row.cases, row.expected) << row.tokenizer;
        for (const std::string& name : row.failed) ADD_FAILURE() << row.tokenizer << ": " << name;
        cases += row.cases;
    }
    return cases;
}

TEST(RecordedEncodings, OfTheTokenizersLibraryAreGivenInEveryDetail) {
    REQUIRE_SHARED(data, "data");
    const std::vector<CaseCount> rows = tinyTokenizers(data);
    EXPECT_EQ(rows.size(), 22U);
    EXPECT_GE(expectAllPass(rows), 22U * 14U);
}

TEST(RecordedEncodings, OfTransformersJsAreGiven) {
    REQUIRE_SHARED(data, "data");
    EXPECT_EQ(expectAllPass(transformersJsTokenizers(data)), 479U + 41U);
}

TEST(RecordedEncodings, OfSwiftTransformersAreGiven) {
    REQUIRE_SHARED(data, "data");
    EXPECT_EQ(expectAllPass(swiftTokenizers(data)), 163U);
}

TEST(RecordedEncodings, OfTenThousandQuestionsAreGiven) {
    REQUIRE_SHARED(data, "data");
    EXPECT_EQ(expectAllPass({bertQuestions(data)}), 10570U);
}

TEST(RecordedEncodings, OfLlamaCppAreGiven) {
    REQUIRE_SHARED(data, "data");
    EXPECT_EQ(expectAllPass(ggmlVocabularies(data)), 14U * 46U);
}

}  // namespace
}  // namespace driftlens
