// What is true of every row of the table of panels.
#include "tests/ui/window_fixture.h"
#include "ui/panels/copies.h"
#include "ui/panels/registry.h"
#include "ui/panels/report_panel.h"
#include "ui/theme.h"
#include "ui/widgets/text.h"

#include <QElapsedTimer>

#include <array>
#include <cmath>
#include <cstdio>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr auto kFormats = std::to_array(
    {CopyFormat::PlainText, CopyFormat::Picture, CopyFormat::SvgText, CopyFormat::JsonText});

// A result of so many tokens, with a variant and maps.
ResultPtr madeResult(std::size_t tokens) {
    auto out = std::make_shared<Result>();
    Comparison& comparison = out->comparison;
    for (std::size_t i = 0; i < tokens; ++i) {
        const std::string text = i % 3 == 0 ? "שלום" : i % 3 == 1 ? "漢字" : "🙂";
        Token token;
        token.text = text;
        token.bytes =
            ByteRange{comparison.input.text.size(), comparison.input.text.size() + text.size()};
        comparison.input.text += text;
        comparison.input.tokens.push_back(token);
    }
    comparison.target.text = "yes";
    comparison.reference.path = "reference";
    comparison.reference.scheme = "none";
    comparison.referenceAnswers = {{0, "yes", -0.1}, {1, "no", -2.3}};
    Attribution scores;
    scores.method = "attention";
    for (std::size_t i = 0; i < tokens; ++i)
        scores.scores.push_back(std::sin(static_cast<double>(i)));
    for (std::int64_t head = -1; head < 2 && tokens <= 64; ++head) {
        const auto size = static_cast<std::int64_t>(tokens);
        scores.attention.push_back(
            {0, head, size, std::vector<float>(tokens * tokens, 1.0F / static_cast<float>(size))});
    }
    comparison.referenceExplanations = {scores};
    VariantResult variant;
    ExplanationDrift drift;
    drift.method = scores.method;
    drift.reference = drift.variant = scores;
    drift.variant.attention.resize(std::min<std::size_t>(1, scores.attention.size()));
    drift.repeatability.float64Scores = drift.repeatability.otherBatchScores = scores.scores;
    variant.model = comparison.reference;
    variant.explanations = {drift};
    variant.answers = comparison.referenceAnswers;
    const Figure some{0.25, ""};
    for (std::int64_t layer = 0; layer < 2; ++layer) {
        variant.structure.heads.push_back({layer, 0, some, some, some});
        for (const char* module : {"attention", "mlp", "block"})
            variant.structure.sites.push_back({"", module, layer, some, some, some, some});
    }
    comparison.variants = {variant};
    return out;
}

class EveryPanel : public ::testing::TestWithParam<std::size_t> {
protected:
    EveryPanel() : m_workbench(Preferences{}) {
        const PanelEntry& entry = panels()[GetParam()];
        m_panel.reset(entry.make(entry, m_workbench, nullptr));
        m_panel->resize(900, 600);
        m_panel->show();
    }
    // A report is made by another thread, from what is there at once.
    bool waitForContent() {
        auto* report = qobject_cast<ReportPanel*>(m_panel.get());
        return report == nullptr || QTest::qWaitFor([&] { return !report->isBusy(); }, kPatience);
    }
    bool showsResults() const {
        const PanelNeeds needs = panels()[GetParam()].needs;
        return needs == PanelNeeds::Prompt || needs == PanelNeeds::Result;
    }
    QImage picture() {
        QCoreApplication::processEvents();
        return m_panel->grab().toImage();
    }
    Workbench m_workbench;
    std::unique_ptr<Panel> m_panel;
};

TEST_P(EveryPanel, SaysWhyItIsEmptyBusyOrWrong) {
    EXPECT_EQ(m_panel->state(), PanelState::Empty);
    EXPECT_FALSE(m_panel->accessibleName().isEmpty());
    const QImage empty = picture();
    m_panel->setBusy(u"Running…"_s);
    EXPECT_EQ(m_panel->state(), PanelState::Busy);
    const QImage busy = picture();
    m_panel->setError(u"the prompt is empty"_s, u"Write one."_s);
    EXPECT_EQ(m_panel->state(), PanelState::Failed);
    EXPECT_NE(empty, busy);
    EXPECT_NE(busy, picture());
    EXPECT_FALSE(m_panel->copy(CopyFormat::PlainText)) << "nothing is shown";
}

