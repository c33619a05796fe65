// The Audit log tab on the log of a real run.
#include "ui/panels/audit_panel.h"

#include "engine/audit/log.h"
#include "tests/ui/window_fixture.h"
#include "ui/models/held_log.h"
#include "ui/models/records_model.h"
#include "ui/models/runs_model.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QFile>
#include <QInputDialog>
#include <QLineEdit>
#include <QProcess>
#include <QTimer>

#include <chrono>
#include <cstdio>
#include <functional>
#include <stop_token>
#include <utility>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr std::chrono::milliseconds kStep{5};  // of waiting for a log that is held

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
    // One run of so many records and its two ends.
    void writeLargeLog(int records) {
        const auto log = AuditLog::openForWriting(path("large.db").toStdString());
        const std::string run = log->startRun("compare", Json::object());
        std::vector<AuditResult> results(static_cast<std::size_t>(records));
        for (int i = 0; i < records; ++i)
            results[static_cast<std::size_t>(i)].body = {{"example", i}, {"text", "x"}};
        log->addResults(run, results);
        log->finishRun(run, Json::object());
    }
    void openLargeLog() {
        window().tabs().setCurrentId(u"audit"_s);
        tab().chooseLog(path("large.db"));
        ASSERT_TRUE(QTest::qWaitFor([&] { return tab().records().rowCount() > 0; }, kPatience));
        settle();
    }
    AuditPanel& tab() { return *window().findChild<AuditPanel*>(); }
};

TEST(RecordsModel, AsksForOnePageAtATimeAndAgainForOneThatFailed) {
    RecordsModel model;
    std::vector<qint64> asked;
    QObject::connect(&model, &RecordsModel::pageWanted, &model,
                     [&](qint64 after) { asked.push_back(after); });
    model.start(500);
    model.fetchMore({});
    EXPECT_EQ(asked, (std::vector<qint64>{0}));
    model.giveUp();
    model.fetchMore({});
    EXPECT_EQ(asked, (std::vector<qint64>{0, 0}));
}

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

// Another program that locks the log until it is told to let go.
class Holder {
public:
    explicit Holder(const QString& log) {
        m_process.start(u"python3"_s, {u"-c"_s,
                                       u"import sqlite3, sys\n"
                                       "log = sqlite3.connect(sys.argv[1])\n"
                                       "log.execute('BEGIN EXCLUSIVE')\n"
                                       "print('held', flush=True)\n"
                                       "sys.stdin.read()\n"_s,
                                       log});
        m_holds = m_process.waitForReadyRead(kPatience);
        EXPECT_TRUE(m_holds) << m_process.readAllStandardError().toStdString();
    }
    bool holds() const { return m_holds; }
    bool letGo() {
        m_process.closeWriteChannel();
        return m_process.waitForFinished(kPatience);
    }

private:
    QProcess m_process;
    bool m_holds = false;
};

// This program locks its log for the moment that it writes a record: nothing flashes then.
TEST(HeldLog, IsSaidFromTheSecondTryOnAndOnce) {
    const auto saidWhenHeldFor = [](int tries) {
        int said = 0;
        const bool isFree = waitWhileHeld([&] { return tries-- > 0; }, [&] { ++said; }, {},
                                          {std::chrono::milliseconds{50}, kStep});
        return std::pair(said, isFree);
    };
    EXPECT_EQ(saidWhenHeldFor(0), std::pair(0, true));
    EXPECT_EQ(saidWhenHeldFor(1), std::pair(0, true));
    EXPECT_EQ(saidWhenHeldFor(2), std::pair(1, true));
    EXPECT_EQ(saidWhenHeldFor(7), std::pair(1, true));
    EXPECT_EQ(saidWhenHeldFor(100), std::pair(1, false)) << "its patience ends";
    std::stop_source stop;
    const auto held = [&] {
        stop.request_stop();
        return true;
    };
    EXPECT_THROW(waitWhileHeld(
                     held, [] {}, RunContext(stop.get_token())),
                 Error);
}

TEST_F(AuditTab, SaysThatAnotherProgramHoldsTheLogAndGoesOnByItself) {
    runOnce();
    Holder other(path("audit.db"));
    ASSERT_TRUE(other.holds());
    tab().refresh();
    ASSERT_TRUE(
        QTest::qWaitFor([&] { return tab().verdict().contains(u"another program"_s); }, 1500))
        << tab().verdict().toStdString();
    EXPECT_TRUE(tab().logState().line.contains(u"in use"_s)) << tab().logState().line.toStdString();
    ASSERT_TRUE(other.letGo());
    settle();
    EXPECT_TRUE(tab().verdict().contains(u"VERIFIED"_s)) << tab().verdict().toStdString();
    EXPECT_TRUE(tab().logState().line.contains(u"1 run"_s)) << tab().logState().line.toStdString();
}

