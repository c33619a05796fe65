// The Report tab, from a run to files.
#include "ui/panels/report_panel.h"

#include "core/base/digest.h"
#include "engine/audit/log.h"
#include "reports/document/document.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/audit_panel.h"

#include <QAction>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QMenu>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

class ReportTab : public WindowTest {
protected:
    void runOnce() {
        openSample();
        ASSERT_TRUE(waitForLoads());
        workbench().run();
        ASSERT_TRUE(waitForRun());
        window().tabs().setCurrentId(u"report"_s);
        settle();
    }
    void settle() {
        ASSERT_TRUE(QTest::qWaitFor([&] { return !tab().isBusy(); }, kPatience));
        QTest::qWait(20);
        ASSERT_TRUE(QTest::qWaitFor([&] { return !tab().isBusy(); }, kPatience));
    }
    QByteArray bytesOf(const QString& name) {
        QFile file(name);
        EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << name.toStdString();
        return file.readAll();
    }
    Json command(const std::vector<std::string>& arguments) const {
        const ScratchFolder scratch;
        return Json::parse(runProgram(DRIFTLENS_PROGRAM, arguments, scratch).out);
    }
    ReportPanel& tab() { return *window().findChild<ReportPanel*>(); }
};

TEST_F(ReportTab, ShowsThePagesOfARunAndThatItsLogIsWhole) {
    runOnce();
    ASSERT_NE(tab().prepared(), nullptr) << tab().note().toStdString();
    EXPECT_GT(tab().pages().count(), 4);
    EXPECT_TRUE(tab().statusWord().contains(u"VERIFIED"_s)) << tab().statusWord().toStdString();
    // A page is drawn on the screen, not only laid out.
    EXPECT_TRUE(QTest::qWaitFor([&] { return tab().pages().hasPicture(0); }, kPatience));
    EXPECT_TRUE(tab().asText().contains(u"SHA-256"_s));
    EXPECT_EQ(Json::parse(tab().asJson().toStdString())["kind"], "prompt");
}

TEST_F(ReportTab, ExportsWhatTheCommandLineWouldAndPutsItOnRecord) {
    runOnce();
    ASSERT_NE(tab().prepared(), nullptr);
    for (const char* format : {"pdf", "html", "json", "cyclonedx", "in-toto"}) {
        const QString file = path(std::string("report.") + format);
        tab().exportTo(QString::fromLatin1(format), file);
        settle();
        const QByteArray bytes = bytesOf(file);
        EXPECT_GT(bytes.size(), 500) << format;
        EXPECT_TRUE(tab().note().contains(u"On record"_s)) << tab().note().toStdString();
        // The log names the very bytes that were written.
        const auto log = AuditLog::openForReading(path("audit.db").toStdString());
        const Json last = log->records().back().body;
        EXPECT_EQ(last["sha256"], toHex(sha256(bytes.toStdString()))) << format;
        EXPECT_EQ(last["format"], "driftlens/report/" + std::string(format));
    }
    EXPECT_TRUE(bytesOf(path("report.pdf")).startsWith("%PDF"));
    const QByteArray json = bytesOf(path("report.json"));
    EXPECT_NO_THROW(readReport(json.toStdString(), "report.json"));
    EXPECT_EQ(command({"audit", "verify", path("audit.db").toStdString(), "--json"})["status"],
              "ok");
}

