// What the user prefers, as a form.
#pragma once

#include "ui/models/preferences.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;

namespace driftlens {

class SettingsDialog : public QDialog {
    Q_OBJECT
public:
    SettingsDialog(const Preferences& preferences, QWidget* parent);
    Preferences preferences() const;

private:
    Preferences m_preferences;
    QSpinBox* m_threads = nullptr;
    QSpinBox* m_memory = nullptr;
    QLineEdit* m_log = nullptr;
    QComboBox* m_theme = nullptr;
    QCheckBox* m_values = nullptr;
    QCheckBox* m_previews = nullptr;
};

}  // namespace driftlens