TEST_F(AuditTab, GivesUpOnALogThatStaysLockedAndReadsItAfterwards) {
    runOnce();
    Holder other(path("audit.db"));
    ASSERT_TRUE(other.holds());
    tab().refresh();
    settle();
    EXPECT_TRUE(tab().verdict().contains(u"NOT CHECKED"_s)) << tab().verdict().toStdString();
    EXPECT_TRUE(tab().verdict().contains(u"another program"_s)) << tab().verdict().toStdString();
    EXPECT_TRUE(tab().note().contains(u"another program"_s)) << tab().note().toStdString();
    ASSERT_TRUE(other.letGo());
    tab().refresh();
    settle();
    EXPECT_TRUE(tab().verdict().contains(u"VERIFIED"_s)) << tab().verdict().toStdString();
}

TEST_F(AuditTab, OpensARunOfTenThousandRecordsAtOnce) {
    constexpr int kRecords = 10'000;
    writeLargeLog(kRecords);
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

TEST_F(AuditTab, ShowsNoRecordTwiceWhoeverAsksForAPageAgain) {
    writeLargeLog(500);
    openLargeLog();
    RecordsModel& records = tab().records();
    ASSERT_EQ(records.rowCount(), RecordsModel::kPage);
    // A second view, a slow first answer: pages that are shown or under way are asked for again.
    Q_EMIT records.pageWanted(0);
    records.fetchMore({});
    Q_EMIT records.pageWanted(records.records().back().seq);
    records.fetchMore({});
    settle();
    ASSERT_EQ(records.rowCount(), 2 * RecordsModel::kPage);
    for (std::size_t i = 1; i < records.records().size(); ++i)
        ASSERT_EQ(records.records()[i].seq, records.records()[i - 1].seq + 1) << i;
}

TEST_F(AuditTab, APageThatCannotBeReadCanBeAskedForAgain) {
    writeLargeLog(500);
    openLargeLog();
    ASSERT_EQ(tab().records().rowCount(), RecordsModel::kPage);
    ASSERT_TRUE(QFile::rename(path("large.db"), path("away.db")));
    tab().records().fetchMore({});
    settle();
    EXPECT_EQ(tab().records().rowCount(), RecordsModel::kPage);
    EXPECT_TRUE(tab().note().contains(u"large.db"_s)) << tab().note().toStdString();
    ASSERT_TRUE(QFile::rename(path("away.db"), path("large.db")));
    tab().records().fetchMore({});
    settle();
    EXPECT_EQ(tab().records().rowCount(), 2 * RecordsModel::kPage);
}

// While the question stands, something else is selected: by a run that ended, for one.
TEST_F(AuditTab, ErasesAndProvesOnlyWhatTheQuestionNamed) {
    runOnce();
    const std::string first = workbench().result()->comparison.runId;
    workbench().run();
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return !workbench().isBusy() && tab().runs().rowCount() == 2; }, kPatience));
    settle();
    const auto answer = [&](const std::function<void()>& move, const std::function<void()>& ask) {
        QTimer timer;
        QObject::connect(&timer, &QTimer::timeout, &window(), [&] {
            auto* dialog = qobject_cast<QDialog*>(QApplication::activeModalWidget());
            if (dialog == nullptr) return;
            timer.stop();
            move();
            if (auto* question = qobject_cast<QInputDialog*>(dialog))
                question->setTextValue(u"asked for"_s);
            if (auto* name = dialog->findChild<QLineEdit*>(u"fileNameEdit"_s))
                name->setText(path("proof.json"));
            QMetaObject::invokeMethod(dialog, "accept");
        });
        timer.start(20);
        ask();
        settle();
    };
    const auto isErased = [&] {
        const auto log = AuditLog::openForReading(path("audit.db").toStdString());
        return !log->payload(first, "prompt") ||
               !log->payload(workbench().result()->comparison.runId, "prompt");
    };
    tab().selectRun(0);
    answer([&] { tab().selectRun(1); }, [&] { tab().askToErase(); });
    EXPECT_FALSE(isErased());
    EXPECT_TRUE(tab().note().contains(u"Nothing was done"_s)) << tab().note().toStdString();
    tab().selectRun(0);
    settle();
    answer([&] { tab().selectRun(1); }, [&] { tab().askToProve(); });
    EXPECT_FALSE(QFile::exists(path("proof.json")));
    EXPECT_TRUE(tab().note().contains(u"Nothing was done"_s)) << tab().note().toStdString();
    // Left alone, both do what they are asked.
    answer([] {}, [&] { tab().askToProve(); });
    EXPECT_TRUE(QFile::exists(path("proof.json"))) << tab().note().toStdString();
    answer([] {}, [&] { tab().askToErase(); });
    EXPECT_TRUE(isErased()) << tab().note().toStdString();
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