TEST_F(ReportTab, SignsWhatTheLogHoldsWithItsKeyAndPutsItOnRecord) {
    runOnce();
    ASSERT_NE(tab().prepared(), nullptr);
    auto* entry = tab().findChild<QAction*>(u"dsse"_s);
    ASSERT_NE(entry, nullptr);
    auto* menu = qobject_cast<QMenu*>(entry->parent());
    ASSERT_NE(menu, nullptr);
    Q_EMIT menu->aboutToShow();
    EXPECT_TRUE(entry->isEnabled()) << entry->toolTip().toStdString();
    const QString file = path("report.dsse.json");
    tab().exportTo(u"dsse"_s, file);
    settle();
    const std::string bytes = bytesOf(file).toStdString();
    const auto log = AuditLog::openForReading(path("audit.db").toStdString());
    const Json envelope = Json::parse(bytes);
    EXPECT_EQ(envelope["payloadType"], "application/vnd.in-toto+json");
    EXPECT_EQ(envelope["signatures"][0]["keyid"], log->publicKey());
    const Json last = log->records().back().body;
    EXPECT_EQ(last["sha256"], toHex(sha256(bytes)));
    EXPECT_EQ(last["format"], "driftlens/report/dsse");
    EXPECT_TRUE(tab().note().contains(u"On record"_s)) << tab().note().toStdString();
    // Without the key nothing is signed, and it is said.
    QFile::rename(path("audit.db.key"), path("elsewhere.key"));
    Q_EMIT menu->aboutToShow();
    EXPECT_FALSE(entry->isEnabled());
    EXPECT_TRUE(entry->toolTip().contains(u"no key"_s)) << entry->toolTip().toStdString();
    tab().exportTo(u"dsse"_s, path("second.dsse.json"));
    settle();
    EXPECT_FALSE(QFile::exists(path("second.dsse.json")));
    EXPECT_TRUE(tab().note().contains(u"key"_s)) << tab().note().toStdString();
}

TEST_F(ReportTab, AsksBeforeItReplacesAFoldersFiles) {
    runOnce();
    ASSERT_NE(tab().prepared(), nullptr);
    QDir().mkpath(path("tables"));
    QStringList questions;
    bool answer = true;
    tab().confirm = [&](const QString& question) {
        questions.push_back(question);
        return answer;
    };
    tab().exportTo(u"csv"_s, path("tables"));
    settle();
    EXPECT_TRUE(questions.isEmpty()) << "there was nothing to replace";
    const QString manifest = path("tables/MANIFEST.csv");
    ASSERT_TRUE(QFile::exists(manifest));
    QFile::remove(manifest);
    QFile own(manifest);
    ASSERT_TRUE(own.open(QIODevice::WriteOnly));
    own.write("mine");
    own.close();
    answer = false;
    tab().exportTo(u"csv"_s, path("tables"));
    settle();
    EXPECT_EQ(questions.size(), 1);
    EXPECT_EQ(bytesOf(manifest), "mine");
    answer = true;
    tab().exportTo(u"csv"_s, path("tables"));
    settle();
    EXPECT_TRUE(bytesOf(manifest).startsWith("file,sha256"));
}

TEST_F(ReportTab, LeavesOutSectionsAndSaysWhenNoneIsLeft) {
    runOnce();
    const int all = tab().pages().count();
    tab().chooseSections({"cover", "verdict"});
    QTest::qWait(300);
    settle();
    ASSERT_NE(tab().prepared(), nullptr);
    EXPECT_LT(tab().pages().count(), all);
    EXPECT_EQ(tab().prepared()->report["sections"], (Json{"cover", "verdict"}));
    tab().chooseSections({"none of them"});
    QTest::qWait(300);
    settle();
    EXPECT_EQ(tab().prepared(), nullptr);
    EXPECT_TRUE(tab().note().contains(u"No section"_s)) << tab().note().toStdString();
    tab().exportTo(u"pdf"_s, path("none.pdf"));
    settle();
    EXPECT_FALSE(QFile::exists(path("none.pdf")));
}

TEST_F(ReportTab, DoesNotExportASectionThatWasJustUnticked) {
    runOnce();
    ASSERT_NE(tab().prepared(), nullptr);
    // Before the report without it is made, there is nothing to export.
    tab().chooseSections({"cover"});
    tab().exportTo(u"json"_s, path("early.json"));
    QDir().mkpath(path("tables"));
    tab().exportTo(u"csv"_s, path("tables"));
    tab().exportAs(u"pdf"_s);
    EXPECT_TRUE(tab().note().contains(u"Nothing to export"_s)) << tab().note().toStdString();
    settle();
    EXPECT_FALSE(QFile::exists(path("early.json")));
    EXPECT_TRUE(QDir(path("tables")).isEmpty());
    ASSERT_TRUE(QTest::qWaitFor([&] { return tab().prepared() != nullptr; }, kPatience));
    tab().exportTo(u"json"_s, path("late.json"));
    settle();
    const Json written = Json::parse(bytesOf(path("late.json")).toStdString());
    EXPECT_EQ(written["sections"], Json{"cover"});
}

