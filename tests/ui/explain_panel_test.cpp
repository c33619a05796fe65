// The Explain tab: columns that share a window's width, and what methods say besides scores of
// tokens.
#include "ui/panels/explain_panel.h"

#include "tests/ui/window_fixture.h"
#include "ui/models/explanation_details.h"
#include "ui/widgets/answer_list.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/svg_figure.h"
#include "ui/widgets/token_strip.h"
#include "xai/methods/method.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEnterEvent>
#include <QScrollArea>
#include <QScrollBar>
#include <QTableWidget>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

class ExplainTab : public WindowTest {
protected:
    void runWith(const QStringList& methods) {
        openSample();
        ASSERT_TRUE(waitForLoads());
        runBy(methods);
    }
    void runBy(const QStringList& methods) {
        workbench().edit(u"methods"_s, EditKind::Single,
                         [&](Session& session) { session.methods = methods; });
        workbench().run();
        ASSERT_TRUE(waitForRun());
        window().tabs().setCurrentId(u"explain"_s);
        QCoreApplication::processEvents();
    }
    ExplainPanel& tab() { return *window().findChild<ExplainPanel*>(); }
    QStringList tableTitles() {
        QStringList out;
        for (const QTableWidget* table : tab().findChildren<QTableWidget*>())
            out.push_back(table->accessibleName());
        return out;
    }
};

// A reference and four variants in a window of the size that it opens with.
TEST_F(ExplainTab, FiveColumnsShareTheWindowAndStayReadable) {
    openSample();
    workbench().addModels({u"@int3:group=32"_s});
    ASSERT_TRUE(waitForLoads());
    window().resize(1440, 900);
    runBy({u"input_x_gradient"_s});
    const std::vector<AnswerList*> columns = [&] {
        const auto all = tab().findChildren<AnswerList*>();
        return std::vector<AnswerList*>(all.begin(), all.end());
    }();
    ASSERT_EQ(columns.size(), 5U);
    QScrollArea* area = nullptr;
    for (QScrollArea* each : tab().findChildren<QScrollArea*>())
        if (each->isAncestorOf(columns.front())) area = each;
    ASSERT_NE(area, nullptr);
    for (const TokenStrip* strip : tab().findChildren<TokenStrip*>())
        EXPECT_GE(strip->height(), strip->heightForWidth(strip->width())) << "tokens are cut off";
    EXPECT_EQ(area->horizontalScrollBar()->maximum(), 0)
        << "columns stand outside of the window: " << area->widget()->width() << " pixels in "
        << area->viewport()->width();
    for (const AnswerList* column : columns) {
        EXPECT_GE(column->width(), 165);
        EXPECT_NEAR(column->width(), columns.front()->width(), 1);
    }
}

// What the command line prints of such a method is in the tab: its parts, and no strip of names.
TEST_F(ExplainTab, ShowsTheFigureAndTheTableOfMethodsThatExplainParts) {
    openSample();
    ASSERT_TRUE(waitForLoads());
    int seen = 0;
    for (const MethodEntry& method : methods()) {
        if (!method.explainsParts) continue;
        bool hasFailed = false;
        QObject here;
        QObject::connect(&workbench(), &Workbench::failed, &here, [&] { hasFailed = true; });
        bool isDone = false;
        QObject::connect(&workbench(), &Workbench::succeeded, &here, [&] { isDone = true; });
        workbench().edit(u"method"_s, EditKind::Single, [&](Session& session) {
            session.methods = {
                QString::fromLatin1(method.id.data(), static_cast<qsizetype>(method.id.size()))};
        });
        workbench().run();
        ASSERT_TRUE(QTest::qWaitFor([&] { return isDone || hasFailed; }, 2 * kPatience));
        if (hasFailed) continue;  // as patching, which asks for a second text
        QCoreApplication::processEvents();
        const Attribution& sample = workbench().result()->comparison.referenceExplanations.front();
        ASSERT_EQ(sample.method, method.id);
        ASSERT_FALSE(sample.parts.empty()) << method.id;
        ++seen;
        EXPECT_TRUE(tableTitles().contains(u"Parts of the network"_s)) << method.id;
        EXPECT_TRUE(tab().asText().contains(QString::fromStdString(sample.parts.front().name)));
        const auto figures = tab().findChildren<SvgFigure*>();
        const bool hasStrips = !tab().findChildren<TokenStrip*>().empty();
        EXPECT_NE(figures.empty(), !hasStrips && sample.parts.size() <= 64)
            << method.id << ": a grid in the place of strips";
        for (const SvgFigure* figure : figures)
            EXPECT_FALSE(figure->accessibleDescription().isEmpty()) << method.id;
        EXPECT_TRUE(tab().asSvg().contains(u"<svg"_s)) << method.id;
    }
    EXPECT_GE(seen, 2);
}

