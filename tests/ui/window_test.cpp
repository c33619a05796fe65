// The main job and what can go wrong on its way.
#include "tests/ui/window_fixture.h"
#include "ui/docks/variants_dock.h"
#include "ui/models/runs_model.h"
#include "ui/models/variants_model.h"
#include "ui/start_page.h"
#include "ui/timed_application.h"
#include "ui/widgets/token_strip.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QDir>
#include <QDockWidget>
#include <QElapsedTimer>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QShortcut>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;
using Window = WindowTest;

// What Alt and a letter, or a shortcut, leads to; a second owner of the same keys is a failure.
class Keys {
public:
    explicit Keys(QString where) : m_where(std::move(where)) {}
    void addText(const QString& text) { add(QKeySequence::mnemonic(text), text); }
    void add(const QKeySequence& keys, const QString& owner) {
        if (keys.isEmpty()) return;
        const auto [place, isNew] = m_owners.emplace(keys.toString(), owner);
        EXPECT_TRUE(isNew) << m_where.toStdString() << ": " << keys.toString().toStdString()
                           << " is that of \"" << place->second.toStdString() << "\" and \""
                           << owner.toStdString() << '"';
    }
    // Of all that is in there, shown or not yet: pages of one tab come and go.
    void addWidgets(const QWidget& parent) {
        for (const QAbstractButton* button : parent.findChildren<QAbstractButton*>())
            addText(button->text());
        for (const QLabel* label : parent.findChildren<QLabel*>())
            if (label->buddy() != nullptr) addText(label->text());
    }
    std::size_t size() const { return m_owners.size(); }

private:
    QString m_where;
    std::map<QString, QString> m_owners;
};

TEST_F(Window, GoesFromTheStartPageToStrips) {
    openSample();
    ASSERT_TRUE(QTest::qWaitFor([&] { return workbench().result() != nullptr; }, kPatience))
        << "a preview comes by itself";
    workbench().run();
    ASSERT_TRUE(waitForRun());
    EXPECT_FALSE(workbench().result()->comparison.runId.empty());
    const Panel* explain = window().tabs().panel(0);
    EXPECT_EQ(explain->state(), PanelState::Content);
    EXPECT_EQ(explain->findChildren<TokenStrip*>().size(), 7) << "four models, three differences";
    EXPECT_EQ(window().tabs().panel(1)->state(), PanelState::Content);
    EXPECT_TRUE(explain->asText().contains(u"clever"_s));
    EXPECT_TRUE(explain->asSvg().contains(u"<svg"_s));
    EXPECT_TRUE(explain->asJson().startsWith(u"{"_s));
}

TEST_F(Window, AnswersBecomeTargetsAndCanBeUndone) {
    openSample();
    workbench().chooseTarget(u"class:1"_s);
    workbench().run();
    ASSERT_TRUE(waitForRun());
    EXPECT_EQ(workbench().result()->comparison.target.id, 1);
    workbench().undoStack().undo();
    EXPECT_EQ(workbench().session().target, u"top"_s);
}

TEST_F(Window, ACancelledRunLeavesTheWindowReady) {
    openSample();
    ASSERT_TRUE(waitForLoads());
    workbench().edit(u"slow"_s, EditKind::Single,
                     [](Session& session) { session.methods = {u"smoothgrad:samples=100000"_s}; });
    workbench().run();
    QTest::qWait(200);
    ASSERT_TRUE(workbench().isRunning()) << "it is slow enough to be cancelled";
    QElapsedTimer since;
    since.start();
    workbench().cancel();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !workbench().isBusy(); }, kPatience));
    EXPECT_LT(since.elapsed(), 1500);
    EXPECT_TRUE(window().action("run")->isEnabled());
}