TEST_F(ReportTab, KeepsARunOlderThanItsListUntilAnotherIsChosen) {
    runOnce();
    const std::string old = workbench().result()->comparison.runId;
    {
        const auto log = AuditLog::openForWriting(path("audit.db").toStdString());
        for (int i = 0; i < 205; ++i)
            log->finishRun(log->startRun("compare", Json::object()), Json::object());
    }
    // Another session with that log: nothing but what is logged can be reported on.
    Session session;
    session.prompt = u"of no model"_s;
    session.log = path("audit.db");
    window().setSession(session);
    Q_EMIT workbench().logChanged();
    settle();
    ASSERT_EQ(tab().sources().findData(QString::fromStdString(old)), -1) << "it is not listed";
    Q_EMIT window().tabs().findChild<AuditPanel*>()->reportWanted(QString::fromStdString(old));
    settle();
    ASSERT_NE(tab().prepared(), nullptr) << tab().note().toStdString();
    const PreparedReportPtr shown = tab().prepared();
    // The list is made anew whenever the log has more.
    Q_EMIT workbench().logChanged();
    settle();
    EXPECT_EQ(tab().sources().currentData().toString().toStdString(), old);
    EXPECT_EQ(tab().prepared(), shown) << "it was taken away, or made again";
    EXPECT_EQ(tab().prepared()->report["evidence"]["run"], old);
}

TEST_F(ReportTab, ReportsOnARunOfTheLogAsTheVerbDoes) {
    runOnce();
    const std::string run = workbench().result()->comparison.runId;
    window().newSession();
    workbench().edit(u"log"_s, EditKind::Log,
                     [&](Session& session) { session.log = path("audit.db"); });
    settle();
    ASSERT_EQ(tab().state(), PanelState::Content) << "the log's runs are what there is";
    window().tabs().findChild<AuditPanel*>()->reportWanted(QString::fromStdString(run));
    settle();
    ASSERT_NE(tab().prepared(), nullptr) << tab().note().toStdString();
    const Json theirs = command({"report", path("audit.db").toStdString(), run, "--json"});
    Json ours = tab().prepared()->report;
    EXPECT_EQ(ours["comparison"], theirs["comparison"]);
    EXPECT_EQ(ours["summary"], theirs["summary"]);
    EXPECT_EQ(ours["command"], theirs["command"]);
    EXPECT_EQ(ours["evidence"]["run"], run);
}

TEST_F(ReportTab, SaysThatAPreviewIsNotOnRecord) {
    openSample();
    ASSERT_TRUE(QTest::qWaitFor([&] { return workbench().result() != nullptr; }, kPatience));
    window().tabs().setCurrentId(u"report"_s);
    ASSERT_TRUE(QTest::qWaitFor([&] { return tab().prepared() != nullptr; }, kPatience));
    EXPECT_TRUE(tab().statusWord().contains(u"NOT ON RECORD"_s));
    EXPECT_TRUE(QString::fromStdString(tab().prepared()->report["command"].get<std::string>())
                    .startsWith(u"driftlens compare"_s));
}

TEST_F(ReportTab, AFailedExportSaysWhatToDoAndLosesNothing) {
    runOnce();
    ASSERT_NE(tab().prepared(), nullptr);
    tab().exportTo(u"pdf"_s, path("absent/folder/report.pdf"));
    settle();
    EXPECT_TRUE(tab().note().contains(u"absent/folder"_s)) << tab().note().toStdString();
    EXPECT_NE(tab().prepared(), nullptr);
    // A log that is gone: what is shown can be exported, and it is said that it is not on record.
    QFile::remove(path("audit.db"));
    QDir().mkpath(path("audit.db"));
    tab().exportTo(u"html"_s, path("report.html"));
    settle();
    EXPECT_TRUE(tab().note().contains(u"audit.db"_s)) << tab().note().toStdString();
}

TEST_F(ReportTab, CanBeCancelledAndMadeAgain) {
    runOnce();
    tab().makeAgain();
    tab().cancel();
    settle();
    EXPECT_TRUE(tab().prepared() != nullptr || tab().note().contains(u"Cancelled"_s))
        << tab().note().toStdString();
    tab().makeAgain();
    settle();
    EXPECT_NE(tab().prepared(), nullptr);
}

}  // namespace
}  // namespace driftlens
