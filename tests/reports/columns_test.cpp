// The widths of table columns, and how a table of too many is cut.
#include "reports/pdf/columns.h"

#include <gtest/gtest.h>

#include <numeric>

namespace driftlens::pdf {
namespace {

using Widths = std::vector<double>;
using Bands = std::vector<std::vector<std::size_t>>;

TEST(ColumnWidths, AreNaturalWhereThePageIsWide) {
    EXPECT_EQ(columnWidths({{10, 40}, {20, 60}}, 300), (Widths{40, 60}));
}

TEST(ColumnWidths, GiveWhatIsLeftToColumnsThatWantMore) {
    EXPECT_EQ(columnWidths({{20, 20}, {20, 220}}, 140), (Widths{20, 120}));
}

TEST(ColumnWidths, ShrinkTogetherWhereEvenTheLeastIsTooMuch) {
    const Widths widths = columnWidths({{100, 100}, {300, 900}}, 200);
    EXPECT_DOUBLE_EQ(std::accumulate(widths.begin(), widths.end(), 0.0), 200.0);
    EXPECT_DOUBLE_EQ(widths[1], 3.0 * widths[0]);
}

TEST(ColumnWidths, OfNoColumnsAreNone) {
    EXPECT_TRUE(columnWidths({}, 100).empty());
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
