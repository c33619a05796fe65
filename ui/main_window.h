// The desktop: models, prompt, method and log; one result.
#pragma once

#include "core/base/error.h"
#include "ui/job_runner.h"

#include <QMainWindow>
#include <QString>
#include <QStringList>

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QScrollArea;

namespace driftlens {

class ResultPanel;
class VariantsDock;

// What the form starts with.
struct FormContent {
    QString reference;
    QStringList variants;
    QString prompt;
    QString log;  // path of the audit log; empty: runs are not logged
    QString method = QStringLiteral("integrated_gradients");  // as on the command line
};

// The one window. GUI thread only; every computation and every file is the runner's affair.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(const FormContent& content);

    // Starts the comparison that the form describes, as the Run button does.
    void run();

    // Makes the window as tall as its result, for a picture of it.
    void growToResult();

Q_SIGNALS:
    void succeeded();
    void failed(ErrorKind kind, const QString& message);

private:
    QWidget* makeForm(const FormContent& content);
    void makeStatusBar();
    void connectRunner();
    void setRunning(bool isRunning);
    void showFailure(ErrorKind kind, const QString& message);

    VariantsDock* m_models = nullptr;
    QLineEdit* m_prompt = nullptr;
    QComboBox* m_method = nullptr;
    QLineEdit* m_log = nullptr;
    QPushButton* m_run = nullptr;
    QPushButton* m_cancel = nullptr;
    QProgressBar* m_progress = nullptr;
    QLabel* m_status = nullptr;
    QScrollArea* m_scroll = nullptr;
    ResultPanel* m_result = nullptr;
    JobRunner* m_runner = nullptr;
};

}  // namespace driftlens
