// Which methods explain, and their settings.
#pragma once

#include <QDockWidget>

class QComboBox;
class QLabel;
class QListWidget;

namespace driftlens {

class ParameterForm;
class Workbench;

class MethodsDock : public QDockWidget {
    Q_OBJECT
public:
    MethodsDock(Workbench& workbench, QWidget* parent);

    void removeCurrent();

private:
    void showSession();
    void showForm();
    void add(const QString& id);
    void takeForm();

    Workbench& m_workbench;
    QComboBox* m_all = nullptr;
    QListWidget* m_chosen = nullptr;
    QLabel* m_summary = nullptr;
    ParameterForm* m_form = nullptr;
    QString m_shown;  // whose form is there
};

}  // namespace driftlens