TEST_P(EveryPanel, ShowsAResultUntilItIsTakenAway) {
    if (!showsResults()) GTEST_SKIP() << "shows no prompt";
    m_panel->setResult(madeResult(12));
    ASSERT_TRUE(waitForContent());
    ASSERT_EQ(m_panel->state(), PanelState::Content);
    m_panel->pinToken(3);
    m_panel->setBusy(u"Running…"_s);
    EXPECT_FALSE(picture().isNull());
    m_panel->setResult(madeResult(12));
    ASSERT_TRUE(waitForContent());
    for (const CopyFormat format :
         {CopyFormat::PlainText, CopyFormat::Picture, CopyFormat::SvgText, CopyFormat::JsonText})
        EXPECT_TRUE(m_panel->copy(format)) << static_cast<int>(format);
    EXPECT_TRUE(Json::accept(m_panel->asJson().toStdString()));
    m_panel->setResult(nullptr);
    EXPECT_EQ(m_panel->state(), PanelState::Empty);
}

// What a menu offers is what copying does.
TEST_P(EveryPanel, OffersToCopyWhatItHas) {
    const auto expectSame = [&](const char* when) {
        for (const CopyFormat format : kFormats)
            EXPECT_EQ(m_panel->copy(format), whyNotCopied(*m_panel, format).isEmpty())
                << when << ", format " << static_cast<int>(format);
    };
    for (const CopyFormat format : kFormats) {
        QAction action;
        offerCopy(action, m_panel.get(), format);
        EXPECT_FALSE(action.isEnabled());
        EXPECT_TRUE(action.toolTip().contains(u"nothing"_s)) << action.toolTip().toStdString();
    }
    m_panel->setResult(madeResult(12));
    expectSame("before it is made");
    ASSERT_TRUE(waitForContent());
    expectSame("with a result");
    m_panel->setBusy(u"Running…"_s);
    expectSame("while a newer one is made");
    m_panel->setError(u"the prompt is empty"_s, {});
    expectSame("when it failed");
    m_panel->setBusy(u"Running…"_s);
    expectSame("busy without content");
    // A data set that is not run has no figures and no drawing.
    m_workbench.edit(u"data"_s, EditKind::Data,
                     [](Session& session) { session.data = u"README.md"_s; });
    expectSame("with a data set");
}

TEST_P(EveryPanel, FollowsTheTheme) {
    applyTheme(Theme::Light);
    m_panel->setResult(madeResult(12));
    const QImage light = picture();
    applyTheme(Theme::Dark);
    const QImage dark = picture();
    applyTheme(Theme::Light);
    EXPECT_GT(light.pixelColor(5, 590).lightness(), 180);
    EXPECT_LT(dark.pixelColor(5, 590).lightness(), 80);
}

TEST_P(EveryPanel, TakesFourThousandTokens) {
    QElapsedTimer since;
    since.start();
    m_panel->setResult(madeResult(4096));
    const PanelEntry& entry = panels()[GetParam()];
    // So long a text has no attention maps here.
    const bool hasContent = showsResults() && entry.id != "attention";
    EXPECT_EQ(m_panel->state(), hasContent ? PanelState::Content : PanelState::Empty);
    const double shown = static_cast<double>(since.nsecsElapsed()) / 1e6;
    EXPECT_TRUE(waitForContent());
    picture();
    since.restart();
    m_panel->grab();
    std::printf("%s, 4096 tokens: set %.1f ms, paint %.1f ms\n",
                std::string(panels()[GetParam()].id).c_str(), shown,
                static_cast<double>(since.nsecsElapsed()) / 1e6);
}

INSTANTIATE_TEST_SUITE_P(Table, EveryPanel, ::testing::Range(std::size_t{0}, panels().size()),
                         [](const auto& each) { return std::string(panels()[each.param].id); });

}  // namespace
}  // namespace driftlens
