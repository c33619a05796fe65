// Files of texts for methods that compare concepts, and the checks of explanations: chosen in the
// docks, computed as the command line computes them.
#include "ui/docks/methods_dock.h"

#include "core/base/json.h"
#include "tests/ui/window_fixture.h"
#include "ui/docks/prompt_dock.h"
#include "ui/models/explain_view.h"
#include "ui/models/explanation_details.h"
#include "ui/panels/explain_panel.h"
#include "ui/timed_application.h"
#include "ui/widgets/text_files_form.h"
#include "xai/methods/method.h"

#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

#include <algorithm>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

class Docks : public WindowTest {
protected:
    QString file(const std::string& name, const QByteArray& texts) {
        QFile out(path(name));
        EXPECT_TRUE(out.open(QIODevice::WriteOnly));
        out.write(texts);
        return path(name);
    }
    void writeTexts() {
        m_praise = file("praise.txt", "a clever film\na funny film\nclever\nfunny\nvery clever\n");
        m_blame = file("blame.txt", "a dull film\na boring film\ndull\nboring\nvery dull\n");
        m_random = file("random.txt", "the film\na story\nthe room\na poster\na friend\n");
    }
    MethodsDock& dock() { return *window().findChild<MethodsDock*>(); }
    // As a user: the button, and the dialog that it opens.
    void choose(const QString& option, const QStringList& files) {
        dock().files().choose = [files](const QString&, bool) { return files; };
        auto* button = dock().files().findChild<QPushButton*>(option);
        ASSERT_NE(button, nullptr) << option.toStdString();
        button->click();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    void useTcav() {
        openSample();
        ASSERT_TRUE(waitForLoads());
        workbench().edit(u"tcav"_s, EditKind::Single,
                         [](Session& session) { session.methods = {u"tcav:layer=1"_s}; });
        writeTexts();
    }
    QString failureOfRun() {
        QString out;
        QObject here;
        QObject::connect(&workbench(), &Workbench::failed, &here,
                         [&](ErrorKind, const QString& message) { out = message; });
        workbench().run();
        EXPECT_TRUE(QTest::qWaitFor([&] { return !workbench().isBusy(); }, kPatience));
        return out;
    }
    // What the shell computes by the line that a report of the result gives.
    Json computedByItsCommand() {
        const Result& result = *workbench().result();
        std::string line = result.origin.command;
        EXPECT_TRUE(line.starts_with("driftlens compare ")) << line;
        line = DRIFTLENS_PROGRAM + line.substr(line.find(' ')) + " --json --quiet --threads 1" +
               " --batch " + std::to_string(result.comparison.batch);
        const ProgramResult done = runProgram(
            "/bin/sh",
            {"-c", line.substr(0, line.find(" --log ")) + line.substr(line.find(" --json"))},
            ScratchFolder());
        EXPECT_EQ(done.exitCode, 0) << line << "\n" << done.err;
        return Json::parse(done.out);
    }
    QString m_praise, m_blame, m_random;
};

TEST_F(Docks, EveryFileOfTheTableHasAFieldAndIsSaidToLack) {
    openSample();
    std::size_t seen = 0;
    for (const MethodEntry& method : methods()) {
        workbench().edit(u"method"_s, EditKind::Single, [&](Session& session) {
            session.methods = {QString::fromUtf8(method.id)};
        });
        EXPECT_EQ(dock().files().isVisibleTo(&dock()), !method.files.empty()) << method.id;
        bool lacks = false;
        for (const TextFileInfo& file : method.files) {
            const auto* chooser =
                dock().files().findChild<QPushButton*>(QString::fromUtf8(file.option));
            ASSERT_NE(chooser, nullptr) << method.id << ": " << file.option;
            EXPECT_TRUE(chooser->toolTip().contains(QString::fromUtf8(file.meaning)));
            EXPECT_LE(file.least, file.most) << file.option;
            EXPECT_EQ(file.lack.empty(), file.least == 0) << file.option;
            lacks = lacks || file.least > 0;
            ++seen;
        }
        EXPECT_EQ(dock().lack().isEmpty(), !lacks) << method.id;
    }
    EXPECT_EQ(seen, 3U) << "tcav's";
}

TEST_F(Docks, ConceptsAreChosenAsFilesAndComputedAsTheCommandLineDoes) {
    useTcav();
    EXPECT_TRUE(dock().lack().contains(u"tcav needs --concept NAME=FILE"_s))
        << dock().lack().toStdString();
    choose(u"concept"_s, {m_praise});
    EXPECT_TRUE(dock().lack().contains(u"two random sets or more (--random FILE)"_s))
        << dock().lack().toStdString();
    choose(u"random"_s, {m_blame, m_random});
    EXPECT_EQ(dock().lack(), QString());
    choose(u"examples"_s, {m_random});
    EXPECT_EQ(dock().files().findChild<QPushButton*>(u"examples"_s), nullptr) << "one is enough";
    const std::vector<SessionTexts> wanted = {{u"concept"_s, u"praise"_s, m_praise},
                                              {u"random"_s, {}, m_blame},
                                              {u"random"_s, {}, m_random},
                                              {u"examples"_s, {}, m_random}};
    EXPECT_EQ(workbench().session().texts, wanted);
    workbench().run();
    ASSERT_TRUE(waitForRun());
    const Json shown = toJson(workbench().result()->comparison);
    const Json computed = computedByItsCommand();
    for (std::size_t i = 0; i < shown["variants"].size(); ++i)
        EXPECT_EQ(shown["variants"][i]["explanations"], computed["variants"][i]["explanations"]);
    const auto& parts = workbench().result()->comparison.referenceExplanations.front().parts;
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts.front().name, "praise at blocks.1.resid_out");
}

