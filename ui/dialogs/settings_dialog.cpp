#include "ui/dialogs/settings_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLineEdit>
#include <QSpinBox>

namespace driftlens {

SettingsDialog::SettingsDialog(const Preferences& preferences, QWidget* parent)
    : QDialog(parent), m_preferences(preferences) {
    setWindowTitle(tr("Settings"));
    auto* form = new QFormLayout(this);
    m_threads = new QSpinBox(this);
    m_threads->setRange(0, 1024);
    m_threads->setSpecialValueText(tr("all cores"));
    m_threads->setValue(preferences.threads);
    m_memory = new QSpinBox(this);
    m_memory->setRange(0, 1 << 24);
    m_memory->setSingleStep(512);
    m_memory->setSuffix(tr(" MiB"));
    m_memory->setSpecialValueText(tr("half of what is free"));
    m_memory->setValue(preferences.memoryMib);
    m_log = new QLineEdit(preferences.log, this);
    m_log->setPlaceholderText(tr("Empty: runs are not logged"));
    m_theme = new QComboBox(this);
    m_theme->addItems({tr("As the system"), tr("Light"), tr("Dark")});
    m_theme->setCurrentIndex(static_cast<int>(preferences.theme));
    m_values = new QCheckBox(tr("Print &values under tokens"), this);
    m_values->setChecked(preferences.showsValues);
    m_previews = new QCheckBox(tr("&Preview as the prompt is written"), this);
    m_previews->setChecked(preferences.previews);
    form->addRow(tr("&Threads"), m_threads);
    form->addRow(tr("&Memory"), m_memory);
    form->addRow(tr("&Log of new sessions"), m_log);
    form->addRow(tr("T&heme"), m_theme);
    form->addRow(m_values);
    form->addRow(m_previews);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    form->addRow(buttons);
    resize(460, sizeHint().height());
}

Preferences SettingsDialog::preferences() const {
    Preferences out = m_preferences;
    out.threads = m_threads->value();
    out.memoryMib = m_memory->value();
    out.log = m_log->text().trimmed();
    out.theme = static_cast<Theme>(m_theme->currentIndex());
    out.showsValues = m_values->isChecked();
    out.previews = m_previews->isChecked();
    return out;
}

}  // namespace driftlens
