// The whole main job in the real window: from the start page to a PDF on the disk. And closing the
// window in the middle of each kind of run.
#include "engine/audit/log.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/audit_panel.h"
#include "ui/panels/dataset_panel.h"
#include "ui/panels/report_panel.h"
#include "ui/start_page.h"
#include "ui/widgets/token_strip.h"

#include <QFile>
#include <QFileDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QTimer>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

class MainJob : public WindowTest {
protected:
    QPushButton* buttonOf(QWidget& parent, const QString& text) {
        for (QPushButton* button : parent.findChildren<QPushButton*>())
            if (button->text().remove(u'&') == text) return button;
        return nullptr;
    }
    bool waitFor(const std::function<bool()>& done) { return QTest::qWaitFor(done, 2 * kPatience); }
    AuditVerification verification() { return verifyAuditLog(path("audit.db").toStdString()); }
    std::vector<RunSummary> runs() {
        return AuditLog::openForReading(path("audit.db").toStdString())->runs();
    }
    void writeRows(int rows) {
        QFile file(path("rows.csv"));
        ASSERT_TRUE(file.open(QIODevice::WriteOnly));
        file.write("sentence\n");
        for (int i = 0; i < rows; ++i)
            file.write("a clever and funny film number " + QByteArray::number(i) + "\n");
    }
};

// Fills in the file dialog that an action opens.
void answerFileDialog(QObject& owner, const QString& file) {
    auto* timer = new QTimer(&owner);
    timer->setInterval(20);
    QObject::connect(timer, &QTimer::timeout, timer, [timer, file] {
        auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
        if (dialog == nullptr) return;
        timer->deleteLater();
        dialog->findChild<QLineEdit*>(u"fileNameEdit"_s)->setText(file);
        QMetaObject::invokeMethod(dialog, "accept");
    });
    timer->start();
}

TEST_F(MainJob, GoesFromTheStartPageToAnExportedPdf) {
    auto* start = window().findChild<StartPage*>();
    ASSERT_TRUE(start->isVisible());
    QPushButton* sample = buttonOf(*start, u"Open the sample"_s);
    ASSERT_NE(sample, nullptr);
    QTest::mouseClick(sample, Qt::LeftButton);
    ASSERT_TRUE(waitFor([&] { return !workbench().session().isEmpty(); }));
    ASSERT_TRUE(waitForLoads());
    EXPECT_FALSE(start->isVisible());
    // Strips of the reference and three variants, once it is run and logged.
    window().action("run")->trigger();
    ASSERT_TRUE(waitForRun());
    window().tabs().setCurrentId(u"explain"_s);
    const Panel* explain = window().tabs().currentPanel();
    EXPECT_EQ(explain->findChildren<TokenStrip*>().size(), 7);
    EXPECT_TRUE(explain->asText().contains(u"clever"_s));
    // The log has it, and is whole.
    window().action("verify_log")->trigger();
    auto* audit = window().findChild<AuditPanel*>();
    ASSERT_TRUE(waitFor([&] { return !audit->isBusy(); }));
    EXPECT_TRUE(audit->verdict().contains(u"VERIFIED"_s)) << audit->verdict().toStdString();
    // The report of the run that is selected there, as a PDF by the menu's dialog.
    window().action("report_run")->trigger();
    auto* report = window().findChild<ReportPanel*>();
    EXPECT_EQ(window().tabs().currentId(), u"report"_s);
    ASSERT_TRUE(waitFor([&] { return report->prepared() != nullptr; }))
        << report->note().toStdString();
    const QString pdf = path("the report.pdf");
    answerFileDialog(window(), pdf);
    window().action("export_pdf")->trigger();
    ASSERT_TRUE(waitFor([&] { return QFile::exists(pdf) && !report->isBusy(); }))
        << report->note().toStdString();
    QFile file(pdf);
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    EXPECT_TRUE(file.read(5) == "%PDF-");
    EXPECT_EQ(verification().status, "ok");
}

