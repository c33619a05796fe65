// The Audit log tab on the log of a real run.
#include "ui/panels/audit_panel.h"

#include "tests/ui/window_fixture.h"

#include <QFile>

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

}  // namespace
}  // namespace driftlens
