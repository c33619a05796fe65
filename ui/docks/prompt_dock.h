// What is asked: the prompt, and which answer is explained.
#pragma once

#include <QDockWidget>

class QComboBox;
class QLabel;
class QPlainTextEdit;

namespace driftlens {

class Workbench;

class PromptDock : public QDockWidget {
    Q_OBJECT
public:
    PromptDock(Workbench& workbench, QWidget* parent);
    void focusPrompt();

private:
    void showSession();
    void showCost();

    Workbench& m_workbench;
    QPlainTextEdit* m_prompt = nullptr;
    QComboBox* m_target = nullptr;
    QComboBox* m_quantity = nullptr;
    QComboBox* m_metrics = nullptr;
    QLabel* m_cost = nullptr;
    bool m_isShowing = false;  // what changes then was not typed
};

}  // namespace driftlens