TEST_F(MainJob, ClosingDuringARunAsksAndTheLogKeepsIt) {
    openSample();
    ASSERT_TRUE(waitForLoads());
    workbench().edit(u"slow"_s, EditKind::Single,
                     [](Session& session) { session.methods = {u"smoothgrad:samples=100000"_s}; });
    window().action("run")->trigger();
    ASSERT_TRUE(waitFor([&] { return QFile::exists(path("audit.db")); }));
    QTest::qWait(200);
    ASSERT_TRUE(workbench().isRunning());
    m_answer = QMessageBox::No;
    EXPECT_FALSE(window().close());
    EXPECT_TRUE(workbench().isRunning()) << "nothing was stopped";
    ASSERT_EQ(m_questions.size(), 1);
    EXPECT_TRUE(m_questions.front().contains(u"run is not finished"_s));
    m_questions.clear();
    // Yes to the run; the changes of the session are let go.
    window().ask = [this](const QString& text, int buttons) {
        m_questions.push_back(text);
        return (buttons & QMessageBox::Yes) != 0 ? int{QMessageBox::Yes}
                                                 : int{QMessageBox::Discard};
    };
    EXPECT_TRUE(window().close());
    EXPECT_EQ(m_questions.size(), 2);
    ASSERT_TRUE(waitFor([&] { return !workbench().isRunning(); }));
    ASSERT_EQ(runs().size(), 1U);
    EXPECT_EQ(runs().front().status, "cancelled");
    EXPECT_EQ(verification().status, "ok");
}

TEST_F(MainJob, ClosingDuringADataSetAsksAndKeepsWhatIsFinished) {
    writeRows(4000);
    openSample();
    workbench().edit(u"data"_s, EditKind::Data, [&](Session& session) {
        session.data = path("rows.csv");
        session.methods = {u"input_x_gradient"_s};
    });
    ASSERT_TRUE(waitForLoads());
    window().action("run_data")->trigger();
    auto* panel = window().findChild<DatasetPanel*>();
    ASSERT_TRUE(waitFor([&] { return panel->examples().rowCount() > 0; }));
    m_answer = QMessageBox::No;
    EXPECT_FALSE(window().close());
    EXPECT_TRUE(workbench().isRunningData());
    window().ask = [](const QString&, int buttons) {
        return (buttons & QMessageBox::Yes) != 0 ? int{QMessageBox::Yes}
                                                 : int{QMessageBox::Discard};
    };
    EXPECT_TRUE(window().close());
    ASSERT_TRUE(waitFor([&] { return !workbench().isRunning(); }));
    EXPECT_EQ(runs().back().status, "cancelled");
    EXPECT_GT(runs().back().records, 2) << "finished examples are on record, for --resume";
    EXPECT_EQ(verification().status, "ok");
}

TEST_F(MainJob, ClosingDuringARerunOrAnExportAsks) {
    openSample();
    ASSERT_TRUE(waitForLoads());
    workbench().run();
    ASSERT_TRUE(waitForRun());
    auto* audit = window().findChild<AuditPanel*>();
    window().tabs().setCurrentId(u"audit"_s);
    ASSERT_TRUE(waitFor([&] { return !audit->isBusy(); }));
    m_answer = QMessageBox::No;
    audit->rerun();
    ASSERT_TRUE(workbench().isRunning());
    EXPECT_FALSE(window().close());
    ASSERT_TRUE(waitFor([&] { return !audit->isBusy(); }));
    EXPECT_TRUE(audit->note().contains(u"bitwise equal"_s)) << "it went on";
    m_questions.clear();
    audit->exportTo(path("log.jsonl"));
    EXPECT_FALSE(window().close());
    ASSERT_EQ(m_questions.size(), 1);
    EXPECT_TRUE(m_questions.front().contains(u"written"_s)) << m_questions.front().toStdString();
    ASSERT_TRUE(waitFor([&] { return !audit->isBusy(); }));
    EXPECT_TRUE(QFile::exists(path("log.jsonl")));
    auto* report = window().findChild<ReportPanel*>();
    window().tabs().setCurrentId(u"report"_s);
    ASSERT_TRUE(waitFor([&] { return report->prepared() != nullptr; }));
    m_questions.clear();
    report->exportTo(u"pdf"_s, path("report.pdf"));
    EXPECT_FALSE(window().close());
    EXPECT_EQ(m_questions.size(), 1);
    ASSERT_TRUE(waitFor([&] { return !report->isBusy(); }));
    EXPECT_TRUE(QFile::exists(path("report.pdf")));
}

// Slow enough to be met in the middle of it.
void askForSlowScores(Workbench& workbench, const QString& data, int samples) {
    workbench.edit(u"slow"_s, EditKind::Data, [&](Session& session) {
        session.data = data;
        session.methods = {u"smoothgrad:samples=%1"_s.arg(samples)};
    });
}

