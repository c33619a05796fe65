// From a file of texts to verdicts, and what a user does on the way.
#include "tests/ui/window_fixture.h"
#include "ui/panels/dataset_panel.h"
#include "ui/panels/layers_panel.h"
#include "ui/widgets/head_grid.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QElapsedTimer>
#include <QFile>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTabWidget>
#include <QTableView>

#include <cstdio>

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

// What a long run brings in, and how the table takes it.
TEST_F(Dataset, TenThousandRowsStayQuick) {
    openData(2);
    std::vector<ExampleRow> rows(500);
    for (ExampleRow& row : rows) {
        row.text = u"a clever and funny film"_s;
        row.answer = u"positive"_s;
        row.outcome.variants.resize(3);
        for (VariantOutcome& variant : row.outcome.variants) variant.fidelity["kl"] = 0.5;
        row.variantAnswers = {u"positive"_s, u"negative"_s, u"positive"_s};
    }
    panel().examples().start({u"a"_s, u"b"_s, u"c"_s}, u"input_x_gradient"_s, u"spearman"_s, 0.1);
    panel().findChild<QTabWidget*>()->setCurrentIndex(1);
    qint64 slowest = 0;
    for (int batch = 0; batch < 20; ++batch) {
        for (std::size_t i = 0; i < rows.size(); ++i)
            rows[i].outcome.number = static_cast<std::uint64_t>(batch) * rows.size() + i;
        QElapsedTimer since;
        since.start();
        panel().examples().append(rows);
        QCoreApplication::processEvents();
        slowest = std::max(slowest, since.elapsed());
    }
    EXPECT_EQ(table().model()->rowCount(), 10'000);
    QElapsedTimer since;
    since.start();
    table().sortByColumn(ExamplesModel::Row, Qt::DescendingOrder);
    panel().grab();
    std::printf("10 000 rows: slowest batch of 500 %lld ms, sort and paint %lld ms\n",
                static_cast<long long>(slowest), static_cast<long long>(since.elapsed()));
    EXPECT_LT(since.elapsed(), 2000);
    EXPECT_EQ(table().model()->index(0, ExamplesModel::Row).data().toInt(), 9999);
    EXPECT_EQ(table().model()->index(0, ExamplesModel::Answer).data().toString(), u"positive"_s);
}

TEST_F(Dataset, ShowsAnswersByTheirNames) {
    openData(2);
    panel().run();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !workbench().isRunning(); }, 4 * kPatience));
    ASSERT_EQ(panel().examples().rowCount(), 2) << panel().message().toStdString();
    const QString answer = panel().examples().index(0, ExamplesModel::Answer).data().toString();
    EXPECT_TRUE(answer == u"positive"_s || answer == u"negative"_s) << answer.toStdString();
}

TEST(DatasetSetup, KnowsColumnsAndMarginsAsTheCommandLineDoes) {
    const ScratchFolder scratch;
    const auto file = [&](const char* name, const QByteArray& bytes) {
        const QString place = QString::fromStdString((scratch / name).string());
        QFile out(place);
        EXPECT_TRUE(out.open(QIODevice::WriteOnly));
        out.write(bytes);
        return place;
    };
    // A quoted name with a comma, a quote and a line break is one column.
    EXPECT_EQ(columnsOf(file("a.csv", "\"a, \"\"b\"\"\nc\",text\n1,2\n")),
              (QStringList{u"a, \"b\"\nc"_s, u"text"_s}));
    EXPECT_EQ(columnsOf(file("a.ndjson", "{\"prompt\": \"x\", \"kind\": 1}\n")),
              (QStringList{u"kind"_s, u"prompt"_s}));
    EXPECT_TRUE(columnsOf(file("a.txt", "a, b\n")).isEmpty());
    EXPECT_THROW(columnsOf(file("empty.csv", "")), Error);
    EXPECT_EQ(classifyFile(file("b.ndjson", "{}\n")).kind, FileKind::Data);
    DatasetSetup setup;
    EXPECT_EQ(primaryMargin(setup), 0.1);
    setup.margins = u"\n spearman = 0.05 \nkl=0.2\n"_s;
    EXPECT_EQ(primaryMargin(setup), 0.05);
    EXPECT_THROW(marginsOf(u"spearman=much"_s), Error);
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