TEST_F(ExplainTab, ShowsTheDetailsOfTheModelThatIsChosen) {
    runWith({u"lime:samples=64"_s});
    EXPECT_TRUE(tableTitles().contains(u"Figures of the whole"_s)) << "the fit of the surrogate";
    EXPECT_FALSE(tableTitles().contains(u"How it was made"_s));
    QCheckBox* facts = nullptr;
    for (QCheckBox* each : tab().findChildren<QCheckBox*>())
        if (each->text().remove(u'&') == u"How it was made"_s) facts = each;
    ASSERT_NE(facts, nullptr);
    facts->setChecked(true);
    EXPECT_TRUE(tableTitles().contains(u"How it was made"_s));
    EXPECT_TRUE(tab().asText().contains(u"samples=64"_s));
    QComboBox* of = nullptr;
    for (QComboBox* each : tab().findChildren<QComboBox*>())
        if (each->accessibleName() == u"Details of which model"_s) of = each;
    ASSERT_NE(of, nullptr);
    ASSERT_EQ(of->count(), 4);
    const auto fit = [&] {
        for (const QTableWidget* table : tab().findChildren<QTableWidget*>())
            if (table->accessibleName() == u"Figures of the whole"_s)
                return table->item(0, 1)->text();
        return QString();
    };
    const QString ofReference = fit();
    of->setCurrentIndex(3);
    EXPECT_NE(fit(), ofReference);
}

TEST(SelectableLabel, CanBeSelectedAsSoonAsThePointerComes) {
    SelectableLabel label(u"the film was clever"_s);
    label.show();
    EXPECT_FALSE(label.textInteractionFlags().testFlag(Qt::TextSelectableByMouse));
    const QPointF place(label.rect().center());
    QEnterEvent enter(place, place, place);
    QCoreApplication::sendEvent(&label, &enter);
    QTest::mouseDClick(&label, Qt::LeftButton, {}, label.rect().center());
    EXPECT_TRUE(label.hasSelectedText()) << "a word by a double click";
}

// ---- details of made-up explanations

TEST(ExplanationDetails, HasAllThatTheCommandLinePrints) {
    Comparison comparison;
    Token token;
    token.text = "word";
    comparison.input.tokens = {token, token};
    Attribution a;
    a.scores = {0.5, -0.25};
    a.standardError = {0.125, 0.0625};
    a.figures = {{"r2", 0.75}};
    a.edits = {{{0}, {}, "good", "bad"}};
    a.answerTokens = {{7, "lamp", 0.5, {0.5, 0.25}}};
    a.interactions = PairScores{"Shapley interaction", {{0}, {1}}, {0.0, 2.0, 2.0, 0.0}};
    a.metrics = {{"comprehensiveness", {0.4, ""}}};
    a.settings = {{"samples", "64"}};
    a.baseline = "[MASK]";
    a.completenessGap = 0.001;
    comparison.referenceExplanations = {a};
    const QString brief = detailsText(explanationDetails(comparison, 0, -1, false));
    for (const QString& each : {u"r2\t0.75"_s, u"good\tbad"_s, u"word\t0.5"_s, u"2"_s, u"0.4"_s})
        EXPECT_TRUE(brief.contains(each)) << each.toStdString() << " in\n" << brief.toStdString();
    EXPECT_FALSE(brief.contains(u"samples=64"_s));
    const QString whole = detailsText(explanationDetails(comparison, 0, -1, true));
    for (const QString& each : {u"samples=64"_s, u"[MASK]"_s, u"0.001"_s, u"0.125"_s})
        EXPECT_TRUE(whole.contains(each)) << each.toStdString() << " in\n" << whole.toStdString();
    EXPECT_TRUE(explanationDetails(comparison, 0, 3, true).isEmpty()) << "there is no variant 3";
    EXPECT_TRUE(explanationDetails(comparison, 1, -1, true).isEmpty()) << "nor a second method";
}

TEST(ExplanationDetails, StandBesideThoseOfTheReference) {
    Comparison comparison;
    Attribution a;
    for (int layer = 0; layer < 3; ++layer) {
        for (int head = 0; head < 2; ++head) {
            Part part;
            part.name = "blocks." + std::to_string(layer) + ".attn.head." + std::to_string(head);
            part.layer = layer;
            part.head = head;
            part.answers = {{1, "lamp", -0.5}};
            a.parts.push_back(part);
            a.scores.push_back(layer + head);
        }
    }
    VariantResult variant;
    variant.explanations.resize(1);
    variant.explanations.front().reference = a;
    variant.explanations.front().variant = a;
    variant.explanations.front().variant.scores.back() = 1.0;
    comparison.referenceExplanations = {a};
    comparison.variants = {variant};
    EXPECT_FALSE(suitsStrips(a, {}));
    EXPECT_EQ(explanationDetails(comparison, 0, -1, false).figures.size(), 1U);
    const ExplanationDetails details = explanationDetails(comparison, 0, 0, false);
    EXPECT_EQ(details.figures.size(), 2U) << "its scores, and what changed";
    const QStringList last = details.tables.front().rows.back();
    EXPECT_EQ(last.mid(1, 2), (QStringList{u"1"_s, u"−2"_s})) << "score, and − reference";
    EXPECT_TRUE(last.back().contains(u"lamp"_s));
    SvgFigure figure(u"grid"_s, details.figures.front().svg, nullptr);
    EXPECT_TRUE(figure.accessibleDescription().contains(u"blocks.2.attn.head.1"_s));
    figure.resize(figure.sizeHint());
    const QImage drawn = figure.grab().toImage();
    bool hasOrange = false;
    for (int y = 0; y < drawn.height(); ++y)
        for (int x = 0; x < drawn.width(); ++x) {
            const QColor colour = drawn.pixelColor(x, y);
            hasOrange =
                hasOrange || (colour.saturation() > 80 && colour.hue() > 10 && colour.hue() < 45);
        }
    EXPECT_TRUE(hasOrange) << "the grid is drawn";
}

}  // namespace
}  // namespace driftlens