TEST_F(Window, AModelThatCannotLoadSaysSoAtItsRow) {
    openSample();
    workbench().take({u"tests/ui"_s});  // a folder, but no model
    workbench().addModels({u"/absent/model"_s, kSample + u"@int4:group=-3"_s});
    ASSERT_TRUE(waitForLoads());
    ASSERT_EQ(workbench().session().models.size(), 6U);
    EXPECT_EQ(workbench().info(4).state, LoadState::Missing);
    EXPECT_TRUE(workbench().info(4).message.contains(u"no such file"_s));
    EXPECT_EQ(workbench().info(5).state, LoadState::Failed);
    EXPECT_TRUE(workbench().info(5).message.contains(u"group"_s));
    workbench().run();
    ASSERT_TRUE(waitForRun());
    EXPECT_EQ(workbench().result()->comparison.variants.size(), 3U) << "the others are compared";
    workbench().relocate(4, QDir::current().absoluteFilePath(kSample));
    ASSERT_TRUE(waitForLoads());
    EXPECT_EQ(workbench().info(4).state, LoadState::Loaded);
}

// Of a session whose files moved: the row is marked, and a button leads to where they are.
TEST_F(Window, AMissingModelHasAButtonToLocateIt) {
    openSample();
    auto* locate = window().findChild<QPushButton*>(u"locate"_s);
    ASSERT_NE(locate, nullptr);
    EXPECT_FALSE(locate->isVisible());
    workbench().addModels({u"/absent/model"_s});
    ASSERT_TRUE(waitForLoads());
    EXPECT_TRUE(QTest::qWaitFor([&] { return locate->isVisible(); }, kPatience));
    workbench().relocate(4, QDir::current().absoluteFilePath(kSample));
    ASSERT_TRUE(waitForLoads());
    EXPECT_TRUE(QTest::qWaitFor([&] { return !locate->isVisible(); }, kPatience));
}

// No turn of the event loop costs the window more than a frame. Its own processor time is what
// counts here: on a busy machine it may have to wait for longer (driftlens-gui --bench-pauses).
TEST_F(Window, StaysAwakeWhileItRuns) {
    auto* application = dynamic_cast<TimedApplication*>(qApp);
    ASSERT_NE(application, nullptr);
    application->startTiming();
    openSample();
    ASSERT_TRUE(waitForLoads());
    workbench().run();
    ASSERT_TRUE(waitForRun());
    for (int i = 0; i < window().tabs().count(); ++i) {
        window().tabs().setCurrentIndex(i);
        workbench().run();
        QTest::qWait(50);
        ASSERT_TRUE(waitForRun());
    }
    const std::vector<LongTurn> turns = application->stopTiming();
    if (turns.empty()) return;  // none that was worth keeping
    std::printf("longest turn: %s\n", turns.front().what.toUtf8().constData());
    EXPECT_LT(turns.front().ownMilliseconds, 32.0) << turns.front().what.toStdString();
}

TEST_F(Window, PutsDroppedFilesWhereTheyBelong) {
    const QString data = path("prompts.csv");
    QFile file(data);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write("prompt\nhello\n");
    file.close();
    QString refused;
    QObject::connect(&workbench(), &Workbench::noticed, &window(),
                     [&](const QString& line) { refused = line; });
    workbench().take({data, QDir::current().absoluteFilePath(kSample), u"README.md"_s});
    ASSERT_TRUE(QTest::qWaitFor([&] { return refused.contains(u"README.md"_s); }, kPatience));
    EXPECT_EQ(workbench().session().data, data);
    EXPECT_EQ(workbench().session().models.size(), 1U);
    EXPECT_FALSE(refused.contains(u'\n'));
}

TEST_F(Window, TenModelsStandSideBySide) {
    openSample();
    QStringList more;
    for (int group = 16; group <= 96; group += 16) more.push_back(u"@int3:group=%1"_s.arg(group));
    workbench().addModels(more);
    ASSERT_EQ(workbench().session().models.size(), 10U);
    workbench().run();
    ASSERT_TRUE(waitForRun());
    EXPECT_EQ(window().tabs().panel(0)->findChildren<TokenStrip*>().size(), 19);
}

