// The Audit log tab on the log of a real run.
#include "ui/panels/audit_panel.h"

#include "engine/audit/log.h"
#include "tests/ui/window_fixture.h"
#include "ui/models/records_model.h"
#include "ui/models/runs_model.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>

#include <cstdio>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

class AuditTab : public WindowTest {
protected:
    // One logged run, read and verified.
    void runOnce() {
        openSample();
        ASSERT_TRUE(waitForLoads());
        window().tabs().setCurrentId(u"audit"_s);  // it verifies when it is seen
        workbench().run();
        ASSERT_TRUE(waitForRun());
        settle();
    }
    void settle() {
        ASSERT_TRUE(QTest::qWaitFor([&] { return !tab().isBusy(); }, kPatience));
        QTest::qWait(20);
        ASSERT_TRUE(QTest::qWaitFor([&] { return !tab().isBusy(); }, kPatience));
    }
    void overwrite(const QString& name, const QByteArray& bytes) {
        QFile file(name);
        ASSERT_TRUE(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        ASSERT_EQ(file.write(bytes), bytes.size());
    }
    QByteArray bytesOf(const QString& name) {
        QFile file(name);
        EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << name.toStdString();
        return file.readAll();
    }
    AuditPanel& tab() { return *window().findChild<AuditPanel*>(); }
};

TEST_F(AuditTab, ListsAndVerifiesAfterARun) {
    runOnce();
    EXPECT_EQ(tab().state(), PanelState::Content);
    EXPECT_TRUE(tab().verdict().contains(u"VERIFIED"_s)) << tab().verdict().toStdString();
    EXPECT_TRUE(tab().details().contains(u"Payload prompt"_s)) << tab().details().toStdString();
    EXPECT_TRUE(tab().asText().contains(u"cannot detect"_s));
    EXPECT_TRUE(Json::accept(tab().asJson().toStdString()));
}

TEST_F(AuditTab, SaysTamperedWhenAByteChangesWhileItIsOpen) {
    runOnce();
    QFile file(path("audit.db"));
    ASSERT_TRUE(file.open(QIODevice::ReadWrite));
    const QByteArray bytes = file.readAll();
    const qsizetype at = bytes.indexOf("run_started\"");
    ASSERT_GE(at, 0);
    file.seek(at);
    file.write("sun");
    file.close();
    tab().refresh();
    settle();
    EXPECT_TRUE(tab().verdict().contains(u"TAMPERED"_s)) << tab().verdict().toStdString();
}

TEST_F(AuditTab, ErasesWithAReasonAndExports) {
    runOnce();
    const QString prompt = workbench().session().prompt;
    ASSERT_TRUE(tab().details().contains(prompt));
    tab().eraseRun(u"asked for by its writer"_s);
    settle();
    EXPECT_FALSE(tab().details().contains(prompt));
    EXPECT_TRUE(tab().verdict().contains(u"ERASED"_s)) << tab().verdict().toStdString();
    tab().exportTo(path("log.jsonl"));
    settle();
    EXPECT_TRUE(QFile::exists(path("log.jsonl")));
}

TEST_F(AuditTab, RerunsAndProves) {
    runOnce();
    tab().proveTo(path("proof.json"));
    settle();
    EXPECT_TRUE(QFile::exists(path("proof.json")));
    tab().rerun();
    settle();
    EXPECT_TRUE(tab().note().contains(u"bitwise equal"_s)) << tab().note().toStdString();
    EXPECT_TRUE(tab().note().contains(u"record   "_s)) << tab().note().toStdString();
}

// The file as it was before the last run: its checkpoints know of more.
TEST_F(AuditTab, SaysTruncatedWhenRecordsAreMissing) {
    runOnce();
    const QByteArray before = bytesOf(path("audit.db"));
    workbench().run();
    ASSERT_TRUE(waitForRun());
    settle();
    ASSERT_EQ(tab().runs().rowCount(), 2);
    overwrite(path("audit.db"), before);
    tab().refresh();
    settle();
    EXPECT_TRUE(tab().verdict().contains(u"TRUNCATED"_s)) << tab().verdict().toStdString();
    EXPECT_EQ(tab().logState().weight, Weight::Bad);
    EXPECT_TRUE(tab().logState().line.contains(u"TRUNCATED"_s)) << "the status bar says so, too";
}

TEST_F(AuditTab, SaysUnsignedWhenTheCheckpointsAreGone) {
    runOnce();
    ASSERT_TRUE(QFile::remove(path("audit.db.checkpoints")));
    tab().refresh();
    settle();
    EXPECT_TRUE(tab().verdict().contains(u"UNSIGNED"_s)) << tab().verdict().toStdString();
}

TEST_F(AuditTab, SaysThatAnotherProcessHoldsTheFileAndReadsItAfterwards) {
    runOnce();
    QProcess other;
    other.start(u"python3"_s, {u"-c"_s,
                               u"import sqlite3, sys\n"
                               "log = sqlite3.connect(sys.argv[1])\n"
                               "log.execute('BEGIN EXCLUSIVE')\n"
                               "print('held', flush=True)\n"
                               "sys.stdin.read()\n"_s,
                               path("audit.db")});
    ASSERT_TRUE(other.waitForReadyRead(kPatience)) << other.readAllStandardError().toStdString();
    tab().refresh();
    settle();
    EXPECT_FALSE(tab().verdict().contains(u"VERIFIED"_s)) << tab().verdict().toStdString();
    EXPECT_TRUE((tab().verdict() + tab().note()).contains(u"lock"_s))
        << tab().verdict().toStdString() << "; " << tab().note().toStdString();
    other.closeWriteChannel();
    ASSERT_TRUE(other.waitForFinished(kPatience));
    tab().refresh();
    settle();
    EXPECT_TRUE(tab().verdict().contains(u"VERIFIED"_s)) << tab().verdict().toStdString();
}

TEST_F(AuditTab, OpensARunOfTenThousandRecordsAtOnce) {
    constexpr int kRecords = 10'000;
    {
        const auto log = AuditLog::openForWriting(path("large.db").toStdString());
        const std::string run = log->startRun("compare", Json::object());
        std::vector<AuditResult> results(kRecords);
        for (int i = 0; i < kRecords; ++i)
            results[static_cast<std::size_t>(i)].body = {{"example", i}, {"text", "x"}};
        log->addResults(run, results);
        log->finishRun(run, Json::object());
    }
    window().tabs().setCurrentId(u"audit"_s);
    QElapsedTimer since;
    since.start();
    tab().chooseLog(path("large.db"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return tab().records().rowCount() > 0; }, kPatience));
    std::printf("10 000 records: first page after %lld ms\n",
                static_cast<long long>(since.elapsed()));
    EXPECT_LT(since.elapsed(), 1500);
    EXPECT_EQ(tab().records().rowCount(), RecordsModel::kPage) << "the rest is not read";
    EXPECT_TRUE(tab().records().canFetchMore({}));
    settle();
    tab().records().fetchMore({});
    settle();
    EXPECT_EQ(tab().records().rowCount(), 2 * RecordsModel::kPage);
    // All of them, each once: start and end, too. The tester asks for more by itself.
    const QAbstractItemModelTester tester(&tab().records(),
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    const auto isWhole = [&] {
        tab().records().fetchMore({});
        return !tab().records().canFetchMore({});
    };
    ASSERT_TRUE(QTest::qWaitFor(isWhole, kPatience));
    EXPECT_EQ(tab().records().rowCount(), kRecords + 2);
    EXPECT_EQ(tab().records().records().back().type, u"run_finished"_s);
}

TEST_F(AuditTab, FiltersByVerbAndStatusAndShowsModels) {
    RunsModel runs;
    std::vector<RunSummary> all;
    for (int i = 0; i < 10'000; ++i) {
        RunSummary run;
        run.runId = std::to_string(i);
        run.verb = i % 2 == 0 ? "compare" : "explain";
        run.status = i % 5 == 0 ? "cancelled" : "finished";
        run.models = {"/models/base", "/models/base@int" + std::to_string(i % 10)};
        all.push_back(run);
    }
    runs.setRuns(all);
    RunsFilter filter(runs);
    QElapsedTimer since;
    since.start();
    filter.setVerb(u"compare"_s);
    EXPECT_EQ(filter.rowCount(), 5000);
    filter.setStatus(u"cancelled"_s);
    EXPECT_EQ(filter.rowCount(), 1000);
    filter.setText(u"INT4"_s);
    EXPECT_EQ(filter.rowCount(), 0) << "cancelled ones of even number are of int0";
    filter.setStatus({});
    EXPECT_EQ(filter.rowCount(), 1000);
    EXPECT_LT(since.elapsed(), 2000);
    EXPECT_EQ(runs.index(0, RunsModel::Models).data().toString(), u"base, @int9"_s);
    EXPECT_EQ(runs.valuesOf(RunsModel::Status), (QStringList{u"cancelled"_s, u"finished"_s}));
}

TEST_F(AuditTab, MakesALogAndNeverOverwritesAFile) {
    window().tabs().setCurrentId(u"audit"_s);
    tab().createLog(path("new/own.db"));
    settle();
    EXPECT_EQ(workbench().session().log, path("new/own.db"));
    EXPECT_TRUE(QFile::exists(path("new/own.db")));
    EXPECT_TRUE(tab().note().contains(u"checkpoint"_s)) << tab().note().toStdString();
    overwrite(path("mine.db"), "precious");
    tab().createLog(path("mine.db"));
    settle();
    EXPECT_TRUE(tab().note().contains(u"mine.db"_s)) << tab().note().toStdString();
    EXPECT_EQ(bytesOf(path("mine.db")), "precious");
    EXPECT_EQ(workbench().session().log, path("new/own.db"));
    // Without a log the status bar says so.
    tab().chooseLog({});
    settle();
    EXPECT_EQ(tab().state(), PanelState::Empty);
    EXPECT_TRUE(tab().logState().line.contains(u"not logged"_s));
}

}  // namespace
}  // namespace driftlens
