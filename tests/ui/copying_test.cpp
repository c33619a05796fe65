// Copying a result that takes longer to write down than a frame.
#include "tests/ui/window_fixture.h"
#include "ui/panels/explain_panel.h"
#include "ui/timed_application.h"

#include <QClipboard>
#include <QElapsedTimer>
#include <QMimeData>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <thread>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr double kFrame = 32.0;  // milliseconds

// Processor time of this thread, in milliseconds: other programs of the machine do not count.
double ownTime() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

QString clipboardText() {
    return QApplication::clipboard()->text();
}

// As many scores as a hundred variants of a long prompt have.
ResultPtr largeResult() {
    constexpr std::size_t kTokens = 1024, kVariants = 100;
    auto out = std::make_shared<Result>();
    Comparison& comparison = out->comparison;
    Attribution scores;
    scores.method = "occlusion";
    for (std::size_t i = 0; i < kTokens; ++i) {
        Token token;
        token.text = "token" + std::to_string(i);
        comparison.input.tokens.push_back(token);
        scores.scores.push_back(std::sin(static_cast<double>(i)));
    }
    comparison.reference.path = "reference";
    comparison.reference.scheme = "none";
    comparison.referenceExplanations = {scores};
    ExplanationDrift drift;
    drift.method = scores.method;
    drift.reference = drift.variant = scores;
    VariantResult variant;
    variant.model = comparison.reference;
    variant.explanations = {drift};
    comparison.variants.assign(kVariants, variant);
    return out;
}

class Copying : public WindowTest {
protected:
    Copying() {
        QObject::connect(&workbench(), &Workbench::noticed, &window(),
                         [this](const QString& line) { m_lines.push_back(line); });
    }
    QStringList m_lines;
};

TEST_F(Copying, ALargeResultIsWrittenDownWhileTheWindowGoesOn) {
    auto* application = dynamic_cast<TimedApplication*>(qApp);
    ASSERT_NE(application, nullptr);
    openSample();
    ASSERT_TRUE(waitForLoads());
    workbench().run();
    ASSERT_TRUE(waitForRun());
    auto& tab = *window().findChild<ExplainPanel*>();
    window().tabs().setCurrentId(u"explain"_s);
    tab.setResult(largeResult());
    QTest::qWait(500);  // laid out and painted
    const std::pair<const char*, CopyFormat> formats[] = {{"copy_json", CopyFormat::JsonText},
                                                          {"copy_text", CopyFormat::PlainText},
                                                          {"copy_svg", CopyFormat::SvgText}};
    for (const auto& [action, format] : formats) {
        QElapsedTimer made;
        made.start();
        const QString wanted = tab.inForm(format).text;
        const double inPlace = static_cast<double>(made.nsecsElapsed()) / 1e6;
        QApplication::clipboard()->clear();
        m_lines.clear();
        application->startTiming();
        const double before = ownTime();
        window().action(action)->trigger();
        const double asked = ownTime() - before;
        EXPECT_EQ(m_lines, (QStringList{u"Copying…"_s})) << action;
        ASSERT_TRUE(QTest::qWaitFor([&] { return !tab.isCopying(); }, kPatience));
        const std::vector<LongTurn> turns = application->stopTiming();
        const double longest = turns.empty() ? 0.0 : turns.front().ownMilliseconds;
        std::printf("%s: %.1f MB, made in place %.0f ms, asked for %.1f ms, longest turn %.1f ms\n",
                    action, static_cast<double>(wanted.size()) / 1e6, inPlace, asked, longest);
        EXPECT_LT(asked, kFrame) << action;
        EXPECT_LT(longest, kFrame) << turns.front().what.toStdString();
        EXPECT_TRUE(clipboardText() == wanted) << action;
        ASSERT_EQ(m_lines.size(), 2) << action;
        EXPECT_TRUE(m_lines.back().startsWith(u"Copied: "_s)) << m_lines.back().toStdString();
    }
}

// A tab whose text takes as long as it is told to.
class SlowPanel : public Panel {
public:
    SlowPanel() : Panel(u"Slow"_s, u"Nothing."_s, nullptr) { setContent(new QWidget(this)); }
    bool has(CopyFormat) const override { return true; }
    CopyWork copyWork(CopyFormat) const override {
        return copyOf([made = text, pause = milliseconds] {
            std::this_thread::sleep_for(std::chrono::milliseconds(pause));
            if (made.isEmpty()) throw Error(ErrorKind::Numeric, "there is no text");
            return made;
        });
    }
    QString text = u"first"_s;
    int milliseconds = 0;

protected:
    bool showResult(const ResultPtr&) override { return true; }
};

TEST(CopyingTwice, TheNewestIsOnTheClipboardAndAFailureIsSaid) {
    SlowPanel panel;
    QStringList lines;
    QObject::connect(&panel, &Panel::said, &panel, [&](const QString& line) { lines << line; });
    EXPECT_FALSE(panel.copy(CopyFormat::PlainText)) << "nothing is shown yet";
    panel.setResult(std::make_shared<Result>());
    panel.milliseconds = 100;
    ASSERT_TRUE(panel.copy(CopyFormat::PlainText));
    QTest::qWait(10);
    panel.text = u"second"_s;
    panel.milliseconds = 0;
    ASSERT_TRUE(panel.copy(CopyFormat::JsonText));
    ASSERT_TRUE(QTest::qWaitFor([&] { return !panel.isCopying(); }, kPatience));
    EXPECT_EQ(clipboardText(), u"second"_s);
    EXPECT_EQ(QApplication::clipboard()->mimeData()->data(u"application/json"_s), "second");
    EXPECT_EQ(lines, (QStringList{u"Copying…"_s, u"Copying…"_s, u"Copied: 6 bytes"_s}));
    panel.text.clear();
    ASSERT_TRUE(panel.copy(CopyFormat::PlainText));
    ASSERT_TRUE(QTest::qWaitFor([&] { return !panel.isCopying(); }, kPatience));
    EXPECT_EQ(lines.back(), u"Not copied: there is no text"_s);
    EXPECT_EQ(clipboardText(), u"second"_s) << "what was there stays";
}

}  // namespace
}  // namespace driftlens
