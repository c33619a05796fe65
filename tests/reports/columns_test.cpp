// The widths of table columns, and how a table of too many is cut.
#include "reports/pdf/columns.h"

#include <gtest/gtest.h>

#include <numeric>

namespace driftlens::pdf {
namespace {

using Widths = std::vector<double>;
using Bands = std::vector<std::vector<std::size_t>>;

double sumOf(const Widths& widths) {
    return std::accumulate(widths.begin(), widths.end(), 0.0);
}

TEST(ColumnWidths, AreNaturalWhereThePageIsWide) {
    EXPECT_EQ(columnWidths({{10, 40}, {20, 60}}, {{40, 60}}, 300), (Widths{40, 60}));
}

TEST(ColumnWidths, GiveWhatIsLeftToTheColumnThatMakesRowsHigh) {
    const Widths widths = columnWidths({{20, 20}, {20, 220}}, {{20, 220}, {20, 200}}, 140);
    EXPECT_DOUBLE_EQ(sumOf(widths), 140.0);
    EXPECT_NEAR(widths[0], 20.0, 1.0);
}

// One very long cell must not take the width that all other rows need elsewhere.
TEST(ColumnWidths, GoByAllRowsAndNotByTheLongestCell) {
    std::vector<std::vector<double>> rows(20, {60, 600});
    rows.push_back({2000, 60});
    const Widths widths = columnWidths({{40, 2000}, {40, 600}}, rows, 400);
    EXPECT_GT(widths[1], widths[0]);
}

TEST(ColumnWidths, ShrinkTogetherWhereEvenTheLeastIsTooMuch) {
    const Widths widths = columnWidths({{100, 100}, {300, 900}}, {{100, 900}}, 200);
    EXPECT_DOUBLE_EQ(sumOf(widths), 200.0);
    EXPECT_DOUBLE_EQ(widths[1], 3.0 * widths[0]);
}

TEST(ColumnWidths, OfNoColumnsAreNone) {
    EXPECT_TRUE(columnWidths({}, {}, 100).empty());
    EXPECT_TRUE(columnBands({}, 100).empty());
}

TEST(ColumnBands, RepeatTheFirstColumnInEach) {
    EXPECT_EQ(columnBands({{40, 40}, {30, 30}, {30, 30}, {30, 30}, {30, 30}}, 100),
              (Bands{{0, 1, 2}, {0, 3, 4}}));
}

TEST(ColumnBands, HoldAtLeastOneColumnMoreThanTheFirst) {
    EXPECT_EQ(columnBands({{90, 90}, {90, 90}, {90, 90}}, 100), (Bands{{0, 1}, {0, 2}}));
    EXPECT_EQ(columnBands({{500, 500}}, 100), (Bands{{0}}));
}

}  // namespace
}  // namespace driftlens::pdf
