// What is true of every row of the table of panels.
#include "engine/audit/log.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/audit_panel.h"
#include "ui/panels/copies.h"
#include "ui/panels/registry.h"
#include "ui/panels/report_panel.h"
#include "ui/theme.h"
#include "ui/widgets/text.h"

#include <QClipboard>
#include <QElapsedTimer>
#include <QFile>

#include <array>
#include <cmath>
#include <cstdio>
#include <functional>

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

// A data set of two examples, the second of them a flip; their text has so many tokens.
ExampleRows madeExamples(std::size_t tokens) {
    std::vector<ExampleRow> out(2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        ExampleRow& row = out[i];
        row.outcome.number = i;
        row.text = u"שלום "_s.repeated(static_cast<qsizetype>(tokens));
        row.answer = u"yes"_s;
        row.variantAnswers = {i == 0 ? u"yes"_s : u"no"_s};
        row.outcome.variants.resize(1);
        row.outcome.variants.front().answer = static_cast<std::int64_t>(i);
        row.outcome.variants.front().fidelity = {{"kl", 0.25}, {"flip_rate", i}};
        row.outcome.variants.front().methods["integrated_gradients"].raw["spearman"] =
            Figure{0.5, ""};
    }
    return std::make_shared<const std::vector<ExampleRow>>(std::move(out));
}

DatasetResultPtr madeDataset() {
    auto out = std::make_shared<FinishedDataset>();
    out->reference.path = "reference";
    out->reference.scheme = "none";
    out->variants = {out->reference};
    out->aggregate.examples = 2;
    out->aggregate.variants.resize(1);
    out->warnings = {"the rows are made up"};
    return out;
}

// A log of one run, of whose result a record holds so many scores.
void writeLog(const std::string& file, std::size_t tokens) {
    const auto log = AuditLog::openForWriting(file);
    const std::string run = log->startRun("compare", {{"models", Json::array({"a", "b"})}});
    Json scores = Json::array();
    for (std::size_t i = 0; i < tokens; ++i) scores.push_back(std::to_string(i));
    log->addResult(run, {{"scores", scores}});
    log->finishRun(run, Json::object());
}

class EveryPanel : public ::testing::TestWithParam<std::size_t> {
protected:
    EveryPanel() : m_workbench(Preferences{}) {
        QFile rows(file("rows.csv"));
        EXPECT_TRUE(rows.open(QIODevice::WriteOnly));
        rows.write("text\nclever\ndull\n");
        rows.close();
        const PanelEntry& entry = panels()[GetParam()];
        m_panel.reset(entry.make(entry, m_workbench, nullptr));
        m_panel->resize(900, 600);
        m_panel->show();
    }
    // What the tab shows a result of: a prompt, a data set, a log of that size.
    void giveResult(std::size_t tokens) {
        switch (panels()[GetParam()].needs) {
            case PanelNeeds::Prompt:
            case PanelNeeds::Result:
                m_panel->setResult(madeResult(tokens));
                return;
            case PanelNeeds::Data:
                edit([this](Session& session) { session.data = file("rows.csv"); });
                Q_EMIT m_workbench.dataStarted();
                Q_EMIT m_workbench.dataExamples(madeExamples(tokens));
                Q_EMIT m_workbench.dataFinished(madeDataset());
                return;
            case PanelNeeds::Log: {
                const QString log = file("log" + std::to_string(tokens) + ".db");
                if (!QFile::exists(log)) writeLog(log.toStdString(), tokens);
                edit([&](Session& session) { session.log = log; });
                return;
            }
        }
    }
    void takeResultAway() {
        edit([](Session& session) {
            session.data.clear();
            session.log.clear();
        });
        m_panel->setResult(nullptr);
    }
    void edit(const std::function<void(Session&)>& change) {
        m_workbench.edit(u"test"_s, EditKind::Single, change);
    }
    QString file(const std::string& name) const {
        return QString::fromStdString((m_scratch / name).string());
    }
    // Reports are made, and logs read, by another thread, from what is there at once.
    bool waitForContent() {
        const auto* report = qobject_cast<ReportPanel*>(m_panel.get());
        const auto* audit = qobject_cast<AuditPanel*>(m_panel.get());
        const auto rests = [&] {
            return (report == nullptr || !report->isBusy()) &&
                   (audit == nullptr || !audit->isBusy());
        };
        return QTest::qWaitFor(rests, kPatience);
    }
    bool isOf(std::string_view id) const { return panels()[GetParam()].id == id; }
    QImage picture() {
        QCoreApplication::processEvents();
        return m_panel->grab().toImage();
    }
    ScratchFolder m_scratch;
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
    giveResult(12);
    ASSERT_TRUE(waitForContent());
    ASSERT_EQ(m_panel->state(), PanelState::Content);
    const QImage shown = picture();
    m_panel->pinToken(3);
    m_panel->setBusy(u"Running…"_s);
    EXPECT_NE(picture(), shown) << "it is said that something newer is made";
    giveResult(12);
    if (isOf("dataset") || isOf("audit")) m_panel->setError(u"the disk is full"_s, {});
    giveResult(13);
    ASSERT_TRUE(waitForContent());
    ASSERT_EQ(m_panel->state(), PanelState::Content);
    for (const CopyFormat format : kFormats) {
        const bool isDrawn = format != CopyFormat::SvgText || !isOf("audit");
        EXPECT_EQ(m_panel->copy(format), isDrawn) << static_cast<int>(format);
        if (!isDrawn) continue;
        ASSERT_TRUE(QTest::qWaitFor([&] { return !m_panel->isCopying(); }, kPatience));
        const Copied wanted = m_panel->inForm(format);
        // Cairo numbers what it draws anew each time.
        const bool isNumbered = isOf("report") && format == CopyFormat::SvgText;
        EXPECT_TRUE(isNumbered ? QApplication::clipboard()->text().contains(u"<svg"_s)
                               : QApplication::clipboard()->text() == wanted.text)
            << static_cast<int>(format);
        EXPECT_EQ(QApplication::clipboard()->image().size(), wanted.image.size());
    }
    EXPECT_TRUE(Json::accept(m_panel->asJson().toStdString()));
    takeResultAway();
    ASSERT_TRUE(waitForContent());
    EXPECT_EQ(m_panel->state(), PanelState::Empty);
    EXPECT_NE(picture(), shown);
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
    giveResult(12);
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
    edit([](Session& session) { session.data = u"README.md"_s; });
    expectSame("with a data set");
}

TEST_P(EveryPanel, FollowsTheTheme) {
    applyTheme(Theme::Light);
    giveResult(12);
    ASSERT_TRUE(waitForContent());
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
    giveResult(4096);
    const double shown = static_cast<double>(since.nsecsElapsed()) / 1e6;
    EXPECT_TRUE(waitForContent());
    // So long a text has no attention maps here.
    EXPECT_EQ(m_panel->state(), isOf("attention") ? PanelState::Empty : PanelState::Content);
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