TEST_F(Window, ASessionComesBackAsItWas) {
    openSample();
    workbench().chooseTarget(u"class:0"_s);
    const Session before = workbench().session();
    workbench().saveSession(path("a.driftlens"), {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !workbench().isModified(); }, kPatience));
    window().newSession();
    EXPECT_TRUE(workbench().session().models.empty());
    window().openFile(path("a.driftlens"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return workbench().session() == before; }, kPatience));
    EXPECT_FALSE(workbench().isModified());
    EXPECT_EQ(workbench().preferences().recent.front(), path("a.driftlens"));
}

TEST(SessionFile, FindsWhatMovedTogetherWithIt) {
    const ScratchFolder scratch;
    const std::filesystem::path here = scratch / "here", there = scratch / "there";
    std::filesystem::create_directories(here / "model");
    StoredSession stored;
    stored.session.models = {{QString::fromStdString((here / "model").string()), u"int8"_s}};
    writeSession(stored, here / "s.driftlens");
    std::filesystem::rename(here, there);
    const StoredSession read = readSession(there / "s.driftlens");
    EXPECT_EQ(read.session.models.front().path.toStdString(), (there / "model").string());
    std::filesystem::remove_all(there / "model");
    EXPECT_EQ(readSession(there / "s.driftlens").session.models.front().path.toStdString(),
              (here / "model").string());
}

TEST(SessionFile, RefusesWhatIsNoSession) {
    for (const char* text : {R"({})", R"({"schema":"driftlens/session/9"})", R"([])",
                             R"({"schema":"driftlens/session/1","models":[{"path":3}]})",
                             R"({"schema":"driftlens/session/1","reference":-1})"}) {
        EXPECT_THROW(sessionFromJson(Json::parse(text), "x.driftlens"), Error) << text;
    }
}

TEST_F(Window, AsksBeforeItLosesARunOrChanges) {
    openSample();
    workbench().chooseTarget(u"class:0"_s);
    m_answer = QMessageBox::Cancel;
    EXPECT_FALSE(window().close());
    EXPECT_EQ(m_questions.size(), 1);
    m_answer = QMessageBox::Discard;
    EXPECT_TRUE(window().close());
}

// It closed the window instead.
TEST_F(Window, SavesBeforeANewSessionAndStaysOpen) {
    openSample();
    const QString file = path("kept.driftlens");
    workbench().saveSession(file, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return workbench().file() == file; }, kPatience));
    workbench().chooseTarget(u"class:0"_s);
    ASSERT_TRUE(workbench().isModified());
    m_answer = QMessageBox::Save;
    window().newSession();
    EXPECT_TRUE(QTest::qWaitFor([&] { return workbench().session().models.empty(); }, kPatience));
    EXPECT_TRUE(window().isVisible());
    EXPECT_EQ(readSession(file.toStdString()).session.target, u"class:0"_s);
}

TEST_F(Window, EveryActionCanBeTriggered) {
    openSample();
    workbench().run();
    ASSERT_TRUE(waitForRun());
    // Dialogs are closed as soon as they are there.
    QTimer closer;
    QObject::connect(&closer, &QTimer::timeout, &window(), [] {
        if (QWidget* dialog = QApplication::activeModalWidget()) dialog->close();
    });
    closer.start(10);
    std::set<QString> shortcuts;
    for (const ActionEntry& entry : actionTable()) {
        QAction* action = window().action(entry.id);
        ASSERT_NE(action, nullptr) << entry.id;
        EXPECT_FALSE(action->shortcut().isEmpty()) << entry.id;
        EXPECT_TRUE(shortcuts.insert(action->shortcut().toString()).second) << entry.id;
        action->trigger();
        QTest::qWait(15);
    }
    workbench().cancel();
}

