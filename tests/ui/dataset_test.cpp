// From a file of texts to verdicts, and what a user does on the way.
#include "tests/ui/window_fixture.h"
#include "ui/panels/dataset_panel.h"
#include "ui/panels/layers_panel.h"
#include "ui/widgets/head_grid.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTableView>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

class Dataset : public WindowTest {
protected:
    // The sample's models, and so many rows.
    void openData(int rows) {
        openSample();
        QFile file(path("rows.csv"));
        ASSERT_TRUE(file.open(QIODevice::WriteOnly));
        file.write("sentence,kind\n");
        for (int i = 0; i < rows; ++i)
            file.write(i % 2 == 0 ? "a clever and funny film,good\n" : "dull and slow,bad\n");
        file.close();
        workbench().edit(u"data"_s, EditKind::Data, [&](Session& session) {
            session.data = path("rows.csv");
            session.methods = {u"input_x_gradient"_s};  // one pass
        });
        ASSERT_TRUE(waitForLoads());
        window().tabs().setCurrentId(u"dataset"_s);
    }
    DatasetPanel& panel() { return *window().tabs().findChild<DatasetPanel*>(); }
    QTableView& table() { return *panel().findChild<QTableView*>(); }
};

TEST_F(Dataset, GoesFromAFileToVerdicts) {
    openData(6);
    const QAbstractItemModelTester tester(&panel().examples(),
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    panel().form().gates().setPlainText(u"sentiment-bert-mini@int8:flip_rate > 2"_s);
    window().action("run_data")->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !workbench().isRunning(); }, 4 * kPatience));
    ASSERT_NE(panel().result(), nullptr) << panel().message().toStdString();
    EXPECT_EQ(panel().state(), PanelState::Content);
    EXPECT_EQ(panel().examples().rowCount(), 6);
    EXPECT_TRUE(panel().asText().contains(u"flip_rate"_s));
    EXPECT_TRUE(Json::accept(panel().asJson().toStdString()));
    EXPECT_EQ(panel().result()->aggregate.variants.size(), 3U);
    EXPECT_FALSE(panel().result()->runId.empty());
    EXPECT_TRUE(panel().asText().contains(u"sentence"_s)) << "the guessed column is said";
    EXPECT_EQ(panel().result()->gates.size(), 1U);
    // What is filtered is what the model calls a flip.
    int flips = 0;
    for (int row = 0; row < 6; ++row) flips += panel().examples().isFlip(row) ? 1 : 0;
    panel().findChild<QComboBox*>(u"filter"_s)->setCurrentIndex(1);
    EXPECT_EQ(table().model()->rowCount(), flips);
    panel().findChild<QComboBox*>(u"filter"_s)->setCurrentIndex(0);
    // An example opens side by side.
    Q_EMIT table().doubleClicked(table().model()->index(1, 1));
    EXPECT_EQ(workbench().session().prompt, u"dull and slow"_s);
    EXPECT_EQ(window().tabs().currentId(), u"explain"_s);
    EXPECT_TRUE(waitForRun());
}

TEST_F(Dataset, PlansBeforeItRuns) {
    openData(4);
    panel().plan();
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return panel().message().contains(u"examples"_s) && !workbench().isRunning(); },
        2 * kPatience))
        << panel().message().toStdString();
    EXPECT_TRUE(panel().message().contains(u"yardsticks"_s));
    EXPECT_EQ(panel().result(), nullptr);
}

TEST_F(Dataset, ACancelledRunSaysHowToResume) {
    openData(4000);
    panel().run();
    ASSERT_TRUE(QTest::qWaitFor([&] { return panel().examples().rowCount() > 0; }, 4 * kPatience))
        << panel().message().toStdString();
    workbench().cancel();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !workbench().isRunning(); }, kPatience));
    EXPECT_TRUE(panel().message().contains(u"--resume"_s)) << panel().message().toStdString();
    EXPECT_FALSE(panel().form().setup().resumes.isEmpty());
    EXPECT_EQ(panel().state(), PanelState::Content) << "what was finished stays";
}

TEST_F(Dataset, AWrongGateIsSaidAtItsLine) {
    openData(2);
    panel().form().gates().setPlainText(u"flip_rate > 0.1\nflip_rate 0.1"_s);
    EXPECT_FALSE(panel().form().check());
    EXPECT_TRUE(panel().form().gateProblemLabel().text().startsWith(u"Line 2"_s));
    panel().run();
    EXPECT_FALSE(workbench().isRunning());
}

TEST_F(Dataset, AnErrorIsInTheTabAndTheFormStays) {
    openData(2);
    panel().form().setColumns({u"none"_s});
    QFile::remove(path("rows.csv"));
    panel().run();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !workbench().isRunning(); }, kPatience));
    EXPECT_TRUE(panel().message().contains(u"rows.csv"_s)) << panel().message().toStdString();
    EXPECT_EQ(panel().state(), PanelState::Content);
}

TEST_F(WindowTest, ALayerLeadsToItsAttention) {
    openSample();
    workbench().run();
    ASSERT_TRUE(waitForRun());
    EXPECT_EQ(workbench().result()->headDrifts.size(), 3U);
    auto* layers = window().tabs().findChild<LayersPanel*>();
    ASSERT_EQ(layers->state(), PanelState::Content);
    window().tabs().setCurrentId(u"layers"_s);
    ASSERT_FALSE(layers->chart().view().series.empty());
    const auto& points = layers->chart().view().series.front().points;
    ASSERT_FALSE(points.empty());
    QTest::mouseClick(&layers->chart(), Qt::LeftButton, {},
                      layers->chart().placeOf(points.back()).toPoint());
    EXPECT_EQ(window().tabs().currentId(), u"attention"_s);
    bool isNamed = false;
    for (const QLabel* label : window().tabs().currentPanel()->findChildren<QLabel*>())
        isNamed = isNamed || label->text().contains(u"Layer %1,"_s.arg(points.back().tag));
    EXPECT_TRUE(isNamed);
}

}  // namespace
}  // namespace driftlens
