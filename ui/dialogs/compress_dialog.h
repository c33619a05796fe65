// "Compress this…": a scheme and its settings, from the table of schemes.
#pragma once

#include <QDialog>

class QComboBox;
class QDialogButtonBox;
class QLabel;

namespace driftlens {

class ParameterForm;

class CompressDialog : public QDialog {
    Q_OBJECT
public:
    // `model` is what is compressed, for the title.
    CompressDialog(const QString& model, QWidget* parent);

    QString scheme() const;  // "int4:group=32"

private:
    void showScheme();
    void check();

    QString m_model;
    QComboBox* m_scheme = nullptr;
    QLabel* m_summary = nullptr;
    ParameterForm* m_form = nullptr;
    QLabel* m_problem = nullptr;
    QDialogButtonBox* m_buttons = nullptr;
};

}  // namespace driftlens
