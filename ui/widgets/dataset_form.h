// What is asked of a data set: the left side of its tab.
#pragma once

#include "ui/models/dataset_setup.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QPlainTextEdit;
class QSpinBox;

namespace driftlens {

// GUI thread only.
class DatasetForm : public QWidget {
    Q_OBJECT
public:
    explicit DatasetForm(QWidget* parent);
    DatasetSetup setup() const;
    void setColumns(const QStringList& columns);
    void setResumes(const QString& run);
    // Marks wrong lines; false if there are some.
    bool check();
    QPlainTextEdit& gates() { return *m_gates; }
    QLabel& gateProblemLabel() { return *m_gateProblem; }

private:
    QComboBox* addColumn(QFormLayout* layout, const QString& title, const QString& ifNone);
    QPlainTextEdit* addEditor(QFormLayout* layout, const QString& title, const QString& example,
                              QLabel*& problem);

    QComboBox *m_text, *m_label, *m_slice, *m_cluster;
    QComboBox *m_method, *m_primary;
    QSpinBox* m_most;
    QCheckBox *m_yardsticks, *m_truncates, *m_resume;
    QPlainTextEdit *m_gates, *m_margins;
    QLabel *m_gateProblem = nullptr, *m_marginProblem = nullptr;
    QString m_resumes;
};

}  // namespace driftlens