TEST_F(Docks, WhatIsWrongWithTextsIsSaidInTheCommandLinesWords) {
    useTcav();
    EXPECT_EQ(failureOfRun(),
              u"tcav needs --concept NAME=FILE and --random FILE (twice or more)"_s);
    choose(u"concept"_s, {m_praise});
    EXPECT_EQ(failureOfRun(),
              u"tcav needs two random sets or more (--random FILE), to tell a "
              u"concept from chance"_s);
    choose(u"random"_s, {m_blame, path("absent.txt")});
    EXPECT_TRUE(failureOfRun().contains(u"absent.txt: no such file"_s));
    // The fields say it as they are typed, too: a name taken away.
    choose(u"random"_s, {m_random});
    auto* name = dock().files().findChild<QLineEdit*>();
    ASSERT_EQ(name->text(), u"praise"_s);
    name->clear();
    name->setModified(true);
    Q_EMIT name->editingFinished();
    EXPECT_TRUE(failureOfRun().contains(u"is no NAME=FILE"_s));
}

TEST_F(Docks, ANameThatTheCommandLineCouldNotReadBackIsRefused) {
    useTcav();
    choose(u"concept"_s, {file("a=b.txt", "clever\nfunny\nvery clever\na film\ngood\n")});
    choose(u"random"_s, {m_blame, m_random});
    EXPECT_EQ(workbench().session().texts.front().name, u"a-b"_s) << "a name that it can";
    EXPECT_EQ(dock().lack(), QString());
    workbench().edit(u"name"_s, EditKind::Single, [](Session& session) {
        session.texts.front() = {u"concept"_s, u"x=y"_s, u"praise.txt"_s};
    });
    const QString wanted =
        u"--concept \"x=y=praise.txt\" is no NAME=FILE: its name has a \"=\" of its own"_s;
    EXPECT_TRUE(dock().lack().endsWith(wanted)) << dock().lack().toStdString();
    EXPECT_EQ(failureOfRun(), wanted);
    workbench().edit(u"name"_s, EditKind::Single,
                     [](Session& session) { session.texts.front().name.clear(); });
    EXPECT_TRUE(dock().lack().endsWith(u"--concept \"=praise.txt\" is no NAME=FILE"_s))
        << dock().lack().toStdString();
}

// As Ctrl+N after a letter was typed: the field that is typed in goes, and with it the focus.
TEST_F(Docks, AFieldThatGoesWhileItIsTypedInChangesNothing) {
    useTcav();
    choose(u"concept"_s, {m_praise});
    choose(u"random"_s, {m_blame, m_random});
    window().activateWindow();
    TextFilesForm& form = dock().files();
    const std::span<const TextFileInfo> table = methodNamed("tcav").files;
    const std::vector<SessionTexts> other = {{u"concept"_s, u"other"_s, u"other.txt"_s}};
    const QSignalSpy changed(&form, &TextFilesForm::changed);
    auto* application = dynamic_cast<TimedApplication*>(qApp);
    ASSERT_NE(application, nullptr);
    QStringList defects;
    application->onDefect = [&](const QString& line) { defects.push_back(line); };
    // The first field's place is one of the others', too; the last one's is beyond their end.
    for (const bool isFirst : {true, false}) {
        for (const std::vector<SessionTexts>& next : {std::vector<SessionTexts>(), other}) {
            form.setFiles(table, workbench().session().texts);
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
            const QList<QLineEdit*> fields = form.findChildren<QLineEdit*>();
            QLineEdit* typed = isFirst ? fields.first() : fields.last();
            typed->setFocus();
            EXPECT_TRUE(QTest::qWaitFor([&] { return typed->hasFocus(); }, kPatience));
            QTest::keyClicks(typed, u"x"_s);
            EXPECT_TRUE(typed->isModified());
            form.setFiles(table, next);
            EXPECT_EQ(form.files(), next);
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
            EXPECT_EQ(form.files(), next);
        }
    }
    application->onDefect = nullptr;
    EXPECT_EQ(changed.count(), 0);
    EXPECT_EQ(defects, QStringList());
}

