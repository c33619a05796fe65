// Which models are compared.
#pragma once

#include <QDockWidget>

#include <vector>

class QPushButton;
class QLineEdit;
class QTableView;

namespace driftlens {

class VariantsModel;
class VerdictCard;
class Workbench;

// The table of models and what can be done to its rows. The workbench outlives it.
class VariantsDock : public QDockWidget {
    Q_OBJECT
public:
    VariantsDock(Workbench& workbench, QWidget* parent);

    // For the window's actions; those of a row mean the current one.
    void addFolder();
    void addFile();
    void compressCurrent();
    void removeSelected();
    void moveCurrent(int by);
    void makeReference();
    void locateCurrent();
    void locate(int row);  // asks where it is
    void reloadCurrent();

private:
    QWidget* makeButtons();
    int currentRow() const;
    std::vector<int> selectedRows() const;
    void addTyped();
    void showProblem();

    Workbench& m_workbench;
    VariantsModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    QLineEdit* m_typed = nullptr;
    VerdictCard* m_problem = nullptr;
    QPushButton* m_locate = nullptr;
    int m_problemRow = -1;  // of what is said below the table
};

}  // namespace driftlens