// Menu bar, tabs, docks and one page stand side by side: one letter leads to one of them.
TEST_F(Window, NoLetterLeadsToTwoPlaces) {
    openSample();
    workbench().run();
    ASSERT_TRUE(waitForRun());
    const auto addFrame = [&](Keys& keys) {
        for (const QAction* menu : window().menuBar()->actions()) keys.addText(menu->text());
        for (const QDockWidget* dock : window().findChildren<QDockWidget*>()) {
            keys.addText(dock->windowTitle());
            keys.addWidgets(*dock);
        }
    };
    const PanelTabs& tabs = window().tabs();
    for (int page = 0; page < tabs.count(); ++page) {
        Keys keys(tabs.tabText(page));
        addFrame(keys);
        for (int i = 0; i < tabs.count(); ++i) keys.addText(tabs.tabText(i));
        const std::size_t frame = keys.size();
        keys.addWidgets(*tabs.widget(page));
        EXPECT_GT(keys.size(), frame) << page << ": a page without any letter";
    }
    Keys start(u"start page"_s);
    addFrame(start);
    start.addWidgets(*window().findChild<StartPage*>());
    for (const QAction* entry : window().menuBar()->actions()) {
        Keys keys(entry->text());
        ASSERT_NE(entry->menu(), nullptr);
        for (const QAction* action : entry->menu()->actions())
            if (action->isVisible()) keys.addText(action->text());
        EXPECT_GT(keys.size(), 1U) << entry->text().toStdString();
    }
}

TEST_F(Window, TheMenuOffersOnlyWhatCanBeCopied) {
    openSample();
    workbench().run();
    ASSERT_TRUE(waitForRun());
    QMenu* edit = nullptr;
    for (const QAction* entry : window().menuBar()->actions())
        if (entry->menu()->actions().contains(window().action("copy_svg"))) edit = entry->menu();
    ASSERT_NE(edit, nullptr);
    window().tabs().setCurrentId(u"explain"_s);
    Q_EMIT edit->aboutToShow();
    EXPECT_TRUE(window().action("copy_svg")->isEnabled());
    Q_EMIT edit->aboutToHide();
    window().tabs().setCurrentId(u"audit"_s);
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return window().tabs().currentPanel()->state() == PanelState::Content; }, kPatience));
    Q_EMIT edit->aboutToShow();
    EXPECT_FALSE(window().action("copy_svg")->isEnabled());
    EXPECT_TRUE(window().action("copy_svg")->toolTip().contains(u"no drawing"_s));
    EXPECT_TRUE(window().action("copy_image")->isEnabled());
    Q_EMIT edit->aboutToHide();
    EXPECT_TRUE(window().action("copy_svg")->isEnabled()) << "its keys are answered";
}

TEST_F(Window, NoShortcutDoesTwoThings) {
    openSample();
    Keys keys(u"window"_s);
    for (const QAction* action : window().findChildren<QAction*>())
        for (const QKeySequence& each : action->shortcuts()) keys.add(each, action->text());
    for (const QShortcut* shortcut : window().findChildren<QShortcut*>())
        keys.add(shortcut->key(), shortcut->parent()->objectName());
    EXPECT_GE(keys.size(), actionTable().size());
}

TEST_F(Window, ItemModelsKeepTheirPromises) {
    VariantsModel variants(workbench());
    const QAbstractItemModelTester tester(&variants,
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    openSample();
    ASSERT_TRUE(waitForLoads());
    workbench().moveModel(0, 1);
    workbench().removeModels({2});
    EXPECT_EQ(variants.rowCount(), 3);
    EXPECT_EQ(workbench().session().reference, 1) << "the reference moves with its row";
    RunsModel runs;
    const QAbstractItemModelTester second(&runs,
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    runs.setRuns({RunSummary{}, RunSummary{}});
    EXPECT_EQ(runs.rowCount(), 2);
}

TEST(Opening, TakesAMoment) {
    const ScratchFolder scratch;
    QSettings settings(QString::fromStdString((scratch / "s.ini").string()), QSettings::IniFormat);
    QElapsedTimer since;
    since.start();
    MainWindow window(settings, {});
    window.show();
    QCoreApplication::processEvents();
    std::printf("window up: %lld ms\n", static_cast<long long>(since.elapsed()));
    EXPECT_TRUE(window.isVisible());
}

}  // namespace
}  // namespace driftlens