TEST_F(Docks, TextsAreUndoneSavedAndComeBack) {
    useTcav();
    choose(u"concept"_s, {m_praise});
    choose(u"random"_s, {m_blame, m_random});
    const std::vector<SessionTexts> chosen = workbench().session().texts;
    // The files stand behind their names and fields; a cross takes one away.
    for (auto* button : dock().files().findChildren<QToolButton*>())
        if (button->accessibleName().contains(u"blame"_s)) button->click();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    EXPECT_EQ(workbench().session().texts.size(), 2U);
    EXPECT_FALSE(dock().lack().isEmpty());
    workbench().undoStack().undo();
    EXPECT_EQ(workbench().session().texts, chosen);
    EXPECT_EQ(dock().files().files(), chosen) << "the fields follow";
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    EXPECT_EQ(dock().files().findChildren<QLineEdit*>().size(), 4) << "a name and three files";
    // Another method hides them and keeps them.
    workbench().edit(u"other"_s, EditKind::Single,
                     [](Session& session) { session.methods = {u"saliency"_s}; });
    EXPECT_FALSE(dock().files().isVisibleTo(&dock()));
    EXPECT_EQ(workbench().session().texts, chosen);
    workbench().undoStack().undo();
    const Session before = workbench().session();
    workbench().saveSession(path("a.driftlens"), {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !workbench().isModified(); }, kPatience));
    window().newSession();
    EXPECT_TRUE(workbench().session().texts.empty());
    window().openFile(path("a.driftlens"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return workbench().session() == before; }, kPatience));
    EXPECT_EQ(dock().files().files(), chosen);
}

TEST_F(Docks, ChecksSayTheirCostAndAreShownBesideTheAgreement) {
    openSample();
    ASSERT_TRUE(waitForLoads());
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return workbench().result() != nullptr && !workbench().isBusy(); }, kPatience));
    auto* checks = window().prompt().findChild<QComboBox*>(u"metrics"_s);
    ASSERT_NE(checks, nullptr);
    const auto* cost = window().prompt().findChild<QLabel*>(u"cost"_s);
    EXPECT_FALSE(cost->isVisibleTo(&window()));
    checks->setCurrentIndex(checks->findData(u"all"_s));
    Q_EMIT checks->activated(checks->currentIndex());
    EXPECT_EQ(workbench().session().metrics, u"all"_s);
    EXPECT_TRUE(cost->isVisibleTo(&window()));
    EXPECT_TRUE(cost->text().contains(u"passes more"_s)) << cost->text().toStdString();
    EXPECT_TRUE(cost->text().contains(u"drawn anew"_s)) << cost->text().toStdString();
    QTest::qWait(400);
    EXPECT_FALSE(workbench().isBusy()) << "a preview is the same with them and without";
    workbench().run();
    ASSERT_TRUE(waitForRun());
    const Json shown = toJson(workbench().result()->comparison);
    const Json computed = computedByItsCommand();
    for (std::size_t i = 0; i < shown["variants"].size(); ++i) {
        const Json& own = shown["variants"][i]["explanations"][0];
        ASSERT_TRUE(own.contains("checks"));
        EXPECT_FALSE(own["checks"]["randomised_weights"].empty());
        EXPECT_EQ(own["checks"], computed["variants"][i]["explanations"][0]["checks"]);
    }
    const ExplainView view = explainView(*workbench().result(), 0, GroupUnit::Token);
    const auto has = [](const ColumnView& column, const QString& name) {
        return std::any_of(
            column.figures.begin(), column.figures.end(),
            [&](const FigureView& each) { return each.name == name && each.value != u"–"_s; });
    };
    EXPECT_TRUE(has(view.columns[0], u"Random weights"_s));
    for (const ColumnView& column : view.columns) {
        EXPECT_TRUE(has(column, u"Removing"_s)) << column.name.toStdString();
        EXPECT_TRUE(has(column, u"Keeping"_s)) << column.name.toStdString();
    }
    const ExplanationDetails details =
        explanationDetails(workbench().result()->comparison, 0, -1, false);
    ASSERT_EQ(details.figures.size(), 1U);
    EXPECT_NE(details.figures.front().svg.find("keeping"), std::string::npos);
    ASSERT_EQ(details.tables.size(), 1U);
    EXPECT_TRUE(details.tables.front().title.contains(u"drawn anew"_s));
    workbench().undoStack().undo();
    EXPECT_EQ(workbench().session().metrics, QString());
    EXPECT_EQ(checks->currentIndex(), 0);
    EXPECT_FALSE(cost->isVisibleTo(&window()));
}

TEST(SessionFile, RefusesChecksThatDoNotExist) {
    Json json = sessionJson({}, "x.driftlens");
    json["metrics"] = "some";
    try {
        sessionFromJson(json, "x.driftlens");
        ADD_FAILURE() << "it was taken";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "--metrics=\"some\" is unknown; known: removal, all");
    }
}

}  // namespace
}  // namespace driftlens