TEST_F(MainJob, ACancelledPlanLeavesTheTabReady) {
    writeRows(40);
    openSample();
    ASSERT_TRUE(waitForLoads());
    askForSlowScores(workbench(), path("rows.csv"), 100'000);
    auto* panel = window().findChild<DatasetPanel*>();
    for (const int milliseconds : {0, 300}) {  // before it begins, and in the middle
        window().action("plan_data")->trigger();
        QTest::qWait(milliseconds);
        ASSERT_TRUE(workbench().isRunningData()) << milliseconds;
        window().action("cancel")->trigger();
        ASSERT_TRUE(waitFor([&] { return !workbench().isRunning(); }));
        EXPECT_TRUE(panel->message().contains(u"cancelled"_s, Qt::CaseInsensitive))
            << panel->message().toStdString();
        EXPECT_FALSE(workbench().isRunningData());
        EXPECT_FALSE(panel->message().contains(u"--resume"_s)) << "there is nothing to resume";
        EXPECT_TRUE(window().action("run")->isEnabled());
    }
    EXPECT_FALSE(QFile::exists(path("audit.db"))) << "a plan is not logged";
    askForSlowScores(workbench(), path("rows.csv"), 2);
    window().action("plan_data")->trigger();
    EXPECT_TRUE(waitFor([&] { return panel->message().contains(u"yardsticks"_s); }))
        << panel->message().toStdString();
}

TEST_F(MainJob, ClosingDuringAPlanAsksAndLosesNothing) {
    writeRows(40);
    openSample();
    ASSERT_TRUE(waitForLoads());
    askForSlowScores(workbench(), path("rows.csv"), 100'000);
    const Session before = workbench().session();
    window().action("plan_data")->trigger();
    m_answer = QMessageBox::No;
    EXPECT_FALSE(window().close());
    EXPECT_TRUE(workbench().isRunningData()) << "nothing was stopped";
    ASSERT_EQ(m_questions.size(), 1);
    EXPECT_TRUE(m_questions.front().contains(u"plan"_s)) << m_questions.front().toStdString();
    // The plan is let go; the changes of the session are not.
    window().ask = [](const QString&, int buttons) {
        return (buttons & QMessageBox::Yes) != 0 ? int{QMessageBox::Yes} : int{QMessageBox::Cancel};
    };
    EXPECT_FALSE(window().close());
    ASSERT_TRUE(waitFor([&] { return !workbench().isRunning(); }));
    EXPECT_EQ(workbench().session(), before);
    EXPECT_TRUE(workbench().isModified());
    EXPECT_FALSE(QFile::exists(path("audit.db")));
}

TEST_F(MainJob, ACancelledRerunLeavesTheLogAsItWas) {
    openSample();
    ASSERT_TRUE(waitForLoads());
    askForSlowScores(workbench(), {}, 200);
    workbench().run();
    ASSERT_TRUE(waitForRun());
    auto* audit = window().findChild<AuditPanel*>();
    window().tabs().setCurrentId(u"audit"_s);
    ASSERT_TRUE(waitFor([&] { return !audit->isBusy(); }));
    const auto records = [&] {
        return AuditLog::openForReading(path("audit.db").toStdString())->recordCount();
    };
    const std::int64_t before = records();
    for (const int milliseconds : {0, 20}) {
        audit->rerun();
        QTest::qWait(milliseconds);
        ASSERT_TRUE(workbench().isRunning()) << milliseconds;
        window().action("cancel")->trigger();
        ASSERT_TRUE(waitFor([&] { return !audit->isBusy(); }));
        EXPECT_TRUE(audit->note().startsWith(u"Cancelled"_s)) << audit->note().toStdString();
        EXPECT_EQ(records(), before);
        EXPECT_EQ(verification().status, "ok");
    }
    audit->rerun();
    ASSERT_TRUE(waitFor([&] { return !audit->isBusy(); }));
    EXPECT_TRUE(audit->note().contains(u"bitwise equal"_s)) << audit->note().toStdString();
}

TEST_F(MainJob, APreviewIsNoReasonToAsk) {
    openSample();
    ASSERT_TRUE(QTest::qWaitFor([&] { return workbench().isBusy(); }, kPatience));
    EXPECT_TRUE(window().close());
    EXPECT_TRUE(m_questions.isEmpty());
}

}  // namespace
}  // namespace driftlens
