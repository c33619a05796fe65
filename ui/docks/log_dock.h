// Where runs are logged, and which are there.
#pragma once

#include "ui/models/runs_model.h"

#include <QDockWidget>

class QLabel;
class QLineEdit;
class QTableView;

namespace driftlens {

class Workbench;

class LogDock : public QDockWidget {
    Q_OBJECT
public:
    LogDock(Workbench& workbench, QWidget* parent);

    void chooseFile();
    void refresh();

private:
    Workbench& m_workbench;
    QLineEdit* m_file = nullptr;
    QLabel* m_state = nullptr;
    RunsModel* m_runs = nullptr;
    QTableView* m_table = nullptr;
    QString m_read;  // the log that is shown
};

}  // namespace driftlens
