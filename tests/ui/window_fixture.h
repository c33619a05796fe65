// The real window, driven as a user would.
#pragma once

#include "tests/support/program.h"
#include "ui/main_window.h"
#include "ui/panel_tabs.h"
#include "ui/panels/panel.h"

#include <QMessageBox>
#include <QSettings>
#include <QTest>

#include <gtest/gtest.h>

#include <memory>

namespace driftlens {

inline const QString kSample = QStringLiteral("samples/sentiment-bert-mini");
constexpr int kPatience = 30'000;  // milliseconds

class WindowTest : public ::testing::Test {
protected:
    WindowTest() { open(); }

    void open() {
        m_settings = std::make_unique<QSettings>(path("settings.ini"), QSettings::IniFormat);
        m_settings->setValue(QStringLiteral("log"), path("audit.db"));
        m_settings->setValue(QStringLiteral("threads"), 1);  // test binaries run side by side
        m_window = std::make_unique<MainWindow>(*m_settings, QStringLiteral("samples"));
        m_window->ask = [this](const QString& text, int) {
            m_questions.push_back(text);
            return m_answer;
        };
        m_window->show();
    }

    QString path(const std::string& name) const {
        return QString::fromStdString((m_scratch / name).string());
    }
    MainWindow& window() { return *m_window; }
    Workbench& workbench() { return m_window->workbench(); }

    void openSample() {
        window().openSample();
        ASSERT_TRUE(QTest::qWaitFor([&] { return !workbench().session().isEmpty(); }, kPatience));
    }
    bool waitForRun() {
        return QTest::qWaitFor(
            [&] {
                return !workbench().isBusy() && workbench().result() != nullptr &&
                       !workbench().result()->isPreview && window().tabs().isUpToDate();
            },
            kPatience);
    }
    bool waitForLoads() {
        return QTest::qWaitFor(
            [&] {
                for (std::size_t i = 0; i < workbench().session().models.size(); ++i) {
                    const LoadState state = workbench().info(static_cast<int>(i)).state;
                    if (state == LoadState::Waiting || state == LoadState::Loading) return false;
                }
                return true;
            },
            kPatience);
    }

    int m_answer = QMessageBox::Discard;
    QStringList m_questions;

private:
    ScratchFolder m_scratch;
    std::unique_ptr<QSettings> m_settings;

protected:
    std::unique_ptr<MainWindow> m_window;
};

}  // namespace driftlens
