// Which methods explain, and their settings.
#pragma once

#include <QDockWidget>

class QComboBox;
class QLabel;
class QListWidget;

namespace driftlens {

class ParameterForm;
class TextFilesForm;
class Workbench;

class MethodsDock : public QDockWidget {
    Q_OBJECT
public:
    MethodsDock(Workbench& workbench, QWidget* parent);

    void removeCurrent();
    TextFilesForm& files() { return *m_files; }
    QString lack() const;  // what the files do not have yet; empty: nothing

private:
    void showSession();
    void showForm();
    void add(const QString& id);
    void takeForm();
    void showFiles();
    void takeFiles();

    Workbench& m_workbench;
    QComboBox* m_all = nullptr;
    QListWidget* m_chosen = nullptr;
    QLabel* m_summary = nullptr;
    ParameterForm* m_form = nullptr;
    TextFilesForm* m_files = nullptr;
    QLabel* m_lack = nullptr;  // what the files do not have yet
    QString m_shown;           // whose form is there
};

}  // namespace driftlens
